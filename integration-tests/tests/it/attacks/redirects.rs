//! Where the hub may be made to send a browser, and what it carries there (threats N-21, N-22, N-25 to N-29, N-31).

use anyhow::Result;
use guichet_integration_tests::http_citizen::parameter;
use guichet_integration_tests::{Hands, HttpCitizen, Mischief};
use reqwest::Method;
use url::Url;

use super::stage::{must_be_inert, must_be_refused, stage};

#[tokio::test]
async fn a_redirect_uri_that_only_resembles_the_registered_one_gets_a_page() -> Result<()> {
    let stage = stage()?;
    for uri in [
        "https://service.example.evil.example/callback",
        "https://service.example@evil.example/callback",
        "https://service.example:443@evil.example/callback",
        "https://evil.example\\@service.example/callback",
        "https://evil.example#@service.example/callback",
        "https://serviceXexample/callback",
        "https://SERVICE.example/callback",
        "HTTPS://service.example/callback",
        "http://service.example/callback",
        "https://service.example:443/callback",
        "https://service.example:8443/callback",
        "https://service.example/Callback",
        "https://service.example/callback/",
        "https://service.example/callback/../evil",
        "https://service.example/callback/..;/evil",
        "https://service.example/callback/%2e%2e/evil",
        "https://service.example/callback/%252e%252e/evil",
        "https://service.example/%63allback",
        "https://service.example/callback?next=evil",
        "https://service.example/callback?",
        "https://service.example/callback#",
        "https://service.example/callback#fragment",
        "https://service.example/callback\t",
        "https://service.example/callback\r\nX-Evil: 1",
        " https://service.example/callback",
        "https://serv\u{456}ce.example/callback",
        "https://[::1]/callback",
        "//service.example/callback",
        "/callback",
        "service.example/callback",
        "javascript:alert(1)//https://service.example/callback",
        "data:text/html,<script>alert(1)</script>",
        "https://*/callback",
        "https://other.example/callback",
        "",
    ] {
        must_get_a_page(
            &stage
                .service
                .attempt(stage.hub())?
                .with("redirect_uri", uri)
                .url(),
        )
        .await?;
    }
    must_get_a_page(
        &stage
            .service
            .attempt(stage.hub())?
            .without("redirect_uri")
            .url(),
    )
    .await?;
    let twice = stage
        .service
        .attempt(stage.hub())?
        .and("redirect_uri", "https://evil.example/");
    must_get_a_page(&twice.url()).await?;
    let whose = stage
        .service
        .attempt(stage.hub())?
        .and("client_id", "other");
    must_get_a_page(&whose.url()).await?;
    let nobody = stage
        .service
        .attempt(stage.hub())?
        .with("client_id", "<script>alert(1)</script>");
    must_get_a_page(&nobody.url()).await
}

#[tokio::test]
async fn a_loopback_address_may_change_its_port_and_nothing_else() -> Result<()> {
    let stage = stage()?;
    for uri in [
        "http://127.0.0.1:80@evil.example/callback",
        "http://127.0.0.1.evil.example/callback",
        "http://localhost.evil.example/callback",
        "http://localhost/callback",
        "http://[::1]/callback",
        "http://127.0.0.2/callback",
        "http://127.1/callback",
        "http://2130706433/callback",
        "https://127.0.0.1/callback",
        "http://127.0.0.1:0x50/callback",
        "http://127.0.0.1:99999/callback",
        "http://127.0.0.1:8080/callback/",
        "http://127.0.0.1:8080/callback?x",
        "http://user@127.0.0.1:8080/callback",
    ] {
        must_get_a_page(
            &stage
                .native
                .attempt(stage.hub())?
                .with("redirect_uri", uri)
                .url(),
        )
        .await?;
    }
    let honest = stage
        .native
        .attempt(stage.hub())?
        .with("redirect_uri", "http://127.0.0.1:51004/callback");
    let view = HttpCitizen::new().visit(&honest.url()).await?;
    assert!(view.url.path().ends_with("/provider"), "{view}");
    Ok(())
}

