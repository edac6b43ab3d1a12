//! From nothing to production: a team nobody invited tries out at once, asks, two persons sign, and its service
//! lives by what was granted. And those who would have it otherwise (threats N-270 to N-276).

use anyhow::{Context as _, Result, ensure};
use guichet_integration_tests::demo::Guests;
use guichet_integration_tests::http_citizen::plain_client;
use guichet_integration_tests::{Demo, HttpCitizen, wait};
use serde_json::Value;

use super::onboarding_desk::{Desk, dossier, shown};
use super::program::{Program, operated};

#[tokio::test]
async fn a_team_goes_from_nothing_to_production_and_is_stopped_within_a_second() -> Result<()> {
    let demo = Demo::start().await?;
    // Everybody comes in before anybody confirms: the clock goes half a minute ahead for the next codes.
    let mut one = Desk::of(&demo, "instruction").await?;
    let mut two = Desk::of(&demo, "controle").await?;
    let mut admin = Desk::of(&demo, "admin").await?;
    let mut team = Desk::begins(&demo, "camille").await?;
    let file = team.asks("Cantine d’Exemple").await?;
    let sent = team.step(&file, "submit", "").await?;
    ensure!(sent.status == 303, "{}", sent.body);
    ensure!(team.state(&file).await? == "submitted");

    ensure!(one.confirms(&file, "sign", "").await? == 200);
    ensure!(
        one.state(&file).await? == "submitted",
        "one signature is not enough"
    );
    // The same person again: the page offers nothing, and a form made by hand is refused.
    let page = one.get(&format!("/onboarding/{file}")).await?;
    ensure!(
        !page.body.contains("value=\"sign\""),
        "signing twice is offered"
    );
    ensure!(two.confirms(&file, "sign", "").await? == 200);
    ensure!(two.state(&file).await? == "validated");

    // The public register says so, and names nobody.
    let json: Value = plain_client()
        .get(demo.hub("/habilitations.json"))
        .send()
        .await?
        .json()
        .await?;
    let line = &json["habilitations"][0];
    ensure!(
        line["organisation"] == "Ville d’Exemple" && line["state"] == "validated",
        "{json}"
    );
    ensure!(line["ledger_entry"].is_u64(), "{json}");
    let text = json.to_string();
    for personal in ["Dupuis", "dpo@ville.example", "camille"] {
        ensure!(!text.contains(personal), "{personal} is public");
    }

    // Production by what was granted, with a secret of its own, shown once.
    let path = format!("/onboarding/{file}/production");
    let address = format!("{}{path}", demo.cast.admin);
    let values = [("redirect_uris", "https://cantine.ville.example/callback")];
    let proposed = team.send(&address, &path, None, &values).await?;
    let page = team.hands.follow(proposed).await?;
    ensure!(page.url.path().starts_with("/confirm/"), "{}", page.body);
    team.hands.stand_on(page);
    let status = team.anew().await?;
    let made = team.hands.at_hand()?;
    ensure!(status == 200, "{status}: {}", made.body);
    let (_, client_id, secret) = shown(&made)?;
    let again = team.get("/onboarding").await?;
    ensure!(again.body.contains(&client_id) && !again.body.contains(&secret));
    let authorize = format!(
        "{}?client_id={client_id}&response_type=code&scope=openid%20given_name&state=abcdefgh\
         &nonce=abcdefghijklmnop&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM\
         &code_challenge_method=S256&redirect_uri=https%3A%2F%2Fcantine.ville.example%2Fcallback",
        demo.hub("/authorize")
    );
    let mut citizen = HttpCitizen::new();
    let begun = citizen.get(&authorize).await?;
    ensure!(begun.status == 303, "{}: {}", begun.status, begun.body);
    // What was not granted is not asked.
    let beyond = HttpCitizen::new()
        .get(&authorize.replace("given_name", "email"))
        .await?;
    let refused = beyond
        .location()?
        .is_some_and(|to| to.as_str().contains("error=invalid_scope"));
    ensure!(refused, "{}: {:?}", beyond.status, beyond.location());

    // Suspended, and it has stopped.
    let why = "Un incident de sécurité est en cours.";
    ensure!(admin.confirms(&file, "suspend", why).await? == 200);
    let stopped = HttpCitizen::new().get(&authorize).await?;
    ensure!((400..500).contains(&stopped.status), "{}", stopped.status);
    ensure!(two.state(&file).await? == "suspended");
    // Everybody reads it there a moment later.
    wait::until("the register", async || {
        let register = plain_client().get(demo.hub("/habilitations.json"));
        let json: Value = register.send().await.ok()?.json().await.ok()?;
        (json["habilitations"][0]["state"] == "suspended").then_some(())
    })
    .await
}

