//! The console's pages of records: an operator registers a provider and a service by keyboard and a citizen signs
//! in through them; a team keeps to its own; whatever is stored is text; nobody writes over somebody else's
//! change, or without confirming (threats N-72, N-250 to N-253).

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use guichet_integration_tests::citizens::PASSWORD;
use guichet_integration_tests::html::Document;
use guichet_integration_tests::http_citizen::Page;
use guichet_integration_tests::{Browser, Demo, Hands, HttpCitizen, MockProvider};
use reqwest::Method;
use serde_json::{Value, json};

use super::program::{comes_in, confirm, operated, operator, signs_in_again};

/// What the form at this address would post: all of it, or what is typed over and what it says of itself.
async fn typed(
    hands: &mut HttpCitizen,
    address: &str,
    over: &[(&str, &str)],
) -> Result<Vec<(String, String)>> {
    let page = hands.get(address).await?;
    ensure!(
        page.status == 200,
        "{address}: {} {}",
        page.status,
        page.body
    );
    let document = Document::parse(&page.body);
    let forms = document.forms();
    let form = forms
        .iter()
        .find(|form| form.method.eq_ignore_ascii_case("post"))
        .context("no form")?;
    let mut fields: BTreeMap<String, String> = form.fields.iter().cloned().collect();
    fields.retain(|name, _| over.is_empty() || name == "csrf" || name == "tag");
    for (name, value) in over {
        fields.insert((*name).to_owned(), (*value).to_owned());
    }
    Ok(fields.into_iter().collect())
}

/// Posts a form, and follows to the page it leads to.
async fn post(hands: &mut HttpCitizen, address: &str, fields: &[(String, String)]) -> Result<Page> {
    let page = hands.send(Method::POST, address, Some(fields)).await?;
    let page = hands.follow(page).await?;
    hands.stand_on(page.clone());
    Ok(page)
}

#[tokio::test]
async fn an_operator_makes_a_provider_and_a_service_by_keyboard_and_a_citizen_comes_through()
-> Result<()> {
    let demo = Demo::start().await?;
    let admin = demo.cast.admin.clone();
    let mut browser = Browser::start().await?;
    browser
        .visit(&format!("{admin}/sign-in"))
        .choose("Compte Citoyen")
        .with_credentials("admin", PASSWORD)
        .with_code(demo.authenticator("admin")?)
        .await?;

    // A provider of somebody else's, with a citizen whom the register knows: it is asked unless a record says no.
    let provider = MockProvider::start("seconde-porte").await?;
    provider.present(json!({
        "sub": "mock-ange", "acr": "eidas1", "amr": ["pwd"], "given_name": "Ange", "family_name": "CASANOVA",
        "birthdate": "1985-08-15", "gender": "male", "birthplace": "2A004", "birthcountry": "99100",
        "email": "ange@example.org",
    }));
    let registration = provider.registration();
    let said = |member: &str| registration[member].as_str().unwrap_or_default().to_owned();
    let secret = said("client_secret");
    browser.open(&format!("{admin}/new/providers")).await?;
    browser.switch_script_off().await?;
    for (field, value) in [
        ("field-id", "seconde-porte".to_owned()),
        ("field-name", "Seconde porte".to_owned()),
        ("field-issuer", said("issuer")),
        ("field-client_id", said("client_id")),
        ("field-client_secret", secret.clone()),
    ] {
        browser.tab_to(field).await?;
        browser.type_keys(&value).await?;
    }
    browser.strike_and_leave(thirtyfour::Key::Enter).await?;
    let shown = browser.look().await?;
    ensure!(shown.url.path().starts_with("/confirm/"), "{shown}");
    ensure!(shown.text().contains("seconde-porte"), "{shown}");
    ensure!(!shown.html.contains(&secret), "the secret is shown");
    let there = confirm(&demo, &mut browser, "admin").await?;
    ensure!(there.url.path() == "/providers/seconde-porte", "{there}");

    // A service, whose secret is made here and shown once.
    browser.open(&format!("{admin}/new/clients")).await?;
    let redirect = format!(
        "{}/callback",
        demo.service("carte-grise").trim_end_matches('/')
    );
    for (field, value) in [
        ("field-client_id", "ma-ville"),
        ("field-client_name", "Ma ville"),
        ("field-redirect_uris", redirect.as_str()),
    ] {
        browser.tab_to(field).await?;
        browser.type_keys(value).await?;
    }
    browser.tab_to("review").await?;
    browser.strike_and_leave(thirtyfour::Key::Enter).await?;
    let there = confirm(&demo, &mut browser, "admin").await?;
    let secret = there.shown("client-secret")?;
    ensure!(secret.len() == 43, "{there}");
    ensure!(there.shown("issuer")? == demo.cast.hub, "{there}");
    let again = browser.visit(&format!("{admin}/clients/ma-ville")).await?;
    ensure!(!again.html.contains(&secret), "the secret came out again");

    // A citizen meets both.
    let mut citizen = HttpCitizen::new().stopping_at(&redirect);
    let authorize = format!(
        "{}/authorize?client_id=ma-ville&response_type=code&scope=openid&state=s&nonce=n\
         &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256&redirect_uri={redirect}",
        demo.cast.hub
    );
    let choice = citizen.visit(&authorize).await?;
    ensure!(choice.text().contains("Seconde porte"), "{choice}");
    ensure!(choice.text().contains("Ma ville"), "{choice}");
    let back = citizen.here().choose("Seconde porte").agree().await?;
    ensure!(back.url.as_str().starts_with(&redirect), "{back}");
    ensure!(
        back.url
            .query()
            .is_some_and(|query| query.contains("code=")),
        "{back}"
    );
    Ok(())
}

