//! `oidcc-dynamic-certification-test-plan`: clients that register themselves.

use anyhow::{Context, Result};
use guichet_integration_tests::claims::now;
use guichet_integration_tests::http_citizen::{Page, parameter, shared_client};
use guichet_integration_tests::keys::{SigningKey, claims_of, header_of, random_text, unsigned};
use guichet_integration_tests::raw_client::Attempt;
use guichet_integration_tests::{Hands as _, HttpCitizen, wait};
use serde_json::{Value, json};

use super::relying_party::{Party, Stage, must_be_an_error_page, stage};
use super::site::Site;

/// What an authorization request gets before anybody signs in.
async fn asked(party: &Party, attempt: &Attempt) -> Result<Page> {
    let mut citizen = HttpCitizen::new().stopping_at(&party.client.redirect_uri);
    let page = citizen.get(&attempt.url()).await?;
    citizen.follow(page).await
}

/// `oidcc-server`
#[tokio::test]
async fn a_client_that_registered_itself_signs_people_in() -> Result<()> {
    let stage = stage()?;
    let party = stage.party(json!({})).await?;
    assert_eq!(party.registered["client_secret_expires_at"], 0);
    let session = stage.sign_in(&party).await?;
    assert_eq!(session.claim("aud")?, party.client.client_id);
    let userinfo = party
        .client
        .userinfo(stage.hub(), session.tokens.text("access_token"))
        .await?;
    assert_eq!(userinfo.json["sub"], session.claim("sub")?);
    Ok(())
}

/// `oidcc-idtoken-rs256`
#[tokio::test]
async fn a_client_that_asks_for_rs256_gets_it() -> Result<()> {
    let stage = stage()?;
    let more = json!({ "id_token_signed_response_alg": "RS256" });
    let party = stage.party(more).await?;
    let session = stage.sign_in(&party).await?;
    assert_eq!(header_of(session.id_token())?["alg"], "RS256");
    Ok(())
}

/// `oidcc-userinfo-rs256`
#[tokio::test]
async fn a_client_that_asks_for_signed_userinfo_gets_a_jwt() -> Result<()> {
    let stage = stage()?;
    let more = json!({ "userinfo_signed_response_alg": "RS256" });
    let party = stage.party(more).await?;
    let session = stage.sign_in(&party).await?;
    let answer = shared_client()
        .get(format!("{}/userinfo", stage.hub()))
        .bearer_auth(session.tokens.text("access_token"))
        .send()
        .await?;
    assert_eq!(answer.headers()["content-type"], "application/jwt");
    assert_eq!(header_of(&answer.text().await?)?["alg"], "RS256");
    Ok(())
}

/// `oidcc-idtoken-unsigned`
#[tokio::test]
async fn unsigned_id_tokens_are_neither_advertised_nor_registered_for() -> Result<()> {
    let stage = stage()?;
    let discovery = stage.discovery().await?;
    let algs = discovery["id_token_signing_alg_values_supported"].to_string();
    assert!(!algs.contains("none"), "{algs}");
    let (status, refused) = stage
        .send_registration(&json!({
            "redirect_uris": ["https://unsigned.example/cb"],
            "id_token_signed_response_alg": "none",
        }))
        .await?;
    assert_eq!(status, 400);
    assert_eq!(refused["error"], "invalid_client_metadata");
    Ok(())
}

/// `oidcc-ensure-redirect-uri-in-authorization-request`
#[tokio::test]
async fn a_request_without_redirect_uri_gets_an_error_page() -> Result<()> {
    let stage = stage()?;
    let party = stage.party(json!({})).await?;
    let attempt = party.client.attempt(stage.hub())?.without("redirect_uri");
    must_be_an_error_page(&asked(&party, &attempt).await?);
    Ok(())
}

/// `oidcc-redirect-uri-query-OK`
#[tokio::test]
async fn a_registered_query_is_kept() -> Result<()> {
    let stage = stage()?;
    let uri = "https://query.example/cb?foo=bar";
    let party = stage.party(json!({ "redirect_uris": [uri] })).await?;
    let mut citizen = HttpCitizen::new().stopping_at(uri);
    let attempt = party.client.attempt(stage.hub())?.with("prompt", "none");
    let view = citizen.visit(&attempt.url()).await?;
    assert!(view.url.as_str().starts_with(&format!("{uri}&")), "{view}");
    assert_eq!(
        parameter(&view.url, "error").as_deref(),
        Some("login_required")
    );
    assert_eq!(
        parameter(&view.url, "state").as_deref(),
        Some(&*attempt.state)
    );
    stage.sign_in(&party).await?;
    Ok(())
}

