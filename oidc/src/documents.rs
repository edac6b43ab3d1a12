//! The public documents: provider metadata (OIDC Discovery §3, RFC 8414 §2) and the JWK Set.
//!
//! Truthful to the byte: what is advertised works, and what works is advertised. The metadata is
//! written once; the JWK Set is written by `keys` whenever its ring changes.

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use guichet_domain::{AcrValue, Claim, ContentEncryption, GrantType, KeyManagementAlg};
use guichet_keys::{HmacAlg, JwsAlg};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Serialize;

use crate::authorize::scope::IDENTITY_SCOPES;
use crate::authorize::scope::OFFLINE_ACCESS;
use crate::binding;
use crate::deferred::metadata::Members;
use crate::engine::Endpoints;
use crate::routes::Rooms;
use crate::signed_metadata::Published;
use crate::{DeferredSettings, EngineParts, EngineSettings};

/// `GET /.well-known/openid-configuration` and `/.well-known/oauth-authorization-server`.
pub(crate) async fn metadata(State(rooms): State<Rooms>, headers: HeaderMap) -> Response {
    public(rooms.engine.metadata(), FOR_FIVE_MINUTES, &headers)
}

/// `GET /jwks`.
pub(crate) async fn jwks(State(rooms): State<Rooms>, headers: HeaderMap) -> Response {
    let keys = rooms.engine.parts().keys.jwks();
    public(Published::new(keys), FOR_FIVE_MINUTES, &headers)
}

/// A document anybody may read, from any origin: no credentials are ever needed for it. Whoever holds
/// it already is told so (RFC 9110 §13.1.2).
fn public(document: Published, cache: HeaderValue, asked: &HeaderMap) -> Response {
    let mut response = if is_held(asked, &document.etag) {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response
    } else {
        Response::new(Body::from(document.body))
    };
    let headers = response.headers_mut();
    headers.insert(header::ETAG, document.etag);
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    headers.insert(header::CACHE_CONTROL, cache);
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        HeaderValue::from_static("*"),
    );
    response
}

fn is_held(asked: &HeaderMap, etag: &HeaderValue) -> bool {
    let wanted = etag.to_str().unwrap_or_default();
    asked
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|held| held.trim().trim_start_matches("W/"))
        .any(|held| held == wanted || held == "*")
}

/// Short: a key withdrawn in an emergency must leave caches, and what it signed too.
const FOR_FIVE_MINUTES: HeaderValue = HeaderValue::from_static("public, max-age=300");

/// The metadata document of a provider.
pub(crate) fn write(parts: &EngineParts, endpoints: &Endpoints, clients_register: bool) -> Bytes {
    let settings = &parts.settings;
    let decrypted = parts.keys.decryption_ring().algs();
    let algs: Vec<&str> = settings
        .signing_algs
        .iter()
        .map(|alg| alg.as_str())
        .collect();
    let aliases = settings.client_certificates.as_ref();
    let aliases = aliases.and_then(|certificates| certificates.base.as_deref());
    let aliases = aliases.map(Endpoints::of);
    let document = Metadata {
        issuer: &settings.issuer,
        authorization_endpoint: &endpoints.authorization,
        pushed_authorization_request_endpoint: &endpoints.pushed_authorization_request,
        require_pushed_authorization_requests: false,
        token_endpoint: &endpoints.token,
        introspection_endpoint: &endpoints.introspection,
        revocation_endpoint: &endpoints.revocation,
        userinfo_endpoint: &endpoints.userinfo,
        jwks_uri: &endpoints.jwks,
        end_session_endpoint: &endpoints.end_session,
        registration_endpoint: clients_register.then_some(&*endpoints.registration),
        scopes_supported: scopes(settings),
        response_types_supported: ["code"],
        response_modes_supported: ["query", "form_post", "jwt", "query.jwt", "form_post.jwt"],
        grant_types_supported: grant_types(parts),
        authorization_details_types_supported: parts.rich.types(),
        deferred: Members::of(&settings.deferred, endpoints),
        acr_values_supported: &settings.acr_values_supported,
        subject_types_supported: subject_types(settings),
        id_token_signing_alg_values_supported: &algs,
        userinfo_signing_alg_values_supported: &algs,
        id_token_encryption_alg_values_supported: KEY_MANAGEMENT_ALGS,
        id_token_encryption_enc_values_supported: CONTENT_ENCRYPTIONS,
        userinfo_encryption_alg_values_supported: KEY_MANAGEMENT_ALGS,
        userinfo_encryption_enc_values_supported: CONTENT_ENCRYPTIONS,
        authorization_signing_alg_values_supported: &algs,
        authorization_encryption_alg_values_supported: KEY_MANAGEMENT_ALGS,
        authorization_encryption_enc_values_supported: CONTENT_ENCRYPTIONS,
        token_endpoint_auth_methods_supported: auth_methods(settings),
        token_endpoint_auth_signing_alg_values_supported: assertion_algs(),
        introspection_endpoint_auth_methods_supported: confidential(settings),
        introspection_endpoint_auth_signing_alg_values_supported: assertion_algs(),
        introspection_signing_alg_values_supported: &algs,
        introspection_encryption_alg_values_supported: KEY_MANAGEMENT_ALGS,
        introspection_encryption_enc_values_supported: CONTENT_ENCRYPTIONS,
        revocation_endpoint_auth_methods_supported: auth_methods(settings),
        revocation_endpoint_auth_signing_alg_values_supported: assertion_algs(),
        dpop_signing_alg_values_supported: binding::ALGS.map(JwsAlg::as_str),
        tls_client_certificate_bound_access_tokens: settings.client_certificates.is_some(),
        mtls_endpoint_aliases: aliases
            .as_ref()
            .map(|endpoints| Aliases::of(endpoints, &settings.deferred)),
        claim_types_supported: ["normal"],
        claims_supported: PROTOCOL_CLAIMS
            .into_iter()
            .chain(advertised_claims())
            .collect(),
        display_values_supported: ["page", "popup", "touch", "wap"],
        prompt_values_supported: ["none", "login", "consent", "select_account"],
        ui_locales_supported: &settings.ui_locales,
        code_challenge_methods_supported: ["S256"],
        authorization_response_iss_parameter_supported: true,
        backchannel_logout_supported: true,
        backchannel_logout_session_supported: true,
        frontchannel_logout_supported: true,
        frontchannel_logout_session_supported: true,
        claims_parameter_supported: true,
        request_parameter_supported: true,
        request_uri_parameter_supported: true,
        require_request_uri_registration: true,
        request_object_signing_alg_values_supported: JwsAlg::ALL.map(JwsAlg::as_str),
        request_object_encryption_enc_values_supported: if decrypted.is_empty() {
            &[]
        } else {
            &CONTENT_ENCRYPTIONS
        },
        request_object_encryption_alg_values_supported: decrypted,
    };
    // Strings, lists and booleans always serialize.
    Bytes::from(serde_json::to_vec(&document).unwrap_or_default())
}

