//! What services say to citizens: shown to whom it is for and to nobody else, until they do not want to hear it.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use guichet_integration_tests::citizens::CAMILLE;
use guichet_integration_tests::http_citizen::shared_client;
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::keys::SigningKey;
use guichet_integration_tests::mock_provider::someone;
use guichet_integration_tests::raw_client::Answer;
use guichet_integration_tests::{Browser, Demo, Hands, HttpCitizen, MockProvider, RawClient};
use guichet_integration_tests::{claims, wait};
use serde_json::{Value, json};

use crate::interop::deployment::{Deployment, SignedIn, sign_in};
use crate::login::{COMPTE_CITOYEN, must_not_read, must_read};

/// What `service` says at the node, plainly.
async fn say(service: &RawClient, issuer: &str, message: &Value) -> Result<Answer> {
    say_text(service, issuer, &message.to_string()).await
}

async fn say_text(service: &RawClient, issuer: &str, message: &str) -> Result<Answer> {
    let address = format!("{issuer}/account/messages");
    Answer::of(service.posting(&address, &[("message", message)])).await
}

/// Refused, with these words in the reason.
fn must_be_refused(answer: &Answer, words: &str) {
    assert_eq!(answer.status, 400, "{}", answer.body);
    let said = answer.text("error_description");
    assert!(said.contains(words), "{said}");
}

fn waiting(sub: &str, title: &str) -> Value {
    json!({ "sub": sub, "reference": "dossier-42", "kind": "waiting", "title": { "fr": title } })
}

async fn account(citizen: &mut HttpCitizen, issuer: &str) -> Result<String> {
    let page = citizen.get(&format!("{issuer}/account")).await?;
    ensure!(page.status == 200, "{}", page.body);
    Ok(page.body)
}

#[tokio::test]
async fn a_message_is_for_one_citizen_outlives_a_crash_and_is_taken_back() -> Result<()> {
    let provider = MockProvider::start("mock").await?;
    let service = RawClient::new("cantine");
    let mut deployment = Deployment::new(&[&service], &[&provider])?;
    deployment.clients = vec![service.metadata_with(&json!({ "messages": true }))];
    let mut node = deployment.start().await?;
    let issuer = deployment.issuer.clone();
    provider.present(someone());
    let first = sign_in(&service, &issuer, &provider).await?;
    let mut renamed = someone();
    renamed["family_name"] = "AUTREMENT".into();
    provider.present(renamed);
    let SignedIn {
        citizen: mut other, ..
    } = sign_in(&service, &issuer, &provider).await?;

    let title = "Il manque <b onmouseover=alert(1)>une pièce</b>";
    let said = say(&service, &issuer, &waiting(first.sub(), title)).await?;
    assert_eq!(said.status, 204, "{}", said.body);
    node.kill()?;
    node.start_again().await?;

    // Sessions were in memory; who signs in again finds what was said.
    provider.present(someone());
    let again = sign_in(&service, &issuer, &provider).await?;
    let sub = again.sub().to_owned();
    let mut citizen = again.citizen;
    let seen = account(&mut citizen, &issuer).await?;
    assert!(seen.contains("Il manque &lt;b onmouseover"), "{seen}");
    assert!(!seen.contains("<b onmouseover"), "{seen}");
    assert!(!account(&mut other, &issuer).await?.contains("Il manque"));
    assert!(
        !account(&mut HttpCitizen::new(), &issuer)
            .await?
            .contains("Il manque")
    );

    let decided = json!({
        "sub": sub, "reference": "dossier-42", "kind": "decided", "title": { "fr": "Accepté" },
    });
    assert_eq!(say(&service, &issuer, &decided).await?.status, 204);
    let seen = account(&mut citizen, &issuer).await?;
    assert!(
        seen.contains("Accepté") && !seen.contains("Il manque"),
        "{seen}"
    );
    let back = json!({ "sub": sub, "reference": "dossier-42", "withdrawn": true });
    assert_eq!(say(&service, &issuer, &back).await?.status, 204);
    assert!(!account(&mut citizen, &issuer).await?.contains("Accepté"));
    Ok(())
}

