//! The service's line to the hub: discovery, the authorization request, the code's exchange, the
//! sign-out. All protocol is left to `openidconnect`; what it does not do is beside this file.

use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, UNIX_EPOCH};

use guichet_domain::{Clock, SigningAlg, Timestamp};
use guichet_web::{Locale, Outgoing, OutgoingError};
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreErrorResponseType,
    CoreGenderClaim, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
    CoreRevocableToken, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AccessToken, AccessTokenHash, AdditionalClaims, AsyncHttpClient, AuthType,
    AuthenticationContextClass, AuthorizationCode, ClaimsVerificationError, Client, ClientId,
    ClientSecret, CsrfToken, EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet,
    HttpRequest, HttpResponse, IdTokenFields, IssuerUrl, LanguageTag, LoginHint, LogoutRequest,
    Nonce, OAuth2TokenResponse as _, PkceCodeChallenge, PkceCodeVerifier, PostLogoutRedirectUrl,
    ProviderMetadataWithLogout, RedirectUrl, Scope, SignatureVerificationError,
    StandardErrorResponse, StandardTokenResponse, TokenResponse as _,
};
use serde::{Deserialize, Serialize};
use url::Url;

use super::desk::{OnTheWay, Session};
use super::userinfo;
use crate::cast::{Member, Service};
use crate::{DemoError, Surroundings};

/// The hub as one service sees it.
pub(super) struct Hub {
    service: Service,
    issuer: IssuerUrl,
    redirect_uri: RedirectUrl,
    post_logout_redirect_uri: PostLogoutRedirectUrl,
    line: Line,
    /// Fetched at the first need, and again when a key is not in it.
    known: RwLock<Option<Known>>,
    clock: Arc<dyn Clock>,
}

/// What discovery found, and when.
#[derive(Clone)]
struct Known {
    metadata: Arc<ProviderMetadataWithLogout>,
    since: Timestamp,
}

/// Why the hub's answer was of no use. Says no value of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum HubError {
    /// Discovery failed.
    #[error("the hub's metadata could not be fetched")]
    Discovery,
    /// The token endpoint refused, or could not be reached.
    #[error("the code was not exchanged")]
    Token,
    /// No ID token, or one that does not verify.
    #[error("the ID token does not verify: {0}")]
    IdToken(&'static str),
    /// The level is below the one asked for.
    #[error("the level of assurance is too low")]
    Acr,
    /// Userinfo refused, or could not be believed.
    #[error("userinfo: {0}")]
    Userinfo(&'static str),
}

/// What a sign-in is asked for with.
pub(super) struct Ask<'a> {
    pub(super) state: &'a str,
    pub(super) trip: &'a OnTheWay,
    pub(super) locale: Locale,
    pub(super) login_hint: Option<String>,
}

/// The claims of the hub's ID tokens that the crate does not know by itself.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct HubClaims {
    /// The session at the hub (OIDC Back-Channel Logout §2.1).
    #[serde(default)]
    sid: Option<String>,
}

impl AdditionalClaims for HubClaims {}

type Tokens = StandardTokenResponse<
    IdTokenFields<
        HubClaims,
        EmptyExtraTokenFields,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    >,
    CoreTokenType,
>;

type HubClient = Client<
    HubClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

impl Hub {
    pub(super) fn new(service: Service, surroundings: &Surroundings) -> Result<Self, DemoError> {
        let addresses = &surroundings.addresses;
        let here = |path| addresses.at(service.member(), path);
        Ok(Self {
            service,
            issuer: IssuerUrl::new(addresses.of(Member::Hub).to_owned())?,
            redirect_uri: RedirectUrl::new(here("/callback"))?,
            post_logout_redirect_uri: PostLogoutRedirectUrl::new(here("/signed-out"))?,
            line: Line(surroundings.outgoing.clone()),
            known: RwLock::default(),
            clock: Arc::clone(&surroundings.clock),
        })
    }

