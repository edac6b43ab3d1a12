//! OAuth and OpenID Connect error codes, as they stand on the wire.

use std::fmt;

macro_rules! error_codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// An error code for a client. The constants of the standards, nothing of ours.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum OAuthError {
            $($(#[$doc])* $name,)*
        }

        impl OAuthError {
            /// Every code that an answer may carry.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The value of the `error` member.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

error_codes! {
    /// RFC 6749 §4.1.2.1, §5.2.
    InvalidRequest = "invalid_request",
    /// RFC 6749 §5.2.
    InvalidClient = "invalid_client",
    /// RFC 6749 §5.2.
    InvalidGrant = "invalid_grant",
    /// RFC 6749 §4.1.2.1, §5.2.
    UnauthorizedClient = "unauthorized_client",
    /// RFC 6749 §5.2.
    UnsupportedGrantType = "unsupported_grant_type",
    /// RFC 6749 §4.1.2.1.
    UnsupportedResponseType = "unsupported_response_type",
    /// RFC 6749 §4.1.2.1, §5.2.
    InvalidScope = "invalid_scope",
    /// RFC 6749 §4.1.2.1.
    AccessDenied = "access_denied",
    /// RFC 6749 §4.1.2.1.
    ServerError = "server_error",
    /// RFC 6749 §4.1.2.1.
    TemporarilyUnavailable = "temporarily_unavailable",
    /// OIDC Core §3.1.2.6.
    LoginRequired = "login_required",
    /// OIDC Core §3.1.2.6.
    InteractionRequired = "interaction_required",
    /// OIDC Core §3.1.2.6.
    ConsentRequired = "consent_required",
    /// OIDC Core §3.1.2.6.
    AccountSelectionRequired = "account_selection_required",
    /// OIDC Core §3.1.2.6.
    RequestNotSupported = "request_not_supported",
    /// OIDC Core §3.1.2.6.
    RequestUriNotSupported = "request_uri_not_supported",
    /// OIDC Core §3.1.2.6.
    RegistrationNotSupported = "registration_not_supported",
    /// OpenID Connect Core Error Code unmet_authentication_requirements.
    UnmetAuthenticationRequirements = "unmet_authentication_requirements",
    /// RFC 6750 §3.1.
    InvalidToken = "invalid_token",
    /// RFC 6750 §3.1.
    InsufficientScope = "insufficient_scope",
    /// RFC 8707 §2, RFC 8693 §2.2.2.
    InvalidTarget = "invalid_target",
    /// RFC 7009 §2.2.1.
    UnsupportedTokenType = "unsupported_token_type",
    /// RFC 9101 §6, OIDC Core §3.1.2.6.
    InvalidRequestObject = "invalid_request_object",
    /// RFC 9101 §6, OIDC Core §3.1.2.6.
    InvalidRequestUri = "invalid_request_uri",
    /// RFC 7591 §3.2.2.
    InvalidRedirectUri = "invalid_redirect_uri",
    /// RFC 7591 §3.2.2.
    InvalidClientMetadata = "invalid_client_metadata",
    /// RFC 7591 §3.2.2.
    InvalidSoftwareStatement = "invalid_software_statement",
    /// RFC 7591 §3.2.2.
    UnapprovedSoftwareStatement = "unapproved_software_statement",
    /// RFC 8628 §3.5, CIBA Core §11.
    AuthorizationPending = "authorization_pending",
    /// RFC 8628 §3.5, CIBA Core §11.
    SlowDown = "slow_down",
    /// RFC 8628 §3.5, CIBA Core §11.
    ExpiredToken = "expired_token",
    /// RFC 9449 §5.
    InvalidDpopProof = "invalid_dpop_proof",
    /// RFC 9449 §8.
    UseDpopNonce = "use_dpop_nonce",
    /// RFC 9470 §3.
    InsufficientUserAuthentication = "insufficient_user_authentication",
    /// RFC 9396 §5.
    InvalidAuthorizationDetails = "invalid_authorization_details",
    /// FranceConnect v2: a level that is not offered here.
    InvalidAcr = "invalid_acr",
    /// FranceConnect v2: a provider that the client may not name.
    InvalidIdpHint = "invalid_idp_hint",
    /// CIBA Core §13.
    ExpiredLoginHintToken = "expired_login_hint_token",
    /// CIBA Core §13.
    UnknownUserId = "unknown_user_id",
    /// CIBA Core §13.
    MissingUserCode = "missing_user_code",
    /// CIBA Core §13.
    InvalidUserCode = "invalid_user_code",
    /// CIBA Core §13.
    InvalidBindingMessage = "invalid_binding_message",
}

impl fmt::Display for OAuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl serde::Serialize for OAuthError {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