#[tokio::test]
async fn nobody_speaks_in_anothers_name_or_to_whom_they_do_not_know() -> Result<()> {
    let provider = MockProvider::start("mock").await?;
    let [plain, signer, silent] = ["plain", "signer", "silent"].map(RawClient::new);
    let mut deployment = Deployment::new(&[&silent], &[&provider])?;
    let (key, foreign) = (SigningKey::generate("ours")?, SigningKey::generate("ours")?);
    deployment.clients = vec![
        plain.metadata_with(&json!({ "messages": true })),
        signer.metadata_with(&json!({ "messages": true, "jwks": key.jwks() })),
        silent.metadata(),
    ];
    let _node = deployment.start().await?;
    let issuer = deployment.issuer.clone();
    let at_plain = sign_in(&plain, &issuer, &provider).await?;
    let at_signer = sign_in(&signer, &issuer, &provider).await?;

    let to_plain = waiting(at_plain.sub(), "Bonjour");
    must_be_refused(&say(&silent, &issuer, &to_plain).await?, "may not leave");
    let mut impostor = plain.clone();
    impostor.client_secret = "guessed".to_owned();
    assert_eq!(say(&impostor, &issuer, &to_plain).await?.status, 401);
    // The name another service knows the citizen by is nobody's here.
    let to_another = waiting(at_signer.sub(), "Bonjour");
    must_be_refused(&say(&plain, &issuer, &to_another).await?, "nobody");
    let mut elsewhere = to_plain.clone();
    elsewhere["uri"] = "https://phishing.example/".into();
    must_be_refused(&say(&plain, &issuer, &elsewhere).await?, "uri");
    must_be_refused(&say(&signer, &issuer, &to_another).await?, "not signed");

    let header = json!({ "alg": "ES256", "typ": "citizen-message+jwt", "kid": "ours" });
    let claims = |change: Value| {
        let mut members = to_another.clone();
        members["iss"] = "signer".into();
        members["aud"] = issuer.as_str().into();
        members["iat"] = claims::now().into();
        claims::changed(members, &change)
    };
    let stale = claims::now() - 3600;
    let lies = [
        (
            foreign.sign_with(&header, &claims(json!({})))?,
            "not signed",
        ),
        (key.sign(&claims(json!({})))?, "not signed"),
        (
            key.sign_with(&header, &claims(json!({ "iss": "plain" })))?,
            "iss",
        ),
        (
            key.sign_with(&header, &claims(json!({ "aud": "https://x" })))?,
            "aud",
        ),
        (
            key.sign_with(&header, &claims(json!({ "iat": stale })))?,
            "iat",
        ),
        (
            key.sign_with(&header, &claims(json!({ "iat": null })))?,
            "iat",
        ),
    ];
    for (lie, words) in lies {
        must_be_refused(&say_text(&signer, &issuer, &lie).await?, words);
    }
    let good = key.sign_with(&header, &claims(json!({})))?;
    let said = say_text(&signer, &issuer, &good).await?;
    assert_eq!(said.status, 204, "{}", said.body);
    let mut citizen = at_signer.citizen;
    assert!(account(&mut citizen, &issuer).await?.contains("Bonjour"));
    Ok(())
}

#[tokio::test]
async fn a_service_that_is_muted_is_not_heard_by_whoever_muted_it() -> Result<()> {
    let provider = MockProvider::start("mock").await?;
    let service = RawClient::new("cantine");
    let mut deployment = Deployment::new(&[&service], &[&provider])?;
    deployment.clients = vec![service.metadata_with(&json!({
        "messages": true, "client_uri": "https://cantine.example/",
    }))];
    let _node = deployment.start().await?;
    let issuer = deployment.issuer.clone();
    let signed_in = sign_in(&service, &issuer, &provider).await?;
    let said = say(&service, &issuer, &waiting(signed_in.sub(), "Bonjour")).await?;
    assert_eq!(said.status, 204, "{}", said.body);
    let mut citizen = signed_in.citizen;
    let mut stranger = HttpCitizen::new();
    let form = [("messages", "mute"), ("csrf", "made up")];
    let address = format!("{issuer}/account/services/cantine");
    let refused = citizen.post(&address, &form).await?;
    assert_eq!(refused.status, 403, "{}", refused.body);
    stranger.post(&address, &form).await?;
    assert!(account(&mut citizen, &issuer).await?.contains("Bonjour"));

    let mute = Control::Labelled("Ne plus voir les messages de cantine");
    let account_page = format!("{issuer}/account");
    let muted = citizen.visit(&account_page).press(mute).await?;
    must_not_read(&muted, "Bonjour")?;
    let hear = Control::Labelled("Voir de nouveau les messages de cantine");
    let heard = citizen.visit(&account_page).press(hear).await?;
    must_read(&heard, "Bonjour")
}