    /// The hub's issuer identifier.
    pub(super) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Where to send a browser to sign in.
    pub(super) async fn sign_in_url(&self, ask: Ask<'_>) -> Result<Url, HubError> {
        let metadata = self.metadata().await?;
        let client = self.client(&metadata);
        let verifier = PkceCodeVerifier::new(ask.trip.verifier.clone());
        let (state, nonce) = (ask.state.to_owned(), ask.trip.nonce.clone());
        let scopes = self
            .service
            .scope()
            .split(' ')
            .filter(|scope| *scope != "openid");
        let mut request = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                move || CsrfToken::new(state),
                move || Nonce::new(nonce),
            )
            .add_scopes(scopes.map(|scope| Scope::new(scope.to_owned())))
            .add_auth_context_value(AuthenticationContextClass::new(
                self.service.acr().as_str().to_owned(),
            ))
            .add_ui_locale(LanguageTag::new(ask.locale.tag().to_owned()))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        if let Some(hint) = ask.login_hint {
            request = request.set_login_hint(LoginHint::new(hint));
        }
        Ok(request.url().0)
    }

    /// Exchanges the code, verifies the ID token and fetches userinfo.
    pub(super) async fn redeem(
        &self,
        code: String,
        trip: OnTheWay,
        now: Timestamp,
    ) -> Result<Session, HubError> {
        let metadata = self.metadata().await?;
        let tokens = self
            .client(&metadata)
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|_| HubError::Token)?
            .set_pkce_verifier(PkceCodeVerifier::new(trip.verifier))
            .request_async(&self.line)
            .await
            .map_err(|_| HubError::Token)?;
        let nonce = Nonce::new(trip.nonce);
        let mut session = match self.verify(&metadata, &tokens, &nonce, now) {
            // The hub may have begun to sign with a key that is younger than our copy.
            Err(HubError::IdToken(NO_KEY)) => {
                let metadata = self.refresh_after_rotation().await?;
                self.verify(&metadata, &tokens, &nonce, now)?
            }
            verdict => verdict?,
        };
        session.claims = self
            .userinfo(tokens.access_token(), &session.subject)
            .await?;
        Ok(session)
    }

    /// Where to send a browser to sign out, or nowhere when the hub offers no such place.
    pub(super) async fn sign_out_url(
        &self,
        session: &Session,
        state: &str,
    ) -> Result<Option<Url>, HubError> {
        let metadata = self.metadata().await?;
        let endpoint = metadata.additional_metadata().end_session_endpoint.clone();
        Ok(endpoint.map(|endpoint| {
            let mut url = LogoutRequest::from(endpoint)
                .set_client_id(ClientId::new(self.service.client_id().to_owned()))
                .set_post_logout_redirect_uri(self.post_logout_redirect_uri.clone())
                .set_state(CsrfToken::new(state.to_owned()))
                .http_get_url();
            // The crate takes a parsed token only; ours was verified when it came.
            url.query_pairs_mut()
                .append_pair("id_token_hint", &session.id_token);
            url
        }))
    }

    /// The hub's signature keys; fresh ones when `key_id` is not among those known.
    pub(super) async fn keys_with(
        &self,
        key_id: Option<&str>,
    ) -> Result<Vec<CoreJsonWebKey>, HubError> {
        let keys = |metadata: &ProviderMetadataWithLogout| metadata.jwks().keys().clone();
        let known = keys(&*self.metadata().await?);
        if super::jws::has_key(&known, key_id) {
            return Ok(known);
        }
        Ok(keys(&*self.refresh_after_rotation().await?))
    }

    async fn userinfo(
        &self,
        token: &AccessToken,
        subject: &str,
    ) -> Result<serde_json::Map<String, serde_json::Value>, HubError> {
        let metadata = self.metadata().await?;
        let endpoint = metadata
            .userinfo_endpoint()
            .ok_or(HubError::Userinfo("no endpoint"))?;
        let answer = userinfo::fetch(&self.line.0, endpoint.url(), token.secret()).await?;
        userinfo::believe(
            &answer,
            &userinfo::Expected {
                subject,
                issuer: self.issuer(),
                client_id: self.service.client_id(),
                alg: self.service.userinfo_alg(),
            },
            metadata.jwks().keys(),
        )
    }

    fn verify(
        &self,
        metadata: &ProviderMetadataWithLogout,
        tokens: &Tokens,
        nonce: &Nonce,
        now: Timestamp,
    ) -> Result<Session, HubError> {
        let id_token = tokens.id_token().ok_or(HubError::IdToken("none came"))?;
        let client = self.client(metadata);
        let alg = algorithm(self.service.id_token_alg());
        let now = UNIX_EPOCH + now.since(Timestamp::from_millis(0));
        let verifier = client
            .id_token_verifier()
            .set_allowed_algs([alg])
            .set_time_fn(move || now.into());
        let claims = id_token
            .claims(&verifier, nonce)
            .map_err(|error| reason(&error))?;
        if let Some(stated) = claims.access_token_hash() {
            let key = id_token
                .signing_key(&verifier)
                .map_err(|_| HubError::IdToken(NO_KEY))?;
            let alg = id_token
                .signing_alg()
                .map_err(|_| HubError::IdToken("alg"))?;
            let actual = AccessTokenHash::from_token(tokens.access_token(), alg, key);
            if actual.ok().as_ref() != Some(stated) {
                return Err(HubError::IdToken("at_hash"));
            }
        }
        let acr = claims
            .auth_context_ref()
            .map(|acr| acr.as_str())
            .unwrap_or_default();
        if acr
            .parse()
            .is_ok_and(|acr: guichet_domain::Acr| acr >= self.service.acr())
        {
            Ok(Session {
                subject: claims.subject().to_string(),
                sid: claims.additional_claims().sid.clone(),
                acr: acr.to_owned(),
                amr: claims
                    .auth_method_refs()
                    .into_iter()
                    .flatten()
                    .map(|amr| amr.to_string())
                    .collect(),
                auth_time: claims.auth_time().map(|time| time.timestamp()),
                claims: serde_json::Map::new(),
                id_token: id_token.to_string(),
            })
        } else {
            Err(HubError::Acr)
        }
    }

    fn client(&self, metadata: &ProviderMetadataWithLogout) -> HubClient {
        let auth_type = match self.service.authentication() {
            "client_secret_post" => AuthType::RequestBody,
            _ => AuthType::BasicAuth,
        };
        HubClient::from_provider_metadata(
            metadata.clone(),
            ClientId::new(self.service.client_id().to_owned()),
            Some(ClientSecret::new(self.service.client_secret().to_owned())),
        )
        .set_redirect_uri(self.redirect_uri.clone())
        .set_auth_type(auth_type)
    }

    async fn metadata(&self) -> Result<Arc<ProviderMetadataWithLogout>, HubError> {
        match self.known() {
            Some(known) => Ok(known.metadata),
            None => self.discover().await,
        }
    }

    /// Looks again, but not at once again: whoever invents keys cannot make us flood the hub.
    async fn refresh_after_rotation(&self) -> Result<Arc<ProviderMetadataWithLogout>, HubError> {
        match self.known() {
            Some(known) if self.clock.now().since(known.since) < BETWEEN_LOOKS => {
                Ok(known.metadata)
            }
            _ => self.discover().await,
        }
    }

    /// Discovery, which checks that the document states the issuer it was fetched from, and JWKS.
    async fn discover(&self) -> Result<Arc<ProviderMetadataWithLogout>, HubError> {
        let issuer = self.issuer.clone();
        let found = ProviderMetadataWithLogout::discover_async(issuer, &self.line).await;
        let metadata = Arc::new(found.map_err(|error| {
            tracing::warn!(%error, service = self.service.client_id(), "discovery failed");
            HubError::Discovery
        })?);
        let found = Known {
            metadata: Arc::clone(&metadata),
            since: self.clock.now(),
        };
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Some(found);
        Ok(metadata)
    }

    fn known(&self) -> Option<Known> {
        self.known
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// How long what discovery found is good enough.
const BETWEEN_LOOKS: Duration = Duration::from_secs(10);

/// The adapter between the crate and our client for outgoing requests.
struct Line(Outgoing);

impl<'c> AsyncHttpClient<'c> for Line {
    type Error = OutgoingError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, OutgoingError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async {
            let (parts, body) = self.0.execute(request).await?.into_parts();
            Ok(HttpResponse::from_parts(parts, body.to_vec()))
        })
    }
}

