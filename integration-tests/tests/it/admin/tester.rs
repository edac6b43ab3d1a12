//! The provider that plays false: a stock client passes, a careless one is found out, and nothing of a run is of
//! any use anywhere else (threats N-281 to N-283).

use anyhow::{Context, Result, ensure};
use guichet_integration_tests::browser::{Look, Screen};
use guichet_integration_tests::citizens::PASSWORD;
use guichet_integration_tests::demo::Guests;
use guichet_integration_tests::http_citizen::plain_client;
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::peers::{Library, Registration, RelyingParty};
use guichet_integration_tests::{Browser, Demo, Hands as _, HttpCitizen};
use reqwest::{Method, redirect};
use serde_json::{Value, json};

use super::program::{Api, Program, comes_in, let_in, operator};

/// The cases, in the order in which they are played.
const CASES: [&str; 13] = [
    "honest",
    "wrong_state",
    "missing_state",
    "mixed_up_response",
    "mixed_up_token",
    "wrong_nonce",
    "bad_signature",
    "alg_none",
    "wrong_audience",
    "expired",
    "swapped_sub",
    "replayed_code",
    "rotated_key",
];

/// A demo in which `service` is registered, and the API as an operator's program sees it.
async fn demo_with_service(service: &Registration) -> Result<(Demo, Api)> {
    let robot = Program::new("robot")?;
    let demo = Demo::with(Guests {
        clients: vec![robot.metadata(), service.metadata()],
        ..Guests::default()
    })
    .await?;
    let mut operator = operator(&demo).await?;
    let_in(&demo, &mut operator, &robot, ("operator", "hub")).await?;
    let api = robot.api(&demo).await?;
    Ok((demo, api))
}

async fn begin(api: &Api, client: &str) -> Result<Value> {
    let path = format!("/clients/{client}/tests");
    let begun = api.call(Method::POST, &path, &[], None).await?;
    ensure!(begun.status() == 201, "{}", begun.status());
    Ok(begun.json().await?)
}

/// Signs in at a party once for each case, tells the tester what the application showed, and takes the report.
/// The party starts anew before the last case: libraries fetch keys no oftener than once a minute.
async fn played(
    api: &Api,
    (library, service): (Library, &Registration),
    test: &Value,
) -> Result<Value> {
    let path = format!("/tests/{}", test["id"].as_str().context("no id")?);
    let issuer = test["issuer"].as_str().context("no issuer")?;
    let mut party = RelyingParty::start(library, service, issuer).await?;
    for case in CASES {
        if case == "rotated_key" {
            drop(party);
            party = RelyingParty::start(library, service, issuer).await?;
        }
        let report = api.json(&path).await?;
        ensure!(report["next"] == case, "{case} should be next: {report}");
        let mut citizen = HttpCitizen::new();
        let view = citizen.visit(&format!("{}/login", party.address)).await?;
        let signed_in = view
            .shown("outcome")
            .is_ok_and(|shown| shown == "signed in");
        let says = json!({"signed_in": {case: signed_in}});
        let seen = api.get(&path).await?;
        let tag = seen.headers()["etag"].to_str()?.to_owned();
        let known = [("if-match", tag.as_str())];
        let noted = api.call(Method::PATCH, &path, &known, Some(&says)).await?;
        ensure!(noted.status() == 200, "{case}: {}", noted.text().await?);
    }
    api.json(&path).await
}

fn verdict<'a>(report: &'a Value, case: &str) -> &'a str {
    let mut cases = report["cases"].as_array().into_iter().flatten();
    let found = cases.find(|it| it["case"] == case);
    found
        .and_then(|it| it["verdict"].as_str())
        .unwrap_or("none")
}

#[tokio::test]
async fn a_stock_client_passes_every_case() -> Result<()> {
    let service = Registration::new("stock", json!({}))?;
    let (_demo, api) = demo_with_service(&service).await?;
    let test = begin(&api, "stock").await?;
    let report = played(&api, (Library::OpenidClient, &service), &test).await?;
    for case in CASES {
        ensure!(verdict(&report, case) == "passed", "{case}: {report}");
    }
    ensure!(report["verdict"] == "passed", "{report}");
    Ok(())
}

#[tokio::test]
async fn a_careless_client_is_found_out() -> Result<()> {
    let service = Registration::new("careless", json!({"require_pkce": false}))?;
    let (_demo, api) = demo_with_service(&service).await?;
    let test = begin(&api, "careless").await?;
    let report = played(&api, (Library::Careless, &service), &test).await?;
    for case in CASES {
        let right = if matches!(case, "honest" | "rotated_key") {
            "passed"
        } else {
            "failed"
        };
        ensure!(
            verdict(&report, case) == right,
            "{case} is not {right}: {report}"
        );
    }
    ensure!(report["verdict"] == "failed", "{report}");
    let all = api.json("/clients/careless/tests").await?;
    ensure!(all[0]["id"] == test["id"], "the report is kept: {all}");
    Ok(())
}

