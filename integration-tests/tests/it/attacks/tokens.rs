//! Refresh tokens that were stolen, tokens shown to those they do not concern, and tokens exchanged for more
//! (threats N-37, N-39, N-44).

use anyhow::{Context as _, Result, ensure};
use futures_util::future::join_all;
use guichet_integration_tests::http_citizen::parameter;
use guichet_integration_tests::raw_client::Answer;
use guichet_integration_tests::{Hands, MockProvider, NodeSettings, RawClient};
use serde_json::json;

use super::stage::{Stage, stage};

#[tokio::test]
async fn of_thirty_who_refresh_at_once_nobody_forks_the_family() -> Result<()> {
    let stage = stage()?;
    let (keeper, issuer) = (&stage.keeper, stage.hub());
    let tokens = kept(stage).await?;
    let tries = (0..30).map(|_| keeper.refresh(issuer, tokens.text("refresh_token")));
    let answers: Vec<_> = join_all(tries).await.into_iter().collect::<Result<_>>()?;
    let mut successors = Vec::new();
    for answer in &answers {
        assert_eq!(answer.status, 200, "{}", answer.body);
        successors.push(answer.text("refresh_token"));
    }
    let last = successors.last().copied().context("nobody was answered")?;
    let next = keeper.refresh(issuer, last).await?;
    assert_eq!(next.status, 200, "{}", next.body);
    for successor in successors {
        let heard = keeper.introspect(issuer, successor).await?;
        assert_eq!(
            heard.json,
            json!({ "active": false }),
            "one generation is good at a time"
        );
    }
    let heard = keeper
        .introspect(issuer, next.text("refresh_token"))
        .await?;
    assert_eq!(heard.json["active"], true);
    Ok(())
}

#[tokio::test]
async fn an_old_refresh_token_takes_everything_back() -> Result<()> {
    let stage = stage()?;
    let (keeper, issuer) = (&stage.keeper, stage.hub());
    let first = kept(stage).await?;
    let second = keeper.refresh(issuer, first.text("refresh_token")).await?;
    let third = keeper.refresh(issuer, second.text("refresh_token")).await?;
    assert_eq!(third.status, 200, "{}", third.body);

    // Two generations back: no lost answer explains that.
    let thief = keeper.refresh(issuer, first.text("refresh_token")).await?;
    assert_eq!((thief.status, thief.error()), (400, "invalid_grant"));
    let owner = keeper.refresh(issuer, third.text("refresh_token")).await?;
    assert_eq!((owner.status, owner.error()), (400, "invalid_grant"));
    for tokens in [&first, &second, &third] {
        let userinfo = keeper.userinfo(issuer, tokens.text("access_token")).await?;
        assert_eq!(userinfo.status, 401, "an access token of the family lives");
    }
    Ok(())
}

#[tokio::test]
async fn a_refresh_token_in_other_hands_is_burnt() -> Result<()> {
    let stage = stage()?;
    let issuer = stage.hub();
    let tokens = kept(stage).await?;
    let token = tokens.text("refresh_token");
    let (head, tail) = token.split_at(token.len() / 2);
    for forged in [
        format!("{tail}{head}"),
        format!("{token}A"),
        head.to_owned(),
    ] {
        let answer = stage.keeper.refresh(issuer, &forged).await?;
        assert_eq!((answer.status, answer.error()), (400, "invalid_grant"));
    }
    let honest = stage.keeper.refresh(issuer, token).await?;
    assert_eq!(honest.status, 200, "{}", honest.body);

    let stolen = stage
        .finder
        .refresh(issuer, honest.text("refresh_token"))
        .await?;
    assert_eq!((stolen.status, stolen.error()), (400, "invalid_grant"));
    let owner = stage
        .keeper
        .refresh(issuer, honest.text("refresh_token"))
        .await?;
    assert_eq!(
        (owner.status, owner.error()),
        (400, "invalid_grant"),
        "it survived the theft"
    );
    Ok(())
}

#[tokio::test]
async fn a_token_of_somebody_else_is_neither_told_nor_taken() -> Result<()> {
    let stage = stage()?;
    let issuer = stage.hub();
    let tokens = kept(stage).await?;
    for name in ["access_token", "refresh_token"] {
        let token = tokens.text(name);
        let found = stage.finder.introspect(issuer, token).await?;
        assert_eq!(
            (found.status, found.json),
            (200, json!({ "active": false }))
        );
        let refused = stage.finder.revoke(issuer, token).await?;
        assert_eq!((refused.status, refused.error()), (400, "invalid_grant"));
        let owner = stage.keeper.introspect(issuer, token).await?;
        assert_eq!(owner.json["active"], true, "{}", owner.body);
    }
    let revoked = stage
        .keeper
        .revoke(issuer, tokens.text("refresh_token"))
        .await?;
    assert_eq!(revoked.status, 200);
    let userinfo = stage
        .keeper
        .userinfo(issuer, tokens.text("access_token"))
        .await?;
    assert_eq!(userinfo.status, 401, "the access token outlived its family");
    Ok(())
}

