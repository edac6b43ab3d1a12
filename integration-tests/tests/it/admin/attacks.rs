//! The console and its API attacked: roles that would climb, forms of other sites, markup where text is asked
//! for, cursors and tags made up (threats N-68, N-72, N-73).

use anyhow::{Result, ensure};
use guichet_integration_tests::http_citizen::plain_client;
use guichet_integration_tests::{Demo, Hands as _, HttpCitizen};
use reqwest::Method;
use serde_json::json;

use super::program::{Program, operated, operator};

const MARKUP: &str = "<script>alert(1)</script>\"><img src=x onerror=alert(2)>";

#[tokio::test]
async fn nobody_gives_themselves_or_others_what_exceeds_their_own() -> Result<()> {
    let owner = Program::new("owner")?;
    let (demo, _, operator) = operated(&[&owner]).await?;
    let seat = |role: &str, on: &str| json!({"role": role, "on": on});
    let member = json!({"client_id": "owner", "roles": [seat("team_owner", "team:cartes-grises")]});
    ensure!(operator.put("/people/owner", &member).await?.status() == 201);
    let api = owner.api(&demo).await?;
    let tag = api.get("/people/owner").await?.headers()["etag"]
        .to_str()?
        .to_owned();
    for roles in [
        json!([seat("operator", "hub")]),
        json!([
            seat("team_owner", "team:cartes-grises"),
            seat("auditor", "hub")
        ]),
        json!([seat("team_owner", "organisation:etat")]),
        json!([seat("team_owner", "client:cantine")]),
    ] {
        for (method, body) in [
            (Method::PATCH, json!({"roles": roles})),
            (Method::PUT, json!({"client_id": "owner", "roles": roles})),
        ] {
            let headers = [("if-match", tag.as_str())];
            let answer = api
                .call(method, "/people/owner", &headers, Some(&body))
                .await?;
            ensure!(answer.status() == 403, "{roles}: {}", answer.status());
        }
        let body = json!({"client_id": "robot-2", "roles": roles});
        let answer = api.put("/people/robot-2", &body).await?;
        ensure!(answer.status() == 403, "{roles}: {}", answer.status());
    }
    let me = api.json("/me").await?;
    ensure!(me["roles"].as_array().map(Vec::len) == Some(1), "{me}");
    Ok(())
}

#[tokio::test]
async fn the_last_operator_cannot_be_removed_by_anybody() -> Result<()> {
    let (_demo, _, api) = operated(&[]).await?;
    let removed = api.call(Method::DELETE, "/people/admin", &[], None).await?;
    ensure!(removed.status() == 422, "{}", removed.status());
    let tag = api.get("/people/admin").await?.headers()["etag"]
        .to_str()?
        .to_owned();
    let body = json!({"roles": []});
    let headers = [("if-match", tag.as_str())];
    let emptied = api
        .call(Method::PATCH, "/people/admin", &headers, Some(&body))
        .await?;
    ensure!(emptied.status() == 422, "{}", emptied.status());
    Ok(())
}