#[tokio::test]
async fn whoever_writes_or_is_of_the_organisation_reviews_nothing() -> Result<()> {
    let demo = Demo::start().await?;
    let mut admin = Desk::of(&demo, "admin").await?;
    let mut team = Desk::begins(&demo, "camille").await?;
    let file = team.asks("Cantine").await?;
    // An operator may write in it, and from then on does not review it.
    let path = format!("/onboarding/{file}/part/tests");
    let address = format!("{}{path}", demo.cast.admin);
    let report = [("test_report", "Un essai de plus, écrit par un exploitant.")];
    ensure!(
        admin
            .send(&address, &path, Some("on"), &report)
            .await?
            .status
            == 303
    );
    ensure!(team.step(&file, "submit", "").await?.status == 303);
    for desk in [&mut admin, &mut team] {
        let page = desk.get(&format!("/onboarding/{file}")).await?;
        ensure!(
            !page.body.contains("value=\"sign\""),
            "{} may sign",
            desk.login
        );
        let csrf = page.body.split("name=\"csrf\" value=\"").nth(1);
        let csrf = csrf
            .and_then(|rest| rest.split('"').next())
            .context("no token")?;
        let address = format!("{}/onboarding/{file}", demo.cast.admin);
        for act in ["sign", "refuse", "request_changes"] {
            let form = [
                ("csrf", csrf),
                ("act", act),
                ("text", "Tout est en ordre, vraiment."),
            ];
            let forged = desk.hands.post(&address, &form).await?;
            ensure!(
                matches!(forged.status, 403 | 409),
                "{} {act}: {}",
                desk.login,
                forged.status
            );
        }
    }
    ensure!(team.state(&file).await? == "submitted");
    // Somebody of another team does not even see it.
    let mut other = Desk::of(&demo, "partenaire").await?;
    ensure!(other.get(&format!("/onboarding/{file}")).await?.status == 404);
    Ok(())
}

#[tokio::test]
async fn what_is_typed_is_kept_however_wrong_and_every_field_says_why_at_once() -> Result<()> {
    let demo = Demo::start().await?;
    let mut team = Desk::begins(&demo, "camille").await?;
    let list = format!("{}/onboarding", demo.cast.admin);
    let begun = team.send(&list, "/onboarding", None, &[]).await?;
    let file = begun.location()?.context("no file")?;
    let file = file
        .path()
        .split('/')
        .nth(2)
        .context("no identifier")?
        .to_owned();
    let markup = "\"><script>alert(1)</script>{{ 7 * 7 }}";
    let path = format!("/onboarding/{file}/part/guarantees");
    let address = format!("{}{path}", demo.cast.admin);
    let values = [
        ("retention_months", "48"),
        ("alternative", markup),
        ("privacy_notice", "javascript:alert(1)"),
    ];
    let kept = team.send(&address, &path, Some("on"), &values).await?;
    let to = kept.location()?.context("nowhere")?;
    ensure!(to.query() == Some("checked=yes"), "{to}");
    let page = team.hands.get(to.as_str()).await?;
    for field in ["retention_reason-error", "privacy_notice-error"] {
        ensure!(page.body.contains(field), "{field}: {}", page.body);
    }
    ensure!(
        page.body.contains("48") && !page.body.contains("<script>alert"),
        "{}",
        page.body
    );
    // Every field of every part, and the page that shows them all.
    for (part, values) in dossier("x") {
        let path = format!("/onboarding/{file}/part/{part}");
        let address = format!("{}{path}", demo.cast.admin);
        let wrong: Vec<(&str, &str)> = values.iter().map(|(name, _)| (*name, markup)).collect();
        ensure!(team.send(&address, &path, Some("on"), &wrong).await?.status == 303);
        let page = team.get(&format!("{path}?checked=yes")).await?;
        ensure!(
            page.status == 200 && !page.body.contains("<script>alert"),
            "{part}"
        );
    }
    let page = team.get(&format!("/onboarding/{file}")).await?;
    ensure!(page.body.contains("&lt;script&gt;") && !page.body.contains("<script>alert"));
    ensure!(page.body.contains("{{ 7 * 7 }}"), "a template ran");
    Ok(())
}

