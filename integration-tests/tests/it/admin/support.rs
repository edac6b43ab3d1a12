//! Support: what a citizen reads out opens their login and nothing personal; what is hidden is seen once they agree,
//! for as long as they do; every look is in their history (threats N-340 to N-345).

use anyhow::{Context as _, Result, bail, ensure};
use guichet_integration_tests::citizens::{CAMILLE, Citizen, LINH, PAUL};
use guichet_integration_tests::journey::{Control, View};
use guichet_integration_tests::wait::until;
use guichet_integration_tests::{Browser, Demo, Hands as _, HttpCitizen};
use reqwest::Method;
use serde_json::{Value, json};

use super::path::is_on_record;
use super::program::{Api, Program, comes_in, confirm, operated, signs_in_again};
use crate::account::ways::{ADDRESS, code_in_mail, mail};
use crate::login::{COMPTE_CITOYEN, must_not_read, must_read};

/// Whoever signs in at "Carte grise", and what they see at the end.
async fn signs_in(demo: &Demo, who: &Citizen) -> Result<(HttpCitizen, View)> {
    let mut citizen = HttpCitizen::new();
    let journey = citizen
        .visit(demo.service("carte-grise"))
        .sign_in_with(COMPTE_CITOYEN);
    let view = journey.as_citizen(who).await?;
    Ok((citizen, view))
}

/// The code of the visit, as the citizen reads it out: in their history as soon as that is on record, which a login
/// that still waits for them does not wait for.
pub(super) async fn code(demo: &Demo, citizen: &mut HttpCitizen) -> Result<String> {
    let codes = codes(demo, citizen, 1).await?;
    codes.into_iter().next().context("no code")
}

/// The codes of their visits, once there are so many: what the ledger has is in their history a moment later.
async fn codes(demo: &Demo, citizen: &mut HttpCitizen, least: usize) -> Result<Vec<String>> {
    let address = demo.hub("/account/history/export/json");
    until("the codes of their visits", async || {
        let history = citizen.get(&address).await.ok()?.json().ok()?;
        let entries = history["entries"].as_array().cloned().unwrap_or_default();
        let codes = entries.iter().filter_map(|it| it["code"].as_str());
        let mut codes: Vec<String> = codes.map(str::to_owned).collect();
        codes.dedup();
        (codes.len() >= least).then_some(codes)
    })
    .await
}

/// The operator of the demo, who came in before, in again.
async fn admin(demo: &Demo) -> Result<HttpCitizen> {
    let mut admin = HttpCitizen::new();
    admin.visit(&format!("{}/sign-in", demo.cast.admin)).await?;
    signs_in_again(demo, &mut admin).await?;
    Ok(admin)
}

async fn posted(api: &Api, path: &str, body: &Value) -> Result<(u16, Value)> {
    let answer = api.call(Method::POST, path, &[], Some(body)).await?;
    let status = answer.status().as_u16();
    let text = answer.text().await?;
    Ok((status, serde_json::from_str(&text).unwrap_or(Value::Null)))
}

async fn look(api: &Api, handle: &str) -> Result<(u16, Value)> {
    let body = json!({"handle": handle, "purpose": "citizen_called", "ticket": "T-42"});
    posted(api, "/support/looks", &body).await
}

/// The citizen's word on the request that waits for them.
async fn answers(demo: &Demo, citizen: &mut HttpCitizen, word: &str) -> Result<View> {
    let page = citizen.get(&demo.hub("/account/support")).await?;
    let forms = page.document().forms();
    let form = forms
        .iter()
        .find(|form| form.action.contains("/account/support/"));
    let form = form
        .with_context(|| format!("no form: {}", page.body))?
        .clone();
    citizen.stand_on(page);
    let answer = citizen
        .submit(&form, None, &[("decision".to_owned(), word.to_owned())])
        .await?;
    citizen.follow(answer).await?;
    citizen.look().await
}