/// N-281: what a run hands out is refused wherever real sign-ins count.
#[tokio::test]
async fn nothing_of_a_run_is_of_any_use_at_the_hub() -> Result<()> {
    let service = Registration::new("stock", json!({}))?;
    let (demo, api) = demo_with_service(&service).await?;
    let test = begin(&api, "stock").await?;
    let issuer = test["issuer"].as_str().context("no issuer")?.to_owned();
    let (code, tokens) = redeemed(&issuer, &service).await?;
    let id_token = tokens["id_token"].as_str().context("no ID token")?;
    let access_token = tokens["access_token"].as_str().context("no access token")?;
    let secret = service.metadata()["client_secret"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let as_service = |path: &str| {
        plain_client()
            .post(demo.hub(path))
            .basic_auth("stock", Some(&secret))
    };

    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", &service.redirect_uri()),
        (
            "code_verifier",
            "a-verifier-that-is-forty-three-characters-long",
        ),
    ];
    let bought = as_service("/token").form(&form).send().await?;
    ensure!(bought.status() == 400, "its code: {}", bought.status());
    let asked = plain_client()
        .get(demo.hub("/userinfo"))
        .bearer_auth(access_token);
    ensure!(asked.send().await?.status() == 401, "its access token");
    let looked = as_service("/token/introspection")
        .form(&[("token", access_token)])
        .send()
        .await?;
    let looked: Value = looked.json().await.unwrap_or_default();
    ensure!(looked["active"] != true, "{looked}");
    let keys: Value = plain_client()
        .get(demo.hub("/jwks"))
        .send()
        .await?
        .json()
        .await?;
    let own: Value = plain_client()
        .get(format!("{issuer}/jwks"))
        .send()
        .await?
        .json()
        .await?;
    for key in own["keys"].as_array().context("no keys")? {
        ensure!(
            !keys["keys"]
                .to_string()
                .contains(key["kid"].as_str().context("no kid")?)
        );
    }
    let hint = format!(
        "/authorize?client_id=stock&response_type=code&scope=openid&state=s&nonce=n&prompt=none&redirect_uri={}\
         &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256&id_token_hint={id_token}",
        service.redirect_uri()
    );
    let hinted = HttpCitizen::new()
        .stopping_at(&service.address())
        .get(&demo.hub(&hint))
        .await?;
    let answer = format!("{:?} {}", hinted.location()?, hinted.body);
    ensure!(
        !answer.contains("code="),
        "its ID token as a hint: {answer}"
    );
    Ok(())
}

/// N-282: whatever is asked, the browser goes to the registered addresses of the client under test.
/// N-283: a run that is over, another's, or none at all is not there.
#[tokio::test]
async fn a_run_leads_nowhere_but_back_and_ends() -> Result<()> {
    let service = Registration::new("stock", json!({}))?;
    let (demo, api) = demo_with_service(&service).await?;
    let test = begin(&api, "stock").await?;
    let issuer = test["issuer"].as_str().context("no issuer")?.to_owned();
    let standing = reqwest::Client::builder()
        .redirect(redirect::Policy::none())
        .build()?;
    let registered = service.redirect_uri();
    for (client, address) in [
        ("stock", "https://evil.example/cb"),
        ("stock", &format!("{registered}/more")),
        ("stock", &format!("{registered}@evil.example")),
        ("cantine", registered.as_str()),
        ("stock", ""),
    ] {
        let asked = [
            ("client_id", client),
            ("redirect_uri", address),
            ("state", "s"),
        ];
        let answer = standing
            .get(with(&format!("{issuer}/authorize"), &asked)?)
            .send()
            .await?;
        ensure!(
            answer.status() == 400,
            "{client} {address}: {}",
            answer.status()
        );
        ensure!(!answer.headers().contains_key("location"));
    }
    let out = [("post_logout_redirect_uri", "https://evil.example/")];
    let answer = standing
        .get(with(&format!("{issuer}/end"), &out)?)
        .send()
        .await?;
    ensure!(
        !answer.headers().contains_key("location"),
        "led away after signing out"
    );
    for run in ["AAAAAAAAAAAAAAAAAAAAAA", "none"] {
        let none = standing
            .get(demo.hub(&format!("/tester/{run}/jwks")))
            .send()
            .await?;
        ensure!(none.status() == 404, "{run}: {}", none.status());
    }
    let (_, tokens) = redeemed(&issuer, &service).await?;
    demo.be_ahead(2 * 60 * 60 + 5).await?;
    for path in [".well-known/openid-configuration", "jwks", "userinfo"] {
        let bearer = tokens["access_token"].as_str().unwrap_or_default();
        let over = standing
            .get(format!("{issuer}/{path}"))
            .bearer_auth(bearer)
            .send()
            .await?;
        ensure!(
            over.status() == 404,
            "{path} after its time: {}",
            over.status()
        );
    }
    Ok(())
}

