//! The node itself: what it calls, what it logs, what it says of itself (threats N-41, N-54, N-65, N-72, N-76, N-87).

use std::net::TcpListener;

use anyhow::{Context, Result};
use guichet_integration_tests::controls::CONFIRM_SIGN_OUT;
use guichet_integration_tests::http_citizen::{Page, parameter};
use guichet_integration_tests::keys::SigningKey;
use guichet_integration_tests::machine::free_port;
use guichet_integration_tests::mock_provider::someone;
use guichet_integration_tests::wait::until;
use guichet_integration_tests::{Hands, HttpCitizen, MockProvider, Node, RawClient};
use reqwest::Method;
use reqwest::header::{HOST, HeaderName, HeaderValue};
use serde_json::{Value, json};

use super::stage::{SESSION, must_be_inert, stage};

#[tokio::test]
async fn a_whole_login_at_debug_level_leaves_no_name_and_no_secret_in_the_log() -> Result<()> {
    let provider = MockProvider::start("mock").await?;
    let service = RawClient::new("service");
    let mut metadata = service.metadata();
    metadata["client_secret"] = json!(service.client_secret);
    let settings = Settings {
        clients: vec![metadata],
        providers: vec![provider.registration()],
        ..Settings::new()?
    };
    let node = settings.start().await?;
    let hub = settings.issuer.as_str();

    let mut secrets: Vec<String> = vec![
        service.client_secret.clone(),
        "a secret between hub and mock".to_owned(),
    ];
    let personal = someone();
    for claim in [
        "sub",
        "given_name",
        "family_name",
        "birthdate",
        "birthplace",
        "email",
    ] {
        secrets.extend(personal[claim].as_str().map(str::to_owned));
    }
    let attempt = service
        .attempt(hub)?
        .with("scope", "openid given_name family_name birthdate email")
        .with("login_hint", "elodie.au.bout.du.fil@example.org");
    let mut citizen = service.citizen();
    citizen
        .visit(&attempt.url())
        .choose(&provider.button())
        .await?;
    secrets.extend(urls_and_forms(citizen.page()?));
    let view = citizen.here().agree().await?;
    secrets.extend(urls_and_forms(citizen.page()?));
    let code = parameter(&view.url, "code").with_context(|| view.to_string())?;
    let tokens = service.redeem(hub, &code, &attempt).await?;
    let userinfo = service.userinfo(hub, tokens.text("access_token")).await?;
    assert_eq!(
        userinfo.json["family_name"], "QUELQUUN",
        "{}",
        userinfo.body
    );
    // What goes wrong is logged too.
    service.redeem(hub, &code, &attempt).await?;
    service.userinfo(hub, tokens.text("access_token")).await?;
    let hostile = "%0d%0a2026-01-01T00:00:00Z ERROR forged%1b[31m\",\"level\":\"forged";
    for path in [
        "/authorize?client_id=",
        "/callback/mock?state=",
        "/login/",
        "/session/end?id_token_hint=",
    ] {
        citizen.get(&format!("{hub}{path}{hostile}")).await?;
    }
    citizen
        .visit(&format!(
            "{hub}/session/end?id_token_hint={}",
            tokens.text("id_token")
        ))
        .await?;
    secrets.extend([
        code,
        attempt.verifier,
        attempt.state,
        attempt.nonce,
        "elodie.au.bout.du.fil".to_owned(),
    ]);
    secrets.extend(["access_token", "id_token"].map(|token| tokens.text(token).to_owned()));
    secrets.push(userinfo.text("sub").to_owned());
    secrets.extend(
        citizen
            .cookies()
            .into_iter()
            .filter(|(name, _)| name.starts_with("hub-"))
            .map(|(_, value)| value),
    );
    secrets.push("forged".to_owned());

    let log = node.process.log();
    assert!(
        log.contains("/authorize") && log.contains("DEBUG"),
        "nothing was logged at debug level: {log}"
    );
    for secret in secrets.iter().filter(|secret| secret.len() > 4) {
        let line = log.lines().find(|line| line.contains(secret.as_str()));
        assert_eq!(line, None, "the log holds {secret:?}");
    }
    // Nor do the settings, shown to whoever operates the node.
    let shown = node.command("config show")?;
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.contains("service"), "{shown}");
    for secret in [
        service.client_secret.as_str(),
        "a secret between hub and mock",
    ] {
        assert!(!shown.contains(secret), "config show holds {secret:?}");
    }
    Ok(())
}