#[tokio::test]
async fn what_the_policy_does_not_name_is_not_exchanged() -> Result<()> {
    let (caller, finder, provider) = (
        RawClient::new("caller"),
        RawClient::new("finder"),
        MockProvider::start("mock").await?,
    );
    let policy = json!({
        "grant_types": [
            "authorization_code", "urn:ietf:params:oauth:grant-type:token-exchange",
        ],
        "scope": "openid given_name cnaf_quotient_familial cnous_statut_boursier",
        "token_exchange_resources": [FAMILY],
    });
    let settings = NodeSettings {
        clients: vec![
            caller.metadata_with(&policy),
            finder.metadata_with(&policy),
            RawClient::new("family").metadata(),
        ],
        providers: vec![provider.registration()],
        further: format!(
            r#"
[[resources]]
identifier = "{FAMILY}"
scopes = ["cnaf_quotient_familial"]
clients = ["family"]

[[resources]]
identifier = "{STUDIES}"
scopes = ["cnous_statut_boursier"]
clients = ["family"]
"#
        ),
        ..NodeSettings::new()?
    };
    let _node = settings.start().await?;
    let hub = settings.issuer.as_str();
    let attempt = caller.attempt(hub)?.with(
        "scope",
        "openid given_name cnaf_quotient_familial cnous_statut_boursier",
    );
    let mut citizen = caller.citizen();
    let journey = citizen.visit(&attempt.url());
    let view = journey.choose(&provider.button()).agree().await?;
    let code = parameter(&view.url, "code").with_context(|| format!("no code: {view}"))?;
    let tokens = caller.redeem(hub, &code, &attempt).await?;
    let token = tokens.text("access_token");

    let exchange = async |client: &RawClient, resource: &str, scope: &str| {
        let form = [
            (
                "grant_type",
                "urn:ietf:params:oauth:grant-type:token-exchange",
            ),
            ("subject_token", token),
            (
                "subject_token_type",
                "urn:ietf:params:oauth:token-type:access_token",
            ),
            ("resource", resource),
            ("scope", scope),
        ];
        client.token(hub, &form).await
    };
    for (client, resource, scope, error) in [
        (&caller, FAMILY, "cnaf_quotient_familial", ""),
        (&caller, STUDIES, "cnous_statut_boursier", "invalid_target"),
        (
            &caller,
            "https://evil.example/api",
            "openid",
            "invalid_target",
        ),
        (
            &caller,
            FAMILY,
            "cnaf_quotient_familial email",
            "invalid_scope",
        ),
        (&finder, FAMILY, "cnaf_quotient_familial", "invalid_request"),
    ] {
        let answer = exchange(client, resource, scope).await?;
        let who = &client.client_id;
        assert_eq!(answer.error(), error, "{who} {resource}: {}", answer.body);
        let is_given = !answer.text("access_token").is_empty();
        assert_eq!(is_given, error.is_empty(), "{}", answer.body);
    }
    Ok(())
}

#[tokio::test]
async fn the_page_says_that_the_service_goes_on_and_no_identity_outlives_the_session() -> Result<()>
{
    let stage = stage()?;
    let (keeper, issuer) = (&stage.keeper, stage.hub());
    let (mut citizen, attempt) = (keeper.citizen(), keeper.attempt(issuer)?);
    let attempt = attempt.with("scope", "openid given_name offline_access");
    let provider = stage.provider()?;
    let view = citizen
        .visit(&attempt.url())
        .choose(&provider.button())
        .await?;
    assert!(
        view.text().contains("90 jours"),
        "no word of how long: {view}"
    );
    let view = citizen.here().agree().await?;
    let code = parameter(&view.url, "code").context("no code")?;
    let tokens = keeper.redeem(issuer, &code, &attempt).await?;
    let fresh = keeper.refresh(issuer, tokens.text("refresh_token")).await?;
    let known = keeper.userinfo(issuer, fresh.text("access_token")).await?;
    assert_ne!(known.text("given_name"), "", "{}", known.body);

    let leaving = format!(
        "{issuer}/session/end?id_token_hint={}",
        tokens.text("id_token")
    );
    citizen.visit(&leaving).await?;
    let userinfo = keeper.userinfo(issuer, tokens.text("access_token")).await?;
    assert_eq!(userinfo.status, 401, "the session's own token outlived it");
    let later = keeper.refresh(issuer, fresh.text("refresh_token")).await?;
    assert_eq!(later.status, 200, "{}", later.body);
    let known = keeper.userinfo(issuer, later.text("access_token")).await?;
    assert_eq!(known.status, 200, "{}", known.body);
    assert_eq!(known.json, json!({ "sub": known.text("sub") }));
    Ok(())
}

const FAMILY: &str = "https://famille.example/api";
const STUDIES: &str = "https://etudes.example/api";

/// The tokens of a citizen who let the service go on after they leave.
async fn kept(stage: &Stage) -> Result<Answer> {
    let (keeper, provider) = (&stage.keeper, stage.provider()?);
    let (mut citizen, attempt) = (keeper.citizen(), keeper.attempt(stage.hub())?);
    let attempt = attempt.with("scope", "openid given_name offline_access");
    citizen
        .visit(&attempt.url())
        .choose(&provider.button())
        .await?;
    let view = citizen.here().agree().await?;
    let code = parameter(&view.url, "code").with_context(|| format!("no code: {view}"))?;
    let tokens = keeper.redeem(stage.hub(), &code, &attempt).await?;
    ensure!(
        !tokens.text("refresh_token").is_empty(),
        "no refresh token: {}",
        tokens.body
    );
    Ok(tokens)
}
