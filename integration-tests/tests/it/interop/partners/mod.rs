//! Upstream providers that nobody here wrote, in every way the two sides may agree to talk: whole sign-ins, and what
//! the provider was asked meanwhile.

mod agreements;
mod glewlwyd;
mod proofs;
mod sign_out;

use anyhow::{Context as _, Result, ensure};
use guichet_integration_tests::claims::changed;
use guichet_integration_tests::journey::{Control, Journey};
use guichet_integration_tests::machine::free_port;
use guichet_integration_tests::peers::UpstreamProvider;
use guichet_integration_tests::{Hands, Node, RawClient};
use serde_json::{Value, json};

use super::deployment::{Deployment, SignedIn, finish};

/// What hub and provider agreed on, each part over the usual.
#[derive(Default)]
struct Agreement {
    /// Members that both records have, by the same name.
    both: Value,
    /// What the provider knows of the hub (RFC 7591).
    hub: Value,
    /// What the hub knows of the provider.
    provider: Value,
    /// Settings of the provider: see `provider.mjs`.
    settings: Value,
    /// Settings of the hub, as TOML.
    further: String,
    /// Services besides the one that all have.
    clients: Vec<Value>,
    /// Where the provider listens, when the records must say so.
    port: Option<u16>,
}

/// A hub, a provider on `oidc-provider`, a service.
struct Stage {
    deployment: Deployment,
    hub: Node,
    provider: UpstreamProvider,
    service: RawClient,
}

const BUTTON: &str = "Fournisseur de série";
const SECRET: &str = "a secret between the hub and a stock provider";

impl Stage {
    async fn set(agreement: Agreement) -> Result<Self> {
        let service = RawClient::new("stock");
        let port = agreement.port.map_or_else(free_port, Ok)?;
        let mut deployment = Deployment::new(&[&service], &[])?;
        let record = changed(record(port), &agreement.both);
        deployment.providers = vec![changed(record, &agreement.provider)];
        deployment.clients.extend(agreement.clients);
        deployment.further = agreement.further;
        let hub = changed(registration(&deployment.issuer), &agreement.both);
        let hub = changed(hub, &agreement.hub);
        let settings = changed(json!({ "host": "127.0.0.1" }), &agreement.settings);
        let provider = UpstreamProvider::start_with(port, hub, accounts(), &settings).await?;
        Ok(Self {
            hub: deployment.start().await?,
            deployment,
            provider,
            service,
        })
    }

    /// A whole login of a newcomer.
    async fn sign_in(&self) -> Result<SignedIn> {
        let issuer = &self.deployment.issuer;
        let attempt = self.service.attempt(issuer)?;
        let mut citizen = self.service.citizen();
        let journey = citizen.visit(&attempt.url()).choose(BUTTON);
        let walked = sign_in_there(journey).agree().await;
        walked.with_context(|| self.logs())?;
        let signed_in = finish(&self.service, issuer, citizen, &attempt).await?;
        ensure!(signed_in.userinfo.text("family_name") == "QUELQUUN");
        Ok(signed_in)
    }

    /// What both sides wrote.
    fn logs(&self) -> String {
        let (here, there) = (self.hub.process.log(), self.provider.process.log());
        format!("hub:\n{here}\nprovider:\n{there}")
    }
}

/// Signs in at the provider's page.
fn sign_in_there<H: Hands>(journey: Journey<'_, H>) -> Journey<'_, H> {
    journey
        .fill("login", "elodie")
        .fill("password", "any")
        .press(Control::Id("sign-in"))
}

/// What the hub is told of the provider.
fn record(port: u16) -> Value {
    json!({
        "id": "stock", "name": BUTTON, "issuer": format!("http://127.0.0.1:{port}"), "client_id": "guichet",
        "client_secret": SECRET, "token_endpoint_auth_method": "client_secret_basic",
        "scope": "openid profile birth email", "levels": ["eidas1"], "civil_register": "skip",
    })
}

/// What the provider is told of the hub.
fn registration(hub: &str) -> Value {
    json!({
        "client_id": "guichet", "client_secret": SECRET, "token_endpoint_auth_method": "client_secret_basic",
        "redirect_uris": [format!("{hub}/callback/stock")],
        "post_logout_redirect_uris": [format!("{hub}/logout/callback")],
        "backchannel_logout_uri": format!("{hub}/callback/stock/backchannel-logout"),
        "jwks_uri": format!("{hub}/client/jwks"),
    })
}

fn accounts() -> Value {
    json!({ "elodie": {
        "given_name": "Élodie Marie", "family_name": "QUELQUUN", "birthdate": "1985-02-14", "gender": "female",
        "birthplace": "35238", "birthcountry": "99100", "email": "someone@example.org",
    } })
}
