//! What a step leaves to be done is done, whatever becomes of the hub: killed between the second signature and its
//! effects, or right after a suspension. And what two do at once, or one does twice.

use anyhow::{Context as _, Result, ensure};
use guichet_integration_tests::Demo;
use guichet_integration_tests::keys::SigningKey;
use guichet_integration_tests::wait::until;
use reqwest::Method;
use serde_json::{Value, json};

use super::onboarding_desk::{Desk, shown};
use super::program::{Api, Program, operated};
use crate::faults::records::python;
use crate::interop::deployment::Deployment;

/// No client can be changed, as if every write of one came too late.
const HOLD: &str = "
db.execute(\"CREATE TRIGGER hold BEFORE UPDATE ON client BEGIN SELECT RAISE(ABORT, 'held'); END\")
";
/// No team can be changed.
const HOLD_TEAMS: &str = "
db.execute(\"CREATE TRIGGER hold BEFORE UPDATE ON team BEGIN SELECT RAISE(ABORT, 'held'); END\")
";
const RELEASE: &str = "db.execute('DROP TRIGGER hold')";

/// `kill -9` while nothing can be changed; then the hub is there again, and everything can.
async fn power_cut(demo: &mut Demo) -> Result<()> {
    demo.process.kill()?;
    python(RELEASE, &demo.database(), &[])?;
    demo.restart().await
}

/// The service, as the API shows it.
async fn service(api: &Api, id: &str) -> Result<Value> {
    api.json(&format!("/clients/{id}")).await
}

#[tokio::test]
async fn what_two_signatures_grant_reaches_services_though_the_hub_dies_in_between() -> Result<()> {
    let (mut demo, robot, api) = operated(&[]).await?;
    let mut one = Desk::of(&demo, "instruction").await?;
    let mut two = Desk::of(&demo, "controle").await?;
    let mut team = Desk::begins(&demo, "camille").await?;
    let file = team.asks("Cantine d’Exemple").await?;
    ensure!(team.step(&file, "submit", "").await?.status == 303);
    // A service of before: out of use, and asking for more than will be granted.
    let body = json!({
        "client_secret": "0123456789abcdef0123456789abcdef", "habilitation": file, "active": false,
        "redirect_uris": ["https://cantine.ville.example/cb"], "scope": "openid email",
    });
    let made = api.put("/clients/c-before", &body).await?;
    ensure!(made.status() == 201, "{}", made.text().await?);
    ensure!(one.confirms(&file, "sign", "").await? == 200);

    python(HOLD, &demo.database(), &[])?;
    ensure!(two.confirms(&file, "sign", "").await? == 200);
    ensure!(two.state(&file).await? == "validated");
    ensure!(service(&api, "c-before").await?["scope"] == "openid email");
    drop((one, two, team));
    power_cut(&mut demo).await?;

    let api = robot.api(&demo).await?;
    until("what was granted", async || {
        let scope = service(&api, "c-before").await.ok()?["scope"].clone();
        (scope == "openid given_name family_name").then_some(())
    })
    .await
}

#[tokio::test]
async fn a_suspension_stops_services_though_the_hub_dies_in_between() -> Result<()> {
    let mut demo = Demo::start().await?;
    let client_id = {
        let mut one = Desk::of(&demo, "instruction").await?;
        let mut two = Desk::of(&demo, "controle").await?;
        let mut admin = Desk::of(&demo, "admin").await?;
        let mut team = Desk::begins(&demo, "camille").await?;
        let file = team.asks("Cantine d’Exemple").await?;
        ensure!(team.step(&file, "submit", "").await?.status == 303);
        ensure!(one.confirms(&file, "sign", "").await? == 200);
        ensure!(two.confirms(&file, "sign", "").await? == 200);
        let path = format!("/onboarding/{file}/production");
        let address = format!("{}{path}", demo.cast.admin);
        let values = [("redirect_uris", "https://cantine.ville.example/callback")];
        let proposed = team.send(&address, &path, None, &values).await?;
        let page = team.hands.follow(proposed).await?;
        team.hands.stand_on(page);
        let status = team.anew().await?;
        let made = team.hands.at_hand()?;
        ensure!(status == 200, "{status}: {}", made.body);
        let (_, client_id, _) = shown(&made)?;
        ensure!(begins(&demo, &client_id).await?);

        python(HOLD, &demo.database(), &[])?;
        let why = "Un incident de sécurité est en cours.";
        ensure!(admin.confirms(&file, "suspend", why).await? == 200);
        ensure!(admin.state(&file).await? == "suspended");
        ensure!(
            begins(&demo, &client_id).await?,
            "nothing could be changed, and it was"
        );
        client_id
    };
    power_cut(&mut demo).await?;
    until("its end", async || {
        (!begins(&demo, &client_id).await.ok()?).then_some(())
    })
    .await
}

/// Whether a sign-in at this service begins.
async fn begins(demo: &Demo, client_id: &str) -> Result<bool> {
    let authorize = format!(
        "{}?client_id={client_id}&response_type=code&scope=openid%20given_name&state=abcdefgh\
         &nonce=abcdefghijklmnop&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM\
         &code_challenge_method=S256&redirect_uri=https%3A%2F%2Fcantine.ville.example%2Fcallback",
        demo.hub("/authorize")
    );
    let answer = guichet_integration_tests::HttpCitizen::new()
        .get(&authorize)
        .await?;
    ensure!(
        matches!(answer.status, 303 | 400 | 403),
        "{}",
        answer.status
    );
    Ok(answer.status == 303)
}

#[tokio::test]
async fn a_sandbox_client_that_was_half_made_is_made_by_the_same_form() -> Result<()> {
    let (demo, _, api) = operated(&[]).await?;
    let body = json!({
        "team": "cartes-grises", "name": "Essai", "redirect_uris": ["http://localhost:4999/cb"],
    });
    python(HOLD_TEAMS, &demo.database(), &[])?;
    let halfway = api.put("/sandbox-clients/c-halfway", &body).await?;
    ensure!(halfway.status() == 500, "{}", halfway.status());
    // Nobody looks after it yet: it opens nothing.
    ensure!(service(&api, "c-halfway").await?["active"] == false);
    python(RELEASE, &demo.database(), &[])?;
    let made = api.put("/sandbox-clients/c-halfway", &body).await?;
    ensure!(made.status() == 201, "{}", made.text().await?);
    let made: Value = made.json().await?;
    ensure!(made["client_secret"].is_string(), "{made}");
    ensure!(service(&api, "c-halfway").await?["active"] == true);
    let team = api.json("/teams/cartes-grises").await?;
    let clients = team["clients"].as_array().context("no clients")?;
    ensure!(clients.contains(&json!("c-halfway")), "{team}");
    // What is made is nobody's to make again.
    let again = api.put("/sandbox-clients/c-halfway", &body).await?;
    ensure!(
        matches!(again.status().as_u16(), 409 | 412),
        "{}",
        again.status()
    );
    Ok(())
}

#[tokio::test]
async fn keys_of_the_sandbox_come_to_production_by_no_way() -> Result<()> {
    let (_demo, _, api) = operated(&[]).await?;
    let keyed = |key: &SigningKey, environment: &str| {
        json!({
            "redirect_uris": ["https://service.example/cb"], "environment": environment,
            "token_endpoint_auth_method": "private_key_jwt", "jwks": key.jwks(),
        })
    };
    let (tried, real) = (
        SigningKey::generate("tried")?,
        SigningKey::generate("real")?,
    );
    for (path, key, environment) in [
        ("/clients/c-tried", &tried, "sandbox"),
        ("/clients/c-real", &real, "production"),
    ] {
        let made = api.put(path, &keyed(key, environment)).await?;
        ensure!(made.status() == 201, "{path}: {}", made.text().await?);
    }
    // Another production client, without any habilitation.
    let refused = api
        .put("/clients/c-other", &keyed(&tried, "production"))
        .await?;
    ensure!(refused.status() == 422, "{}", refused.status());
    // A key beside the others.
    let key = json!({ "key": tried.jwks()["keys"][0] });
    let refused = api.call(Method::POST, "/clients/c-real/keys", &[], Some(&key));
    let refused = refused.await?;
    ensure!(refused.status() == 422, "{}", refused.status());
    // The sandbox's after production's, and in place of what it has.
    let key = json!({ "key": real.jwks()["keys"][0] });
    let refused = api.call(Method::POST, "/clients/c-tried/keys", &[], Some(&key));
    ensure!(refused.await?.status() == 422);
    let jwks = json!({ "jwks": real.jwks() });
    let any = [("if-match", "*")];
    let refused = api.call(Method::PATCH, "/clients/c-tried", &any, Some(&jwks));
    ensure!(refused.await?.status() == 422);
    // A key of its own is none of the other's.
    let key = json!({ "key": SigningKey::generate("next")?.jwks()["keys"][0] });
    let added = api.call(Method::POST, "/clients/c-real/keys", &[], Some(&key));
    ensure!(added.await?.status() == 201);
    Ok(())
}

#[tokio::test]
async fn what_is_asked_twice_is_told_before_anybody_signs() -> Result<()> {
    let (_demo, _, api) = operated(&[]).await?;
    let asked = json!({"scope": "given_name", "justification": "Nommer le parent responsable."});
    let body = json!({
        "team": "cartes-grises",
        "dossier": {"service": "Cantine", "scopes": [asked, asked], "purposes": ["x", "x"]},
    });
    let put = api.put("/habilitations/h-twice", &body).await?;
    ensure!(put.status().is_success(), "{}", put.text().await?);
    let path = "/habilitations/h-twice/submit";
    let refused = api.call(Method::POST, path, &[], None).await?;
    ensure!(refused.status() == 422, "{}", refused.status());
    let told: Value = refused.json().await?;
    let errors = told["errors"].as_array().context("no errors")?;
    let is_told = errors
        .iter()
        .any(|it| it["pointer"] == "#/scope.given_name");
    ensure!(is_told, "{told}");
    Ok(())
}

#[tokio::test]
async fn after_a_leak_the_others_end_at_once() -> Result<()> {
    let robot = Program::new("robot")?;
    let service = guichet_integration_tests::RawClient::new("town");
    let demo = Demo::with(guichet_integration_tests::demo::Guests {
        clients: vec![robot.metadata(), service.metadata()],
        ..Default::default()
    })
    .await?;
    let mut admin = Desk::of(&demo, "admin").await?;
    let path = "/clients/town/credentials";
    let address = format!("{}{path}", demo.cast.admin);
    let values = [("days", "0")];
    let proposed = admin
        .send(&address, path, Some("add-secret"), &values)
        .await?;
    let proposed = admin.hands.follow(proposed).await?;
    admin.hands.stand_on(proposed);
    ensure!(admin.anew().await? == 200, "nothing was changed");
    let page = admin.get(path).await?;
    let live = page.body.matches("value=\"end-secret\"").count();
    ensure!(live == 1, "{live} open something: {}", page.body);
    Ok(())
}

/// A habilitation with a version that grants less than the settings say, as two signatures leave it.
const GRANT: &str = "
who = lambda name: {'id': name, 'who': {'person': name}}
signed = lambda name: {'by': who(name), 'at': 1795000000000}
standing = {
    'state': 'validated', 'signatures': [signed('one'), signed('two')], 'at': 1795000000000, 'entry': 7,
    'terms': {'scopes': 'openid given_name', 'evidence': [], 'level': 'eidas1', 'retention_months': 12},
}
body = {'id': 'h-narrow', 'organisation': 'ville', 'team': 'cantines', 'versions': [
    {'number': 1, 'dossier': {}, 'authors': [who('author')], 'standing': standing},
]}
db.execute('INSERT INTO habilitation (id, body, changed_at) VALUES (?, ?, 0)', ('h-narrow', json.dumps(body)))
";

#[tokio::test]
async fn a_version_that_grants_less_than_the_settings_say_keeps_no_node_from_starting() -> Result<()>
{
    let service = guichet_integration_tests::RawClient::new("town");
    let mut deployment = Deployment::new(&[], &[])?;
    let declared = service.metadata_with(&json!({"habilitation": "h-narrow"}));
    deployment.clients.push(declared);
    let shown = |line: &str| -> Result<Value> { Ok(serde_json::from_str(&deployment.say(line)?)?) };
    // Nothing is granted yet: it is out of use.
    let mut node = deployment.start().await?;
    let town = shown("client show town -o json")?;
    ensure!(town["active"] == false, "{town}");
    node.kill()?;
    python(GRANT, &deployment.database(), &[])?;
    node.start_again().await?;
    let town = shown("client show town -o json")?;
    ensure!(town["scope"] == "openid given_name", "{town}");
    ensure!(town["active"] != false, "{town}");
    Ok(())
}
