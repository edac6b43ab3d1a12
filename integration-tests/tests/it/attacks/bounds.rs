//! Requests too large, too many or twice: each has an answer, and none costs more than its bytes (N-80 to N-82).

use anyhow::Result;
use guichet_integration_tests::http_citizen::{Page, parameter, plain_client};
use guichet_integration_tests::{Hands, HttpCitizen};
use reqwest::Method;

use super::stage::{must_be_inert, stage};

#[tokio::test]
async fn every_parameter_said_twice_is_refused() -> Result<()> {
    let stage = stage()?;
    let service = &stage.service;
    let mut names: Vec<String> = service
        .attempt(stage.hub())?
        .parameters()
        .iter()
        .map(|(name, _)| name.clone())
        .collect();
    names.extend(
        [
            "prompt",
            "max_age",
            "acr_values",
            "login_hint",
            "ui_locales",
            "response_mode",
        ]
        .map(str::to_owned),
    );
    for name in names {
        let honest = service.attempt(stage.hub())?;
        let value = honest
            .parameters()
            .iter()
            .find(|(other, _)| *other == name)
            .map(|(_, value)| value.clone());
        let value = value.unwrap_or_else(|| "1".to_owned());
        let twice = honest.without(&name).and(&name, &value).and(&name, &value);
        let mut citizen = service.citizen();
        let view = citizen.visit(&twice.url()).await?;
        let told = parameter(&view.url, "error");
        assert!(
            view.status == Some(400) || told.as_deref() == Some("invalid_request"),
            "{name} twice: {view}"
        );
    }
    // And where it hurts most, at the token endpoint.
    let login = stage.arrive(service, &stage.provider()?).await?;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", "x"),
        ("code", login.code.as_str()),
        ("redirect_uri", service.redirect_uri.as_str()),
        ("code_verifier", login.attempt.verifier.as_str()),
    ];
    let answer = service.token(stage.hub(), &form).await?;
    assert_eq!(
        (answer.status, answer.error()),
        (400, "invalid_request"),
        "{}",
        answer.body
    );
    Ok(())
}

#[tokio::test]
async fn what_is_too_large_gets_an_answer_and_no_service() -> Result<()> {
    let stage = stage()?;
    let service = &stage.service;
    let honest = || service.attempt(stage.hub());
    let scopes: Vec<String> = (0..10_000).map(|number| format!("s{number}")).collect();
    for (what, attempt) in [
        ("state", honest()?.with("state", &"s".repeat(20_000))),
        ("nonce", honest()?.with("nonce", &"n".repeat(20_000))),
        ("scopes", honest()?.with("scope", &scopes[..3000].join(" "))),
        (
            "levels",
            honest()?.with("acr_values", &"eidas9 ".repeat(3000)),
        ),
    ] {
        let view = service.citizen().visit(&attempt.url()).await?;
        let told = parameter(&view.url, "error");
        let refused = view
            .status
            .is_some_and(|status| (400..500).contains(&status))
            || told.is_some();
        assert!(refused || what == "levels", "{what}: {view}");
    }
    for (what, attempt) in [
        (
            "1 MB of state",
            honest()?.with("state", &"s".repeat(1 << 20)),
        ),
        ("10 000 scopes", honest()?.with("scope", &scopes.join(" "))),
    ] {
        let posted = post(&format!("{}/authorize", stage.hub()), attempt.parameters()).await?;
        assert!([400, 413].contains(&posted.0), "{what}: {}", posted.0);
        // By GET the server may hang up at the size of the head, which is an answer too.
        if let Ok(page) = HttpCitizen::new().get(&attempt.url()).await {
            assert!(
                [400, 414, 431].contains(&page.status),
                "{what}: {}",
                page.status
            );
        }
    }
    let mut many = honest()?;
    for number in 0..300 {
        many = many.and(&format!("x{number}"), "1");
    }
    assert_eq!(
        HttpCitizen::new().get(&many.url()).await?.status,
        400,
        "300 parameters"
    );

    let blob = [("code".to_owned(), "c".repeat(1 << 20))];
    for endpoint in [
        "token",
        "userinfo",
        "session/end",
        "logout",
        "login/x/consent",
        "locale",
    ] {
        let (status, body) = post(&format!("{}/{endpoint}", stage.hub()), &blob).await?;
        assert!((400..500).contains(&status), "{endpoint}: {status} {body}");
    }
    // Still at work.
    stage.arrive(service, &stage.provider()?).await?;
    Ok(())
}