#[tokio::test]
async fn nothing_is_written_before_it_is_confirmed_nor_twice_nor_by_somebody_else() -> Result<()> {
    let (demo, _, api) = operated(&[]).await?;
    let admin = demo.cast.admin.clone();
    let mut hands = in_again(&demo).await?;
    let address = format!("{admin}/providers/identite-postale/edit");
    let fields = typed(&mut hands, &address, &[("name", "Autre nom")]).await?;
    let proposed = post(&mut hands, &address, &fields).await?;
    ensure!(
        proposed.url.path().starts_with("/confirm/"),
        "{}",
        proposed.url
    );
    ensure!(proposed.body.contains("Autre nom"), "{}", proposed.body);
    let name = async || -> Result<Value> {
        Ok(api.json("/providers/identite-postale").await?["name"].clone())
    };
    ensure!(
        name().await? != "Autre nom",
        "written before it was confirmed"
    );

    // Another member's browser does not find it, nor does somebody with no session.
    let (mut other, _) = comes_in(&demo, "partenaire", &format!("{admin}/sign-in")).await?;
    let seen = other.get(proposed.url.as_str()).await?;
    ensure!(seen.status == 410, "{}", seen.status);
    ensure!(HttpCitizen::new().get(proposed.url.as_str()).await?.status == 401);

    let done = confirm(&demo, &mut hands, "admin").await?;
    ensure!(done.url.path() == "/providers/identite-postale", "{done}");
    ensure!(name().await? == "Autre nom", "not written");
    let again = hands.get(proposed.url.as_str()).await?;
    ensure!(again.status == 410, "{}", again.status);
    super::path::is_on_record(&api, "staff.confirmed", "admin").await?;
    super::path::is_on_record(&api, "provider.changed", "staff:admin").await
}

#[tokio::test]
async fn two_operators_at_one_record_the_second_is_told() -> Result<()> {
    let (demo, _, api) = operated(&[]).await?;
    let admin = demo.cast.admin.clone();
    let mut hands = in_again(&demo).await?;
    let address = format!("{admin}/providers/identite-postale/edit");
    let fields = typed(&mut hands, &address, &[("name", "De l’une")]).await?;
    let change = |name: &str| json!({ "name": name });
    patched(&api, &change("De l’autre")).await?;
    let told = post(&mut hands, &address, &fields).await?;
    ensure!(
        told.status == 409 && told.body.contains("De l’une"),
        "{}",
        told.body
    );
    ensure!(told.body.contains("field-name"), "it names the field");

    // Overtaken between the look and the confirmation, it is not written either.
    let fields = typed(&mut hands, &address, &[("name", "De l’une")]).await?;
    let proposed = post(&mut hands, &address, &fields).await?;
    ensure!(
        proposed.url.path().starts_with("/confirm/"),
        "{}",
        proposed.url
    );
    patched(&api, &change("De la troisième")).await?;
    let refused = confirm(&demo, &mut hands, "admin").await?;
    ensure!(refused.status == Some(409), "{refused}");
    ensure!(api.json("/providers/identite-postale").await?["name"] == "De la troisième");
    Ok(())
}

