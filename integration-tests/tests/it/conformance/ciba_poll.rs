//! CIBA by poll (OpenID CIBA Core): a service names a citizen, who answers in their account.

use anyhow::Result;
use guichet_integration_tests::{Hands, HttpCitizen};

use super::deferred::stage;

#[tokio::test]
async fn tokens_are_issued_once_after_the_person_agreed_in_their_account() -> Result<()> {
    let stage = stage()?;
    let mut person = stage.person().await?;
    let message = [
        ("binding_message", "Dossier W4SCT"),
        ("requested_expiry", "240"),
    ];
    let asked = stage.name(&stage.desk2, &person, &message).await?;
    assert_eq!(asked.status, 200, "{}", asked.body);
    assert_eq!(
        (&asked.json["expires_in"], &asked.json["interval"]),
        (&240.into(), &5.into())
    );
    let id = asked.text("auth_req_id");
    assert!(id.len() >= 22, "at least 128 bits: {id}");
    let list = format!("{}/account/requests", stage.hub());
    let view = person.browser.visit(&list).await?;
    assert!(
        view.text().contains("Dossier W4SCT") && view.text().contains("desk2"),
        "{view}"
    );
    let view = stage.answer(&mut person.browser, "accept-").await?;
    assert!(
        view.text().contains("Élodie Marie"),
        "the values are shown first: {view}"
    );
    let end = person.browser.here().agree().await?;
    assert!(end.text().contains("C’est fait"), "{end}");
    let tokens = stage.fetch(&stage.desk2, id).await?;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    let userinfo = stage
        .desk2
        .userinfo(stage.hub(), tokens.text("access_token"))
        .await?;
    assert_eq!(userinfo.text("sub"), person.sub);
    let replay = stage.fetch(&stage.desk2, id).await?;
    assert_eq!((replay.status, replay.error()), (400, "invalid_grant"));
    let view = person.browser.visit(&list).await?;
    assert!(view.text().contains("Aucune demande"), "{view}");
    Ok(())
}

#[tokio::test]
async fn authorization_pending_and_slow_down_while_nobody_answered() -> Result<()> {
    let stage = stage()?;
    let person = stage.person().await?;
    let asked = stage.name(&stage.desk, &person, &[]).await?;
    let id = asked.text("auth_req_id");
    let pending = stage.fetch(&stage.desk, id).await?;
    assert_eq!(
        (pending.status, pending.error()),
        (400, "authorization_pending")
    );
    assert_eq!(stage.fetch(&stage.desk, id).await?.error(), "slow_down");
    Ok(())
}

#[tokio::test]
async fn access_denied_after_the_person_refused() -> Result<()> {
    let stage = stage()?;
    let mut person = stage.person().await?;
    let asked = stage.name(&stage.desk, &person, &[]).await?;
    let end = stage.answer(&mut person.browser, "refuse-").await?;
    assert!(end.text().contains("Demande refusée"), "{end}");
    let denied = stage.fetch(&stage.desk, asked.text("auth_req_id")).await?;
    assert_eq!((denied.status, denied.error()), (400, "access_denied"));
    Ok(())
}

#[tokio::test]
async fn id_token_hint_names_the_person_too() -> Result<()> {
    let stage = stage()?;
    let person = stage.person().await?;
    let form = [("scope", "openid"), ("id_token_hint", &*person.id_token)];
    let asked = stage.post(&stage.desk, "/bc-authorize", &form).await?;
    assert_eq!(asked.status, 200, "{}", asked.body);
    let others = stage.post(&stage.desk2, "/bc-authorize", &form).await?;
    assert_eq!(
        (others.status, others.error()),
        (400, "invalid_request"),
        "another's ID token"
    );
    Ok(())
}

