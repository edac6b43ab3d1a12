//! Logouts in a provider's name that it did not send, or sent before (threat N-14).

use anyhow::{Result, ensure};
use guichet_integration_tests::claims::changed;
use guichet_integration_tests::http_citizen::Page;
use guichet_integration_tests::keys::{SigningKey, unsigned};
use guichet_integration_tests::{HttpCitizen, MockProvider, RawClient};
use serde_json::{Value, json};

use crate::interop::deployment::{Deployment, SignedIn, sign_in};

#[tokio::test]
async fn a_logout_that_the_provider_did_not_send_or_sent_before_signs_nobody_out() -> Result<()> {
    let provider = MockProvider::start("mock").await?;
    let other = MockProvider::start("other").await?;
    let service = RawClient::new("service");
    let mut deployment = Deployment::new(&[&service], &[])?;
    let telling = |provider: &MockProvider| {
        changed(
            provider.registration(),
            &json!({ "backchannel_logout": true }),
        )
    };
    deployment.providers = vec![telling(&provider), telling(&other)];
    let _node = deployment.start().await?;
    let hub = deployment.issuer.as_str();
    let signed_in = sign_in(&service, hub, &provider).await?;

    for (what, token) in forgeries(&provider, &other)? {
        let refused = tell(hub, &provider, &token).await?;
        ensure!(refused.status == 400, "{what}: {}", refused.status);
        ensure!(is_alive(&service, hub, &signed_in).await?, "{what}");
    }
    let honest = signed(&provider, &provider.logout_claims()?)?;
    let elsewhere = tell(hub, &other, &honest).await?;
    ensure!(
        elsewhere.status == 400,
        "at another's: {}",
        elsewhere.status
    );
    ensure!(is_alive(&service, hub, &signed_in).await?);

    let done = tell(hub, &provider, &honest).await?;
    ensure!(done.status == 200, "{}", done.body);
    ensure!(!is_alive(&service, hub, &signed_in).await?);

    let again = sign_in(&service, hub, &provider).await?;
    let replayed = tell(hub, &provider, &honest).await?;
    ensure!(replayed.status == 400, "{}", replayed.status);
    ensure!(is_alive(&service, hub, &again).await?);
    Ok(())
}

/// What anybody might send, with what is wrong with it.
fn forgeries(provider: &MockProvider, other: &MockProvider) -> Result<Vec<(&'static str, String)>> {
    let claims = provider.logout_claims()?;
    let foreign = SigningKey::generate(&provider.key().kid)?;
    let now = claims["iat"].as_i64().unwrap_or_default();
    let with = |change: Value| signed(provider, &changed(claims.clone(), &change));
    let id_token = json!({
        "events": null, "nonce": "n", "auth_time": now, "acr": "eidas1",
    });
    Ok(vec![
        ("nothing", String::new()),
        ("no token", "a.b.c".to_owned()),
        ("unsigned", unsigned(&claims)),
        (
            "another key",
            foreign.sign_with(&header(&foreign), &claims)?,
        ),
        (
            "the public key as a secret",
            provider.key().confuse(&claims)?,
        ),
        ("another provider's", signed(other, &claims)?),
        ("an ID token", with(id_token)?),
        ("nonce", with(json!({ "nonce": "n" }))?),
        ("no event", with(json!({ "events": {} }))?),
        ("aud", with(json!({ "aud": "another" }))?),
        ("iss", with(json!({ "iss": other.issuer }))?),
        (
            "old",
            with(json!({ "iat": now - 7200, "exp": now - 3600 }))?,
        ),
        (
            "of tomorrow",
            with(json!({ "iat": now + 86_400, "exp": now + 86_460 }))?,
        ),
        ("without end", with(json!({ "exp": null }))?),
        ("for years", with(json!({ "exp": 4_000_000_000_u64 }))?),
        ("no jti", with(json!({ "jti": null }))?),
        ("nobody", with(json!({ "sub": null, "sid": null }))?),
    ])
}

fn header(key: &SigningKey) -> Value {
    json!({ "alg": "ES256", "typ": "logout+jwt", "kid": key.kid })
}

fn signed(by: &MockProvider, claims: &Value) -> Result<String> {
    by.key().sign_with(&header(by.key()), claims)
}

/// Posts a logout token where those of `provider` go.
async fn tell(hub: &str, provider: &MockProvider, token: &str) -> Result<Page> {
    let address = format!("{hub}/callback/{}/backchannel-logout", provider.id);
    HttpCitizen::new()
        .post(&address, &[("logout_token", token)])
        .await
}

async fn is_alive(service: &RawClient, hub: &str, signed_in: &SignedIn) -> Result<bool> {
    let token = signed_in.tokens.text("access_token");
    Ok(service.userinfo(hub, token).await?.status == 200)
}
