//! The demo that the plans of the authorization endpoint share, with the services they are run for.

use std::time::Instant;

use anyhow::{Context, Result, ensure};
use guichet_integration_tests::claims::changed;
use guichet_integration_tests::demo::Guests;
use guichet_integration_tests::http_citizen::{parameter, shared_client};
use guichet_integration_tests::journey::View;
use guichet_integration_tests::keys::{SigningKey, claims_of};
use guichet_integration_tests::raw_client::{Answer, Attempt};
use guichet_integration_tests::{Demo, Hands, HttpCitizen, MockProvider, RawClient, Shared};
use serde_json::{Value, json};

use super::fapi_party::FapiParty;

/// The demo and its guests.
pub(crate) struct Parties {
    pub(crate) demo: Demo,
    /// `client_secret_basic`; need not use PKCE.
    pub(crate) basic: RawClient,
    /// `client_secret_post`; its redirect URI has a query.
    pub(crate) post: RawClient,
    /// Signs request objects.
    pub(crate) signer: RawClient,
    pub(crate) signer_key: SigningKey,
    /// Clients of FAPI 2.0, and one that signs its requests as well.
    pub(crate) fapi: FapiParty,
    pub(crate) other_fapi: FapiParty,
    pub(crate) signing: FapiParty,
    provider: MockProvider,
    /// When all of them were there.
    pub(crate) started: Instant,
}

/// A login that ended well, and what it bought.
pub(crate) struct Arrived {
    pub(crate) citizen: HttpCitizen,
    pub(crate) attempt: Attempt,
    pub(crate) tokens: Answer,
}

/// The demo, started when the first test asks for it.
pub(crate) fn parties() -> Result<&'static Parties> {
    static PARTIES: Shared<Parties> = Shared::new();
    PARTIES.once(Parties::gather)
}

const SCOPE: &str = "openid profile birth email phone given_name family_name birthdate";

impl Parties {
    async fn gather() -> Result<Self> {
        let provider = MockProvider::start("plans").await?;
        let (basic, mut post, signer) = (
            RawClient::new("plan-basic"),
            RawClient::new("plan-post"),
            RawClient::new("plan-signer"),
        );
        post.redirect_uri.push_str("?tenant=one");
        let signer_key = SigningKey::generate("signer")?;
        let (fapi, other_fapi, signing) = (
            FapiParty::new("plan-fapi")?,
            FapiParty::new("plan-fapi-other")?,
            FapiParty::new("plan-signing")?,
        );
        let registered = |client: &RawClient, change: &Value| {
            changed(client.metadata_with(&json!({ "scope": SCOPE })), change)
        };
        let guests = Guests {
            clients: vec![
                registered(&basic, &json!({ "require_pkce": false })),
                registered(
                    &post,
                    &json!({ "token_endpoint_auth_method": "client_secret_post" }),
                ),
                registered(
                    &signer,
                    &json!({ "jwks": signer_key.jwks(), "request_uris": ["https://plan-signer.example/request"] }),
                ),
                fapi.metadata(&json!({}))?,
                other_fapi.metadata(&json!({}))?,
                signing.metadata(&json!({ "require_signed_request_object": true }))?,
            ],
            providers: vec![provider.registration()],
        };
        Ok(Self {
            demo: Demo::with(guests).await?,
            basic,
            post,
            signer,
            signer_key,
            fapi,
            other_fapi,
            signing,
            provider,
            started: Instant::now(),
        })
    }

    pub(crate) fn hub(&self) -> &str {
        &self.demo.cast.hub
    }

    /// Visits an address of the hub and signs in: the last page, or the address at the service.
    pub(crate) async fn sign_in(&self, citizen: &mut HttpCitizen, address: &str) -> Result<View> {
        let view = citizen
            .visit(address)
            .choose(&self.provider.button())
            .agree()
            .await?;
        Ok(view)
    }

    /// A login of `client` with these changes to its request, to the end.
    pub(crate) async fn arrive(
        &self,
        client: &RawClient,
        change: impl FnOnce(Attempt) -> Attempt,
    ) -> Result<Arrived> {
        let attempt = change(client.attempt(self.hub())?);
        let mut citizen = client.citizen();
        let view = self.sign_in(&mut citizen, &attempt.url()).await?;
        let tokens = self.redeem(client, &attempt, &view).await?;
        Ok(Arrived {
            citizen,
            attempt,
            tokens,
        })
    }

    /// The tokens for the code in an address at the service.
    pub(crate) async fn redeem(
        &self,
        client: &RawClient,
        attempt: &Attempt,
        view: &View,
    ) -> Result<Answer> {
        let code = parameter(&view.url, "code").with_context(|| format!("no code: {view}"))?;
        let tokens = client.redeem(self.hub(), &code, attempt).await?;
        ensure!(tokens.status == 200, "no tokens: {}", tokens.body);
        Ok(tokens)
    }

    /// What the button of the provider reads.
    pub(crate) fn button(&self) -> String {
        self.provider.button()
    }

    /// What the hub answers to an address without anybody doing anything, as it comes.
    pub(crate) async fn answer(&self, citizen: &mut HttpCitizen, address: &str) -> Result<View> {
        citizen.visit(address).await
    }

    /// The metadata document.
    pub(crate) async fn metadata(&self) -> Result<Value> {
        self.document("/.well-known/openid-configuration").await
    }

    /// The published keys.
    pub(crate) async fn jwks(&self) -> Result<Value> {
        self.document("/jwks").await
    }

    async fn document(&self, path: &str) -> Result<Value> {
        let address = self.demo.hub(path);
        Ok(shared_client().get(address).send().await?.json().await?)
    }
}

impl Arrived {
    pub(crate) fn id_token(&self) -> Result<Value> {
        claims_of(self.tokens.text("id_token"))
    }

    /// The userinfo answer.
    pub(crate) async fn userinfo(&self, parties: &Parties, client: &RawClient) -> Result<Value> {
        let token = self.tokens.text("access_token");
        Ok(client.userinfo(parties.hub(), token).await?.json)
    }
}

/// The error that an address at a service carries, empty where there is none.
pub(crate) fn error_of(view: &View) -> String {
    parameter(&view.url, "error").unwrap_or_default()
}

/// A page of the hub's that says no, and no way to any service.
pub(crate) fn must_be_a_page(view: &View) {
    assert_eq!(view.status, Some(400), "{view}");
}