const NO_KEY: &str = "no matching key";

/// Which check failed, without the values that failed it.
fn reason(error: &ClaimsVerificationError) -> HubError {
    HubError::IdToken(match error {
        ClaimsVerificationError::Expired(_) => "expired",
        ClaimsVerificationError::InvalidAudience(_) => "aud",
        ClaimsVerificationError::InvalidIssuer(_) => "iss",
        ClaimsVerificationError::InvalidNonce(_) => "nonce",
        ClaimsVerificationError::InvalidSubject(_) => "sub",
        ClaimsVerificationError::SignatureVerification(
            SignatureVerificationError::NoMatchingKey,
        ) => NO_KEY,
        ClaimsVerificationError::SignatureVerification(_) => "signature",
        _ => "claims",
    })
}

/// Our name of an algorithm in the crate's words.
pub(super) const fn algorithm(alg: SigningAlg) -> CoreJwsSigningAlgorithm {
    match alg {
        SigningAlg::Es256 => CoreJwsSigningAlgorithm::EcdsaP256Sha256,
        SigningAlg::Rs256 => CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
        SigningAlg::Ps256 => CoreJwsSigningAlgorithm::RsaSsaPssSha256,
        SigningAlg::EdDsa => CoreJwsSigningAlgorithm::EdDsa,
    }
}
