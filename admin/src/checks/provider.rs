//! What a provider says of itself, against what its record says.

use guichet_domain::provider::{Endpoints, ProviderAuthentication, StaticEndpoints};
use guichet_domain::{KeySource, Provider};
use serde_json::Value;
use url::Url;

use super::{Finding, Outside, json, keys_for, reached};

/// Looks at a provider: its discovery document, or the endpoints of its record; its keys; its other addresses.
pub(super) async fn provider(outside: &dyn Outside, record: &Provider) -> Vec<Finding> {
    let mut found = match &record.endpoints {
        Endpoints::Discovered => discovered(outside, record).await,
        Endpoints::Static(endpoints) => stated(outside, endpoints).await,
    };
    for (member, url) in [
        ("status_uri", &record.status_uri),
        ("logo_uri", &record.display.logo_uri),
    ] {
        if let Some(url) = url {
            found.push(reached(outside, member, url).await);
        }
    }
    found
}

/// Its discovery document (OIDC Discovery §3 and §4).
async fn discovered(outside: &dyn Outside, record: &Provider) -> Vec<Finding> {
    let issuer = record.issuer.trim_end_matches('/');
    let address = format!("{issuer}/.well-known/openid-configuration");
    let Ok(url) = Url::parse(&address) else {
        return vec![Finding::wrong("issuer", issuer, "no-address")];
    };
    let document = match json(outside, &url).await {
        Ok(document) => document,
        Err(why) => return vec![Finding::wrong("issuer", address, why)],
    };
    if document["issuer"] != record.issuer.as_str() {
        let said = document["issuer"].as_str().unwrap_or_default();
        return vec![Finding::wrong("issuer", said, "another-issuer")];
    }
    let mut found = vec![Finding::well("issuer", address)];
    found.extend(unsupported(record, &document));
    let keys = document["jwks_uri"]
        .as_str()
        .and_then(|url| Url::parse(url).ok());
    found.push(match keys {
        Some(url) => keys_at(outside, &KeySource::JwksUri(url)).await,
        None => Finding::wrong("jwks_uri", record.id.as_str(), "no-keys"),
    });
    found
}

/// What the record asks for and the document says is not there. What the document does not say is not held
/// against it.
fn unsupported(record: &Provider, document: &Value) -> Vec<Finding> {
    let lacks = |list: &str, what: &str| {
        let listed = document[list].as_array();
        listed.is_some_and(|listed| !listed.contains(&Value::from(what)))
    };
    let mut found = Vec::new();
    let method = method(record.authentication);
    if lacks("token_endpoint_auth_methods_supported", method) {
        found.push(Finding::wrong(
            "token_endpoint_auth_method",
            method,
            "unsupported",
        ));
    }
    for scope in record.scope.split_whitespace() {
        if lacks("scopes_supported", scope) {
            found.push(Finding::wrong("scope", scope, "unsupported"));
        }
    }
    if lacks("code_challenge_methods_supported", "S256") {
        found.push(Finding::wrong("issuer", "PKCE S256", "unsupported"));
    }
    let pushes = document["pushed_authorization_request_endpoint"].is_string();
    if record.requests.pushed && !pushes {
        let member = "require_pushed_authorization_requests";
        found.push(Finding::wrong(member, "PAR", "unsupported"));
    }
    found
}

/// The endpoints of its record, where it has no document.
async fn stated(outside: &dyn Outside, endpoints: &StaticEndpoints) -> Vec<Finding> {
    vec![
        reached(outside, "authorization_endpoint", &endpoints.authorization).await,
        reached(outside, "token_endpoint", &endpoints.token).await,
        keys_at(outside, &endpoints.keys).await,
    ]
}

async fn keys_at(outside: &dyn Outside, keys: &KeySource) -> Finding {
    let about = match keys {
        KeySource::JwksUri(url) => url.to_string(),
        KeySource::Jwks(_) => "jwks".to_owned(),
    };
    match keys_for(outside, keys, "sig").await {
        Ok(0) => Finding::wrong("jwks_uri", about, "no-signing-key"),
        Ok(_) => Finding::well("jwks_uri", about),
        Err(why) => Finding::wrong("jwks_uri", about, why),
    }
}

/// By the names of OIDC Core §9 and RFC 8705 §2.
const fn method(method: ProviderAuthentication) -> &'static str {
    match method {
        ProviderAuthentication::ClientSecretBasic => "client_secret_basic",
        ProviderAuthentication::ClientSecretPost => "client_secret_post",
        ProviderAuthentication::PrivateKeyJwt => "private_key_jwt",
        ProviderAuthentication::TlsClientAuth => "tls_client_auth",
        ProviderAuthentication::SelfSignedTlsClientAuth => "self_signed_tls_client_auth",
    }
}