/// The operator, in once more.
async fn in_again(demo: &Demo) -> Result<HttpCitizen> {
    let mut hands = HttpCitizen::new();
    hands.visit(&format!("{}/sign-in", demo.cast.admin)).await?;
    signs_in_again(demo, &mut hands).await?;
    Ok(hands)
}

async fn patched(api: &super::program::Api, body: &Value) -> Result<()> {
    let path = "/providers/identite-postale";
    let tag = api.get(path).await?.headers()["etag"].to_str()?.to_owned();
    let headers = [("if-match", tag.as_str())];
    let answer = api.call(Method::PATCH, path, &headers, Some(body)).await?;
    ensure!(answer.status() == 200, "{}", answer.text().await?);
    Ok(())
}

#[tokio::test]
async fn a_team_changes_how_its_own_service_is_connected_and_nothing_else() -> Result<()> {
    let demo = Demo::start().await?;
    let admin = demo.cast.admin.clone();
    let (mut team, _) = comes_in(&demo, "partenaire", &format!("{admin}/sign-in")).await?;
    let list = team.get(&format!("{admin}/clients")).await?;
    ensure!(
        list.body.contains("carte-grise") && !list.body.contains("cantine"),
        "{}",
        list.body
    );
    for (path, status) in [
        ("/clients/cantine", 404),
        ("/clients/cantine/edit", 404),
        ("/providers", 403),
        ("/new/clients", 403),
        ("/providers/identite-postale/edit", 403),
    ] {
        let page = team.get(&format!("{admin}{path}")).await?;
        ensure!(page.status == status, "{path}: {}", page.status);
    }
    // What is not theirs is not in the form, and is not taken where it is posted all the same.
    let address = format!("{admin}/clients/carte-grise/edit");
    let over = [
        ("scope", "openid birth"),
        ("client_name", "Autre"),
        ("contacts", "a@ville.example"),
    ];
    let fields = typed(&mut team, &address, &over).await?;
    let proposed = post(&mut team, &address, &fields).await?;
    ensure!(
        proposed.url.path().starts_with("/confirm/"),
        "{}",
        proposed.body
    );
    ensure!(
        proposed.body.contains("a@ville.example"),
        "{}",
        proposed.body
    );
    ensure!(!proposed.body.contains("Autre") && !proposed.body.contains("openid birth"));
    Ok(())
}

#[tokio::test]
async fn a_record_is_not_changed_by_a_form_of_another_site_or_without_a_token() -> Result<()> {
    let demo = Demo::start().await?;
    let admin = demo.cast.admin.clone();
    let mut hands = operator(&demo).await?;
    let address = format!("{admin}/providers/identite-postale/edit");
    let fields = typed(&mut hands, &address, &[("name", "Evil"), ("csrf", "")]).await?;
    let refused = hands.send(Method::POST, &address, Some(&fields)).await?;
    ensure!(refused.status == 403, "{}", refused.status);
    let fields = typed(&mut hands, &address, &[("name", "Evil")]).await?;
    hands
        .headers
        .insert("sec-fetch-site", "cross-site".parse()?);
    let refused = hands.send(Method::POST, &address, Some(&fields)).await?;
    ensure!(refused.status == 403, "{}", refused.status);
    Ok(())
}

const MARKUP: &str = "<script>alert(1)</script>\"><img src=x onerror=alert(2)>";

