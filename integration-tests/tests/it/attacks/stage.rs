//! The demo that the attacks share, with guests of their own: services that misbehave and providers that lie.
//!
//! One demo for all of them, because starting it costs more than most attacks do. What a test must have for itself
//! alone it takes: a provider by [`Stage::provider`], a citizen by [`RawClient::citizen`].

use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, ensure};
use guichet_integration_tests::demo::Guests;
use guichet_integration_tests::http_citizen::{Page, parameter};
use guichet_integration_tests::keys::SigningKey;
use guichet_integration_tests::raw_client::Attempt;
use guichet_integration_tests::{Demo, Hands, HttpCitizen, MockProvider, RawClient, Shared};
use serde_json::json;
use url::Url;

/// The demo and its guests.
pub(crate) struct Stage {
    /// The running demo.
    pub(crate) demo: Demo,
    /// A service: public body, confidential client, PKCE required.
    pub(crate) service: RawClient,
    /// Another service, on another host.
    pub(crate) other: RawClient,
    /// A private body: its citizens are asked.
    pub(crate) bank: RawClient,
    /// A service that need not use PKCE.
    pub(crate) lax: RawClient,
    /// A service that keeps refresh tokens.
    pub(crate) keeper: RawClient,
    /// Another one, which finds what is not its own.
    pub(crate) finder: RawClient,
    /// A native application: public client on loopback.
    pub(crate) native: RawClient,
    /// A service that signs assertions.
    pub(crate) signer: RawClient,
    /// What it signs them with.
    pub(crate) signer_key: SigningKey,
    providers: Mutex<Vec<MockProvider>>,
}

/// A login that ended well.
pub(crate) struct Arrived {
    /// The browser.
    pub(crate) citizen: HttpCitizen,
    /// What was asked.
    pub(crate) attempt: Attempt,
    /// The code.
    pub(crate) code: String,
}

/// A login whose person is about to come back from the provider.
pub(crate) struct Departed {
    /// The browser.
    pub(crate) citizen: HttpCitizen,
    /// The address the provider sends the browser to; it was not asked for yet.
    pub(crate) callback: Url,
}

/// A name that is no name; what stands before the tag is for tests to find it by.
pub(crate) const HOSTILE_NAME: &str =
    "Qui-dit\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}";

/// Providers to take, one or two a test.
const PROVIDERS: usize = 64;

/// The stage, set when the first test asks for it.
pub(crate) fn stage() -> Result<&'static Stage> {
    static STAGE: Shared<Stage> = Shared::new();
    STAGE.once(Stage::set)
}

impl Stage {
    async fn set() -> Result<Self> {
        let (service, other, bank, lax) = (
            RawClient::new("service"),
            RawClient::new("other"),
            RawClient::new("bank"),
            RawClient::new("lax"),
        );
        let (mut native, signer) = (RawClient::new("native"), RawClient::new("signer"));
        "http://127.0.0.1/callback".clone_into(&mut native.redirect_uri);
        let signer_key = SigningKey::generate("signer")?;
        let (keeper, finder) = (RawClient::new("keeper"), RawClient::new("finder"));
        let keeping = json!({
            "grant_types": [
                "authorization_code", "refresh_token",
                "urn:ietf:params:oauth:grant-type:token-exchange",
            ],
        });
        let mut providers = Vec::new();
        for number in 0..PROVIDERS {
            providers.push(MockProvider::start(&format!("mock-{number}")).await?);
        }
        // One more that nobody chooses: its name is on every choice page.
        let mut hostile_provider = providers[0].registration();
        hostile_provider["id"] = json!("hostile");
        hostile_provider["name"] = json!(HOSTILE_NAME);
        let guests = Guests {
            clients: vec![
                service.metadata(),
                other.metadata_with(&json!({ "client_uri": "https://other.example/", "client_name": HOSTILE_NAME }),
                ),
                keeper.metadata_with(&keeping),
                finder.metadata_with(&keeping),
                bank.metadata_with(&json!({ "kind": "private" })),
                lax.metadata_with(&json!({ "require_pkce": false })),
                native.metadata_with(&json!({ "token_endpoint_auth_method": "none", "client_secret": null }),
                ),
                signer.metadata_with(&json!({
                        "token_endpoint_auth_method": "private_key_jwt", "client_secret": null, "jwks": signer_key.jwks(),
                    }),
                ),
            ],
            providers: providers
                .iter()
                .map(MockProvider::registration)
                .chain([hostile_provider])
                .collect(),
        };
        let demo = Demo::with(guests).await?;
        Ok(Self {
            demo,
            service,
            other,
            bank,
            lax,
            keeper,
            finder,
            native,
            signer,
            signer_key,
            providers: Mutex::new(providers),
        })
    }