#[tokio::test]
async fn the_pages_of_a_scorecard_and_of_a_test_serve_everybody() -> Result<()> {
    let demo = Demo::start().await?;
    let mut browser = Browser::start().await?;
    browser
        .visit(&format!("{}/sign-in", demo.cast.admin))
        .choose("Compte Citoyen")
        .with_credentials("admin", PASSWORD)
        .with_code(demo.authenticator("admin")?)
        .await?;
    let admin = &demo.cast.admin;
    for (name, address) in [
        (
            "scorecard",
            format!("{admin}/clients/carte-grise/scorecard"),
        ),
        ("tests", format!("{admin}/clients/carte-grise/tests")),
    ] {
        browser.open(&address).await?;
        seen(&mut browser, name).await?;
    }
    let view = browser.here().press(Control::Id("begin")).await?;
    ensure!(view.url.path().starts_with("/tests/"), "{view}");
    seen(&mut browser, "test").await?;
    let view = browser.here().press(Control::Id("finish")).await?;
    ensure!(
        view.document().by_id("finish").is_none(),
        "it is over: {view}"
    );
    seen(&mut browser, "test-over").await
}

/// A team's reader sees reports and begins nothing; another team's service is not there.
#[tokio::test]
async fn whoever_may_change_a_service_may_test_it_and_nobody_else() -> Result<()> {
    let demo = Demo::start().await?;
    let admin = &demo.cast.admin;
    let (mut partner, _) = comes_in(&demo, "partenaire", &format!("{admin}/sign-in")).await?;
    let own = partner
        .get(&format!("{admin}/clients/carte-grise/scorecard"))
        .await?;
    ensure!(own.status == 200, "{}", own.status);
    for path in ["scorecard", "tests"] {
        let others = partner
            .get(&format!("{admin}/clients/cantine/{path}"))
            .await?;
        ensure!(others.status == 404, "{path}: {}", others.status);
    }
    let forged = partner
        .post(
            &format!("{admin}/clients/carte-grise/tests"),
            &[("csrf", "x")],
        )
        .await?;
    ensure!(forged.status == 403, "{}", forged.status);
    Ok(())
}

async fn seen(browser: &mut Browser, name: &str) -> Result<()> {
    browser.must_be_accessible().await?;
    browser.photograph(name).await?;
    browser.use_screen(Screen::Phone).await?;
    browser.prefer(Look::Dark).await?;
    ensure!(
        browser.overflow().await? <= 0,
        "{name} is wider than the screen"
    );
    browser.must_be_accessible().await?;
    browser.photograph(&format!("{name}-phone")).await?;
    browser.use_screen(Screen::Desktop).await?;
    browser.prefer(Look::Light).await
}

/// The address with these parameters.
fn with(address: &str, parameters: &[(&str, &str)]) -> Result<url::Url> {
    Ok(url::Url::parse_with_params(address, parameters)?)
}

/// One honest sign-in by hand: the code, and what it bought.
async fn redeemed(issuer: &str, service: &Registration) -> Result<(String, Value)> {
    let standing = reqwest::Client::builder()
        .redirect(redirect::Policy::none())
        .build()?;
    let redirect_uri = service.redirect_uri();
    let asked = [
        ("client_id", service.client_id.as_str()),
        ("redirect_uri", &redirect_uri),
        ("response_type", "code"),
        ("scope", "openid"),
        ("state", "s"),
        ("nonce", "n"),
    ];
    let answer = standing
        .get(with(&format!("{issuer}/authorize"), &asked)?)
        .send()
        .await?;
    let location = answer
        .headers()
        .get("location")
        .context("no way back")?
        .to_str()?;
    let location = url::Url::parse(location)?;
    let code = location.query_pairs().find(|(name, _)| name == "code");
    let code = code.context("no code")?.1.into_owned();
    let form = [("grant_type", "authorization_code"), ("code", &code)];
    let answer = standing
        .post(format!("{issuer}/token"))
        .form(&form)
        .send()
        .await?;
    Ok((code, answer.json().await?))
}