#[tokio::test]
#[expect(
    clippy::too_many_lines,
    reason = "one node meets every address that somebody else names"
)]
async fn addresses_inside_are_not_called_whoever_registered_them() -> Result<()> {
    // Two neighbours of the node, and the one network it may reach.
    let neighbour = TcpListener::bind("127.0.0.3:0")?;
    let behind = TcpListener::bind("127.0.0.2:0")?;
    let allowed = TcpListener::bind("127.0.0.1:0")?;
    for listener in [&neighbour, &behind, &allowed] {
        listener.set_nonblocking(true)?;
    }
    let port = neighbour.local_addr()?.port();
    let inside = [
        format!("http://127.0.0.3:{port}"),
        format!("https://127.0.0.3:{port}"),
        format!("https://localhost:{port}"),
        format!("http://[::ffff:7f00:3]:{port}"),
        "http://169.254.169.254".to_owned(),
        "https://10.0.0.1".to_owned(),
        "https://[fd00::1]".to_owned(),
    ];
    let honest = MockProvider::start("honest").await?;
    let mut providers = vec![honest.registration()];
    for (number, issuer) in inside.iter().enumerate() {
        let mut registration = honest.registration();
        registration["id"] = json!(format!("inside-{number}"));
        registration["name"] = json!(format!("Inside {number}"));
        registration["issuer"] = json!(issuer);
        providers.push(registration);
    }
    let client = |name: &str, notified: Option<&TcpListener>| -> Result<(RawClient, Value)> {
        let client = RawClient::new(name);
        let mut metadata = client.metadata();
        if let Some(listener) = notified {
            metadata["backchannel_logout_uri"] =
                json!(format!("http://{}/logout", listener.local_addr()?));
        }
        Ok((client, metadata))
    };
    let (told, told_metadata) = client("told", Some(&allowed))?;
    let (attacker, attacker_metadata) = client("attacker", Some(&behind))?;
    let (service, service_metadata) = client("service", None)?;
    let publishers = publishers(&inside);
    let settings = Settings {
        clients: [told_metadata, attacker_metadata, service_metadata]
            .into_iter()
            .chain(publishers)
            .collect(),
        providers,
        ..Settings::new()?
    };
    let mut node = settings.start().await?;
    let hub = settings.issuer.as_str();

    for (number, issuer) in inside.iter().enumerate() {
        let mut citizen = service.citizen();
        let view = citizen
            .visit(&service.attempt(hub)?.url())
            .choose(&format!("Inside {number}"))
            .await?;
        assert!(view.url.path().ends_with("/provider"), "{issuer}: {view}");
        // 502, not 504: it was not even tried.
        assert_eq!(view.status, Some(502), "{issuer}: {view}");
        must_be_inert(citizen.page()?);
    }
    for number in 0..inside.len() {
        // Signed by anyone: the keys to verify it with are what would have to be fetched.
        let name = format!("publisher-{number}");
        let claims =
            json!({ "iss": name, "sub": name, "aud": hub, "jti": "a", "exp": 9_999_999_999_u64 });
        let assertion = SigningKey::generate("any")?.sign(&claims)?;
        let form = [
            ("grant_type", "authorization_code"),
            (
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            ),
            ("client_assertion", &assertion),
        ];
        let answer = service.token_unauthenticated(hub, &form).await?;
        assert_eq!(answer.error(), "invalid_client", "{}", answer.body);
    }
    assert!(neighbour.accept().is_err(), "the neighbour was called");

    // Three services of one session; the third signs out, the two others are to be told.
    let mut citizen = service.citizen();
    for party in [&told, &attacker, &service] {
        citizen = citizen.stopping_at(&party.redirect_uri);
        let view = citizen.visit(&party.attempt(hub)?.url()).await?;
        if view.url.path().ends_with("/provider") {
            citizen.here().choose(&honest.button()).await?;
        }
        let view = citizen.here().agree().await?;
        assert!(parameter(&view.url, "code").is_some(), "{view}");
    }
    citizen
        .visit(&format!("{hub}/session/end"))
        .press(CONFIRM_SIGN_OUT)
        .await?;
    until("the notice to the service that may be told", async || {
        allowed.accept().ok()
    })
    .await?;
    node.process
        .until(async |log| {
            (log.contains("did not arrive") && log.contains("attacker")).then_some(())
        })
        .await?;
    assert!(
        behind.accept().is_err(),
        "the hub called its neighbour for a service"
    );
    Ok(())
}