#[tokio::test]
async fn the_reference_of_an_error_page_opens_the_login_and_nothing_personal() -> Result<()> {
    let (demo, _, api) = operated(&[]).await?;
    let (_, refused) = signs_in(&demo, &PAUL).await?;
    let reference = refused.shown("error-reference")?;
    let visit = refused.shown("browsing-code")?;
    for handle in [
        &reference,
        &reference.to_lowercase().replace('-', " "),
        &visit,
    ] {
        let (status, login) = look(&api, handle).await?;
        ensure!(status == 200, "{handle}: {status} {login}");
        ensure!(login["known"] == false, "{login}");
        let kinds: Vec<&str> = login["steps"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|step| step["kind"].as_str())
            .collect();
        for kind in [
            "login.started",
            "provider.chosen",
            "identity.refused",
            "error.shown",
        ] {
            ensure!(kinds.contains(&kind), "no {kind}: {kinds:?}");
        }
        let text = login.to_string();
        ensure!(text.contains("\"register\":\"not_found\""), "{text}");
        for personal in ["LAMBERT", "Paul", "\"login\"", "\"session\"", "\"person\""] {
            ensure!(!text.contains(personal), "{personal}: {text}");
        }
    }
    is_on_record(&api, "support.looked", "T-42").await
}

#[tokio::test]
async fn what_is_hidden_is_seen_as_long_as_the_citizen_agrees_and_each_look_is_in_their_history()
-> Result<()> {
    let (demo, _, api) = operated(&[]).await?;
    let (mut camille, _) = signs_in(&demo, &CAMILLE).await?;
    let handle = code(&demo, &mut camille).await?;
    let (status, login) = look(&api, &handle).await?;
    ensure!(status == 200 && login["known"] == true, "{status} {login}");
    ensure!(login.get("opened").is_none(), "{login}");
    let history = camille.visit(&demo.hub("/account/history")).await?;
    must_read(&history, "Un agent a regardé une de vos connexions")?;
    must_read(&history, "Vous aviez appelé ou écrit")?;
    must_read(&history, "T-42")?;

    let words = "Pour comprendre pourquoi <script>alert(1)</script> vous ne voyez pas vos droits.";
    let request = json!({"handle": handle, "words": words});
    let (status, made) = posted(&api, "/support/requests", &request).await?;
    ensure!(status == 201, "{status} {made}");
    let id = made["id"].as_str().context("no id")?.to_owned();
    ensure!(look(&api, &handle).await?.1["asked"] == "waiting");
    let home = camille.visit(&demo.hub("/account")).await?;
    must_read(&home, "Un agent demande à voir ce qui est masqué")?;
    let asked = camille.visit(&demo.hub("/account/support")).await?;
    must_read(&asked, "<script>alert(1)</script>")?;
    ensure!(
        !asked.html.contains("<script>alert(1)"),
        "markup runs: {asked}"
    );

    // Somebody else's word is none, with a form of their own or Camille's.
    let (mut linh, _) = signs_in(&demo, &LINH).await?;
    let theirs = linh.visit(&demo.hub("/account/support")).await?;
    must_not_read(&theirs, "vous ne voyez pas vos droits")?;
    let page = camille.get(&demo.hub("/account/support")).await?;
    let forms = page.document().forms();
    let form = forms
        .iter()
        .find(|form| form.action.contains(&id))
        .context("no form")?;
    let csrf = form
        .fields
        .iter()
        .find(|(name, _)| name == "csrf")
        .context("no token")?;
    let forged = [("decision", "accept"), ("csrf", csrf.1.as_str())];
    let address = demo.hub(&format!("/account/support/{id}"));
    let answer = linh.post(&address, &forged).await?;
    ensure!(matches!(answer.status, 403 | 404), "{}", answer.status);
    ensure!(look(&api, &handle).await?.1.get("opened").is_none());

    answers(&demo, &mut camille, "accept").await?;
    let (_, login) = look(&api, &handle).await?;
    ensure!(login["asked"] == "agreed", "{login}");
    ensure!(
        login["opened"]["history"]
            .as_array()
            .is_some_and(|it| !it.is_empty()),
        "{login}"
    );
    let text = login.to_string();
    for personal in ["MARTIN", "Camille"] {
        ensure!(!text.contains(personal), "{personal}: {text}");
    }
    // The same answer again is none, and taking it back ends it at once.
    let again = camille.post(&address, &forged).await?;
    ensure!(again.status == 410, "{}", again.status);
    answers(&demo, &mut camille, "withdraw").await?;
    let (_, login) = look(&api, &handle).await?;
    ensure!(
        login["asked"] == "withdrawn" && login.get("opened").is_none(),
        "{login}"
    );
    let history = camille.visit(&demo.hub("/account/history")).await?;
    must_read(
        &history,
        "Un agent a regardé ce que vous aviez accepté de montrer",
    )?;
    must_read(&history, "Vous êtes revenu sur votre accord")?;
    Ok(())
}

