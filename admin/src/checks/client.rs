//! What a client points to.

use guichet_domain::client::ClientAuthentication;
use guichet_domain::{Client, RedirectUri};
use serde_json::Value;
use url::Url;

use super::{Finding, Outside, json, keys_for, reached};

/// Looks at a client: its addresses, its keys, the document of its sector.
pub(super) async fn client(outside: &dyn Outside, record: &Client) -> Vec<Finding> {
    let mut found = Vec::new();
    for (member, uris) in [
        ("redirect_uris", &record.redirect_uris),
        (
            "post_logout_redirect_uris",
            &record.post_logout_redirect_uris,
        ),
    ] {
        for uri in uris {
            found.extend(redirect(outside, member, uri).await);
        }
    }
    for (member, url) in [
        ("backchannel_logout_uri", &record.backchannel_logout_uri),
        ("frontchannel_logout_uri", &record.frontchannel_logout_uri),
        ("initiate_login_uri", &record.initiate_login_uri),
        ("events_uri", &record.events_uri),
        ("client_uri", &record.client_uri),
        ("logo_uri", &record.logo_uri),
        ("policy_uri", &record.policy_uri),
        ("tos_uri", &record.tos_uri),
    ] {
        if let Some(url) = url {
            found.push(reached(outside, member, url).await);
        }
    }
    found.extend(keys(outside, record).await);
    found.extend(sector(outside, record).await);
    found
}

/// Where browsers go. An address of an application on the citizen's own device is nothing to call.
async fn redirect(
    outside: &dyn Outside,
    member: &'static str,
    uri: &RedirectUri,
) -> Option<Finding> {
    let url = Url::parse(uri.as_str()).ok()?;
    if !matches!(url.scheme(), "https" | "http") {
        return None;
    }
    Some(reached(outside, member, &url).await)
}

/// Whether it has the keys that its record makes it need.
async fn keys(outside: &dyn Outside, record: &Client) -> Vec<Finding> {
    let signs = matches!(
        record.authentication,
        ClientAuthentication::PrivateKeyJwt { .. }
    ) || record.requests.require_signed;
    let decrypts = record.id_token_encryption.is_some()
        || record.userinfo_encryption.is_some()
        || record.authorization_encryption.is_some()
        || record.introspection_encryption.is_some();
    let Some(keys) = &record.keys else {
        let needed = signs || decrypts;
        let missing = needed.then(|| Finding::wrong("jwks_uri", record.id.as_str(), "no-keys"));
        return missing.into_iter().collect();
    };
    let mut found = Vec::new();
    for (needed, purpose, missing) in [
        (signs, "sig", "no-signing-key"),
        (decrypts, "enc", "no-encryption-key"),
    ] {
        match keys_for(outside, keys, purpose).await {
            Err(why) => return vec![Finding::wrong("jwks_uri", record.id.as_str(), why)],
            Ok(0) if needed => found.push(Finding::wrong("jwks_uri", record.id.as_str(), missing)),
            Ok(_) => {}
        }
    }
    if found.is_empty() {
        found.push(Finding::well("jwks_uri", record.id.as_str()));
    }
    found
}

/// Which of its addresses the document of its sector leaves out (OIDC Core §8.1).
async fn sector(outside: &dyn Outside, record: &Client) -> Vec<Finding> {
    const MEMBER: &str = "sector_identifier_uri";
    let Some(url) = &record.sector_identifier_uri else {
        return Vec::new();
    };
    let document = match json(outside, url).await {
        Ok(document) => document,
        Err(why) => return vec![Finding::wrong(MEMBER, url.as_str(), why)],
    };
    let Some(listed) = document.as_array() else {
        return vec![Finding::wrong(MEMBER, url.as_str(), "no-list")];
    };
    let is_left_out = |uri: &&RedirectUri| !listed.contains(&Value::from(uri.as_str()));
    let missing = record.redirect_uris.iter().filter(is_left_out);
    let missing: Vec<Finding> = missing
        .map(|uri| Finding::wrong(MEMBER, uri.as_str(), "not-listed"))
        .collect();
    if missing.is_empty() {
        vec![Finding::well(MEMBER, url.as_str())]
    } else {
        missing
    }
}