/// Services whose keys are to be fetched from these addresses.
fn publishers(addresses: &[String]) -> Vec<Value> {
    let numbered = addresses.iter().enumerate();
    numbered
        .map(|(number, address)| {
            let mut metadata = RawClient::new(&format!("publisher-{number}")).metadata();
            metadata["token_endpoint_auth_method"] = json!("private_key_jwt");
            metadata["jwks_uri"] = json!(format!("{address}/jwks"));
            metadata
        })
        .collect()
}

#[tokio::test]
async fn every_kind_of_answer_has_its_security_headers() -> Result<()> {
    let stage = stage()?;
    let provider = stage.provider()?;
    let (mut citizen, _) = stage.at_consent(&stage.service, &provider).await?;
    let consent = citizen.page()?.clone();
    let login = consent.url.as_str().trim_end_matches("/consent").to_owned();
    let asset = asset_of(&consent)?;
    let (hub, idp) = (stage.hub(), stage.demo.idp("citoyen"));
    let form_post = stage
        .service
        .attempt(hub)?
        .with("response_mode", "form_post")
        .with("response_type", "token");
    let mut answers = vec![consent];
    for address in [
        format!("{hub}/"),
        stage.service.attempt(hub)?.url(),
        stage.service.attempt(hub)?.with("redirect_uri", "x").url(),
        form_post.url(),
        format!("{login}/provider"),
        format!("{hub}/session/end"),
        format!("{hub}/callback/mock-0"),
        format!("{hub}/nowhere"),
        format!("{hub}/help"),
        format!("{hub}/locale?lang=fr&back=/"),
        format!("{hub}/userinfo"),
        format!("{hub}/jwks"),
        format!("{hub}/client/jwks"),
        format!("{hub}/.well-known/openid-configuration"),
        format!("{hub}{asset}"),
        format!("{hub}/account"),
        format!("{idp}/"),
        format!("{idp}/sign-in/x/password"),
        format!("{idp}/.well-known/openid-configuration"),
        format!("{idp}/account/security"),
    ] {
        answers.push(citizen.get(&address).await?);
    }
    answers.push(citizen.post(&format!("{hub}/token"), &[]).await?);
    answers.push(citizen.post(&format!("{login}/consent"), &[]).await?);
    answers.push(
        citizen
            .send(Method::PUT, &format!("{hub}/token"), None)
            .await?,
    );
    let mut signing_in = HttpCitizen::new();
    signing_in.visit(&format!("{idp}/sign-in")).await?;
    answers.push(signing_in.page()?.clone());
    for answer in &answers {
        must_be_guarded(answer)?;
        assert!(
            !answer.headers.contains_key("strict-transport-security"),
            "HSTS over http"
        );
    }

    let settings = Settings {
        issuer_scheme_https: true,
        ..Settings::new()?
    };
    let _node = settings.start().await?;
    for path in ["/", "/authorize", "/nowhere", "/jwks", "/token", "/help"] {
        let page = HttpCitizen::new()
            .get(&format!("http://127.0.0.1:{}{path}", settings.listen))
            .await?;
        let strict = page
            .headers
            .get("strict-transport-security")
            .and_then(|value| value.to_str().ok());
        let seconds = strict.and_then(|value| value.strip_prefix("max-age="));
        let seconds: u64 = seconds
            .and_then(|value| value.split(';').next()?.trim().parse().ok())
            .unwrap_or_default();
        assert!(seconds >= 31_536_000, "{path}: {strict:?}");
    }
    Ok(())
}