    /// The issuer.
    pub(crate) fn hub(&self) -> &str {
        &self.demo.cast.hub
    }

    /// A provider for one test alone: what it is told to do wrong, no other test sees.
    pub(crate) fn provider(&self) -> Result<MockProvider> {
        let mut providers = self
            .providers
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        providers
            .pop()
            .context("every provider is taken: raise PROVIDERS")
    }

    /// Walks to the consent page of `client`.
    pub(crate) async fn at_consent(
        &self,
        client: &RawClient,
        provider: &MockProvider,
    ) -> Result<(HttpCitizen, Attempt)> {
        let (mut citizen, attempt) = (client.citizen(), client.attempt(self.hub())?);
        let view = citizen
            .visit(&attempt.url())
            .choose(&provider.button())
            .await?;
        ensure!(
            view.url.path().ends_with("/consent"),
            "no consent page: {view}"
        );
        Ok((citizen, attempt))
    }

    /// Walks to the end of a login at `client`.
    pub(crate) async fn arrive(
        &self,
        client: &RawClient,
        provider: &MockProvider,
    ) -> Result<Arrived> {
        let (mut citizen, attempt) = self.at_consent(client, provider).await?;
        let view = citizen.here().agree().await?;
        let code = parameter(&view.url, "code").with_context(|| format!("no code: {view}"))?;
        Ok(Arrived {
            citizen,
            attempt,
            code,
        })
    }

    /// Walks until the provider sends the browser back, and not further.
    pub(crate) async fn depart(
        &self,
        client: &RawClient,
        provider: &MockProvider,
    ) -> Result<Departed> {
        let (mut citizen, attempt) = (client.citizen(), client.attempt(self.hub())?);
        let callback = self.depart_with(&mut citizen, &attempt, provider).await?;
        Ok(Departed { citizen, callback })
    }

    /// The same, for a browser and a request at hand.
    pub(crate) async fn depart_with(
        &self,
        citizen: &mut HttpCitizen,
        attempt: &Attempt,
        provider: &MockProvider,
    ) -> Result<Url> {
        let back = format!("{}/callback/", self.hub());
        let mut held = citizen.clone().stopping_at(&back);
        let view = held
            .visit(&attempt.url())
            .choose(&provider.button())
            .await?;
        ensure!(
            view.url.as_str().starts_with(&back),
            "not sent back to the hub: {view}"
        );
        for (name, value) in held.cookies() {
            citizen.plant_cookie(self.hub(), &name, &value)?;
        }
        Ok(view.url)
    }
}

/// The name of the hub's session cookie.
pub(crate) const SESSION: &str = "hub-session";

/// Whether this browser is signed in: whether a correct request leads it past the choice of providers.
pub(crate) async fn is_signed_in(
    stage: &Stage,
    citizen: &HttpCitizen,
    client: &RawClient,
) -> Result<bool> {
    let mut citizen = citizen.clone().stopping_at(&client.redirect_uri);
    let view = citizen.visit(&client.attempt(stage.hub())?.url()).await?;
    Ok(view.url.path().ends_with("/consent"))
}

/// A page of the hub's own that leads nowhere by itself and holds nothing an attacker wrote.
pub(crate) fn must_be_refused(page: &Page, statuses: &[u16]) {
    assert!(
        statuses.contains(&page.status),
        "{} answered {}: {}",
        page.url,
        page.status,
        page.body
    );
    assert!(
        !page.headers.contains_key("location"),
        "{} redirects",
        page.url
    );
    must_be_inert(page);
}

/// No answer shows where it was made, carries script, or speaks for or leads to whoever wrote the request.
pub(crate) fn must_be_inert(page: &Page) {
    for telltale in [
        "panicked",
        "stack backtrace",
        ".rs:",
        "/src/",
        "<script>alert",
    ] {
        assert!(
            !page.body.contains(telltale),
            "{} shows {telltale:?}: {}",
            page.url,
            page.body
        );
    }
    let document = page.document();
    assert!(
        !document.text().contains("evil.example"),
        "{} repeats the attacker: {}",
        page.url,
        document.text()
    );
    for (tag, attribute) in [
        ("a", "href"),
        ("form", "action"),
        ("img", "src"),
        ("link", "href"),
        ("meta", "content"),
    ] {
        for target in document
            .by_tag(tag)
            .filter_map(|element| element.attribute(attribute))
        {
            let host = page
                .url
                .join(target)
                .ok()
                .and_then(|url| url.host_str().map(str::to_owned));
            assert!(
                !host.is_some_and(|host| host.ends_with("evil.example")),
                "{} leads to {target}",
                page.url
            );
        }
    }
}
