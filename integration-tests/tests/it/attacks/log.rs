//! What a node leaves in its log and shows of its settings (threats N-76, N-87).

use anyhow::{Context, Result};
use guichet_integration_tests::http_citizen::{Page, parameter};
use guichet_integration_tests::mock_provider::someone;
use guichet_integration_tests::{Hands, MockProvider, NodeSettings, RawClient};
use serde_json::json;

#[tokio::test]
async fn a_whole_login_at_debug_level_leaves_no_name_and_no_secret_in_the_log() -> Result<()> {
    let provider = MockProvider::start("mock").await?;
    let service = RawClient::new("service");
    let mut metadata = service.metadata();
    metadata["client_secret"] = json!(service.client_secret);
    let settings = NodeSettings {
        clients: vec![metadata],
        providers: vec![provider.registration()],
        ..NodeSettings::new()?
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
