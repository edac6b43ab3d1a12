//! A passkey authenticator that lives in the browser, says yes at once, and can be told to fail.

use anyhow::{Context, Result};
use serde_json::json;

use super::Browser;

/// A virtual authenticator of one tab.
#[derive(Clone, Debug)]
pub struct Authenticator {
    id: String,
}

impl Browser {
    /// Plugs in a built-in authenticator (as a phone or laptop has) whose user is verified.
    pub async fn plug_in_authenticator(&self) -> Result<Authenticator> {
        self.devtools("WebAuthn.enable", json!({})).await?;
        let options = json!({ "options": {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": true,
            "hasUserVerification": true,
            "isUserVerified": true,
            "automaticPresenceSimulation": true,
        }});
        let answer = self
            .devtools("WebAuthn.addVirtualAuthenticator", options)
            .await?;
        let id = answer["authenticatorId"]
            .as_str()
            .context("no authenticator")?
            .to_owned();
        Ok(Authenticator { id })
    }

    /// How many passkeys the authenticator holds.
    pub async fn count_passkeys(&self, authenticator: &Authenticator) -> Result<usize> {
        let answer = self
            .devtools(
                "WebAuthn.getCredentials",
                json!({ "authenticatorId": authenticator.id }),
            )
            .await?;
        Ok(answer["credentials"]
            .as_array()
            .context("no credentials")?
            .len())
    }

    /// From now on the authenticator does, or does not, recognise its user.
    pub async fn set_user_verified(
        &self,
        authenticator: &Authenticator,
        verified: bool,
    ) -> Result<()> {
        let state = json!({ "authenticatorId": authenticator.id, "isUserVerified": verified });
        self.devtools("WebAuthn.setUserVerified", state).await?;
        Ok(())
    }
}