fn grant_types(parts: &EngineParts) -> Vec<&'static str> {
    let exchange = GrantType::TokenExchange.as_str();
    let exchange = parts.exchanges_tokens().then_some(exchange);
    let own_name = GrantType::ClientCredentials.as_str();
    let own_name = (!parts.settings.tokens.own_name_resources.is_empty()).then_some(own_name);
    ["authorization_code", "refresh_token"]
        .into_iter()
        .chain(exchange)
        .chain(own_name)
        .chain(parts.settings.deferred.grant_types())
        .collect()
}

/// The ways a client may authenticate; those by certificate only where one can be presented.
fn auth_methods(settings: &EngineSettings) -> Vec<&'static str> {
    let mut methods = vec![
        "client_secret_basic",
        "client_secret_post",
        "client_secret_jwt",
        "private_key_jwt",
        "none",
    ];
    if let Some(certificates) = &settings.client_certificates {
        methods.push("self_signed_tls_client_auth");
        if certificates.has_authority {
            methods.push("tls_client_auth");
        }
    }
    methods
}

/// Those by which a client proves something: for an endpoint where its name alone is not enough.
fn confidential(settings: &EngineSettings) -> Vec<&'static str> {
    let mut methods = auth_methods(settings);
    methods.retain(|method| *method != "none");
    methods
}

fn assertion_algs() -> Vec<&'static str> {
    let by_key = JwsAlg::ALL.map(JwsAlg::as_str);
    by_key
        .into_iter()
        .chain(HmacAlg::ALL.map(HmacAlg::as_str))
        .collect()
}

const KEY_MANAGEMENT_ALGS: [KeyManagementAlg; 3] = KeyManagementAlg::ALL;
const CONTENT_ENCRYPTIONS: [ContentEncryption; 2] = ContentEncryption::ALL;

fn scopes(settings: &EngineSettings) -> Vec<&str> {
    ["openid", OFFLINE_ACCESS]
        .into_iter()
        .chain(IDENTITY_SCOPES.iter().copied())
        .chain(settings.data_scopes.iter().map(String::as_str))
        .collect()
}

/// Claims of the advertised scopes: not those that applications of FranceConnect alone know (divergence
/// D13).
fn advertised_claims() -> impl Iterator<Item = &'static str> {
    let is_advertised = |claim: &Claim| !matches!(claim, Claim::IdpBirthdate | Claim::IdpId);
    Claim::ALL
        .into_iter()
        .filter(is_advertised)
        .map(Claim::as_str)
}

fn subject_types(settings: &EngineSettings) -> Vec<&'static str> {
    if settings.public_subjects {
        vec!["pairwise", "public"]
    } else {
        vec!["pairwise"]
    }
}