#[tokio::test]
async fn a_sandbox_client_sees_no_real_citizen_and_its_form_says_all_that_is_wrong() -> Result<()> {
    let demo = Demo::start().await?;
    let mut team = Desk::begins(&demo, "camille").await?;
    let list = team.get("/onboarding").await?;
    let of = list.body.split("/onboarding/sandbox?team=").nth(1);
    let of = of
        .and_then(|rest| rest.split('"').next())
        .context("no sandbox")?
        .to_owned();
    let address = format!("{}/onboarding/sandbox?team={of}", demo.cast.admin);
    let wrong = [
        ("name", " "),
        ("redirect_uris", "javascript:alert(1)"),
        ("profile", "magic"),
    ];
    let refused = team
        .send(&address, "/onboarding/sandbox", None, &wrong)
        .await?;
    ensure!(refused.status == 422, "{}", refused.status);
    for field in ["name-error", "redirect_uris-error"] {
        ensure!(refused.body.contains(field), "{field}");
    }
    // Hosts that differ need more than a form (scenario 66).
    let hosts = [
        ("name", "Essai"),
        ("redirect_uris", "https://a.example/cb https://b.example/cb"),
    ];
    let refused = team
        .send(&address, "/onboarding/sandbox", None, &hosts)
        .await?;
    ensure!(
        refused.status == 422 && refused.body.contains("redirect_uris-error"),
        "{}",
        refused.status
    );

    let sound = [
        ("name", "Essai"),
        ("redirect_uris", "http://localhost:4999/callback"),
    ];
    let made = team
        .send(&address, "/onboarding/sandbox", None, &sound)
        .await?;
    ensure!(made.status == 200, "{}: {}", made.status, made.body);
    let (_, client_id, _) = shown(&made)?;
    let authorize = format!(
        "{}?client_id={client_id}&response_type=code&scope=openid%20given_name&state=abcdefgh\
         &nonce=abcdefghijklmnop&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM\
         &code_challenge_method=S256&redirect_uri=http%3A%2F%2Flocalhost%3A4999%2Fcallback",
        demo.hub("/authorize")
    );
    let mut citizen = HttpCitizen::new();
    let page = citizen.get(&authorize).await?;
    let page = citizen.follow(page).await?;
    ensure!(
        page.status == 200 && page.body.contains("Bac à sable"),
        "{}",
        page.body
    );
    // Another team's is not theirs to add to (scenario 65).
    let mut other = Desk::of(&demo, "partenaire").await?;
    let page = other.get("/onboarding").await?;
    let csrf = page.body.split("name=\"csrf\" value=\"").nth(1);
    let csrf = csrf
        .and_then(|rest| rest.split('"').next())
        .context("no token")?;
    let forged = [
        ("csrf", csrf),
        ("team", of.as_str()),
        ("id", "c-forged"),
        ("name", "x"),
        ("redirect_uris", "http://localhost:1/cb"),
        ("profile", "standard"),
    ];
    let address = format!("{}/onboarding/sandbox", demo.cast.admin);
    let refused = other.hands.post(&address, &forged).await?;
    ensure!(matches!(refused.status, 403 | 404), "{}", refused.status);
    Ok(())
}

#[tokio::test]
async fn no_way_of_registering_gives_more_than_was_granted() -> Result<()> {
    let robot = Program::new("team-robot")?;
    let (demo, _, operator) = operated(&[&robot]).await?;
    for (path, body) in [
        // Nobody granted this.
        ("/clients/c-1", client("habilitation", "h-nobody".into())),
        // A sandbox client asks for no evidence, and never becomes another.
        ("/clients/c-2", {
            let mut body = client("environment", "sandbox".into());
            body["evidence_rights"] = serde_json::json!([{
                "evidence_type": "quotient-familial", "fields": ["quotient"], "purposes": ["tarif-cantine"],
            }]);
            body
        }),
    ] {
        let refused = operator.put(path, &body).await?;
        ensure!(refused.status() == 422, "{path}: {}", refused.status());
    }
    let sandbox = client("environment", "sandbox".into());
    let made = operator.put("/clients/c-3", &sandbox).await?;
    ensure!(made.status() == 201, "{}", made.text().await?);
    let promoted = operator
        .call(
            reqwest::Method::PATCH,
            "/clients/c-3",
            &[("if-match", "*")],
            Some(&serde_json::json!({ "environment": "production" })),
        )
        .await?;
    ensure!(promoted.status() == 422, "{}", promoted.text().await?);
    drop(demo);
    Ok(())
}

fn client(member: &str, value: Value) -> Value {
    let mut body = serde_json::json!({
        "client_secret": "0123456789abcdef0123456789abcdef",
        "redirect_uris": ["https://service.example/cb"],
    });
    body[member] = value;
    body
}

#[tokio::test]
async fn whom_nobody_invited_gets_no_seat_where_the_hub_is_closed_or_an_organisation_is_there()
-> Result<()> {
    let demo = Demo::with(Guests::default()).await?;
    let mut team = Desk::begins(&demo, "camille").await?;
    // Somebody already: no second organisation.
    let first = team.get("/onboarding/begin").await?;
    ensure!(first.status == 303, "{}", first.status);
    for path in ["/people", "/clients", "/providers"] {
        let page = team.get(path).await?;
        ensure!(!page.body.contains("Dominique"), "{path}");
    }
    Ok(())
}
