//! Every route of the account, asked for by somebody else and by nobody: nothing of a citizen leaks, and nothing
//! of theirs changes. The routes are read from the account's own list: one without a row here fails. What is posted
//! here comes with no token that counts; with one: `every_form.rs`.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, ensure};
use guichet_integration_tests::citizens::{CAMILLE, LINH};
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::{Demo, Hands as _, HttpCitizen, wait};

use super::routes::routes;
use super::{id_after, who_sent_evidence};

/// What Camille says to nobody but the hub.
const CANARY: &str = "CANARI-DE-CAMILLE";

/// Every route, and whether it is for everybody anyway.
const ROWS: &[(&str, &str)] = &[
    ("GET", "/account"),
    ("GET", "app::MANIFEST"),
    ("GET", "/account/live"),
    ("POST", "/account/messages"),
    ("POST", "/account/services/{client}"),
    ("GET", "/account/sign-in"),
    ("GET", "/account/again"),
    ("GET", "RETURN_PATH"),
    ("GET", "/account/device"),
    ("POST", "/account/device"),
    ("GET", "/account/device/{ticket}"),
    ("POST", "/account/device/{ticket}"),
    ("GET", "/account/sessions"),
    ("POST", "/account/sessions/{handle}"),
    ("POST", "/account/sessions/others"),
    ("GET", "/account/data"),
    ("GET", "/account/evidence"),
    ("POST", "/account/data/{id}"),
    ("GET", "/account/data/{id}/change"),
    ("POST", "/account/data/{id}/change"),
    ("GET", "/account/data/{id}/erasure"),
    ("POST", "/account/data/{id}/erasure"),
    ("GET", "/account/data/{id}/receipt"),
    ("POST", "/account/data/consents/{client}"),
    ("GET", "/account/history"),
    ("POST", "/account/history/statement"),
    ("GET", "/account/history/export/{format}"),
    ("GET", "/account/ways"),
    ("POST", "/account/ways"),
    ("POST", "/account/ways/address"),
    ("POST", "/account/ways/address/code"),
    ("POST", "/account/ways/address/forget"),
    ("POST", "/account/ways/aliases/{handle}"),
    ("POST", "/account/ways/devices/{handle}"),
    ("GET", "/account/not-me"),
    ("POST", "/account/not-me"),
    ("POST", "/account/not-me/report"),
    ("GET", "/account/not-me/{what}/{case}"),
    ("GET", "/account/freeze/{key}"),
    ("POST", "/account/freeze/{key}"),
    ("GET", "/account/thaw"),
    ("GET", "THAW_RETURN_PATH"),
    ("GET", "/account/reopen/{case}/{key}"),
    ("POST", "/account/reopen/{case}/{key}"),
    ("GET", "/receipts/verify"),
    ("POST", "/receipts/verify"),
    ("GET", "/receipts/counts"),
    ("GET", "/account/rights"),
    ("POST", "/account/rights/archive"),
    ("GET", "/account/rights/ask/{right}"),
    ("POST", "/account/rights/ask/{right}"),
    ("GET", "/account/rights/requests/{id}"),
    ("POST", "/account/rights/requests/{id}/withdraw"),
    ("POST", "/account/rights/requests/{id}/bundle"),
    ("GET", "/account/close"),
    ("POST", "/account/close"),
    ("GET", "/processing-register"),
    ("GET", "/processing-register.json"),
    ("GET", "/account/support"),
    ("POST", "/account/support/{id}"),
    ("GET", "/account/requests"),
    ("POST", "/account/requests/{name}"),
];

#[test]
fn every_route_of_the_account_has_a_row() {
    let rows = ROWS
        .iter()
        .map(|(method, path)| (*method, (*path).to_owned()));
    let rows: BTreeSet<_> = rows.collect();
    let routes = routes();
    assert!(routes.len() > 40, "the list was not read: {routes:?}");
    let without: Vec<_> = routes.difference(&rows).collect();
    assert!(without.is_empty(), "routes without a row: {without:?}");
    let gone: Vec<_> = rows.difference(&routes).collect();
    assert!(gone.is_empty(), "rows without a route: {gone:?}");
}

/// What Camille has, by the names that paths have for it.
struct Theirs {
    decision: String,
    request: String,
    session: String,
    device: String,
}

impl Theirs {
    async fn of(demo: &Demo, camille: &mut HttpCitizen) -> Result<Self> {
        let data = camille.get(&demo.hub("/account/data")).await?.body;
        let sessions = camille.get(&demo.hub("/account/sessions")).await?.body;
        let ways = camille.get(&demo.hub("/account/ways")).await?.body;
        let asked = camille
            .visit(&demo.hub("/account/rights/ask/objection"))
            .fill("statement", CANARY)
            .press(Control::Id("send"))
            .await?;
        let request = asked.url.path().rsplit('/').next().unwrap_or_default();
        let action = |html: &str, before: &str| {
            let start = html.find(before).map(|at| at + before.len())?;
            html[start..].split('"').next().map(str::to_owned)
        };
        Ok(Self {
            decision: id_after(&data, "evidence-")?,
            request: request.to_owned(),
            session: action(&sessions, "/account/sessions/").context("no session")?,
            device: action(&ways, "/account/ways/devices/").unwrap_or_else(|| "x".to_owned()),
        })
    }