#[tokio::test]
async fn cookies_are_out_of_reach_of_script_and_of_other_sites() -> Result<()> {
    let stage = stage()?;
    let provider = stage.provider()?;
    let mut citizen = stage.service.citizen();
    let begun = citizen
        .get(&stage.service.attempt(stage.hub())?.url())
        .await?;
    let departed = stage.depart(&stage.service, &provider).await?;
    let mut back = departed.citizen;
    let returned = back.get(departed.callback.as_str()).await?;
    let Some(identity) = returned.location()? else {
        panic!("{}", returned.body)
    };
    let identified = back.get(identity.as_str()).await?;
    let mut seen = Vec::new();
    for page in [begun, identified] {
        for cookie in page.headers.get_all("set-cookie") {
            let cookie = cookie.to_str()?.to_owned();
            assert!(
                cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"),
                "{cookie}"
            );
            assert!(
                cookie.contains("Path=/") && !cookie.contains("Domain"),
                "{cookie}"
            );
            seen.push(cookie);
        }
    }
    for name in ["hub-browser=", &format!("{SESSION}=")] {
        assert!(
            seen.iter().any(|cookie| cookie.starts_with(name)),
            "no {name} in {seen:?}"
        );
    }

    let settings = Settings {
        issuer_scheme_https: true,
        ..Settings::new()?
    };
    let _node = settings.start().await?;
    let service = &settings.service;
    let at_node = service.attempt(&format!("http://127.0.0.1:{}", settings.listen))?;
    let begun = HttpCitizen::new().get(&at_node.url()).await?;
    assert_eq!(begun.status, 303, "{}", begun.body);
    let cookies: Vec<&str> = begun
        .headers
        .get_all("set-cookie")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .collect();
    let browser = cookies
        .iter()
        .find(|cookie| cookie.starts_with("__Host-hub-browser="))
        .context("no browser cookie")?;
    assert!(
        browser.contains("Secure") && !browser.contains("Domain"),
        "{browser}"
    );
    Ok(())
}

#[tokio::test]
async fn what_a_request_says_of_its_host_changes_nothing() -> Result<()> {
    let stage = stage()?;
    let hub = stage.hub();
    let paths = [
        "/.well-known/openid-configuration".to_owned(),
        "/jwks".to_owned(),
        "/".to_owned(),
        "/nowhere".to_owned(),
        "/account".to_owned(),
        "/help".to_owned(),
        "/session/end".to_owned(),
        stage.service.attempt(hub)?.url().replace(hub, ""),
        stage
            .service
            .attempt(hub)?
            .with("response_type", "token")
            .url()
            .replace(hub, ""),
        stage
            .service
            .attempt(hub)?
            .with("redirect_uri", "x")
            .url()
            .replace(hub, ""),
    ];
    for (name, value) in [
        (HOST, "evil.example"),
        (HOST, "localhost:1@evil.example"),
        (HeaderName::from_static("x-forwarded-host"), "evil.example"),
        (HeaderName::from_static("x-forwarded-proto"), "gopher"),
        (
            HeaderName::from_static("x-forwarded-prefix"),
            "//evil.example",
        ),
        (
            HeaderName::from_static("forwarded"),
            "host=evil.example;proto=https",
        ),
        (
            HeaderName::from_static("x-original-url"),
            "https://evil.example/",
        ),
        (HeaderName::from_static("x-rewrite-url"), "/metrics"),
        (
            HeaderName::from_static("x-forwarded-for"),
            "127.0.0.1, not an address",
        ),
    ] {
        for path in &paths {
            let mut spoofed = HttpCitizen::new();
            spoofed
                .headers
                .insert(name.clone(), HeaderValue::from_static(value));
            let page = spoofed.get(&format!("{hub}{path}")).await?;
            must_be_inert(&page);
            for (header, value) in &page.headers {
                let value = String::from_utf8_lossy(value.as_bytes());
                assert!(
                    !value.contains("evil.example") && !value.contains("gopher"),
                    "{path}: {header}: {value}"
                );
            }
            assert!(!page.body.contains("gopher"), "{path}");
            if path.starts_with("/.well-known") {
                assert_eq!(page.json()?["issuer"], hub);
            }
        }
    }
    // Neither the provider nor the person is sent elsewhere.
    let provider = stage.provider()?;
    let mut citizen = stage.service.citizen().stopping_at(&provider.issuer);
    citizen
        .headers
        .insert("x-forwarded-host", HeaderValue::from_static("evil.example"));
    let view = citizen
        .visit(&stage.service.attempt(hub)?.url())
        .choose(&provider.button())
        .await?;
    let back = parameter(&view.url, "redirect_uri");
    assert_eq!(back, Some(format!("{hub}/callback/{}", provider.id)));
    Ok(())
}