/// `oidcc-redirect-uri-query-added`
#[tokio::test]
async fn a_query_added_to_the_registered_address_gets_an_error_page() -> Result<()> {
    let stage = stage()?;
    let party = stage.party(json!({})).await?;
    let added = format!("{}?foo=bar", party.client.redirect_uri);
    let attempt = party.client.attempt(stage.hub())?;
    must_be_an_error_page(&asked(&party, &attempt.with("redirect_uri", &added)).await?);
    Ok(())
}

/// `oidcc-redirect-uri-query-mismatch`
#[tokio::test]
async fn another_query_than_the_registered_one_gets_an_error_page() -> Result<()> {
    let stage = stage()?;
    let uri = "https://mismatch.example/cb?foo=bar";
    let party = stage.party(json!({ "redirect_uris": [uri] })).await?;
    for other in [
        "https://mismatch.example/cb?foo=baz",
        "https://mismatch.example/cb",
    ] {
        let attempt = party.client.attempt(stage.hub())?;
        must_be_an_error_page(&asked(&party, &attempt.with("redirect_uri", other)).await?);
    }
    Ok(())
}

/// `oidcc-redirect-uri-regfrag`
#[tokio::test]
async fn an_address_with_a_fragment_is_not_registered() -> Result<()> {
    let stage = stage()?;
    let (status, refused) = stage
        .send_registration(&json!({ "redirect_uris": ["https://fragment.example/cb#x"] }))
        .await?;
    assert_eq!(status, 400);
    assert_eq!(refused["error"], "invalid_redirect_uri");
    Ok(())
}

/// Redeems a code by an assertion over `key`; the token response's status and error.
async fn redeemed_by_assertion(
    stage: &Stage,
    party: &Party,
    key: &SigningKey,
    audience: &str,
) -> Result<(u16, String)> {
    let attempt = party.client.attempt(stage.hub())?;
    let code = stage.code(party, &attempt).await?;
    let now = now();
    let id = &party.client.client_id;
    let assertion = key.sign(&json!({
        "iss": id, "sub": id, "aud": audience, "iat": now, "exp": now + 60, "jti": random_text()?,
    }))?;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", &party.client.redirect_uri),
        ("code_verifier", &attempt.verifier),
        (
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        ),
        ("client_assertion", &assertion),
    ];
    let answer = party
        .client
        .token_unauthenticated(stage.hub(), &form)
        .await?;
    Ok((answer.status, answer.error().to_owned()))
}

/// `oidcc-registration-jwks-uri`
#[tokio::test]
async fn keys_are_read_where_the_client_publishes_them_and_nowhere_else() -> Result<()> {
    let (stage, site) = (stage()?, Site::start().await?);
    let first = SigningKey::generate("first")?;
    let more = json!({
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks_uri": site.put("/jwks", &first.jwks().to_string()),
    });
    let party = stage.party(more).await?;
    let redeemed = redeemed_by_assertion(stage, &party, &first, stage.hub()).await?;
    assert_eq!(redeemed.0, 200, "{}", redeemed.1);
    let stranger = SigningKey::generate("first")?;
    let refused = redeemed_by_assertion(stage, &party, &stranger, stage.hub()).await?;
    assert_eq!(refused, (401, "invalid_client".to_owned()));
    Ok(())
}

/// `oidcc-server-rotate-keys` the other way round: it is the client that rotates (RP key rotation).
#[tokio::test]
async fn a_client_that_rotates_its_keys_is_known_by_the_new_one() -> Result<()> {
    let (stage, site) = (stage()?, Site::start().await?);
    let (first, second) = (
        SigningKey::generate("first")?,
        SigningKey::generate("second")?,
    );
    let more = json!({
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks_uri": site.put("/jwks", &first.jwks().to_string()),
    });
    let party = stage.party(more).await?;
    let redeemed = redeemed_by_assertion(stage, &party, &first, stage.hub()).await?;
    assert_eq!(redeemed.0, 200, "{}", redeemed.1);
    site.put("/jwks", &second.jwks().to_string());
    // The hub looks for a key it does not know, twice a minute at most.
    let known = async || {
        let redeemed = redeemed_by_assertion(stage, &party, &second, stage.hub()).await;
        redeemed
            .is_ok_and(|(status, _)| status == 200)
            .then_some(())
    };
    wait::until("the new key", known).await?;
    let old = redeemed_by_assertion(stage, &party, &first, stage.hub()).await?;
    assert_eq!(old, (401, "invalid_client".to_owned()), "it was withdrawn");
    Ok(())
}

