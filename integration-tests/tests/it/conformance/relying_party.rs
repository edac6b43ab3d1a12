//! Relying parties that register themselves at one demo, and the citizen who signs in to them.

use anyhow::{Context, Result, ensure};
use guichet_integration_tests::claims::changed;
use guichet_integration_tests::demo::Guests;
use guichet_integration_tests::http_citizen::{Page, parameter, shared_client};
use guichet_integration_tests::keys::{claims_of, random_text};
use guichet_integration_tests::raw_client::{Answer, Attempt};
use guichet_integration_tests::{Demo, Hands, HttpCitizen, MockProvider, RawClient, Shared};
use serde_json::{Value, json};

/// The demo of every plan, and a provider whose citizen is always the same.
pub(super) struct Stage {
    demo: Demo,
    provider: MockProvider,
}

/// A client that registered itself.
pub(super) struct Party {
    /// What it does.
    pub(super) client: RawClient,
    /// What it was told when it registered.
    pub(super) registered: Value,
}

/// A citizen who is signed in to a party.
pub(super) struct SignedIn {
    /// The browser.
    pub(super) citizen: HttpCitizen,
    /// The token response.
    pub(super) tokens: Answer,
}

/// The stage, set when the first test asks for it.
pub(super) fn stage() -> Result<&'static Stage> {
    static STAGE: Shared<Stage> = Shared::new();
    STAGE.once(Stage::set)
}

impl Stage {
    async fn set() -> Result<Self> {
        let provider = MockProvider::start("plan").await?;
        let guests = Guests {
            clients: Vec::new(),
            providers: vec![provider.registration()],
        };
        Ok(Self {
            demo: Demo::with(guests).await?,
            provider,
        })
    }

    /// The issuer.
    pub(super) fn hub(&self) -> &str {
        &self.demo.cast.hub
    }

    /// A sign-out request with these parameters.
    pub(super) fn sign_out(&self, parameters: &[(&str, &str)]) -> String {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(parameters)
            .finish();
        format!("{}/session/end?{query}", self.hub())
    }

    /// A document of the hub.
    pub(super) async fn document(&self, path: &str) -> Result<Value> {
        let answer = shared_client()
            .get(format!("{}{path}", self.hub()))
            .send()
            .await?;
        ensure!(answer.status().is_success(), "{path}: {}", answer.status());
        Ok(answer.json().await?)
    }

    /// Its discovery document.
    pub(super) async fn discovery(&self) -> Result<Value> {
        self.document("/.well-known/openid-configuration").await
    }

    /// Sends metadata to the registration endpoint.
    pub(super) async fn send_registration(&self, metadata: &Value) -> Result<(u16, Value)> {
        let answer = shared_client()
            .post(format!("{}/register", self.hub()))
            .json(metadata)
            .send()
            .await?;
        Ok((answer.status().as_u16(), answer.json().await?))
    }

    /// A party of its own host, with `more` in its metadata.
    pub(super) async fn party(&self, more: Value) -> Result<Party> {
        let host = format!(
            "rp-{}",
            random_text()?.to_lowercase().replace(['_', '-'], "x")
        );
        let mut client = RawClient::new(&host);
        let usual = json!({
            "client_name": "A relying party of the plans",
            "redirect_uris": [client.redirect_uri],
            "post_logout_redirect_uris": [format!("https://{host}.example/signed-out")],
        });
        let metadata = changed(usual, &more);
        let (status, registered) = self.send_registration(&metadata).await?;
        ensure!(status == 201, "not registered: {status} {registered}");
        let text = |name: &str| registered[name].as_str().unwrap_or_default().to_owned();
        client.client_id = text("client_id");
        client.client_secret = text("client_secret");
        if let Some(uri) = registered["redirect_uris"][0].as_str() {
            uri.clone_into(&mut client.redirect_uri);
        }
        Ok(Party { client, registered })
    }

    /// Signs a citizen in to `party`.
    pub(super) async fn sign_in(&self, party: &Party) -> Result<SignedIn> {
        let attempt = party.client.attempt(self.hub())?;
        self.sign_in_by(party, HttpCitizen::new(), attempt).await
    }

    /// The code that a citizen's sign-in brings `party` for this request.
    pub(super) async fn code(&self, party: &Party, attempt: &Attempt) -> Result<String> {
        let mut citizen = HttpCitizen::new().stopping_at(&party.client.redirect_uri);
        self.arrive(&mut citizen, attempt).await
    }

    /// Walks a browser to the end of a sign-in; the code it brings.
    async fn arrive(&self, citizen: &mut HttpCitizen, attempt: &Attempt) -> Result<String> {
        let view = citizen.visit(&attempt.url()).await?;
        if view.url.path().ends_with("/provider") {
            citizen.here().choose(&self.provider.button()).await?;
        }
        let view = citizen.here().agree().await?;
        parameter(&view.url, "code").with_context(|| format!("no code: {view}"))
    }

    /// A sign-in by a browser and a request at hand.
    pub(super) async fn sign_in_by(
        &self,
        party: &Party,
        citizen: HttpCitizen,
        attempt: Attempt,
    ) -> Result<SignedIn> {
        let mut citizen = citizen.stopping_at(&party.client.redirect_uri);
        let code = self.arrive(&mut citizen, &attempt).await?;
        let tokens = party.client.redeem(self.hub(), &code, &attempt).await?;
        ensure!(tokens.status == 200, "no tokens: {}", tokens.body);
        Ok(SignedIn { citizen, tokens })
    }
}

impl Party {
    /// Where its browsers may go after signing out.
    pub(super) fn after_sign_out(&self) -> &str {
        self.registered["post_logout_redirect_uris"][0]
            .as_str()
            .unwrap_or_default()
    }

    /// Signs out with the session's ID token and a state; what the browser gets.
    pub(super) async fn sign_out_and_return(
        &self,
        stage: &Stage,
        session: &SignedIn,
    ) -> Result<HttpCitizen> {
        let address = stage.sign_out(&[
            ("id_token_hint", session.id_token()),
            ("post_logout_redirect_uri", self.after_sign_out()),
            ("state", "a state"),
        ]);
        let mut citizen = session.citizen.clone().stopping_at(self.after_sign_out());
        citizen.open(&address).await?;
        Ok(citizen)
    }
}

impl SignedIn {
    /// The ID token.
    pub(super) fn id_token(&self) -> &str {
        self.tokens.text("id_token")
    }

    /// A claim of the ID token.
    pub(super) fn claim(&self, name: &str) -> Result<Value> {
        Ok(claims_of(self.id_token())?[name].clone())
    }

    /// Whether the browser still is signed in at the hub.
    pub(super) async fn is_signed_in(&self, stage: &Stage, party: &Party) -> Result<bool> {
        let mut citizen = self.citizen.clone().stopping_at(&party.client.redirect_uri);
        let attempt = party.client.attempt(stage.hub())?.with("prompt", "none");
        let view = citizen.visit(&attempt.url()).await?;
        match parameter(&view.url, "error").as_deref() {
            Some("login_required") => Ok(false),
            // Signed in, and asked for consent at each visit.
            Some("consent_required" | "interaction_required") => Ok(true),
            other => Ok(other.is_none() && parameter(&view.url, "code").is_some()),
        }
    }
}

/// An error for the person to read, and no way to any client.
pub(super) fn must_be_an_error_page(page: &Page) {
    assert_eq!(page.status, 400, "{}: {}", page.url, page.body);
    assert_eq!(page.trail.len(), 1, "it redirected: {:?}", page.trail);
}