#[tokio::test]
async fn a_form_of_another_site_or_of_another_browser_changes_nothing() -> Result<()> {
    let demo = Demo::start().await?;
    let mut admin = operator(&demo).await?;
    let target = format!("{}/people/invitations", demo.cast.admin);
    let fields = [
        ("name", "Mallory"),
        ("address", "mallory@evil.example"),
        ("role", "operator"),
        ("on", "hub"),
    ];
    let without = admin.post(&target, &fields).await?;
    ensure!(without.status == 403, "no token: {}", without.status);
    let mut other = operator_of_another_browser(&demo).await?;
    let page = other.get(&format!("{}/people", demo.cast.admin)).await?;
    let token = page
        .body
        .split("name=\"csrf\" value=\"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .unwrap_or_default()
        .to_owned();
    ensure!(!token.is_empty(), "no form on the page");
    let mut with = fields.to_vec();
    with.push(("csrf", &token));
    let foreign = admin.post(&target, &with).await?;
    ensure!(
        foreign.status == 403,
        "another browser's: {}",
        foreign.status
    );
    admin
        .headers
        .insert("sec-fetch-site", "cross-site".parse()?);
    let cross = admin.post(&target, &with).await?;
    ensure!(cross.status == 403, "another site's: {}", cross.status);

    // By the session alone the API changes nothing either.
    let api = format!("{}/api/admin/v1/people/x", demo.cast.admin);
    let answer = admin.send(Method::DELETE, &api, None).await?;
    ensure!(answer.status == 403, "{}", answer.status);
    Ok(())
}

/// The same person, elsewhere: a code of the authenticator is good once, so they come as somebody else.
async fn operator_of_another_browser(demo: &Demo) -> Result<HttpCitizen> {
    let door = format!("{}/sign-in", demo.cast.admin);
    Ok(super::program::comes_in(demo, "partenaire", &door).await?.0)
}

#[tokio::test]
async fn markup_in_any_text_is_text_on_every_page_that_shows_it() -> Result<()> {
    let (demo, _, api) = operated(&[]).await?;
    let record = api.get("/providers/identite-postale").await?;
    let tag = record.headers()["etag"].to_str()?.to_owned();
    let headers = [("if-match", tag.as_str())];
    let body = json!({"name": MARKUP});
    let named = api
        .call(
            Method::PATCH,
            "/providers/identite-postale",
            &headers,
            Some(&body),
        )
        .await?;
    ensure!(named.status() == 200, "{}", named.text().await?);
    let put = api
        .put("/organisations/evil", &json!({"name": MARKUP}))
        .await?;
    ensure!(put.status() == 201, "{}", put.text().await?);
    let invited = api
        .put(
            "/invitations/evil",
            &json!({
                "name": MARKUP, "address": "evil@collectivite.example",
                "roles": [{"role": "support", "on": "hub"}],
            }),
        )
        .await?;
    ensure!(invited.status() == 201, "{}", invited.text().await?);

    let mut pages = vec![
        HttpCitizen::new().get(&demo.cast.admin).await?.body,
        HttpCitizen::new()
            .visit(demo.service("carte-grise"))
            .sign_in()
            .await?
            .html,
    ];
    let mut admin =
        super::program::comes_in(&demo, "partenaire", &format!("{}/sign-in", demo.cast.admin))
            .await?
            .0;
    pages.push(
        admin
            .get(&format!("{}/people", demo.cast.admin))
            .await?
            .body,
    );
    for page in &pages {
        ensure!(
            !page.contains("<script>alert") && !page.contains("<img src=x"),
            "{page}"
        );
    }
    ensure!(
        pages.iter().any(|page| page.contains("alert(1)")),
        "it is shown somewhere"
    );
    Ok(())
}

#[tokio::test]
async fn cursors_and_conditions_made_up_are_refused_and_never_a_fault() -> Result<()> {
    let (_demo, _, api) = operated(&[]).await?;
    for query in [
        "cursor=%27%20OR%201%3D1--",
        "cursor=../../etc/passwd",
        "cursor=AAAA%00",
        "limit=-1",
        "limit=99999999999999999999",
        "limit=1&limit=2",
    ] {
        for list in [
            "providers",
            "people",
            "teams",
            "ledger/entries",
            "invitations",
        ] {
            let answer = api.get(&format!("/{list}?{query}")).await?;
            ensure!(
                answer.status() == 400,
                "{list}?{query}: {}",
                answer.status()
            );
        }
    }
    let long = "x".repeat(70_000);
    let body = json!({"name": long});
    let answer = api.put("/organisations/long", &body).await?;
    ensure!(answer.status() == 413, "{}", answer.status());
    let typed = plain_client()
        .put(format!("{}/organisations/typed", api.base))
        .bearer_auth(&api.token)
        .header("content-type", "text/plain")
        .body("{}")
        .send()
        .await?;
    ensure!(typed.status() == 415, "{}", typed.status());
    let wrong = api
        .put("/organisations/wrong", &json!({"name": 7, "active": true}))
        .await?;
    ensure!(wrong.status() == 422, "{}", wrong.status());
    let problem: serde_json::Value = wrong.json().await?;
    ensure!(problem["errors"][0]["pointer"] == "#/name", "{problem}");
    Ok(())
}

#[tokio::test]
async fn a_program_comes_in_with_a_role_by_whoever_sees_to_its_client_and_as_a_client_that_is_there()
-> Result<()> {
    let (owner, other) = (Program::new("owner")?, Program::new("other")?);
    let (demo, _, operator) = operated(&[&owner, &other]).await?;
    let seat = |role: &str, on: &str| json!({"role": role, "on": on});
    let own = seat("team_owner", "team:cartes-grises");
    let member =
        |client: &str, roles: serde_json::Value| json!({"client_id": client, "roles": roles});
    let owning = member("owner", json!([own]));
    ensure!(operator.put("/people/owner", &owning).await?.status() == 201);

    // Not without a role, and not as a client that nobody registered.
    for refused in [member("other", json!([])), member("nobody", json!([own]))] {
        let answer = operator.put("/people/x", &refused).await?;
        ensure!(answer.status() == 422, "{refused}: {}", answer.status());
    }
    // Whose keys somebody else sees to is not a team's to let in, whether it is there or not.
    let api = owner.api(&demo).await?;
    let reader = seat("team_reader", "team:cartes-grises");
    for client in ["other", "nobody"] {
        let answer = api
            .put("/people/x", &member(client, json!([reader])))
            .await?;
        ensure!(answer.status() == 403, "{client}: {}", answer.status());
    }
    let of_theirs = member("carte-grise", json!([reader]));
    ensure!(api.put("/people/x", &of_theirs).await?.status() == 201);
    Ok(())
}

#[tokio::test]
async fn whoever_is_of_two_teams_is_seen_by_both_and_changed_by_neither_alone() -> Result<()> {
    let (owner, shared) = (Program::new("owner")?, Program::new("shared")?);
    let (demo, _, operator) = operated(&[&owner, &shared]).await?;
    let seat = |role: &str, on: &str| json!({"role": role, "on": on});
    let own = json!([seat("team_owner", "team:cartes-grises")]);
    let member = json!({"client_id": "owner", "roles": own});
    ensure!(operator.put("/people/owner", &member).await?.status() == 201);
    // The role that the owner reaches comes last.
    let both = json!([
        seat("team_reader", "client:cantine"),
        seat("team_reader", "team:cartes-grises")
    ]);
    let member = json!({"client_id": "shared", "name": "Partagé", "roles": both});
    ensure!(operator.put("/people/shared", &member).await?.status() == 201);

    let api = owner.api(&demo).await?;
    let seen = api.get("/people/shared").await?;
    ensure!(seen.status() == 200, "{}", seen.status());
    let tag = seen.headers()["etag"].to_str()?.to_owned();
    let headers = [("if-match", tag.as_str())];
    let renamed = json!({"name": "Mallory"});
    let path = "/people/shared";
    let answer = api
        .call(Method::PATCH, path, &headers, Some(&renamed))
        .await?;
    ensure!(answer.status() == 403, "{}", answer.status());
    let answer = api.call(Method::DELETE, path, &headers, None).await?;
    ensure!(answer.status() == 403, "{}", answer.status());

    // An operator removes them, as they know them and no other.
    let other = json!({"name": "Autre"});
    let renamed = operator
        .call(Method::PATCH, path, &headers, Some(&other))
        .await?;
    ensure!(renamed.status() == 200, "{}", renamed.status());
    let stale = operator.call(Method::DELETE, path, &headers, None).await?;
    ensure!(stale.status() == 412, "{}", stale.status());
    let tag = operator.get(path).await?.headers()["etag"]
        .to_str()?
        .to_owned();
    let headers = [("if-match", tag.as_str())];
    let removed = operator.call(Method::DELETE, path, &headers, None).await?;
    ensure!(removed.status() == 204, "{}", removed.status());
    Ok(())
}

#[tokio::test]
async fn a_technician_raises_no_right_of_the_service_they_look_after() -> Result<()> {
    let technician = Program::new("technician")?;
    let (demo, _, operator) = operated(&[&technician]).await?;
    let roles = json!([{"role": "team_technician", "on": "team:cartes-grises"}]);
    let member = json!({"client_id": "technician", "roles": roles});
    ensure!(operator.put("/people/technician", &member).await?.status() == 201);
    let api = technician.api(&demo).await?;
    let path = "/clients/carte-grise";
    let before = api.json(path).await?;
    let tag = api.get(path).await?.headers()["etag"].to_str()?.to_owned();
    let headers = [("if-match", tag.as_str())];
    for (member, value) in [
        (
            "scope",
            json!("openid given_name family_name birthdate birthplace email address"),
        ),
        (
            "evidence_rights",
            json!([{
                "evidence_type": "quotient-familial", "fields": ["quotient"], "purposes": ["tarif-cantine"],
            }]),
        ),
        ("minimum_acr_value", json!("eidas1")),
        ("default_acr_values", json!(["eidas2"])),
        ("sector", json!("impots.example")),
        ("subject_type", json!("public")),
        (
            "grant_types",
            json!(["authorization_code", "client_credentials"]),
        ),
        ("exception", json!("somebody in a hurry says so")),
    ] {
        let body = json!({ member: value });
        let answer = api.call(Method::PATCH, path, &headers, Some(&body)).await?;
        ensure!(answer.status() == 403, "{member}: {}", answer.status());
    }
    ensure!(api.json(path).await? == before);
    Ok(())
}
