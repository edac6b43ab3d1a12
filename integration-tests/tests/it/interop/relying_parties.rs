//! Services on stock libraries sign Camille in and out again, in every way a service may be registered.

use anyhow::{Context as _, Result, ensure};
use guichet_integration_tests::citizens::CAMILLE;
use guichet_integration_tests::demo::Guests;
use guichet_integration_tests::journey::{Control, View};
use guichet_integration_tests::keys::SigningKey;
use guichet_integration_tests::peers::{Library, Registration, RelyingParty, details};
use guichet_integration_tests::{Browser, Demo, Hands, HttpCitizen};
use serde_json::{Value, json};

use super::deployment::bare;

#[tokio::test]
async fn openid_client_signs_in_and_out_however_it_is_registered() -> Result<()> {
    let key = SigningKey::generate("of the service")?;
    let mut ways = ways(&key)?;
    ways.extend(sealed_ways(&key)?);
    ways.extend(encrypted_ways()?);
    signs_in_and_out(Library::OpenidClient, &ways).await
}

#[tokio::test]
async fn oauth4webapi_signs_in_and_out_with_its_own_proofs() -> Result<()> {
    let key = SigningKey::generate("of the service")?;
    signs_in_and_out(Library::Oauth4webapi, &sealed_ways(&key)?).await
}

#[tokio::test]
async fn authlib_signs_in_and_out_however_it_is_registered() -> Result<()> {
    let key = SigningKey::generate("of the service")?;
    let mut ways = ways(&key)?;
    ways.extend(encrypted_ways()?);
    signs_in_and_out(Library::Authlib, &ways).await
}

#[tokio::test]
async fn openid_client_signs_in_through_a_browser() -> Result<()> {
    let service = Registration::new("browsed", json!({}))?;
    let demo = demo_with(std::slice::from_ref(&service)).await?;
    let party = RelyingParty::start(Library::OpenidClient, &service, &demo.cast.hub).await?;
    let mut browser = Browser::start().await?;
    // The answer as a form, which the page sends by itself.
    let address = format!("{}/login?response_mode=form_post", party.address);
    let journey = browser.visit(&address).choose("Compte Citoyen");
    journey.as_citizen(&CAMILLE).agree().await?;
    browser
        .until_at("the service", |url| url.starts_with(&party.address))
        .await?;
    let sub = shows_camille(&browser.look().await?, &service, &demo)?;
    assert!(!sub.is_empty());

    browser.open(&format!("{}/logout", party.address)).await?;
    browser
        .until_at("the service", |url| {
            bare(url) == format!("{}/", party.address)
        })
        .await?;
    assert_eq!(browser.look().await?.shown("outcome")?, "signed out");
    Ok(())
}

#[tokio::test]
async fn mod_auth_openidc_protects_a_page_and_signs_out() -> Result<()> {
    let service = Registration::for_apache("apache", json!({}))?;
    let demo = demo_with(std::slice::from_ref(&service)).await?;
    let party = RelyingParty::start_apache(&service, &demo.cast.hub).await?;
    let page = format!("{}/protected/index.html", party.address);
    let mut citizen = HttpCitizen::new();
    let journey = citizen.visit(&page).choose("Compte Citoyen");
    let view = journey.as_citizen(&CAMILLE).agree().land().await?;
    let log = party.process.log();
    assert!(view.text().contains("signed in"), "{view}\n{log}");

    let known = citizen
        .get(&format!("{}?info=json", service.redirect_uri()))
        .await?
        .json()?;
    is_camille(&known["userinfo"])?;
    assert_eq!(known["userinfo"]["sub"], known["id_token"]["sub"]);
    assert_eq!(known["id_token"]["acr"], "eidas1");

    let home = format!("{}/", party.address);
    let out = format!("{}?logout={home}", service.redirect_uri());
    let view = citizen.visit(&out).land().await?;
    assert_eq!(bare(view.url.as_str()), home);
    must_sign_in_again(&mut citizen, &page).await
}

/// Every way to register: how the client authenticates, and what is signed how.
fn ways(key: &SigningKey) -> Result<Vec<(&'static str, Value)>> {
    Ok(vec![
        ("basic", json!({})),
        (
            "post",
            json!({ "token_endpoint_auth_method": "client_secret_post" }),
        ),
        (
            "key",
            json!({
                "token_endpoint_auth_method": "private_key_jwt",
                "jwks": key.jwks(), "private_jwk": key.private_jwk()?,
            }),
        ),
        (
            "secret-jwt",
            json!({ "token_endpoint_auth_method": "client_secret_jwt" }),
        ),
        ("public", json!({ "token_endpoint_auth_method": "none" })),
        (
            "rs256",
            json!({ "id_token_signed_response_alg": "RS256", "userinfo_signed_response_alg": "RS256" }),
        ),
        (
            "eddsa",
            json!({ "id_token_signed_response_alg": "EdDSA", "userinfo_signed_response_alg": "ES256" }),
        ),
        ("form-post", json!({ "response_mode": "form_post" })),
    ])
}

/// Ways in which tokens are bound to a key of the service, up to the whole of FAPI 2.0.
fn sealed_ways(key: &SigningKey) -> Result<Vec<(&'static str, Value)>> {
    Ok(vec![
        (
            "dpop",
            json!({ "dpop_bound_access_tokens": true, "proves_possession": true }),
        ),
        (
            "fapi2",
            json!({
                "profile": "fapi2",
                "token_endpoint_auth_method": "private_key_jwt",
                "jwks": key.jwks(), "private_jwk": key.private_jwk()?,
                "proves_possession": true, "pushes_requests": true, "answers_as_jwt": true,
            }),
        ),
    ])
}

