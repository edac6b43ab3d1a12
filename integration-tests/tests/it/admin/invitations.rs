//! Invitations: bound to an address, good once, giving no more than whoever invites has (threats N-66, N-68,
//! N-71).

use anyhow::{Context, Result, ensure};
use guichet_integration_tests::citizens::PASSWORD;
use guichet_integration_tests::html::Document;
use guichet_integration_tests::journey::View;
use guichet_integration_tests::{Demo, Hands as _, HttpCitizen, wait};
use serde_json::json;
use url::Url;

use super::program::{comes_in, confirm, id, operated, operator};

/// Sends the form that invites.
async fn invite(
    demo: &Demo,
    inviter: &mut HttpCitizen,
    (name, address): (&str, &str),
    (role, on): (&str, &str),
) -> Result<u16> {
    let page = inviter.get(&format!("{}/people", demo.cast.admin)).await?;
    inviter.stand_on(page.clone());
    let forms = Document::parse(&page.body).forms();
    let form = forms
        .iter()
        .find(|form| form.action.ends_with("/people/invitations"))
        .context("no form to invite by")?;
    let values = [
        ("name", name),
        ("address", address),
        ("role", role),
        ("on", on),
    ];
    let values = values.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let answer = inviter.submit(form, None, &values).await?;
    if let Some(proposed) = answer.location()? {
        inviter.visit(proposed.as_str()).await?;
    }
    Ok(answer.status)
}

/// The link in the latest mail to this address.
async fn mailed(demo: &Demo, address: &str) -> Result<String> {
    wait::until("the mail", async || in_mailbox(demo, address).await.ok()).await
}

/// The same, if it is there.
async fn in_mailbox(demo: &Demo, address: &str) -> Result<String> {
    let mut reader = HttpCitizen::new();
    let list = reader.get(&demo.cast.mailbox).await?;
    ensure!(
        list.body.contains(address),
        "no mail to {address}: {}",
        list.body
    );
    let mut pages = vec![list.body.clone()];
    for part in list.body.split("href=\"").skip(1) {
        let target = part.split('"').next().unwrap_or_default();
        if let Ok(target) = Url::parse(&demo.cast.mailbox)?.join(target)
            && target.as_str().starts_with(&demo.cast.mailbox)
        {
            pages.push(reader.get(target.as_str()).await?.body);
        }
    }
    let start = format!("{}/invitation/", demo.cast.admin);
    let link = pages.iter().find_map(|page| {
        let rest = page.split_once(&start)?.1;
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_');
        Some(format!("{start}{}", &rest[..end.unwrap_or(rest.len())]))
    });
    link.context("no link in the mailbox")
}

#[tokio::test]
async fn an_invitation_comes_by_mail_and_lets_one_person_in_once() -> Result<()> {
    let demo = Demo::start().await?;
    let mut admin = operator(&demo).await?;
    let address = "camille@collectivite.example";
    let sent = invite(&demo, &mut admin, ("Camille", address), ("auditor", "hub")).await?;
    ensure!(sent == 303, "{sent}");
    // Nothing is sent before it is confirmed.
    ensure!(in_mailbox(&demo, address).await.is_err());
    let there = confirm(&demo, &mut admin, "admin").await?;
    ensure!(there.url.path() == "/people", "{there}");
    let link = mailed(&demo, address).await?;

    // Mail programs look: that spends nothing.
    for _ in 0..2 {
        let page = HttpCitizen::new().get(&link).await?;
        ensure!(page.status == 200, "{}", page.status);
    }
    // Nor does whoever is led to the door with it, or posts it from elsewhere.
    let text = link.rsplit('/').next().unwrap_or_default();
    let door = format!("{}/sign-in?invitation={text}", demo.cast.admin);
    let (mut led, view) = comes_in(&demo, "partenaire", &door).await?;
    ensure!(view.url.path() == "/me", "{view}");
    let posted = led.post(&link, &[("csrf", "")]).await?;
    ensure!(posted.status == 403, "{}", posted.status);
    led.headers.insert("sec-fetch-site", "cross-site".parse()?);
    let posted = led.post(&link, &[("csrf", "")]).await?;
    ensure!(posted.status == 403, "{}", posted.status);

    let (mut camille, view) = accepts(&demo, "camille", &link).await?;
    ensure!(
        view.url.path() == "/me" && view.text().contains("Auditeur"),
        "{view}"
    );
    let people = camille.get(&format!("{}/people", demo.cast.admin)).await?;
    ensure!(people.status == 200 && !people.body.contains("/people/invitations\""));

    // Spent: for whoever comes next, and for the same.
    let gone = HttpCitizen::new().get(&link).await?;
    ensure!(gone.status == 410, "{}", gone.status);
    let posted = HttpCitizen::new().post(&link, &[("csrf", "")]).await?;
    ensure!(posted.status == 410, "{}", posted.status);
    Ok(())
}

