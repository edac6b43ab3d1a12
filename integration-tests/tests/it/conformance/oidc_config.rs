//! `oidcc-config-certification-test-plan`: what discovery says.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use guichet_integration_tests::Hands as _;
use guichet_integration_tests::http_citizen::shared_client;
use guichet_integration_tests::keys::verified;
use serde_json::{Value, json};

use super::relying_party::stage;

/// `oidcc-discovery-endpoint-verification`
#[tokio::test]
async fn discovery_holds_every_required_member_and_every_address_is_the_issuers() -> Result<()> {
    let stage = stage()?;
    let discovery = stage.discovery().await?;
    assert_eq!(discovery["issuer"], stage.hub());
    for member in [
        "authorization_endpoint",
        "token_endpoint",
        "userinfo_endpoint",
        "jwks_uri",
        "registration_endpoint",
        "end_session_endpoint",
    ] {
        let address = discovery[member].as_str().context(member)?;
        assert!(address.starts_with(stage.hub()), "{member}: {address}");
    }
    let lists = |member: &str, value: &str| {
        let values = discovery[member].as_array().cloned().unwrap_or_default();
        assert!(values.contains(&Value::from(value)), "{member}: {values:?}");
    };
    lists("response_types_supported", "code");
    lists("response_modes_supported", "form_post");
    lists("subject_types_supported", "pairwise");
    lists("scopes_supported", "openid");
    lists("claims_supported", "sub");
    lists("id_token_signing_alg_values_supported", "RS256");
    lists(
        "token_endpoint_auth_methods_supported",
        "client_secret_basic",
    );
    Ok(())
}

/// `oidcc-ui-locales`
#[tokio::test]
async fn every_advertised_language_is_spoken_when_it_is_asked_for() -> Result<()> {
    let stage = stage()?;
    let discovery = stage.discovery().await?;
    let languages = discovery["ui_locales_supported"].as_array();
    let languages = languages.context("no languages")?;
    assert_eq!(languages.len(), 2, "{languages:?}");
    let party = stage.party(json!({})).await?;
    for language in languages {
        let tag = language.as_str().context("no tag")?;
        let attempt = party.client.attempt(stage.hub())?.with("ui_locales", tag);
        let page = party.client.citizen().visit(&attempt.url()).await?;
        let spoken = format!("<html lang=\"{tag}\"");
        assert!(page.html.contains(&spoken), "{tag}: {page}");
    }
    Ok(())
}

/// `oidcc-discovery-endpoint-verification`, its look at the keys.
#[tokio::test]
async fn the_published_keys_are_named_public_and_of_every_advertised_algorithm() -> Result<()> {
    let stage = stage()?;
    let discovery = stage.discovery().await?;
    let keys = stage.document("/jwks").await?;
    let keys = keys["keys"].as_array().context("no keys")?;
    let mut kids = BTreeSet::new();
    for key in keys {
        assert!(kids.insert(key["kid"].as_str().context("no kid")?), "{key}");
        for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert_eq!(key.get(private), None, "{key}");
        }
    }
    let algs = discovery["id_token_signing_alg_values_supported"].as_array();
    for alg in algs.context("no algorithms")? {
        assert!(
            keys.iter().any(|key| key["alg"] == *alg),
            "no key for {alg}"
        );
    }
    Ok(())
}

/// RFC 8414 §3: the same document under both names, signed by a published key.
#[tokio::test]
async fn both_well_known_documents_are_one_and_its_signature_is_by_a_published_key() -> Result<()> {
    let stage = stage()?;
    let discovery = stage.discovery().await?;
    let twin = stage
        .document("/.well-known/oauth-authorization-server")
        .await?;
    assert_eq!(twin, discovery);
    let signed = discovery["signed_metadata"].as_str().context("unsigned")?;
    let claims = verified(signed, &stage.document("/jwks").await?)?;
    assert_eq!(claims["iss"], stage.hub());
    assert_eq!(claims["token_endpoint"], discovery["token_endpoint"]);
    Ok(())
}

/// RFC 9110 §13.1: who holds a document need not fetch it again.
#[tokio::test]
async fn documents_may_be_kept_and_are_asked_for_by_what_they_hold() -> Result<()> {
    let stage = stage()?;
    for path in ["/.well-known/openid-configuration", "/jwks"] {
        let address = format!("{}{path}", stage.hub());
        let first = shared_client().get(&address).send().await?;
        let kept = first.headers()["cache-control"].to_str()?.to_owned();
        assert!(kept.contains("max-age="), "{path}: {kept}");
        let etag = first.headers()["etag"].clone();
        let again = shared_client()
            .get(&address)
            .header("if-none-match", etag)
            .send()
            .await?;
        assert_eq!(again.status().as_u16(), 304, "{path}");
    }
    Ok(())
}