#[tokio::test]
async fn what_is_for_operators_is_not_on_the_public_listener() -> Result<()> {
    let stage = stage()?;
    let settings = Settings::new()?;
    let _node = settings.start().await?;
    let public = [
        stage.hub().to_owned(),
        settings.issuer.clone(),
        stage.demo.idp("citoyen").to_owned(),
    ];
    for host in public {
        for path in [
            "/metrics",
            "/livez",
            "/readyz",
            "/healthz",
            "/status",
            "/admin",
            "/api/admin/v1",
            "/api/admin/v1/clients",
            "/api/admin/v1/openapi.json",
            "/debug",
            "/setup",
            "//metrics",
            "/./metrics",
            "/metrics/",
            "/METRICS",
            "/%6detrics",
        ] {
            for method in [Method::GET, Method::POST] {
                let page = HttpCitizen::new()
                    .send(method, &format!("{host}{path}"), None)
                    .await?;
                assert!(
                    [404, 405].contains(&page.status),
                    "{host}{path}: {} {}",
                    page.status,
                    page.body
                );
                must_be_inert(&page);
            }
        }
    }
    // The demo's hub lets services register themselves; a node whose settings are silent does not.
    for host in [settings.issuer.as_str(), stage.demo.idp("citoyen")] {
        let page = HttpCitizen::new()
            .send(Method::POST, &format!("{host}/register"), None)
            .await?;
        assert_eq!(page.status, 404, "{host}: {}", page.body);
    }
    let there = HttpCitizen::new()
        .get(&format!("http://127.0.0.1:{}/metrics", settings.management))
        .await?;
    assert_eq!(there.status, 200);
    Ok(())
}

/// What every answer must say.
fn must_be_guarded(answer: &Page) -> Result<()> {
    let header = |name: &str| -> Result<&str> {
        let value = answer
            .headers
            .get(name)
            .with_context(|| format!("{} has no {name}", answer.url))?;
        Ok(value.to_str()?)
    };
    let policy = header("content-security-policy")?;
    assert!(
        policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
        "{}",
        answer.url
    );
    // A picture opened by itself may style itself, and nothing else.
    let is_picture = header("content-type").is_ok_and(|kind| kind.starts_with("image/svg"));
    let policy = if is_picture {
        policy.replace("style-src 'unsafe-inline'", "")
    } else {
        policy.to_owned()
    };
    assert!(
        !policy.contains("unsafe") && !policy.contains(" *") && !policy.contains("data:"),
        "{policy}"
    );
    assert_eq!(
        header("x-content-type-options")?,
        "nosniff",
        "{}",
        answer.url
    );
    // The page that posts an answer tells the service our origin, no more.
    let harmless = ["no-referrer", "same-origin", "origin", "strict-origin"];
    assert!(
        harmless.contains(&header("referrer-policy")?),
        "{}",
        answer.url
    );
    let kept = header("cache-control")?;
    let is_page = header("content-type").is_ok_and(|kind| kind.starts_with("text/html"));
    let is_public = ["/assets/", "/jwks", "/.well-known/"]
        .iter()
        .any(|part| answer.url.path().contains(part));
    assert!(
        kept.contains("no-store") || is_public && !is_page,
        "{}: {kept}",
        answer.url
    );
    for telling in ["server", "x-powered-by", "via"] {
        assert!(
            !answer.headers.contains_key(telling),
            "{} says {telling}",
            answer.url
        );
    }
    must_be_inert(answer);
    Ok(())
}

