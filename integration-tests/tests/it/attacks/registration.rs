//! Registration abused: without leave, for another's host, for another's client, to reach inside, without end
//! (threats N-23, N-41, N-42, N-43, N-65, N-89).

use std::net::TcpListener;

use anyhow::{Context, Result};
use guichet_integration_tests::http_citizen::shared_client;
use guichet_integration_tests::{Node, NodeSettings};
use reqwest::Method;
use serde_json::{Value, json};

/// A node where clients register themselves, as far as `registration` says.
struct Office {
    node: Node,
    hub: String,
}

/// What came back.
struct Answer {
    status: u16,
    json: Value,
    body: String,
}

impl Office {
    async fn opened(registration: &str) -> Result<Self> {
        let settings = NodeSettings {
            clients: Vec::new(),
            // Nothing inside may be reached: not even this machine.
            reachable: Vec::new(),
            further: format!("[registration]\n{registration}"),
            ..NodeSettings::new()?
        };
        let (node, hub) = (settings.start().await?, settings.issuer);
        Ok(Self { node, hub })
    }

    /// An initial access token, made on the command line.
    fn token(&self, name: &str, uses: u32) -> Result<String> {
        let made = self
            .node
            .command(&format!("client token add {name} --uses {uses} --valid 1h"))?;
        let text = String::from_utf8(made.stdout)?.trim().to_owned();
        assert_eq!(text.len(), 43, "{}", String::from_utf8_lossy(&made.stderr));
        Ok(text)
    }

    async fn send(
        &self,
        method: Method,
        address: &str,
        token: Option<&str>,
        body: Option<&Value>,
    ) -> Result<Answer> {
        let mut request = shared_client().request(method, address);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await?;
        let status = answer.status().as_u16();
        let body = answer.text().await?;
        let json = serde_json::from_str(&body).unwrap_or_default();
        Ok(Answer { status, json, body })
    }

    async fn register(&self, token: Option<&str>, metadata: &Value) -> Result<Answer> {
        let address = format!("{}/register", self.hub);
        self.send(Method::POST, &address, token, Some(metadata))
            .await
    }
}

fn on(host: &str) -> Value {
    json!({ "redirect_uris": [format!("https://{host}/cb")] })
}

#[tokio::test]
async fn nobody_registers_without_leave_and_a_leave_is_worth_its_uses() -> Result<()> {
    let closed = Office::opened("enabled = false").await?;
    assert_eq!(closed.register(None, &on("a.example")).await?.status, 404);

    let office = Office::opened("enabled = true").await?;
    let token = office.token("agency", 1)?;
    for wrong in [None, Some("x"), Some("agency")] {
        let refused = office.register(wrong, &on("a.example")).await?;
        assert_eq!(refused.status, 401, "{}", refused.body);
    }
    let first = office.register(Some(&token), &on("a.example")).await?;
    assert_eq!(first.status, 201, "{}", first.body);
    let spent = office.register(Some(&token), &on("a.example")).await?;
    assert_eq!(spent.status, 401, "{}", spent.body);
    let listed = office.node.command("client token list")?;
    let listed = String::from_utf8(listed.stdout)?;
    assert!(
        listed.contains("agency") && !listed.contains(&token),
        "{listed}"
    );
    let sound = office.node.command("ledger verify")?;
    assert!(
        sound.status.success(),
        "{}",
        String::from_utf8_lossy(&sound.stdout)
    );
    Ok(())
}

#[tokio::test]
async fn an_address_of_another_host_is_not_registered() -> Result<()> {
    let office =
        Office::opened("enabled = true\nopen = true\nhosts = [\"*.gouv.example\"]").await?;
    for host in [
        "evil.example",
        "gouv.example",
        "evilgouv.example",
        "impots.gouv.example.evil.example",
        "impots.gouv.example@evil.example",
    ] {
        let refused = office.register(None, &on(host)).await?;
        assert_eq!(refused.status, 400, "{host}: {}", refused.body);
        assert_eq!(refused.json["error"], "invalid_redirect_uri", "{host}");
    }
    for scripted in [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
    ] {
        let metadata = json!({ "redirect_uris": [scripted] });
        let refused = office.register(None, &metadata).await?;
        assert_eq!(refused.status, 400, "{scripted}");
        assert!(!refused.body.contains("alert"), "{}", refused.body);
    }
    let mut mixed = on("impots.gouv.example");
    mixed["post_logout_redirect_uris"] = json!(["https://evil.example/"]);
    assert_eq!(office.register(None, &mixed).await?.status, 400);
    let taken = office.register(None, &on("impots.gouv.example")).await?;
    assert_eq!(taken.status, 201, "{}", taken.body);
    Ok(())
}