#[tokio::test]
async fn bodies_and_methods_that_do_not_belong_are_turned_away() -> Result<()> {
    let stage = stage()?;
    let deep = format!("{}{}", "[".repeat(50_000), "]".repeat(50_000));
    for (kind, body) in [
        ("application/json", deep.as_str()),
        (
            "application/json",
            "{\"grant_type\":\"authorization_code\"}",
        ),
        (
            "text/xml",
            "<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/passwd\">]><a>&b;</a>",
        ),
        ("multipart/form-data; boundary=x", "--x--"),
        (
            "application/x-www-form-urlencoded",
            "grant_type=%ff%fe&code=%",
        ),
        ("", "grant_type=authorization_code"),
    ] {
        for endpoint in ["token", "authorize", "session/end", "login/x/provider"] {
            let request = plain_client()
                .post(format!("{}/{endpoint}", stage.hub()))
                .body(body.to_owned());
            let request = if kind.is_empty() {
                request
            } else {
                request.header("content-type", kind)
            };
            let response = request.send().await?;
            let status = response.status().as_u16();
            let text = response.text().await?;
            assert!(
                (400..500).contains(&status),
                "{endpoint} took {kind}: {status} {text}"
            );
            assert!(!text.contains("root:"), "{endpoint} read a file");
        }
    }
    for (method, path) in [
        (Method::PUT, "/authorize"),
        (Method::DELETE, "/session/end"),
        (Method::GET, "/token"),
        (Method::PATCH, "/userinfo"),
        (Method::POST, "/jwks"),
        (Method::OPTIONS, "/token"),
        (Method::TRACE, "/"),
        (Method::from_bytes(b"GUESS")?, "/authorize"),
    ] {
        let page: Page = HttpCitizen::new()
            .send(method.clone(), &format!("{}{path}", stage.hub()), None)
            .await?;
        assert!(
            [400, 404, 405].contains(&page.status),
            "{method} {path}: {}",
            page.status
        );
        must_be_inert(&page);
        assert!(
            !page.headers.contains_key("access-control-allow-origin"),
            "{method} {path}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn paths_do_not_lead_out_of_their_folder() -> Result<()> {
    let stage = stage()?;
    for path in [
        "/assets/../Cargo.toml",
        "/assets/..%2f..%2fetc%2fpasswd",
        "/assets/%2e%2e/%2e%2e/etc/passwd",
        "/assets/....//etc/passwd",
        "/assets//etc/passwd",
        "/assets/%00",
        "/assets/%c0%ae%c0%ae/etc/passwd",
        "/.git/config",
        "/.env",
        "//etc/passwd",
        "/login/..%2f..%2f/provider",
        "/errors/..%2f..%2fetc",
    ] {
        let page = HttpCitizen::new()
            .get(&format!("{}{path}", stage.hub()))
            .await?;
        assert!([400, 404].contains(&page.status), "{path}: {}", page.status);
        must_be_inert(&page);
        assert!(
            !page.body.contains("root:") && !page.body.contains("[package]"),
            "{path}: {}",
            page.body
        );
    }
    Ok(())
}

/// Posts a form that the server may cut off: a broken pipe counts as 413.
async fn post(address: &str, form: &[(String, String)]) -> Result<(u16, String)> {
    match plain_client().post(address).form(form).send().await {
        Ok(response) => Ok((
            response.status().as_u16(),
            response.text().await.unwrap_or_default(),
        )),
        Err(error) if error.is_request() || error.is_body() => Ok((413, String::new())),
        Err(error) => Err(error.into()),
    }
}

/// The account is a public client whose name everybody knows; its own requests never leave the hub.
#[tokio::test]
async fn the_account_is_no_way_to_push() -> Result<()> {
    let stage = stage()?;
    let back = format!("{}/account/signed-in", stage.hub());
    let form = [
        ("client_id", "guichet-account"),
        ("redirect_uri", back.as_str()),
        ("response_type", "code"),
        ("scope", "openid"),
        ("prompt", "none"),
        (
            "code_challenge",
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        ),
        ("code_challenge_method", "S256"),
    ];
    let answer = plain_client()
        .post(format!("{}/par", stage.hub()))
        .form(&form)
        .send()
        .await?;
    assert_eq!(answer.status(), 400);
    let said: serde_json::Value = answer.json().await?;
    assert_eq!(said["error"], "unauthorized_client", "{said}");
    Ok(())
}