/// Opens the link of an invitation, accepts what it says, and signs in.
async fn accepts(demo: &Demo, login: &str, link: &str) -> Result<(HttpCitizen, View)> {
    let mut citizen = HttpCitizen::new();
    let view = citizen
        .visit(link)
        .press(id("accept"))
        .choose("Compte Citoyen")
        .with_credentials(login, PASSWORD)
        .with_code(demo.authenticator(login)?)
        .await?;
    Ok((citizen, view))
}

#[tokio::test]
async fn an_invitation_with_another_text_or_taken_back_lets_nobody_in() -> Result<()> {
    let (demo, _, api) = operated(&[]).await?;
    let body = json!({
        "name": "Camille", "address": "camille@collectivite.example",
        "roles": [{"role": "support", "on": "hub"}],
    });
    let made = api.put("/invitations/camille", &body).await?;
    ensure!(made.status() == 201, "{}", made.text().await?);
    let mut other = body.clone();
    other["address"] = "mallory@evil.example".into();
    let refused = api.put("/invitations/camille", &other).await?;
    ensure!(refused.status() == 409, "{}", refused.status());
    let link = mailed(&demo, "camille@collectivite.example").await?;
    let tampered = format!("{}A", &link[..link.len() - 1]);
    if tampered != link {
        let page = HttpCitizen::new().get(&tampered).await?;
        ensure!(page.status == 410, "{}", page.status);
    }
    let taken = api
        .call(reqwest::Method::DELETE, "/invitations/camille", &[], None)
        .await?;
    ensure!(taken.status() == 204, "{}", taken.status());
    ensure!(HttpCitizen::new().get(&link).await?.status == 410);
    Ok(())
}

#[tokio::test]
async fn a_team_s_owner_invites_to_that_team_and_nowhere_else() -> Result<()> {
    let demo = Demo::start().await?;
    let door = format!("{}/sign-in", demo.cast.admin);
    let (mut owner, view) = comes_in(&demo, "partenaire", &door).await?;
    ensure!(view.url.path() == "/me", "{view}");
    let who = ("Linh", "linh@collectivite.example");
    for (role, on, expected) in [
        ("team_reader", "team:cartes-grises", 303),
        ("team_reader", "team:no-such-team", 403),
        ("team_owner", "organisation:etat", 403),
        ("team_owner", "client:cantine", 403),
        ("operator", "hub", 403),
        ("operator", "team:cartes-grises", 400),
    ] {
        let status = invite(&demo, &mut owner, who, (role, on)).await?;
        ensure!(status == expected, "{role} on {on}: {status}");
    }
    let people = owner.get(&format!("{}/people", demo.cast.admin)).await?;
    ensure!(
        !people.body.contains("ROUSSEL"),
        "who operates the hub is none of a team's"
    );
    Ok(())
}

#[tokio::test]
async fn whoever_signs_out_is_out_and_their_cookie_is_worth_nothing() -> Result<()> {
    let demo = Demo::start().await?;
    let mut admin = operator(&demo).await?;
    let kept = admin.clone();
    let me = format!("{}/me", demo.cast.admin);
    let view = admin.visit(&me).press(id("sign-out")).await?;
    ensure!(view.url.path() == "/", "{view}");
    ensure!(kept.clone().get(&me).await?.status == 401);
    Ok(())
}
