//! What a node shows to whom: whatever a request says of its host, whichever address it asks for (threats N-54, N-65).

use anyhow::Result;
use guichet_integration_tests::http_citizen::parameter;
use guichet_integration_tests::{Hands, HttpCitizen, NodeSettings};
use reqwest::Method;
use reqwest::header::{HOST, HeaderName, HeaderValue};

use super::stage::{must_be_inert, stage};

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
    let settings = NodeSettings::new()?;
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
            "/api/admin/v1/status",
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
