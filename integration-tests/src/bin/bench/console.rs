//! The console with ten thousand services: how long it takes to list them, to find one, to look at what was typed
//! into a form and to write one; and how long `config apply` takes over ten thousand that are as declared.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use guichet_integration_tests::citizens::PASSWORD;
use guichet_integration_tests::demo::Guests;
use guichet_integration_tests::html::Document;
use guichet_integration_tests::http_citizen::plain_client;
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::keys::{SigningKey, random_text};
use guichet_integration_tests::node_settings::NodeSettings;
use guichet_integration_tests::raw_client::Answer;
use guichet_integration_tests::{Demo, Hands as _, HttpCitizen, controls};
use reqwest::Method;
use serde_json::{Value, json};

/// How many services there are.
const SERVICES: usize = 10_000;
/// How often each thing is done.
const TURNS: usize = 30;
const ROBOT: &str = "bench-robot";

/// Measures all of it, and prints a line each: the median and the worst of its turns.
pub(crate) async fn run() -> Result<()> {
    pages().await?;
    apply().await
}

async fn pages() -> Result<()> {
    let key = SigningKey::generate(ROBOT)?;
    let mut clients: Vec<Value> = (0..SERVICES).map(service).collect();
    clients.push(json!({
        "client_id": ROBOT, "grant_types": ["client_credentials"], "response_types": [],
        "token_endpoint_auth_method": "private_key_jwt", "jwks": key.jwks(), "scope": "admin:operator",
    }));
    let demo = Demo::with(Guests {
        clients,
        ..Guests::default()
    })
    .await?;
    let admin = demo.cast.admin.clone();
    let mut hands = HttpCitizen::new();
    hands
        .visit(&format!("{admin}/sign-in"))
        .choose("Compte Citoyen")
        .with_credentials("admin", PASSWORD)
        .with_code(demo.authenticator("admin")?)
        .await?;
    for (what, path) in [
        ("list", "/clients"),
        (
            "list, from the middle",
            "/clients?cursor=c2VydmljZS0wNTAwMA",
        ),
        ("search one", "/clients?q=service%207777"),
        ("search none", "/clients?q=nowhere-at-all"),
        ("search everywhere", "/search?q=09999.example"),
        ("one", "/clients/service-05000"),
        ("its form", "/clients/service-05000/edit"),
    ] {
        let address = format!("{admin}{path}");
        let mut times = Vec::new();
        for _ in 0..TURNS {
            let before = Instant::now();
            let page = hands.get(&address).await?;
            times.push(before.elapsed());
            ensure!(page.status == 200, "{path}: {}", page.status);
        }
        told(what, times);
    }
    review(&mut hands, &admin).await?;
    save(&demo, &mut hands, &key).await
}

/// What is typed into a form, checked in full and kept until it is confirmed.
async fn review(hands: &mut HttpCitizen, admin: &str) -> Result<()> {
    let address = format!("{admin}/clients/service-05000/edit");
    let page = hands.get(&address).await?;
    let document = Document::parse(&page.body);
    let forms = document.forms();
    let form = forms
        .iter()
        .find(|form| form.method == "post")
        .context("no form")?;
    let own = form
        .fields
        .iter()
        .filter(|(name, _)| name == "csrf" || name == "tag");
    let mut fields: Vec<(String, String)> = own.cloned().collect();
    fields.push(("client_name".to_owned(), "Autre nom".to_owned()));
    let mut times = Vec::new();
    for _ in 0..TURNS {
        let before = Instant::now();
        let answer = hands.send(Method::POST, &address, Some(&fields)).await?;
        times.push(before.elapsed());
        ensure!(answer.status == 303, "{}: {}", answer.status, answer.body);
    }
    told("review (asks what the record points to)", times);
    Ok(())
}

/// A record written, by the API: what is confirmed on a page is written by the same desk.
async fn save(demo: &Demo, hands: &mut HttpCitizen, key: &SigningKey) -> Result<()> {
    let admin = &demo.cast.admin;
    let page = hands.get(&format!("{admin}/people")).await?;
    hands.stand_on(page.clone());
    let document = Document::parse(&page.body);
    let forms = document.forms();
    let form = forms
        .iter()
        .find(|form| form.action.ends_with("/people/programs"));
    let values = [("client_id", ROBOT), ("role", "operator"), ("on", "hub")];
    let values = values.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let let_in = hands
        .submit(form.context("no form")?, None, &values)
        .await?;
    let proposed = let_in.location()?.context("nothing was proposed")?;
    let journey = hands.visit(proposed.as_str()).press(Control::Id("confirm"));
    let journey = journey.choose("Compte Citoyen");
    journey.with_credentials("admin", PASSWORD).await?;
    let code = demo.authenticator("admin")?.code().await?;
    hands.fill(controls::CODE, &code).await?;
    hands.press(&controls::VERIFY).await?;
    let token = token(demo, key).await?;
    let address = format!("{admin}/api/admin/v1/clients/service-05000");
    let mut times = Vec::new();
    for turn in 0..TURNS {
        let shown = plain_client()
            .get(&address)
            .bearer_auth(&token)
            .send()
            .await?;
        let tag = shown.headers()["etag"].clone();
        let before = Instant::now();
        let answer = plain_client()
            .patch(&address)
            .bearer_auth(&token)
            .header("if-match", tag)
            .header("content-type", "application/merge-patch+json")
            .body(json!({ "client_name": format!("Service {turn}") }).to_string())
            .send()
            .await?;
        times.push(before.elapsed());
        ensure!(answer.status() == 200, "{}", answer.text().await?);
    }
    told("save", times);
    Ok(())
}

async fn token(demo: &Demo, key: &SigningKey) -> Result<String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let assertion = key.sign(&json!({
        "iss": ROBOT, "sub": ROBOT, "aud": demo.cast.hub, "jti": random_text()?, "iat": now, "exp": now + 60,
    }))?;
    let form = [
        ("grant_type", "client_credentials"),
        (
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        ),
        ("client_assertion", &assertion),
    ];
    let answer = Answer::of(plain_client().post(demo.hub("/token")).form(&form)).await?;
    Ok(answer.text("access_token").to_owned())
}

/// Twice over the same files: first they are added, then they are as declared.
async fn apply() -> Result<()> {
    let settings = NodeSettings::new()?;
    let node = settings.start().await?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("services.json");
    let declared: Vec<Value> = (0..SERVICES).map(service).collect();
    std::fs::write(&file, json!({ "clients": declared }).to_string())?;
    let line = format!("config apply {}", file.display());
    for (what, expected) in [
        ("apply, all new", "changed"),
        ("apply, all unchanged", "as declared"),
    ] {
        let before = Instant::now();
        let output = node.command(&line)?;
        let taken = before.elapsed();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let count = format!("{SERVICES} {expected}");
        ensure!(output.status.success() && said.contains(&count), "{said}");
        told(what, vec![taken]);
    }
    Ok(())
}

fn service(number: usize) -> Value {
    json!({
        "client_id": format!("service-{number:05}"),
        "client_name": format!("Service {number} de la commune"),
        "client_secret": format!("a secret of service {number:05}, long enough to be one"),
        "redirect_uris": [format!("https://{number:05}.example/callback")],
        "contacts": [format!("dsi@{number:05}.example")],
    })
}

fn told(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let (median, worst) = (times[times.len() / 2], times[times.len() - 1]);
    let millis = |time: Duration| time.as_secs_f64() * 1000.0;
    println!(
        "{what:<42} {:>9.1} ms   worst {:>9.1} ms",
        millis(median),
        millis(worst)
    );
}