#[tokio::test]
async fn registration_reaches_nothing_inside() -> Result<()> {
    let neighbour = TcpListener::bind("127.0.0.3:0")?;
    let port = neighbour.local_addr()?.port();
    let own = TcpListener::bind(("127.0.0.1", port))?;
    let office = Office::opened("enabled = true\nopen = true").await?;
    for address in [
        format!("http://127.0.0.3:{port}/uris"),
        format!("https://127.0.0.3:{port}/uris"),
        format!("https://localhost:{port}/uris"),
        format!("https://[::ffff:7f00:3]:{port}/uris"),
        "https://169.254.169.254/latest/meta-data".to_owned(),
        "file:///etc/passwd".to_owned(),
    ] {
        let mut metadata = on("a.example");
        metadata["sector_identifier_uri"] = json!(address);
        let refused = office.register(None, &metadata).await?;
        assert_eq!(refused.status, 400, "{address}: {}", refused.body);
        assert_eq!(
            refused.json["error"], "invalid_client_metadata",
            "{address}"
        );
        // What is only named is not fetched at registration.
        for member in ["jwks_uri", "logo_uri"] {
            let mut metadata = on("a.example");
            metadata[member] = json!(address);
            office.register(None, &metadata).await?;
        }
    }
    for listener in [neighbour, own] {
        listener.set_nonblocking(true)?;
        assert!(listener.accept().is_err(), "the hub called {listener:?}");
    }
    Ok(())
}

#[tokio::test]
async fn nobody_looks_after_a_registration_that_is_not_theirs() -> Result<()> {
    let office = Office::opened("enabled = true\nopen = true").await?;
    let (mine, other) = (
        office.register(None, &on("mine.example")).await?.json,
        office.register(None, &on("other.example")).await?.json,
    );
    let text = |client: &Value, name: &str| -> Result<String> {
        Ok(client[name].as_str().context("not told")?.to_owned())
    };
    let place = text(&other, "registration_client_uri")?;
    let mut change = on("evil.example");
    change["client_id"] = other["client_id"].clone();
    let secret = text(&other, "client_secret")?;
    let of_mine = text(&mine, "registration_access_token")?;
    for token in [
        None,
        Some(of_mine.as_str()),
        Some(secret.as_str()),
        Some("x"),
    ] {
        for (method, body) in [
            (Method::GET, None),
            (Method::PUT, Some(&change)),
            (Method::DELETE, None),
        ] {
            let refused = office.send(method, &place, token, body).await?;
            assert_eq!(refused.status, 401, "{}", refused.body);
        }
    }
    let own = text(&other, "registration_access_token")?;
    let still = office.send(Method::GET, &place, Some(&own), None).await?;
    assert_eq!(
        still.json["redirect_uris"],
        json!(["https://other.example/cb"])
    );
    Ok(())
}

#[tokio::test]
async fn a_flood_of_registrations_is_stopped() -> Result<()> {
    let office = Office::opened("enabled = true\nopen = true\nper_minute = 3").await?;
    let mut statuses = Vec::new();
    for _ in 0..6 {
        statuses.push(office.register(None, &on("a.example")).await?.status);
    }
    assert_eq!(statuses[..3], [201, 201, 201]);
    assert!(statuses[3..].contains(&429), "{statuses:?}");
    let few = Office::opened("enabled = true\nopen = true\nmost_clients = 2").await?;
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(few.register(None, &on("a.example")).await?.status);
    }
    assert_eq!(statuses, [201, 201, 400]);
    Ok(())
}

#[tokio::test]
async fn what_is_sent_is_not_sent_back_and_breaks_nothing() -> Result<()> {
    let office = Office::opened("enabled = true\nopen = true").await?;
    let mut metadata = on("a.example");
    metadata["<script>alert(1)</script>"] = json!("<script>alert(1)</script>");
    metadata["software_statement"] = json!("<script>alert(1)</script>");
    let refused = office.register(None, &metadata).await?;
    assert_eq!(refused.status, 400);
    assert!(!refused.body.contains("<script>"), "{}", refused.body);
    let address = format!("{}/register", office.hub);
    for (content_type, body) in [
        ("application/json", "{"),
        ("application/json", "[[[[[[[["),
        ("application/json", "\u{0}"),
        (
            "text/plain",
            "{\"redirect_uris\": [\"https://a.example/cb\"]}",
        ),
        (
            "application/x-www-form-urlencoded",
            "redirect_uris=https://a.example/cb",
        ),
    ] {
        let answer = shared_client()
            .post(&address)
            .header("content-type", content_type)
            .header("authorization", "Bearer \t<x>")
            .body(body)
            .send()
            .await?;
        assert_eq!(answer.status().as_u16(), 400, "{content_type} {body:?}");
    }
    Ok(())
}
