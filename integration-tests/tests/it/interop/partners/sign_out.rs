//! Sign-out to the provider and from it, plain and encrypted.

use anyhow::{Context as _, Result};
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::keys::{claims_of, header_of};
use guichet_integration_tests::{Hands as _, HttpCitizen, wait};
use serde_json::{Value, json};

use super::super::deployment::SignedIn;
use super::{Agreement, Stage};

#[tokio::test]
async fn a_provider_that_encrypts_is_shown_the_token_inside_when_its_session_is_ended() -> Result<()>
{
    let stage = Stage::set(Agreement {
        both: encrypted(),
        ..Agreement::default()
    })
    .await?;
    let signed_in = stage.sign_in().await?;
    let token = signed_in.tokens.text("id_token");
    let out = format!(
        "{}/session/end?id_token_hint={token}",
        stage.deployment.issuer
    );
    let mut citizen = signed_in.citizen;
    citizen.visit(&out).await?;
    let asked = stage.provider.last_seen("/session/end")?;
    assert_eq!(asked["answer"]["status"], 200, "{asked}");
    let hint = asked["asked"]["id_token_hint"]
        .as_str()
        .context("no hint")?;
    assert_eq!(header_of(hint)?["alg"], "RS256");
    let view = citizen.here().press(Control::Id("sign-out")).await?;
    assert!(
        view.url.as_str().starts_with(&stage.deployment.issuer),
        "{view}"
    );
    Ok(())
}

#[tokio::test]
async fn whoever_signs_out_at_the_provider_is_signed_out_here_and_at_services() -> Result<()> {
    for (what, both) in [("plain", json!({})), ("encrypted", encrypted())] {
        for session_required in [false, true] {
            let stage = Stage::set(Agreement {
                both: both.clone(),
                provider: json!({ "backchannel_logout": true }),
                hub: json!({ "backchannel_logout_session_required": session_required }),
                ..Agreement::default()
            })
            .await?;
            let SignedIn {
                citizen, tokens, ..
            } = stage.sign_in().await?;
            let mut citizen = citizen;
            let alive = stage.lives(tokens.text("access_token")).await?;
            assert!(alive, "{what}");

            sign_out_there(&stage, &mut citizen).await?;
            wait::until("the hub to hear of the sign-out", async || {
                let lives = stage.lives(tokens.text("access_token")).await;
                (!lives.ok()?).then_some(())
            })
            .await
            .with_context(|| format!("{what}: {}", stage.provider.process.log()))?;
            let sent = stage.provider.last_seen("backchannel-logout")?["token"].clone();
            let sent = sent.as_str().context("no token")?;
            if what == "plain" {
                assert_eq!(header_of(sent)?["alg"], "RS256", "{sent}");
                let claims = claims_of(sent)?;
                assert_eq!(claims["sid"].is_string(), session_required, "{claims}");
            } else {
                // Only the hub can see what is in it.
                assert_eq!(header_of(sent)?["alg"], "RSA-OAEP-256", "{sent}");
                assert_eq!(sent.split('.').count(), 5, "{sent}");
            }
            // Neither does the hub's session answer the next request.
            let again = stage.service.attempt(&stage.deployment.issuer)?;
            let view = citizen.visit(&again.with("prompt", "none").url()).await?;
            assert!(view.url.as_str().contains("error=login_required"), "{view}");
        }
    }
    Ok(())
}

/// Ends the provider's own session, at its own page, without a word to the hub.
async fn sign_out_there(stage: &Stage, citizen: &mut HttpCitizen) -> Result<()> {
    let page = format!("{}/session/end", stage.provider.issuer);
    let view = citizen.visit(&page).press(Control::Id("sign-out")).await?;
    anyhow::ensure!(view.status == Some(200), "{view}");
    Ok(())
}

impl Stage {
    /// Whether userinfo answers this token.
    async fn lives(&self, token: &str) -> Result<bool> {
        let answer = self
            .service
            .userinfo(&self.deployment.issuer, token)
            .await?;
        Ok(answer.status == 200)
    }
}

fn encrypted() -> Value {
    json!({ "id_token_encrypted_response_alg": "RSA-OAEP-256", "id_token_encrypted_response_enc": "A256GCM" })
}