#[tokio::test]
async fn invalid_request_without_a_hint_with_two_and_with_login_hint_token() -> Result<()> {
    let stage = stage()?;
    let person = stage.person().await?;
    let hints: [&[(&str, &str)]; 3] = [
        &[],
        &[
            ("login_hint", &person.sub),
            ("id_token_hint", &person.id_token),
        ],
        &[("login_hint_token", "a.b.c")],
    ];
    for hint in hints {
        let form = [&[("scope", "openid")], hint].concat();
        let refused = stage.post(&stage.desk, "/bc-authorize", &form).await?;
        assert_eq!(
            (refused.status, refused.error()),
            (400, "invalid_request"),
            "{hint:?}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn unknown_user_id_for_whom_the_client_was_never_told_of() -> Result<()> {
    let stage = stage()?;
    for hint in ["nobody", "camille", "elodie@example.org", "' OR 1=1 --"] {
        let form = [("scope", "openid"), ("login_hint", hint)];
        let refused = stage.post(&stage.desk, "/bc-authorize", &form).await?;
        assert_eq!(
            (refused.status, refused.error()),
            (400, "unknown_user_id"),
            "{hint}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn invalid_binding_message_when_it_cannot_be_shown_as_it_is() -> Result<()> {
    let stage = stage()?;
    let person = stage.person().await?;
    let long = "x".repeat(101);
    for message in ["two\nlines", "turn\u{202e}ed", long.as_str()] {
        let refused = stage
            .name(&stage.desk, &person, &[("binding_message", message)])
            .await?;
        assert_eq!(
            (refused.status, refused.error()),
            (400, "invalid_binding_message")
        );
    }
    Ok(())
}

#[tokio::test]
async fn unauthorized_client_unless_it_is_registered_for_ciba() -> Result<()> {
    let stage = stage()?;
    let form = [("scope", "openid"), ("login_hint", "somebody")];
    for client in [&stage.kiosk, &stage.tv] {
        let refused = stage.post(client, "/bc-authorize", &form).await?;
        assert_eq!(
            (refused.status, refused.error()),
            (400, "unauthorized_client")
        );
    }
    let mut thief = stage.desk.clone();
    "a wrong secret".clone_into(&mut thief.client_secret);
    let refused = stage.post(&thief, "/bc-authorize", &form).await?;
    assert_eq!((refused.status, refused.error()), (401, "invalid_client"));
    Ok(())
}

#[tokio::test]
async fn nobody_else_sees_or_answers_a_request() -> Result<()> {
    let stage = stage()?;
    let (mut person, mut other) = (stage.person().await?, stage.person().await?);
    let asked = stage.name(&stage.desk, &person, &[]).await?;
    let list = format!("{}/account/requests", stage.hub());
    let stranger = HttpCitizen::new().visit(&list).await?;
    assert!(stranger.text().contains("Connectez-vous"), "{stranger}");
    let empty = other.browser.visit(&list).await?;
    assert!(empty.text().contains("Aucune demande"), "{empty}");
    // The form of the one, posted by the other.
    let view = person.browser.visit(&list).await?;
    let document = view.document();
    let form = document
        .forms()
        .into_iter()
        .find(|form| form.action.contains("/requests/"));
    let form = form.unwrap_or_else(|| panic!("no form on {view}"));
    let fields: Vec<(&str, &str)> = form
        .fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .chain([("decision", "accept")])
        .collect();
    let address = view.url.join(&form.action)?;
    let stolen = other.browser.post(address.as_str(), &fields).await?;
    assert_eq!(stolen.status, 403, "{}", stolen.body);
    let pending = stage.fetch(&stage.desk, asked.text("auth_req_id")).await?;
    assert_eq!(pending.error(), "authorization_pending");
    Ok(())
}

#[tokio::test]
async fn signing_in_as_somebody_else_half_way_approves_nothing() -> Result<()> {
    let stage = stage()?;
    let (mut person, other) = (stage.person().await?, stage.person().await?);
    let asked = stage.name(&stage.desk, &person, &[]).await?;
    stage.answer(&mut person.browser, "accept-").await?;
    let view = person
        .browser
        .here()
        .press(guichet_integration_tests::journey::Control::Id(
            "other-account",
        ))
        .choose(&other.provider.button())
        .await?;
    assert!(view.text().contains("une autre identité"), "{view}");
    let pending = stage.fetch(&stage.desk, asked.text("auth_req_id")).await?;
    assert_eq!(pending.error(), "authorization_pending");
    Ok(())
}

#[tokio::test]
async fn an_auth_req_id_of_another_client_is_worth_nothing() -> Result<()> {
    let stage = stage()?;
    let mut person = stage.person().await?;
    let asked = stage.name(&stage.desk, &person, &[]).await?;
    stage.answer(&mut person.browser, "accept-").await?;
    person.browser.here().agree().await?;
    let stolen = stage.fetch(&stage.desk2, asked.text("auth_req_id")).await?;
    assert_eq!((stolen.status, stolen.error()), (400, "invalid_grant"));
    let owner = stage.fetch(&stage.desk, asked.text("auth_req_id")).await?;
    assert_eq!(owner.status, 200, "a thief broke it: {}", owner.body);
    Ok(())
}

#[tokio::test]
async fn a_person_cannot_be_buried_under_requests() -> Result<()> {
    let stage = stage()?;
    let person = stage.person().await?;
    for _ in 0..4 {
        assert_eq!(stage.name(&stage.desk, &person, &[]).await?.status, 200);
    }
    let fifth = stage.name(&stage.desk, &person, &[]).await?;
    assert_eq!((fifth.status, fifth.error()), (403, "access_denied"));
    assert_eq!(stage.name(&stage.desk2, &person, &[]).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn a_person_signs_in_to_their_account_and_finds_the_request() -> Result<()> {
    let stage = stage()?;
    let person = stage.person().await?;
    stage
        .name(&stage.desk, &person, &[("binding_message", "Table 7")])
        .await?;
    let mut phone = HttpCitizen::new();
    let view = phone
        .visit(&format!("{}/account/requests", stage.hub()))
        .press(guichet_integration_tests::journey::Control::Id("sign-in"))
        .choose(&person.provider.button())
        .await?;
    assert!(view.url.path().ends_with("/account/requests"), "{view}");
    assert!(view.text().contains("Table 7"), "{view}");
    Ok(())
}
