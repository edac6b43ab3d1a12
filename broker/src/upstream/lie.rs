//! What in a signed answer is not true, each lie under a name of its own in the audit log.

use guichet_keys::JwsRefusal;

/// What in a provider's answer is not true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lie {
    /// There is no ID token: whoever asked without `openid` gets none.
    Absent,
    /// The ID token's form or type.
    Form,
    /// It is not signed with the algorithm that was registered.
    Algorithm,
    /// It is not encrypted as registered, or not for us.
    Encryption,
    /// Its key is not known, even after a refetch.
    Key,
    /// Its signature.
    Signature,
    /// `iss`.
    Issuer,
    /// `aud`.
    Audience,
    /// `azp`.
    AuthorizedParty,
    /// `exp`.
    Expiry,
    /// `iat` or `nbf`.
    IssuedAt,
    /// `nonce`.
    Nonce,
    /// `sub`: missing or empty.
    Subject,
    /// `at_hash`.
    AccessTokenHash,
    /// `auth_time`.
    AuthTime,
    /// The access token is not bound to our key, as was registered.
    TokenType,
    /// The userinfo answer's form or type; plain where it should be signed.
    UserinfoForm,
    /// It is not signed with the algorithm that was registered.
    UserinfoAlgorithm,
    /// It is not encrypted as registered, or not for us.
    UserinfoEncryption,
    /// Its key is not known, even after a refetch.
    UserinfoKey,
    /// Its signature.
    UserinfoSignature,
    /// Its `iss`.
    UserinfoIssuer,
    /// Its `aud`.
    UserinfoAudience,
    /// Its `sub` is not the ID token's.
    UserinfoSubject,
}

impl Lie {
    /// Its name in the audit log.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Absent => "id_token_absent",
            Self::Form => "id_token_form",
            Self::Algorithm => "id_token_alg",
            Self::Encryption => "id_token_encryption",
            Self::Key => "id_token_key",
            Self::Signature => "id_token_signature",
            Self::Issuer => "id_token_iss",
            Self::Audience => "id_token_aud",
            Self::AuthorizedParty => "id_token_azp",
            Self::Expiry => "id_token_exp",
            Self::IssuedAt => "id_token_iat",
            Self::Nonce => "id_token_nonce",
            Self::Subject => "id_token_sub",
            Self::AccessTokenHash => "id_token_at_hash",
            Self::AuthTime => "id_token_auth_time",
            Self::TokenType => "token_type",
            Self::UserinfoForm => "userinfo_form",
            Self::UserinfoAlgorithm => "userinfo_alg",
            Self::UserinfoEncryption => "userinfo_encryption",
            Self::UserinfoKey => "userinfo_key",
            Self::UserinfoSignature => "userinfo_signature",
            Self::UserinfoIssuer => "userinfo_iss",
            Self::UserinfoAudience => "userinfo_aud",
            Self::UserinfoSubject => "userinfo_sub",
        }
    }

    /// Why the signature of an ID token is not believed.
    pub(super) const fn of_id_token(refusal: JwsRefusal) -> Self {
        match refusal {
            JwsRefusal::UnknownKey => Self::Key,
            JwsRefusal::Signature => Self::Signature,
            JwsRefusal::Expired => Self::Expiry,
            JwsRefusal::Alg => Self::Algorithm,
            _ => Self::Form,
        }
    }

    /// Why the signature of a userinfo answer is not believed.
    pub(super) const fn of_userinfo(refusal: JwsRefusal) -> Self {
        match refusal {
            JwsRefusal::UnknownKey => Self::UserinfoKey,
            JwsRefusal::Signature => Self::UserinfoSignature,
            JwsRefusal::Alg => Self::UserinfoAlgorithm,
            _ => Self::UserinfoForm,
        }
    }

    /// Whether the provider's keys may have changed since they were fetched.
    pub(crate) const fn may_be_a_new_key(self) -> bool {
        matches!(self, Self::Key | Self::UserinfoKey)
    }
}