#[tokio::test]
async fn response_types_and_modes_cannot_be_downgraded() -> Result<()> {
    let stage = stage()?;
    let service = &stage.service;
    let honest = || service.attempt(stage.hub());
    for attempt in [
        honest()?.with("response_type", "token"),
        honest()?.with("response_type", "id_token"),
        honest()?.with("response_type", "code token"),
        honest()?.with("response_type", "code id_token"),
        honest()?.with("response_type", "none"),
        honest()?.with("response_type", ""),
        honest()?.without("response_type"),
        honest()?.with("response_mode", "fragment"),
        honest()?.with("response_mode", "web_message"),
        honest()?.with("response_mode", "fragment.jwt"),
        honest()?.with("request", "eyJhbGciOiJub25lIn0.e30."),
        honest()?.with("request_uri", "https://evil.example/request"),
        honest()?.with("registration", "{}"),
    ] {
        let view = service.citizen().visit(&attempt.url()).await?;
        assert!(
            view.url.as_str().starts_with(&service.redirect_uri),
            "{view}"
        );
        assert!(
            parameter(&view.url, "error").is_some(),
            "accepted: {}",
            attempt.url()
        );
        assert_eq!(parameter(&view.url, "code"), None);
        assert_eq!(
            view.url.fragment().unwrap_or_default(),
            "",
            "something came in the fragment"
        );
        assert_eq!(parameter(&view.url, "state").as_ref(), Some(&attempt.state));
        assert_eq!(parameter(&view.url, "iss").as_deref(), Some(stage.hub()));
    }
    Ok(())
}

#[tokio::test]
async fn a_fragment_does_not_travel_with_the_answer() -> Result<()> {
    let stage = stage()?;
    let (mut citizen, _) = stage.at_consent(&stage.service, &stage.provider()?).await?;
    let view = citizen.here().agree().await?;
    // An explicit empty fragment: without it browsers carry over the one they came with.
    assert_eq!(view.url.fragment(), Some(""), "{view}");
    let refused = stage
        .service
        .attempt(stage.hub())?
        .with("response_type", "token");
    let view = stage
        .service
        .citizen()
        .visit(&format!("{}#stolen", refused.url()))
        .await?;
    assert_eq!(view.url.fragment(), Some(""), "{view}");
    Ok(())
}