#[tokio::test]
async fn a_request_of_the_support_is_mailed_and_says_nothing_of_itself() -> Result<()> {
    let (demo, _, api) = operated(&[]).await?;
    let (mut camille, _) = signs_in(&demo, &CAMILLE).await?;
    let handle = code(&demo, &mut camille).await?;
    let ways = camille.visit(&demo.hub("/account/ways"));
    let given = ways.fill("email", ADDRESS);
    given.press(Control::Id("give-address")).await?;
    let typed = code_in_mail(&demo).await?;
    let typed = camille.here().fill("code", &typed);
    let confirmed = typed.press(Control::Id("confirm-address")).await?;
    must_read(&confirmed, ADDRESS)?;

    let words = "Pour comprendre pourquoi la carte grise ne vient pas.";
    let request = json!({"handle": handle, "words": words});
    let (status, made) = posted(&api, "/support/requests", &request).await?;
    ensure!(status == 201, "{status} {made}");
    let text = mail(&demo, "/account/support").await?;
    ensure!(text.contains("L’assistance demande votre accord"), "{text}");
    let id = made["id"].as_str().context("no id")?;
    let service = demo.service("carte-grise");
    for told in [
        handle.as_str(),
        id,
        "carte grise",
        service,
        "Camille",
        "MARTIN",
        "robot",
        ADDRESS,
    ] {
        ensure!(!text.contains(told), "{told}: {text}");
    }
    // The link leads to the request, for whoever is signed in and nobody else.
    let link = text
        .split_whitespace()
        .find(|word| word.ends_with("/account/support"));
    let link = link.context("no link")?;
    must_read(&camille.visit(link).await?, words)?;
    must_not_read(&HttpCitizen::new().visit(link).await?, words)?;
    is_on_record(&api, "alert.sent", "support").await
}

#[tokio::test]
async fn what_was_agreed_to_is_over_after_an_hour_and_was_never_anybody_elses() -> Result<()> {
    let helper = Program::new("helper")?;
    let (demo, _, api) = operated(&[&helper]).await?;
    let member = json!({"client_id": "helper", "roles": [{"role": "support", "on": "hub"}]});
    ensure!(api.put("/people/helper", &member).await?.status() == 201);
    let other = helper.api(&demo).await?;
    let (mut camille, _) = signs_in(&demo, &CAMILLE).await?;
    let handle = code(&demo, &mut camille).await?;
    let request = json!({"handle": handle, "words": "Pour vous aider à retrouver votre accès."});
    ensure!(posted(&other, "/support/requests", &request).await?.0 == 201);
    answers(&demo, &mut camille, "accept").await?;
    ensure!(look(&other, &handle).await?.1.get("opened").is_some());
    let (_, login) = look(&api, &handle).await?;
    ensure!(
        login.get("opened").is_none(),
        "another member sees it: {login}"
    );
    demo.be_ahead(3601).await?;
    let other = helper.api(&demo).await?;
    let (_, login) = look(&other, &handle).await?;
    ensure!(
        login["asked"] == "over" && login.get("opened").is_none(),
        "{login}"
    );
    Ok(())
}

