//! CIBA by ping (OpenID CIBA Core §10.2): the hub tells the service that the citizen answered.

use anyhow::Result;
use guichet_integration_tests::Hands;

use super::deferred::stage;

/// As many bits as CIBA Core §7.1 wants.
const TOKEN: &str = "8d67dc78-7faa-4d41-aabd-67707b374255";

#[tokio::test]
async fn a_ping_with_the_clients_token_follows_the_answer_and_tokens_follow_the_ping() -> Result<()>
{
    let stage = stage()?;
    let mut person = stage.person().await?;
    let token = [("client_notification_token", TOKEN)];
    let asked = stage.name(&stage.bell, &person, &token).await?;
    assert_eq!(asked.status, 200, "{}", asked.body);
    let id = asked.text("auth_req_id");
    assert!(stage.pings(id).is_empty());
    stage.answer(&mut person.browser, "accept-").await?;
    person.browser.here().agree().await?;
    let (bearer, body) = stage.hear(id).await?;
    assert_eq!(bearer.as_deref(), Some(&*format!("Bearer {TOKEN}")));
    assert_eq!(
        body,
        serde_json::json!({"auth_req_id": id}),
        "a ping holds no token"
    );
    let tokens = stage.fetch(&stage.bell, id).await?;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    Ok(())
}

#[tokio::test]
async fn a_ping_follows_a_refusal_too() -> Result<()> {
    let stage = stage()?;
    let mut person = stage.person().await?;
    let token = [("client_notification_token", TOKEN)];
    let asked = stage.name(&stage.bell, &person, &token).await?;
    stage.answer(&mut person.browser, "refuse-").await?;
    stage.hear(asked.text("auth_req_id")).await?;
    let denied = stage.fetch(&stage.bell, asked.text("auth_req_id")).await?;
    assert_eq!(denied.error(), "access_denied");
    Ok(())
}

#[tokio::test]
async fn a_ping_that_is_refused_is_sent_again() -> Result<()> {
    let stage = stage()?;
    let mut person = stage.person().await?;
    let token = [("client_notification_token", TOKEN)];
    let asked = stage.name(&stage.bell, &person, &token).await?;
    let id = asked.text("auth_req_id");
    stage.be_deaf_to(id);
    stage.answer(&mut person.browser, "refuse-").await?;
    assert!(stage.listen_again(id).await? > 0);
    assert!(stage.pings(id).is_empty(), "a refused ping was heard");
    stage.hear(id).await?;
    Ok(())
}

#[tokio::test]
async fn a_client_that_is_pinged_may_ask_by_itself() -> Result<()> {
    let stage = stage()?;
    let person = stage.person().await?;
    let token = [("client_notification_token", TOKEN)];
    let asked = stage.name(&stage.bell, &person, &token).await?;
    let pending = stage.fetch(&stage.bell, asked.text("auth_req_id")).await?;
    assert_eq!(pending.error(), "authorization_pending");
    Ok(())
}

#[tokio::test]
async fn invalid_request_without_a_notification_token_of_enough_bits() -> Result<()> {
    let stage = stage()?;
    let person = stage.person().await?;
    let long = "x".repeat(1025);
    let tokens = [
        None,
        Some("short"),
        Some("not a bearer token at all"),
        Some(long.as_str()),
    ];
    for token in tokens {
        let more: Vec<_> = token
            .map(|token| ("client_notification_token", token))
            .into_iter()
            .collect();
        let refused = stage.name(&stage.bell, &person, &more).await?;
        assert_eq!(
            (refused.status, refused.error()),
            (400, "invalid_request"),
            "{token:?}"
        );
    }
    Ok(())
}