/// Ways in which answers are encrypted to a key of the service.
fn encrypted_ways() -> Result<Vec<(&'static str, Value)>> {
    let key = SigningKey::generate("to encrypt to")?;
    let (mut public, mut private) = (key.jwk(), key.private_jwk()?);
    for jwk in [&mut public, &mut private] {
        jwk["use"] = "enc".into();
        jwk["alg"] = "ECDH-ES".into();
    }
    Ok(vec![(
        "encrypted",
        json!({
            "id_token_encrypted_response_alg": "ECDH-ES",
            "id_token_encrypted_response_enc": "A256GCM",
            "userinfo_signed_response_alg": "ES256",
            "userinfo_encrypted_response_alg": "ECDH-ES",
            "userinfo_encrypted_response_enc": "A128CBC-HS256",
            "jwks": { "keys": [public] }, "decryption_jwk": private,
        }),
    )])
}

async fn signs_in_and_out(library: Library, ways: &[(&'static str, Value)]) -> Result<()> {
    let services = ways
        .iter()
        .map(|(name, extra)| Registration::new(name, extra.clone()))
        .collect::<Result<Vec<_>>>()?;
    let demo = demo_with(&services).await?;
    let mut pseudonyms = Vec::new();
    for service in &services {
        let name = format!("{library:?} {}", service.client_id);
        let party = RelyingParty::start(library, service, &demo.cast.hub).await?;
        let sub = signs_camille_in_and_out(&party, service, &demo).await;
        let sub = sub.with_context(|| format!("{name}\n{}", party.process.log()))?;
        ensure!(
            !pseudonyms.contains(&sub),
            "{name}: a pseudonym of another service"
        );
        pseudonyms.push(sub);
    }
    assert_eq!(pseudonyms.len(), ways.len());
    Ok(())
}

async fn signs_camille_in_and_out(
    party: &RelyingParty,
    service: &Registration,
    demo: &Demo,
) -> Result<String> {
    let mut citizen = HttpCitizen::new();
    let by_form = service.extra["response_mode"] == "form_post";
    let mut login = format!("{}/login", party.address);
    if by_form {
        login += "?response_mode=form_post";
    }
    let journey = citizen.visit(&login).choose("Compte Citoyen");
    let mut journey = journey.as_citizen(&CAMILLE).agree();
    if by_form {
        // Script would press it.
        journey = journey.press(Control::Id("continue"));
    }
    let sub = shows_camille(&journey.land().await?, service, demo)?;

    let out = citizen.visit(&format!("{}/logout", party.address));
    let view = out.land().await?;
    ensure!(view.shown("outcome")? == "signed out", "{view}");
    must_sign_in_again(&mut citizen, &login).await?;
    Ok(sub)
}

/// Signed out everywhere: the hub asks for a provider, and the provider for a password.
async fn must_sign_in_again(citizen: &mut HttpCitizen, login: &str) -> Result<()> {
    let journey = citizen.visit(login).choose("Compte Citoyen");
    journey.fill("password", "asked for").await?;
    Ok(())
}

/// The pseudonym, after a look at everything else the service shows.
fn shows_camille(view: &View, service: &Registration, demo: &Demo) -> Result<String> {
    ensure!(view.shown("outcome")? == "signed in", "{view}");
    let shown = details(view)?;
    let (id_token, userinfo) = (&shown["id_token"], &shown["userinfo"]);
    is_camille(userinfo)?;
    ensure!(id_token["iss"] == demo.cast.hub.as_str(), "{id_token}");
    ensure!(id_token["acr"] == "eidas1", "{id_token}");
    let audience = &id_token["aud"];
    let named = audience == service.client_id.as_str();
    ensure!(
        named || *audience == json!([service.client_id]),
        "{audience}"
    );
    ensure!(id_token["sub"] == userinfo["sub"], "two pseudonyms");
    ensure!(
        id_token.get("family_name").is_none(),
        "a name in the ID token"
    );
    let sub = userinfo["sub"].as_str().context("no sub")?;
    Ok(sub.to_owned())
}

/// What was asked for and nothing else.
fn is_camille(userinfo: &Value) -> Result<()> {
    ensure!(userinfo["given_name"] == CAMILLE.given_names, "{userinfo}");
    ensure!(userinfo["family_name"] == CAMILLE.family_name, "{userinfo}");
    ensure!(userinfo["birthdate"].is_string(), "{userinfo}");
    for kept in ["email", "birthplace", "gender", "phone_number"] {
        ensure!(userinfo.get(kept).is_none(), "{kept} was not asked for");
    }
    Ok(())
}

async fn demo_with(services: &[Registration]) -> Result<Demo> {
    let clients = services.iter().map(|service| {
        let mut metadata = service.metadata();
        if let Some(members) = metadata.as_object_mut() {
            // These are the service's own.
            for own in ["private_jwk", "response_mode"] {
                members.remove(own);
            }
            if members["token_endpoint_auth_method"] == "none" {
                members.remove("client_secret");
            }
        }
        metadata
    });
    let clients = clients.collect();
    Demo::with(Guests {
        clients,
        providers: Vec::new(),
    })
    .await
}