/// `oidcc-refresh-token`
#[tokio::test]
async fn a_refresh_token_gives_new_tokens_for_the_same_person_and_to_no_other_client() -> Result<()>
{
    let stage = stage()?;
    let more = json!({ "grant_types": ["authorization_code", "refresh_token"] });
    let (party, other) = (stage.party(more.clone()).await?, stage.party(more).await?);
    let attempt = party.client.attempt(stage.hub())?;
    let attempt = attempt.with("scope", "openid offline_access");
    let session = stage
        .sign_in_by(&party, HttpCitizen::new(), attempt)
        .await?;
    let token = session.tokens.text("refresh_token");
    let refreshed = party.client.refresh(stage.hub(), token).await?;
    assert_eq!(refreshed.status, 200, "{}", refreshed.body);
    let again = claims_of(refreshed.text("id_token"))?;
    for same in ["iss", "sub", "aud", "auth_time"] {
        assert_eq!(again[same], session.claim(same)?, "OIDC Core 12.2: {same}");
    }
    assert_ne!(
        refreshed.text("access_token"),
        session.tokens.text("access_token")
    );
    let userinfo = party
        .client
        .userinfo(stage.hub(), refreshed.text("access_token"))
        .await?;
    assert_eq!(userinfo.json["sub"], again["sub"]);
    let theft = other
        .client
        .refresh(stage.hub(), refreshed.text("refresh_token"));
    let theft = theft.await?;
    assert_eq!((theft.status, theft.error()), (400, "invalid_grant"));
    Ok(())
}

/// `oidcc-ensure-client-assertion-with-iss-aud-succeeds`
#[tokio::test]
async fn an_assertion_is_for_the_issuer_or_its_token_endpoint_and_for_nobody_else() -> Result<()> {
    let stage = stage()?;
    let key = SigningKey::generate("k")?;
    let more = json!({ "token_endpoint_auth_method": "private_key_jwt", "jwks": key.jwks() });
    let party = stage.party(more).await?;
    let endpoint = format!("{}/token", stage.hub());
    for (audience, status) in [
        (stage.hub(), 200),
        (endpoint.as_str(), 200),
        ("https://other.example", 401),
    ] {
        let redeemed = redeemed_by_assertion(stage, &party, &key, audience).await?;
        assert_eq!(redeemed.0, status, "{audience}: {}", redeemed.1);
    }
    Ok(())
}

/// `oidcc-registration-sector-uri`
#[tokio::test]
async fn a_sector_document_that_lists_the_redirect_uris_is_taken() -> Result<()> {
    let (stage, site) = (stage()?, Site::start().await?);
    let uris = [
        "https://one.sector.example/cb",
        "https://two.sector.example/cb",
    ];
    let document = site.put("/sector", &json!(uris).to_string());
    let party = stage
        .party(json!({ "redirect_uris": uris, "sector_identifier_uri": document }))
        .await?;
    assert_eq!(party.registered["sector_identifier_uri"], document);
    stage.sign_in(&party).await?;
    Ok(())
}

/// `oidcc-registration-sector-bad`
#[tokio::test]
async fn a_sector_document_that_leaves_a_redirect_uri_out_is_refused() -> Result<()> {
    let (stage, site) = (stage()?, Site::start().await?);
    let document = site.put("/sector", &json!(["https://other.example/cb"]).to_string());
    let metadata = json!({
        "redirect_uris": ["https://bad.sector.example/cb"],
        "sector_identifier_uri": document,
    });
    let (status, refused) = stage.send_registration(&metadata).await?;
    assert_eq!(status, 400);
    assert_eq!(refused["error"], "invalid_client_metadata");
    Ok(())
}

/// `oidcc-registration-logo-uri`, `oidcc-registration-policy-uri`, `oidcc-registration-tos-uri`
#[tokio::test]
async fn logo_policy_and_terms_of_a_client_are_shown_where_the_person_decides() -> Result<()> {
    let (stage, site) = (stage()?, Site::start().await?);
    let (policy, terms) = (
        "https://policy.example/privacy",
        "https://policy.example/terms",
    );
    let metadata = json!({
        "policy_uri": policy, "tos_uri": terms, "logo_uri": site.picture("/logo.png"),
    });
    let party = stage.party(metadata).await?;
    let mut citizen = HttpCitizen::new().stopping_at(&party.client.redirect_uri);
    let attempt = party.client.attempt(stage.hub())?;
    let view = citizen
        .visit(&attempt.url())
        .choose("Fournisseur plan")
        .await?;
    let document = view.document();
    let links: Vec<_> = document
        .by_tag("a")
        .filter_map(|link| link.attribute("href"))
        .collect();
    assert!(links.contains(&policy), "{view}");
    assert!(links.contains(&terms), "{view}");
    // From the hub's own origin: the service is not told who looks.
    let mut pictures = document
        .by_tag("img")
        .filter_map(|picture| picture.attribute("src"));
    let logo = pictures.find(|src| src.ends_with("/logo"));
    let logo = logo.with_context(|| format!("no logo: {view}"))?;
    assert!(logo.starts_with('/'), "{logo}");
    let served = citizen.get(&format!("{}{logo}", stage.hub())).await?;
    assert_eq!(served.status, 200, "{}", served.url);
    let heard = site.heard();
    assert_eq!(heard.len(), 1, "fetched once, by the hub: {heard:?}");
    Ok(())
}