/// An asset that a page refers to.
fn asset_of(page: &Page) -> Result<String> {
    let document = page.document();
    let mut links = document
        .by_tag("link")
        .filter_map(|link| link.attribute("href"));
    let asset = links
        .find(|href| href.contains("/assets/"))
        .context("a page without assets")?;
    Ok(page.url.join(asset)?.path().to_owned())
}

/// Values of a page that only its browser may know: form tokens, and what stands in its addresses.
fn urls_and_forms(page: &Page) -> Vec<String> {
    let fields = page
        .document()
        .forms()
        .into_iter()
        .flat_map(|form| form.fields)
        .filter(|(name, _)| name == "csrf");
    let queries = page
        .trail
        .iter()
        .flat_map(|url| url.query_pairs().into_owned().collect::<Vec<_>>());
    let secret = ["state", "nonce", "code", "code_challenge", "id_token_hint"];
    let queries = queries.filter(|(name, _)| secret.contains(&name.as_str()));
    fields.chain(queries).map(|(_, value)| value).collect()
}

/// A node of the test's own, on free ports.
struct Settings {
    issuer: String,
    issuer_scheme_https: bool,
    listen: u16,
    management: u16,
    service: RawClient,
    clients: Vec<Value>,
    providers: Vec<Value>,
}

impl Settings {
    fn new() -> Result<Self> {
        let (listen, management) = (free_port()?, free_port()?);
        let service = RawClient::new("service");
        Ok(Self {
            issuer: format!("http://127.0.0.1:{listen}"),
            issuer_scheme_https: false,
            listen,
            management,
            clients: vec![service.metadata()],
            service,
            providers: vec![],
        })
    }

    async fn start(&self) -> Result<Node> {
        let issuer = if self.issuer_scheme_https {
            "https://hub.example"
        } else {
            &self.issuer
        };
        let mut settings = format!(
            r#"
[hub]
issuer = "{issuer}"
listen = "127.0.0.1:{}"

[management]
listen = "127.0.0.1:{}"

[store]
durable = "sqlite:{{folder}}/guichet.db"
short_lived = "memory"

[keys]
directory = "{{folder}}/keys"

[egress]
private_networks = ["127.0.0.1/32"]

[civil_register]
default = "skip"

[log]
format = "text"
level = "debug"
"#,
            self.listen, self.management
        );
        for (table, entries) in [("clients", &self.clients), ("providers", &self.providers)] {
            for entry in entries {
                settings.extend(["\n[[", table, "]]\n"]);
                for (name, value) in entry.as_object().into_iter().flatten() {
                    settings.extend([name, " = ", toml(value).as_str(), "\n"]);
                }
            }
        }
        Node::start(&settings, &format!("http://127.0.0.1:{}", self.management)).await
    }
}

/// JSON as TOML: texts and lists are written alike, objects become inline tables.
fn toml(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let members: Vec<String> = members
                .iter()
                .map(|(name, value)| format!("{name} = {}", toml(value)))
                .collect();
            format!("{{ {} }}", members.join(", "))
        }
        other => other.to_string(),
    }
}