    /// The address of a row, with what is Camille's in it.
    fn address(&self, demo: &Demo, path: &str) -> String {
        let path = match path {
            "app::MANIFEST" => "/account/app.webmanifest",
            "RETURN_PATH" => "/account/signed-in",
            "THAW_RETURN_PATH" => "/account/thawed",
            "/account/rights/ask/{right}" => "/account/rights/ask/erasure",
            "/account/history/export/{format}" => "/account/history/export/json",
            "/account/not-me/{what}/{case}" => "/account/not-me/frozen/AAAAAAAAAAAAAAAAAAAAAA",
            "/account/reopen/{case}/{key}" => "/account/reopen/AAAAAAAAAAAAAAAAAAAAAA/AAAA",
            "/account/freeze/{key}" => "/account/freeze/AAAA",
            path => path,
        };
        let id = if path.contains("/rights/") {
            &self.request
        } else {
            &self.decision
        };
        let handle = if path.contains("/devices/") {
            &self.device
        } else {
            &self.session
        };
        let path = path
            .replace("{id}", id)
            .replace("{client}", "cantine")
            .replace("{handle}", handle)
            .replace("{ticket}", "AAAAAAAAAAAAAAAAAAAAAA")
            .replace("{name}", "AAAAAAAAAAAAAAAAAAAAAA");
        demo.hub(&path)
    }
}

/// What Camille sees of hers, without what is made anew for each page.
async fn picture(demo: &Demo, camille: &mut HttpCitizen, request: &str) -> Result<Vec<String>> {
    let mut seen = Vec::new();
    let request = format!("/account/rights/requests/{request}");
    for path in [
        "/account",
        "/account/data",
        "/account/ways",
        "/account/rights",
        &request,
    ] {
        let page = camille.get(&demo.hub(path)).await?;
        ensure!(page.status == 200, "{path}: {}", page.body);
        seen.push(page.document().text());
    }
    let history = camille
        .get(&demo.hub("/account/history/export/json"))
        .await?;
    // That evidence arrived may be confirmed at any time.
    let entries = history.json()?["entries"].as_array().cloned();
    let kinds = entries.iter().flatten().map(|it| it["kind"].to_string());
    seen.extend(kinds.filter(|kind| !kind.contains("evidence.delivered")));
    Ok(seen)
}

#[tokio::test]
async fn nothing_of_a_citizen_leaks_or_changes_whichever_route_somebody_else_asks() -> Result<()> {
    let demo = Demo::start().await?;
    let mut camille = who_sent_evidence(&demo, &CAMILLE).await?;
    let mut linh = who_sent_evidence(&demo, &LINH).await?;
    let theirs = Theirs::of(&demo, &mut camille).await?;
    // What services say when somebody signs in comes a moment later.
    wait::until("what the service says", async || {
        let home = camille.get(&demo.hub("/account")).await.ok()?.body;
        let both = ["Il manque votre quotient", "L’inscription à la cantine"];
        // As is what is read off the audit log.
        let known = home.matches("Dernière connexion").count() == 2;
        (known && both.iter().all(|it| home.contains(it))).then_some(())
    })
    .await?;
    let before = picture(&demo, &mut camille, &theirs.request).await?;
    let sub = camille.visit(demo.service("cantine")).await?.sub()?;
    let before_again = picture(&demo, &mut camille, &theirs.request).await?;
    assert_eq!(before, before_again, "looking changes nothing");

    for (method, path) in ROWS {
        let address = theirs.address(&demo, path);
        for (who, is_signed_in) in [(&mut linh, true), (&mut HttpCitizen::new(), false)] {
            // An open page of somebody signed in stays open.
            if *path == "/account/live" && is_signed_in {
                continue;
            }
            let answer = if *method == "GET" {
                who.get(&address).await?
            } else {
                let form = [("csrf", "made-up"), ("understood", "yes"), ("open", "yes")];
                who.post(&address, &form).await?
            };
            let told = format!(
                "{method} {path}, signed in: {is_signed_in}: {}",
                answer.status
            );
            assert!(answer.status < 500, "{told}: {}", answer.body);
            for secret in [CANARY, &sub, "MARTIN", "Camille"] {
                assert!(!answer.body.contains(secret), "{told} tells {secret}");
            }
            let names_a_thing =
                path.contains('{') && !path.contains("{right}") && !path.contains("{format}");
            if names_a_thing && *method == "GET" {
                assert!(matches!(answer.status, 303 | 404 | 410), "{told}");
            }
            if *method == "POST" && *path != "/receipts/verify" {
                assert!(
                    matches!(answer.status, 303 | 400 | 401 | 403 | 404),
                    "{told}"
                );
            }
        }
    }
    let after = picture(&demo, &mut camille, &theirs.request).await?;
    assert_eq!(before, after, "something of Camille's changed");
    Ok(())
}