#[tokio::test]
async fn markup_in_any_field_is_text_wherever_it_is_shown_again() -> Result<()> {
    let demo = Demo::start().await?;
    let admin = demo.cast.admin.clone();
    let mut hands = operator(&demo).await?;
    for kind in ["clients", "providers", "data-providers"] {
        let address = format!("{admin}/new/{kind}");
        let mut fields = typed(&mut hands, &address, &[]).await?;
        for (name, value) in &mut fields {
            if name != "csrf" {
                MARKUP.clone_into(value);
            }
        }
        let page = post(&mut hands, &address, &fields).await?;
        ensure!(page.status == 422, "{kind}: {}", page.status);
        ensure!(is_text(&page.body), "{kind}: {}", page.body);
        ensure!(page.body.contains("alert(1)"), "what was typed is kept");
    }
    // What may be text is stored and shown: in the differences, in lists, on the page, in what is found.
    let address = format!("{admin}/providers/identite-postale/edit");
    let over = [
        ("name", MARKUP),
        ("warning.fr", MARKUP),
        ("warning.en", MARKUP),
    ];
    let fields = typed(&mut hands, &address, &over).await?;
    let proposed = post(&mut hands, &address, &fields).await?;
    ensure!(
        proposed.url.path().starts_with("/confirm/"),
        "{}",
        proposed.body
    );
    ensure!(
        is_text(&proposed.body) && proposed.body.contains("alert(1)"),
        "{}",
        proposed.body
    );
    confirm(&demo, &mut hands, "admin").await?;
    for path in [
        "/providers",
        "/providers/identite-postale",
        "/search?q=alert",
        "/providers/identite-postale/edit",
    ] {
        let page = hands.get(&format!("{admin}{path}")).await?;
        ensure!(
            is_text(&page.body) && page.body.contains("alert(1)"),
            "{path}: {}",
            page.body
        );
    }
    for query in [
        "q=%3Cscript%3Ealert(1)%3C/script%3E",
        "q=%22%3E%3Cimg%20src=x%3E",
        "state=%3Cscript%3E",
    ] {
        for path in ["/clients", "/search"] {
            let page = hands.get(&format!("{admin}{path}?{query}")).await?;
            ensure!(is_text(&page.body), "{path}?{query}");
        }
    }
    Ok(())
}

fn is_text(body: &str) -> bool {
    !body.contains("<script>alert") && !body.contains("<img src=x")
}

#[tokio::test]
async fn what_is_wrong_is_named_and_what_was_typed_is_kept() -> Result<()> {
    let demo = Demo::start().await?;
    let admin = demo.cast.admin.clone();
    let mut hands = operator(&demo).await?;
    let address = format!("{admin}/new/clients");
    let over = [
        ("client_id", "ma-ville"),
        ("client_name", "Ma ville"),
        ("default_max_age", "une heure"),
        ("jwks", "{"),
    ];
    let fields = typed(&mut hands, &address, &over).await?;
    let page = post(&mut hands, &address, &fields).await?;
    ensure!(
        page.status == 422 && page.body.contains("une heure"),
        "{}",
        page.body
    );
    for field in ["default_max_age", "jwks"] {
        ensure!(
            page.body.contains(&format!("field-{field}-error")),
            "{field}"
        );
    }
    let over = [
        ("client_id", "ma-ville"),
        ("redirect_uris", "https://ville.example/#x"),
    ];
    let fields = typed(&mut hands, &address, &over).await?;
    let page = post(&mut hands, &address, &fields).await?;
    ensure!(
        page.status == 422 && page.body.contains("field-redirect_uris-error"),
        "{}",
        page.body
    );
    let over = [
        ("client_id", "guichet-console"),
        ("redirect_uris", "https://ville.example/"),
    ];
    let fields = typed(&mut hands, &address, &over).await?;
    let page = post(&mut hands, &address, &fields).await?;
    ensure!(page.status == 422, "a name of the hub's own: {}", page.body);
    Ok(())
}

#[tokio::test]
async fn what_a_record_points_to_is_looked_at_before_it_is_saved_and_private_addresses_are_not_called()
-> Result<()> {
    let (demo, _, api) = operated(&[]).await?;
    let admin = demo.cast.admin.clone();
    let mut hands = in_again(&demo).await?;
    let address = format!("{admin}/new/clients");
    let over = [
        ("client_id", "ma-ville"),
        (
            "redirect_uris",
            "https://169.254.169.254/latest\nhttps://nobody.invalid/back",
        ),
        ("sector", "ville"),
        ("jwks_uri", "https://10.1.2.3/jwks"),
        ("token_endpoint_auth_method", "private_key_jwt"),
    ];
    let fields = typed(&mut hands, &address, &over).await?;
    let proposed = post(&mut hands, &address, &fields).await?;
    ensure!(
        proposed.url.path().starts_with("/confirm/"),
        "{}",
        proposed.body
    );
    let said = Document::parse(&proposed.body).text();
    ensure!(
        said.contains("169.254.169.254") && said.contains("nobody.invalid"),
        "{said}"
    );
    let found = api
        .call(Method::POST, "/providers/compte-citoyen/check", &[], None)
        .await?;
    ensure!(found.status() == 200, "{}", found.status());
    let found: Value = found.json().await?;
    ensure!(found["items"][0]["found"] == "well", "{found}");
    let page = hands
        .get(&format!("{admin}/providers/compte-citoyen/check"))
        .await?;
    ensure!(
        page.status == 200 && page.body.contains("id=\"findings\""),
        "{}",
        page.body
    );
    Ok(())
}
