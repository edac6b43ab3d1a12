//! Somebody who wants to be taken for another person: by an e-mail address, by a name at a provider that was
//! somebody else's, by forms of their own making (threats N-01, N-02, N-03, N-04, N-20).

use anyhow::{Result, ensure};
use guichet_integration_tests::claims::changed;
use guichet_integration_tests::http_citizen::parameter;
use guichet_integration_tests::keys::claims_of;
use guichet_integration_tests::mock_provider::someone;
use guichet_integration_tests::{Hands, HttpCitizen, MockProvider};
use serde_json::json;

use super::stage::{SESSION, Stage, stage};

/// The name at the provider, the address and its proof are the victim's; civil status is the attacker's own.
#[tokio::test]
async fn nobody_becomes_another_by_an_address_or_by_a_name_at_a_provider() -> Result<()> {
    let stage = stage()?;
    let (one, other) = (stage.provider()?, stage.provider()?);
    let victim = json!({ "email_verified": true, "phone_number": "+33600000000" });
    let victim = changed(someone(), &victim);
    one.present(victim.clone());
    let theirs = sub(stage, &one).await?;

    let attacker = json!({ "given_name": "Mallory", "family_name": "AUTRUI" });
    let attacker = changed(victim.clone(), &attacker);
    other.present(attacker.clone());
    ensure!(sub(stage, &other).await? != theirs, "by another provider");
    // The account was deleted, and its name given to whoever came next.
    one.present(attacker);
    ensure!(sub(stage, &one).await? != theirs, "by a name used again");

    // Whoever is the same person is known again, whatever the provider calls them and where they read mail.
    let moved = json!({ "sub": "another-name", "email": "moved@example.org" });
    other.present(changed(victim, &moved));
    ensure!(sub(stage, &other).await? == theirs, "the person themselves");
    Ok(())
}

/// No address makes an account, completes one or links one to another: neither to newcomers, nor to somebody who
/// only said which account they would use, nor to somebody who is signed in.
#[tokio::test]
async fn no_form_of_ones_own_making_links_or_completes_anything() -> Result<()> {
    let stage = stage()?;
    let provider = stage.provider()?;
    let mut choosing = stage.service.citizen();
    choosing
        .visit(&stage.service.attempt(stage.hub())?.url())
        .await?;
    let departed = stage.depart(&stage.service, &provider).await?;
    let arrived = stage.arrive(&stage.service, &provider).await?;
    let login = parameter(&departed.callback, "state").unwrap_or_default();
    let login = login.split('.').next().unwrap_or_default().to_owned();
    let forged = [
        ("provider", provider.id.as_str()),
        ("idp", &provider.id),
        ("sub", "mock-someone"),
        ("external_id", "mock-someone"),
        ("email", "elodie@example.org"),
        ("given_name", "Élodie Marie"),
        ("family_name", "QUELQUUN"),
        ("decision", "accept"),
        ("csrf", "AAAA"),
    ];
    for newcomer in [HttpCitizen::new(), choosing, departed.citizen] {
        for path in paths(&login) {
            let mut citizen = newcomer.clone();
            let answer = citizen
                .post(&format!("{}{path}", stage.hub()), &forged)
                .await?;
            let refused = [400, 403, 404, 405, 409, 410];
            ensure!(
                refused.contains(&answer.status),
                "{path}: {}",
                answer.status
            );
            ensure!(
                citizen.cookies().iter().all(|(name, _)| name != SESSION),
                "{path} signed somebody in"
            );
        }
    }
    // Nor is the one who is signed in anybody else afterwards.
    let before = sub_of(stage, arrived.citizen.clone()).await?;
    for path in paths(&login) {
        let mut citizen = arrived.citizen.clone();
        let address = format!("{}{path}", stage.hub());
        citizen.post(&address, &forged).await?;
        ensure!(sub_of(stage, citizen).await? == before, "{path}");
    }
    Ok(())
}

/// Where others had such things, below the account and below a login.
fn paths(login: &str) -> Vec<String> {
    let steps = [
        "link", "profile", "complete", "register", "identity", "callback",
    ];
    let account = [
        "link",
        "link/confirm",
        "providers",
        "complete",
        "verify-email",
    ];
    let steps = steps.map(|step| format!("/login/{login}/{step}"));
    let account = account.map(|page| format!("/account/{page}"));
    steps.into_iter().chain(account).collect()
}

/// What the service calls whoever signs in with `provider` now.
async fn sub(stage: &Stage, provider: &MockProvider) -> Result<String> {
    let login = stage.arrive(&stage.service, provider).await?;
    let redeemed = stage
        .service
        .redeem(stage.hub(), &login.code, &login.attempt);
    sub_in(redeemed.await?.text("id_token"))
}

/// What the service calls whoever is signed in at this browser.
async fn sub_of(stage: &Stage, mut citizen: HttpCitizen) -> Result<String> {
    let attempt = stage.service.attempt(stage.hub())?;
    let view = citizen.visit(&attempt.url()).agree().await?;
    let code = parameter(&view.url, "code").unwrap_or_default();
    let redeemed = stage.service.redeem(stage.hub(), &code, &attempt).await?;
    sub_in(redeemed.text("id_token"))
}

fn sub_in(id_token: &str) -> Result<String> {
    Ok(claims_of(id_token)?["sub"]
        .as_str()
        .unwrap_or_default()
        .to_owned())
}