const PROTOCOL_CLAIMS: [&str; 11] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "auth_time",
    "nonce",
    "acr",
    "amr",
    "at_hash",
    "sid",
];

#[derive(Serialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "the members are those of the standards"
)]
struct Metadata<'a> {
    issuer: &'a str,
    authorization_endpoint: &'a str,
    pushed_authorization_request_endpoint: &'a str,
    require_pushed_authorization_requests: bool,
    token_endpoint: &'a str,
    introspection_endpoint: &'a str,
    revocation_endpoint: &'a str,
    userinfo_endpoint: &'a str,
    jwks_uri: &'a str,
    end_session_endpoint: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    registration_endpoint: Option<&'a str>,
    scopes_supported: Vec<&'a str>,
    response_types_supported: [&'a str; 1],
    response_modes_supported: [&'a str; 5],
    grant_types_supported: Vec<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    authorization_details_types_supported: &'a [&'a str],
    #[serde(flatten)]
    deferred: Members<'a>,
    acr_values_supported: &'a [AcrValue],
    subject_types_supported: Vec<&'a str>,
    id_token_signing_alg_values_supported: &'a [&'a str],
    userinfo_signing_alg_values_supported: &'a [&'a str],
    id_token_encryption_alg_values_supported: [KeyManagementAlg; 3],
    id_token_encryption_enc_values_supported: [ContentEncryption; 2],
    userinfo_encryption_alg_values_supported: [KeyManagementAlg; 3],
    userinfo_encryption_enc_values_supported: [ContentEncryption; 2],
    authorization_signing_alg_values_supported: &'a [&'a str],
    authorization_encryption_alg_values_supported: [KeyManagementAlg; 3],
    authorization_encryption_enc_values_supported: [ContentEncryption; 2],
    token_endpoint_auth_methods_supported: Vec<&'a str>,
    token_endpoint_auth_signing_alg_values_supported: Vec<&'a str>,
    introspection_endpoint_auth_methods_supported: Vec<&'a str>,
    introspection_endpoint_auth_signing_alg_values_supported: Vec<&'a str>,
    introspection_signing_alg_values_supported: &'a [&'a str],
    introspection_encryption_alg_values_supported: [KeyManagementAlg; 3],
    introspection_encryption_enc_values_supported: [ContentEncryption; 2],
    revocation_endpoint_auth_methods_supported: Vec<&'a str>,
    revocation_endpoint_auth_signing_alg_values_supported: Vec<&'a str>,
    dpop_signing_alg_values_supported: [&'a str; binding::ALGS.len()],
    tls_client_certificate_bound_access_tokens: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    mtls_endpoint_aliases: Option<Aliases<'a>>,
    claim_types_supported: [&'a str; 1],
    claims_supported: Vec<&'a str>,
    display_values_supported: [&'a str; 4],
    prompt_values_supported: [&'a str; 4],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    ui_locales_supported: &'a [&'static str],
    code_challenge_methods_supported: [&'a str; 1],
    authorization_response_iss_parameter_supported: bool,
    backchannel_logout_supported: bool,
    backchannel_logout_session_supported: bool,
    frontchannel_logout_supported: bool,
    frontchannel_logout_session_supported: bool,
    claims_parameter_supported: bool,
    request_parameter_supported: bool,
    request_uri_parameter_supported: bool,
    require_request_uri_registration: bool,
    request_object_signing_alg_values_supported: [&'a str; JwsAlg::ALL.len()],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    request_object_encryption_alg_values_supported: Vec<KeyManagementAlg>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    request_object_encryption_enc_values_supported: &'a [ContentEncryption],
}

/// Where clients that bring a certificate find what they call themselves (RFC 8705 §5).
#[derive(Serialize)]
#[expect(
    clippy::struct_field_names,
    reason = "the members are those of the standards"
)]
struct Aliases<'a> {
    pushed_authorization_request_endpoint: &'a str,
    token_endpoint: &'a str,
    introspection_endpoint: &'a str,
    revocation_endpoint: &'a str,
    userinfo_endpoint: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    device_authorization_endpoint: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    backchannel_authentication_endpoint: Option<&'a str>,
}

impl<'a> Aliases<'a> {
    fn of(endpoints: &'a Endpoints, deferred: &DeferredSettings) -> Self {
        let with = |is_on: bool, endpoint: &'a String| is_on.then_some(endpoint.as_str());
        Self {
            device_authorization_endpoint: with(
                deferred.device.is_some(),
                &endpoints.device_authorization,
            ),
            backchannel_authentication_endpoint: with(
                deferred.ciba.is_some(),
                &endpoints.backchannel_authentication,
            ),
            pushed_authorization_request_endpoint: &endpoints.pushed_authorization_request,
            token_endpoint: &endpoints.token,
            introspection_endpoint: &endpoints.introspection,
            revocation_endpoint: &endpoints.revocation,
            userinfo_endpoint: &endpoints.userinfo,
        }
    }
}