#[tokio::test]
async fn nobody_looks_without_the_right_a_purpose_or_what_was_read_out() -> Result<()> {
    let (auditor, helper) = (Program::new("auditor")?, Program::new("helper")?);
    let (demo, _, api) = operated(&[&auditor, &helper]).await?;
    for (program, role) in [(&auditor, "auditor"), (&helper, "support")] {
        let member = json!({"client_id": program.id, "roles": [{"role": role, "on": "hub"}]});
        let path = format!("/people/{}", program.id);
        ensure!(api.put(&path, &member).await?.status() == 201);
    }
    let (mut camille, _) = signs_in(&demo, &CAMILLE).await?;
    let handle = code(&demo, &mut camille).await?;
    let auditor = auditor.api(&demo).await?;
    ensure!(look(&auditor, &handle).await?.0 == 403);
    let helper = helper.api(&demo).await?;
    for (purpose, ticket) in [
        ("", ""),
        ("curiosity", ""),
        ("fault", "<b>"),
        ("fault", "Camille MARTIN"),
    ] {
        let body = json!({"handle": handle, "purpose": purpose, "ticket": ticket});
        let (status, _) = posted(&helper, "/support/looks", &body).await?;
        ensure!(status == 422, "{purpose} {ticket}: {status}");
    }
    let history = camille.visit(&demo.hub("/account/history")).await?;
    must_not_read(&history, "Un agent a regardé")?;
    // What was never given out and what is none are answered alike, and not for long.
    let (status, unknown) = look(&helper, "ABCD-2345").await?;
    let (malformed, wrong) = look(&helper, "zzz").await?;
    ensure!(status == 422 && malformed == 422, "{status} {malformed}");
    ensure!(unknown == wrong, "{unknown} {wrong}");
    for tried in 2..20 {
        let (status, _) = look(&helper, "WXYZ-2345").await?;
        ensure!(status == 422, "{tried}: {status}");
    }
    ensure!(look(&helper, "WXYZ-2345").await?.0 == 429);
    ensure!(
        look(&helper, &handle).await?.0 == 429,
        "it goes on guessing"
    );
    ensure!(
        look(&api, &handle).await?.0 == 200,
        "another member is not held up"
    );
    // At the console: an address that another made opens no case, a form of another site does nothing.
    let mut admin = admin(&demo).await?;
    let led = format!(
        "{}/support/{handle}?purpose=fault&ticket=&seal=x",
        demo.cast.admin
    );
    let page = admin.get(&led).await?;
    ensure!(page.status == 303, "{}", page.status);
    let post = format!("{}/support", demo.cast.admin);
    let form = [("handle", handle.as_str()), ("purpose", "fault")];
    ensure!(admin.post(&post, &form).await?.status == 403);
    let (mut owner, _) =
        comes_in(&demo, "partenaire", &format!("{}/sign-in", demo.cast.admin)).await?;
    ensure!(owner.get(&post).await?.status == 403);
    Ok(())
}

#[tokio::test]
async fn in_a_browser_from_an_error_page_to_a_freeze_that_two_members_end() -> Result<()> {
    let (demo, _, api) = operated(&[]).await?;
    let (mut camille, _) = signs_in(&demo, &CAMILLE).await?;
    let handle = code(&demo, &mut camille).await?;
    let (_, refused) = signs_in(&demo, &PAUL).await?;
    let reference = refused.shown("error-reference")?;

    let mut admin = Browser::start().await?;
    admin.visit(&format!("{}/sign-in", demo.cast.admin)).await?;
    signs_in_again(&demo, &mut admin).await?;
    let support = format!("{}/support", demo.cast.admin);
    admin.visit(&support).await?;
    admin.must_look_well("support").await?;
    let journey = admin
        .here()
        .fill("handle", &reference)
        .fill("ticket", "T-42");
    let case = journey.press(Control::Id("open")).await?;
    ensure!(case.html.contains("id=\"nobody\""), "{case}");
    admin.must_look_well("support-refused").await?;
    admin.visit(&support).await?;
    let journey = admin.here().fill("handle", &handle).fill("ticket", "T-43");
    let case = journey.press(Control::Id("open")).await?;
    ensure!(case.html.contains("id=\"ask-form\""), "{case}");
    admin
        .here()
        .fill(
            "words",
            "Pour comprendre pourquoi votre accès ne marche pas.",
        )
        .press(Control::Id("ask"))
        .await?;
    let mut citizen = Browser::start().await?;
    citizen
        .visit(demo.service("carte-grise"))
        .sign_in_with(COMPTE_CITOYEN)
        .as_citizen(&CAMILLE)
        .await?;
    citizen.visit(&demo.hub("/account/support")).await?;
    citizen.must_look_well("account-support").await?;
    answers(&demo, &mut camille, "accept").await?;
    let page = citizen.visit(&demo.hub("/account/support")).await?;
    must_read(&page, "Reprendre mon accord")?;
    admin.visit(&support).await?;
    let journey = admin.here().fill("handle", &handle).fill("ticket", "T-43");
    let case = journey.press(Control::Id("open")).await?;
    ensure!(case.html.contains("id=\"opened\""), "{case}");
    admin.must_look_well("support-opened").await?;

    // Frozen at once, by a fresh sign-in.
    admin.press(&Control::Id("freeze-box")).await?;
    admin
        .here()
        .fill("reason", "T-43 <b>the citizen</b> says it was not them")
        .press(Control::Id("freeze"))
        .await?;
    admin.must_look_well("support-freeze").await?;
    let frozen = confirm(&demo, &mut admin, "admin").await?;
    ensure!(frozen.html.contains("id=\"done\""), "{frozen}");
    let (_, barred) = signs_in(&demo, &CAMILLE).await?;
    ensure!(
        !barred.url.as_str().starts_with(demo.service("carte-grise")),
        "{barred}"
    );

    // Thawed by two: a program proposes, the operator confirms; the one who proposed cannot.
    let (_, login) = look(&api, &handle).await?;
    let case = login["cases"][0]["case"]
        .as_str()
        .context("no case")?
        .to_owned();
    let thaw = json!({"handle": handle, "change": "thaw", "case": case, "reason": "it was them after all"});
    let (status, proposed) = posted(&api, "/support/corrections", &thaw).await?;
    ensure!(status == 201, "{status} {proposed}");
    let id = proposed["id"].as_str().context("no id")?.to_owned();
    admin.visit(&support).await?;
    admin.must_look_well("support-proposals").await?;
    let button = format!("confirm-{id}");
    admin.press(&Control::Id(&button)).await?;
    confirm(&demo, &mut admin, "admin").await?;
    let (_, back) = signs_in(&demo, &CAMILLE).await?;
    ensure!(
        back.url.as_str().starts_with(demo.service("carte-grise")) || back.html.contains("accept"),
        "{back}"
    );
    Ok(())
}