#[tokio::test]
async fn whoever_was_merged_mutes_a_service_under_every_name_and_hears_it_again() -> Result<()> {
    let provider = MockProvider::start("mock").await?;
    let service = RawClient::new("cantine");
    let mut deployment = Deployment::new(&[&service], &[&provider])?;
    deployment.clients = vec![service.metadata_with(&json!({
        "messages": true, "client_uri": "https://cantine.example/",
    }))];
    deployment.employ(&["alice", "bob"])?;
    let _node = deployment.start().await?;
    let issuer = deployment.issuer.clone();
    let mut renamed = someone();
    renamed["family_name"] = "AUTREMENT".into();
    let mut citizens = Vec::new();
    for papers in [someone(), renamed] {
        provider.present(papers);
        citizens.push(sign_in(&service, &issuer, &provider).await?);
    }
    // The newer of the two does not want to hear it, then turns out to be the older one.
    let account_page = format!("{issuer}/account");
    let mute = || Control::Labelled("Ne plus voir les messages de cantine");
    citizens[1]
        .citizen
        .visit(&account_page)
        .press(mute())
        .await?;
    let [one, other] = [0, 1].map(|at| format!("{}@cantine.example", citizens[at].sub()));
    let (alice, bob) = (
        deployment.acting("alice", "alice"),
        deployment.acting("bob", "bob"),
    );
    let proposed = deployment.say(&format!("person merge {other} {one} --reason T-1 {alice}"))?;
    let proposed: Value = serde_json::from_str(&proposed)?;
    let id = proposed["correction"]["id"].as_str().unwrap_or_default();
    deployment.say(&format!("person confirm {id} {bob}"))?;

    let SignedIn { mut citizen, .. } = sign_in(&service, &issuer, &provider).await?;
    let hear = Control::Labelled("Voir de nouveau les messages de cantine");
    let heard = citizen.visit(&account_page).press(hear).await?;
    must_read(&heard, "Ne plus voir les messages de cantine")?;
    for name in &citizens {
        let said = say(&service, &issuer, &waiting(name.sub(), "Bonjour")).await?;
        assert_eq!(said.status, 204, "{}", said.body);
    }
    assert!(account(&mut citizen, &issuer).await?.contains("Bonjour"));
    let muted = citizen.visit(&account_page).press(mute()).await?;
    must_not_read(&muted, "Bonjour")
}

#[tokio::test]
async fn what_a_service_said_goes_with_its_right_to_say_it() -> Result<()> {
    let provider = MockProvider::start("mock").await?;
    let service = RawClient::new("cantine");
    let mut deployment = Deployment::new(&[&service], &[&provider])?;
    let speaks = |may: bool| service.metadata_with(&json!({ "messages": may }));
    let issuer = deployment.issuer.clone();
    for may in [true, false, true] {
        deployment.clients = vec![speaks(may)];
        let _node = deployment.start().await?;
        let signed_in = sign_in(&service, &issuer, &provider).await?;
        let message = waiting(signed_in.sub(), "Bonjour");
        let mut citizen = signed_in.citizen;
        if may {
            let said = say(&service, &issuer, &message).await?;
            assert_eq!(said.status, 204, "{}", said.body);
        }
        let page = account(&mut citizen, &issuer).await?;
        assert_eq!(page.contains("Bonjour"), may, "{page}");
    }
    Ok(())
}

#[tokio::test]
async fn an_open_account_shows_a_message_by_itself() -> Result<()> {
    let demo = Demo::start().await?;
    let mut browser = Browser::start().await?;
    let service = demo.service("plainte");
    let landed = browser
        .visit(service)
        .sign_in_with(COMPTE_CITOYEN)
        .as_citizen(&CAMILLE)
        .with_code(demo.authenticator("camille")?)
        .agree()
        .land()
        .await?;
    let sub = landed.sub()?;
    let home = browser.visit(&demo.hub("/account")).await?;
    must_not_read(&home, "Votre plainte attend votre signature")?;
    let message = waiting(&sub, "Votre plainte attend votre signature");
    let answer = shared_client()
        .post(demo.hub("/account/messages"))
        .form(&[
            ("client_id", "plainte"),
            (
                "client_secret",
                "demo-secret-of-the-service-plainte-en-ligne",
            ),
            ("message", &message.to_string()),
        ])
        .send()
        .await?;
    assert_eq!(answer.status(), 204);
    let said = Instant::now();
    wait::until("the open page to show it", async || {
        let view = browser.look().await.ok()?;
        must_read(&view, "Votre plainte attend votre signature").ok()
    })
    .await?;
    let took = said.elapsed();
    println!("shown after {} ms", took.as_millis());
    assert!(took < SHOWN_WITHIN, "{took:?}");
    Ok(())
}

/// Whoever enters a service has a name there that they had not when they opened the page.
#[tokio::test]
async fn an_open_account_hears_of_a_service_that_is_entered_for_the_first_time() -> Result<()> {
    let demo = Demo::start().await?;
    let mut browser = Browser::start().await?;
    let journey = browser.visit(demo.service("cantine"));
    let journey = journey.sign_in_with(COMPTE_CITOYEN).as_citizen(&CAMILLE);
    journey.agree().land().await?;
    let home = browser.visit(&demo.hub("/account")).await?;
    must_not_read(&home, "Votre certificat provisoire est prêt")?;
    let mut elsewhere = HttpCitizen::new();
    let journey = elsewhere.visit(demo.service("carte-grise"));
    let journey = journey.sign_in_with(COMPTE_CITOYEN).as_citizen(&CAMILLE);
    journey.agree().await?;
    wait::until("the open page to show both", async || {
        let view = browser.look().await.ok()?;
        must_read(&view, "Votre certificat provisoire est prêt").ok()?;
        must_read(&view, "Connexion à Carte grise").ok()
    })
    .await
}

/// How long an open account may take to show what a service said.
const SHOWN_WITHIN: Duration = Duration::from_secs(5);
