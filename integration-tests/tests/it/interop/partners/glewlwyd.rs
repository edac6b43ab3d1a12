//! Debian's `glewlwyd`, with its own pages in a real browser: a citizen signs in with it, and out of it.

use anyhow::{Context as _, Result, ensure};
use guichet_integration_tests::claims::changed;
use guichet_integration_tests::glewlwyd::{Glewlwyd, LOGIN, PASSWORD};
use guichet_integration_tests::journey::Control;
use guichet_integration_tests::peers::{Library, Registration, RelyingParty, details};
use guichet_integration_tests::{Browser, Hands as _, Node};
use serde_json::{Value, json};

use super::super::deployment::Deployment;

#[tokio::test]
async fn a_citizen_of_glewlwyd_signs_in_and_out() -> Result<()> {
    let stage = Stage::set(&json!({}), &json!({})).await?;
    let mut browser = Browser::start().await?;
    stage.sign_in(&mut browser).await?;

    // It asks before it ends its own session, then everybody is sent home.
    let view = browser
        .visit(&format!("{}/logout", stage.service.address))
        .land_at(&stage.provider.issuer)
        .press(Control::Labelled("Se déconnecter"))
        .land_at(&stage.service.address)
        .await
        .with_context(|| stage.logs())?;
    assert_eq!(view.shown("outcome")?, "signed out", "{view}");
    // The hub has forgotten: it asks with which account.
    let again = format!("{}/login", stage.service.address);
    let view = browser.visit(&again).land_at(&stage.hub.issuer).await?;
    assert!(view.text().contains(BUTTON), "{view}");
    Ok(())
}

#[tokio::test]
async fn glewlwyd_takes_pushed_requests_alone_and_binds_its_tokens() -> Result<()> {
    let demanded = json!({
        "oauth-par-allowed": true, "oauth-par-required": true, "oauth-par-duration": 60,
        "oauth-par-request_uri-prefix": "urn:ietf:params:oauth:request_uri:",
        "oauth-dpop-allowed": true, "oauth-dpop-iat-duration": 60,
    });
    let record =
        json!({ "require_pushed_authorization_requests": true, "dpop_bound_access_tokens": true });
    let stage = Stage::set(&demanded, &record).await?;
    let mut browser = Browser::start().await?;
    stage.sign_in(&mut browser).await
}

/// A hub that knows one provider, and a service on a stock library.
struct Stage {
    hub: Deployment,
    node: Node,
    provider: Glewlwyd,
    service: RelyingParty,
}

const BUTTON: &str = "Compte Glewlwyd";
/// It does not decode what is form-encoded in `Authorization: Basic` (RFC 6749 §2.3.1), so nothing here needs encoding.
const SECRET: &str = "a-secret-between-the-hub-and-glewlwyd";

impl Stage {
    /// `plugin` goes over how the provider usually speaks, `record` over what the hub usually knows of it.
    async fn set(plugin: &Value, record: &Value) -> Result<Self> {
        let service = Registration::new("glewlwyd-service", json!({}))?;
        let mut hub = Deployment::new(&[], &[])?;
        hub.clients = vec![service.metadata()];
        let provider = Glewlwyd::start(&hub.issuer, SECRET, plugin).await?;
        let usual = json!({
            "id": "glewlwyd", "name": BUTTON, "issuer": provider.issuer, "client_id": "guichet",
            "client_secret": SECRET, "scope": "openid", "civil_register": "skip",
        });
        hub.providers = vec![changed(usual, record)];
        Ok(Self {
            node: hub.start().await?,
            service: RelyingParty::start(Library::Oauth4webapi, &service, &hub.issuer).await?,
            hub,
            provider,
        })
    }

    /// From the service through the hub and the provider's pages, and back.
    async fn sign_in(&self, browser: &mut Browser) -> Result<()> {
        let address = format!("{}/login", self.service.address);
        let journey = browser.visit(&address).choose(BUTTON);
        let journey = journey.fill("username", LOGIN).fill("password", PASSWORD);
        let view = journey
            .press(Control::Id("loginbut"))
            .press(Control::Labelled("Continuer"))
            .land_at(&self.hub.issuer)
            .agree()
            .land_at(&self.service.address)
            .await
            .with_context(|| self.logs())?;
        let said = details(&view)?;
        ensure!(said["userinfo"]["given_name"] == "Élodie Marie", "{view}");
        ensure!(said["userinfo"]["birthdate"] == "1985-02-14", "{view}");
        Ok(())
    }

    /// What both sides wrote.
    fn logs(&self) -> String {
        let (here, there) = (self.node.process.log(), self.provider.process.log());
        format!("hub:\n{here}\nglewlwyd:\n{there}")
    }
}