/// A request object of `party` for `attempt`, in clear.
fn request_object(stage: &Stage, party: &Party, attempt: &Attempt) -> Result<Value> {
    let now = now();
    let mut object = json!({
        "iss": party.client.client_id, "aud": stage.hub(), "iat": now, "nbf": now, "exp": now + 300,
        "jti": random_text()?,
    });
    for (name, value) in attempt.parameters() {
        object[name] = value.clone().into();
    }
    Ok(object)
}

/// `oidcc-request-uri-signed-rs256`, by the algorithm of the key at hand.
#[tokio::test]
async fn a_signed_request_is_fetched_from_its_registered_address() -> Result<()> {
    let (stage, site) = (stage()?, Site::start().await?);
    let key = SigningKey::generate("k")?;
    let address = site.at("/request");
    let more = json!({
        "jwks": key.jwks(),
        "request_uris": [address],
        "request_object_signing_alg": "ES256",
    });
    let party = stage.party(more).await?;
    let attempt = party.client.attempt(stage.hub())?;
    let object = request_object(stage, &party, &attempt)?;
    site.put("/request", &key.sign(&object)?);
    let by_reference = attempt
        .clone()
        .without("state")
        .without("nonce")
        .without("code_challenge")
        .without("code_challenge_method")
        .with("request_uri", &address);
    let mut citizen = HttpCitizen::new().stopping_at(&party.client.redirect_uri);
    citizen
        .visit(&by_reference.url())
        .choose("Fournisseur plan")
        .await?;
    let back = citizen.here().agree().await?;
    let echoed = parameter(&back.url, "state");
    assert_eq!(
        echoed.as_deref(),
        Some(&*attempt.state),
        "the object's own state"
    );
    Ok(())
}

/// `oidcc-request-uri-unsigned`: not advertised, hence refused.
#[tokio::test]
async fn an_unsigned_request_is_not_taken_by_reference() -> Result<()> {
    let (stage, site) = (stage()?, Site::start().await?);
    let discovery = stage.discovery().await?;
    let algs = discovery["request_object_signing_alg_values_supported"].to_string();
    assert!(!algs.contains("none"), "{algs}");
    let address = site.at("/request");
    let party = stage.party(json!({ "request_uris": [address] })).await?;
    let attempt = party.client.attempt(stage.hub())?;
    let object = request_object(stage, &party, &attempt)?;
    site.put("/request", &unsigned(&object));
    let page = asked(&party, &attempt.with("request_uri", &address)).await?;
    let refused = page.parameter("error");
    assert_eq!(
        refused.as_deref(),
        Some("invalid_request_object"),
        "{}",
        page.url
    );
    assert_eq!(page.parameter("code"), None);
    Ok(())
}

/// RFC 7592: the client reads, changes and removes what it registered.
#[tokio::test]
async fn a_client_looks_after_its_registration_by_its_own_token() -> Result<()> {
    let stage = stage()?;
    let party = stage.party(json!({})).await?;
    let told = |name: &str| -> Result<String> {
        let text = party.registered[name].as_str().context("not told")?;
        Ok(text.to_owned())
    };
    let (place, token) = (
        told("registration_client_uri")?,
        told("registration_access_token")?,
    );
    let http = shared_client();
    let read: Value = http
        .get(&place)
        .bearer_auth(&token)
        .send()
        .await?
        .json()
        .await?;
    assert_eq!(read["client_id"], party.client.client_id);
    let change = json!({
        "client_id": party.client.client_id,
        "client_name": "Changed",
        "redirect_uris": [party.client.redirect_uri],
    });
    let changed = http
        .put(&place)
        .bearer_auth(&token)
        .json(&change)
        .send()
        .await?;
    assert_eq!(changed.status().as_u16(), 200);
    let changed: Value = changed.json().await?;
    assert_eq!(changed["client_name"], "Changed");
    assert_eq!(
        changed.get("post_logout_redirect_uris"),
        None,
        "replaced as a whole"
    );
    let second = changed["registration_access_token"]
        .as_str()
        .context("no token")?;
    let old = http.get(&place).bearer_auth(&token).send().await?;
    assert_eq!(old.status().as_u16(), 401, "the token changed");
    stage.sign_in(&party).await?;
    let removed = http.delete(&place).bearer_auth(second).send().await?;
    assert_eq!(removed.status().as_u16(), 204);
    let attempt = party.client.attempt(stage.hub())?;
    must_be_an_error_page(&asked(&party, &attempt).await?);
    Ok(())
}