#[tokio::test]
async fn the_page_that_posts_an_answer_cannot_be_injected_into() -> Result<()> {
    let stage = stage()?;
    let provider = stage.provider()?;
    for hostile in [
        "\"><script>alert(1)</script>",
        "'><img src=x onerror=alert(1)>",
        "]]></script><script>alert(1)</script>",
        "</form><form action=https://evil.example/>",
        "{{7*7}}${7*7}",
        "javascript:alert(1)",
    ] {
        let attempt = stage
            .service
            .attempt(stage.hub())?
            .with("state", hostile)
            .with("response_mode", "form_post");
        let mut citizen = stage.service.citizen();
        citizen
            .visit(&attempt.url())
            .choose(&provider.button())
            .agree()
            .await?;
        let page = citizen.page()?;
        assert_eq!(page.status, 200, "{}", page.body);
        let forms = page.document().forms();
        let [form] = forms
            .iter()
            .filter(|form| form.action == stage.service.redirect_uri)
            .collect::<Vec<_>>()[..]
        else {
            panic!("not one form to the service: {}", page.body)
        };
        let returned = form.fields.iter().find(|(name, _)| name == "state");
        assert_eq!(returned.map(|(_, value)| value.as_str()), Some(hostile));
        assert!(form.fields.iter().any(|(name, _)| name == "code"));
        must_be_inert_of(&page.body, hostile);
        let policy = page.headers["content-security-policy"].to_str()?;
        assert!(
            !policy.contains("unsafe") && !policy.contains('*'),
            "{policy}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn no_parameter_leads_a_browser_off_the_origin() -> Result<()> {
    let stage = stage()?;
    let hosts = [stage.hub(), stage.demo.idp("citoyen")];
    for (host, target) in hosts
        .iter()
        .flat_map(|host| LEAVING.iter().map(move |target| (host, target)))
    {
        let origin = Url::parse(host)?.origin();
        for address in [
            format!("{host}/locale?lang=fr&back={}", encoded(target)),
            format!("{host}/sign-in?to={}", encoded(target)),
            format!("{host}/locale?lang={}&back=/", encoded(target)),
        ] {
            let page = HttpCitizen::new().get(&address).await?;
            must_be_inert(&page);
            // As browsers read it: backslashes are slashes, tabs and newlines are nothing.
            if let Some(location) = page.location()? {
                assert_eq!(location.origin(), origin, "{address} leads to {location}");
            }
        }
    }
    let there = HttpCitizen::new()
        .get(&format!("{}/locale?lang=en&back=/help", stage.hub()))
        .await?;
    assert_eq!(
        there
            .location()?
            .map(|url| url.path().to_owned())
            .as_deref(),
        Some("/help")
    );
    Ok(())
}

#[tokio::test]
async fn what_an_attacker_writes_is_not_shown_as_ours() -> Result<()> {
    let stage = stage()?;
    let hostile = encoded("<script>alert(1)</script> call +33 1 00, see https://evil.example");
    for address in [
        format!("/authorize?error=x&error_description={hostile}&error_hint={hostile}"),
        format!("/authorize?client_id={hostile}&redirect_uri={hostile}"),
        format!("/authorize?client_id=service&redirect_uri={hostile}&state={hostile}"),
        format!("/callback/{hostile}?error={hostile}&error_description={hostile}"),
        format!(
            "/callback/mock-0?state={hostile}&error={hostile}&error_description={hostile}&error_uri={hostile}"
        ),
        format!("/login/{hostile}"),
        format!("/login/{hostile}/provider"),
        format!("/errors/{hostile}"),
        format!(
            "/session/end?post_logout_redirect_uri={hostile}&state={hostile}&client_id={hostile}"
        ),
        format!("/session/end?id_token_hint={hostile}"),
        format!("/logout/callback?state={hostile}"),
        format!("/{hostile}"),
        format!("/assets/{hostile}"),
    ] {
        let page = HttpCitizen::new()
            .get(&format!("{}{address}", stage.hub()))
            .await?;
        assert!(page.status < 500, "{address}: {}", page.body);
        assert_eq!(page.location()?, None, "{address} redirects");
        must_be_inert(&page);
        assert!(
            !page.document().text().contains("+33 1 00"),
            "{address} repeats the text: {}",
            page.body
        );
    }
    Ok(())
}

#[tokio::test]
async fn what_a_provider_writes_in_an_error_is_not_shown() -> Result<()> {
    let stage = stage()?;
    let provider = stage.provider()?;
    for error in ["access_denied", "server_error", "<script>alert(1)</script>"] {
        provider.misbehave(Mischief::ErrorResponse(
            error,
            "<script>alert(1)</script> pay at https://evil.example",
        ));
        let (mut citizen, attempt) = (stage.service.citizen(), stage.service.attempt(stage.hub())?);
        let view = citizen
            .visit(&attempt.url())
            .choose(&provider.button())
            .await?;
        assert!(view.url.path().ends_with("/provider"), "{view}");
        must_be_inert(citizen.page()?);
        assert!(!view.text().contains("pay at"), "{view}");
    }
    Ok(())
}

async fn must_get_a_page(address: &str) -> Result<()> {
    for method in [Method::GET, Method::POST] {
        let (base, query) = address.split_once('?').unwrap_or((address, ""));
        let mut citizen = HttpCitizen::new();
        let page = if method == Method::GET {
            citizen.get(address).await?
        } else {
            let form: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect();
            citizen.send(method, base, Some(&form)).await?
        };
        must_be_refused(&page, &[400]);
        assert!(
            page.headers["content-type"]
                .to_str()?
                .starts_with("text/html")
        );
    }
    Ok(())
}

fn must_be_inert_of(body: &str, hostile: &str) {
    if hostile.contains('<') {
        assert!(
            !body.contains(hostile),
            "the text stands in the page as it came"
        );
    }
    if hostile.contains("{{") {
        assert!(body.contains("{{7*7}}"), "the text was evaluated");
    }
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes())
        .collect::<String>()
        .replace('+', "%20")
}

/// Return addresses that leave, in the writings that got past other checks.
const LEAVING: &[&str] = &[
    "https://evil.example/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "/\t/evil.example/",
    "/\n/evil.example",
    "\t//evil.example/",
    "https:evil.example",
    "https:/evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "/%09/evil.example",
    "/.//evil.example",
    "/..//evil.example",
    "@evil.example",
    ".evil.example",
    "/\u{2028}/evil.example",
    "/x\r\nSet-Cookie: a=b",
];