#[tokio::test]
async fn two_accounts_are_made_one_by_two_members_and_two_again() -> Result<()> {
    let (demo, _, api) = operated(&[]).await?;
    let (mut camille, _) = signs_in(&demo, &CAMILLE).await?;
    let (mut linh, _) = signs_in(&demo, &LINH).await?;
    let (one, other) = (
        code(&demo, &mut camille).await?,
        code(&demo, &mut linh).await?,
    );
    let merge = json!({"handle": one, "change": "merge", "other": other, "reason": "one person, two spellings"});
    let (status, proposed) = posted(&api, "/support/corrections", &merge).await?;
    ensure!(status == 201, "{status} {proposed}");
    let id = proposed["id"].as_str().context("no id")?.to_owned();
    let mut admin = admin(&demo).await?;
    let page = admin.get(&format!("{}/support", demo.cast.admin)).await?;
    let forms = page.document().forms();
    let form = forms
        .iter()
        .find(|form| form.action.ends_with(&id))
        .context("no form")?
        .clone();
    admin.stand_on(page);
    let answer = admin
        .submit(&form, None, &[("act".to_owned(), "confirm".to_owned())])
        .await?;
    admin.follow(answer).await?;
    confirm(&demo, &mut admin, "admin").await?;
    let listed = api.json("/support/corrections").await?;
    ensure!(listed["items"][0]["confirmed"].is_string(), "{listed}");
    is_on_record(&api, "correction.confirmed", &id).await?;
    let (status, undone) =
        posted(&api, &format!("/support/corrections/{id}/undo"), &json!({})).await?;
    ensure!(
        status == 200 && undone["undone"].is_string(),
        "{status} {undone}"
    );
    Ok(())
}

/// What is answered to whoever would have something done says something of a citizen: that two visits are one
/// person's, that there is no such row. So each of them reads that somebody was led to them (threat N-381).
#[tokio::test]
async fn a_citizen_reads_that_somebody_was_led_to_them_whatever_came_of_it() -> Result<()> {
    let (demo, _, api) = operated(&[]).await?;
    let (mut camille, _) = signs_in(&demo, &CAMILLE).await?;
    signs_in(&demo, &CAMILLE).await?;
    let codes = codes(&demo, &mut camille, 2).await?;
    let [one, other] = codes.as_slice() else {
        bail!("two visits have two codes: {codes:?}");
    };
    let history = camille.visit(&demo.hub("/account/history")).await?;
    must_not_read(&history, "Un agent est arrivé à vous")?;
    let reason = "one person, two spellings";
    let merge = json!({"handle": one, "change": "merge", "other": other, "reason": reason});
    ensure!(posted(&api, "/support/corrections", &merge).await?.0 == 409);
    let history = camille.visit(&demo.hub("/account/history")).await?;
    must_read(&history, "Un agent est arrivé à vous")?;
    must_read(&history, one)?;
    must_read(&history, other)?;
    let (mut linh, _) = signs_in(&demo, &LINH).await?;
    let handle = code(&demo, &mut linh).await?;
    let split = json!({"handle": handle, "change": "split", "row": 1, "reason": reason});
    ensure!(posted(&api, "/support/corrections", &split).await?.0 == 409);
    let history = linh.visit(&demo.hub("/account/history")).await?;
    must_read(&history, "Un agent est arrivé à vous")
}
