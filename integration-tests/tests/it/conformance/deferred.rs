//! The demo that tests of devices and of CIBA share: clients without a browser, people who answer
//! elsewhere, and an ear for pings.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result, ensure};
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use guichet_integration_tests::claims::{changed, now};
use guichet_integration_tests::demo::Guests;
use guichet_integration_tests::http_citizen::{parameter, shared_client};
use guichet_integration_tests::journey::{Control, View};
use guichet_integration_tests::keys::{SigningKey, claims_of, random_text};
use guichet_integration_tests::mock_provider::someone;
use guichet_integration_tests::raw_client::Answer;
use guichet_integration_tests::wait::until;
use guichet_integration_tests::{Demo, Hands, HttpCitizen, MockProvider, RawClient, Shared};
use serde_json::{Value, json};

pub(crate) const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";
pub(crate) const CIBA: &str = "urn:openid:params:grant-type:ciba";

/// The demo and its guests.
pub(crate) struct Stage {
    pub(crate) demo: Demo,
    /// A public client without a browser.
    pub(crate) tv: RawClient,
    /// Confidential ones.
    pub(crate) kiosk: RawClient,
    pub(crate) kiosk2: RawClient,
    /// Services that name their citizens and ask, and one that is told.
    pub(crate) desk: RawClient,
    pub(crate) desk2: RawClient,
    pub(crate) bell: RawClient,
    /// A service that lives by FAPI-CIBA, and its key.
    pub(crate) bank: RawClient,
    pub(crate) bank_key: SigningKey,
    pings: Arc<Mutex<Pings>>,
    providers: Mutex<Vec<MockProvider>>,
}

/// What the ear heard.
#[derive(Default)]
struct Pings {
    heard: Vec<(Option<String>, Value)>,
    /// Of which requests it does not want to hear yet, and what came of them all the same.
    deaf_to: BTreeMap<String, u32>,
}

/// A person with an account at a provider of their own, known to the services that name people.
pub(crate) struct Person {
    pub(crate) browser: HttpCitizen,
    pub(crate) provider: MockProvider,
    pub(crate) sub: String,
    pub(crate) id_token: String,
}

const PEOPLE: usize = 40;

/// The stage, set when the first test asks for it.
pub(crate) fn stage() -> Result<&'static Stage> {
    static STAGE: Shared<Stage> = Shared::new();
    STAGE.once(Stage::set)
}

impl Stage {
    async fn set() -> Result<Self> {
        let pings = Arc::new(Mutex::new(Pings::default()));
        let ear = listen(Arc::clone(&pings)).await?;
        let names = ["tv", "kiosk", "kiosk2", "desk", "desk2", "bell", "bank"];
        let [tv, kiosk, kiosk2, desk, desk2, bell, bank] = names.map(RawClient::new);
        let bank_key = SigningKey::generate("bank")?;
        let mut providers = Vec::new();
        for number in 0..PEOPLE {
            let provider = MockProvider::start(&format!("own-{number}")).await?;
            let mut citizen = someone();
            citizen["sub"] = json!(format!("citizen-{number}"));
            citizen["family_name"] = json!(format!("PERSONNE{}", letters(number)));
            provider.present(citizen);
            providers.push(provider);
        }
        let device = json!({"grant_types": [DEVICE], "redirect_uris": [], "response_types": []});
        let ciba = json!({
            "grant_types": ["authorization_code", CIBA], "sector": "town",
            "backchannel_token_delivery_mode": "poll",
        });
        let guests = Guests {
            clients: vec![
                changed(
                    tv.metadata_with(&device),
                    &json!({"token_endpoint_auth_method": "none", "client_secret": null}),
                ),
                kiosk.metadata_with(&device),
                kiosk2.metadata_with(&device),
                desk.metadata_with(&ciba),
                desk2.metadata_with(&ciba),
                changed(
                    bell.metadata_with(&ciba),
                    &json!({
                        "backchannel_token_delivery_mode": "ping",
                        "backchannel_client_notification_endpoint": ear,
                    }),
                ),
                changed(
                    bank.metadata_with(&ciba),
                    &json!({
                        "profile": "fapi2", "client_secret": null, "jwks": bank_key.jwks(),
                        "token_endpoint_auth_method": "private_key_jwt",
                        "backchannel_authentication_request_signing_alg": "ES256",
                    }),
                ),
            ],
            providers: providers.iter().map(MockProvider::registration).collect(),
        };
        let demo = Demo::with(guests).await?;
        Ok(Self {
            demo,
            tv,
            kiosk,
            kiosk2,
            desk,
            desk2,
            bell,
            bank,
            bank_key,
            pings,
            providers: Mutex::new(providers),
        })
    }

    /// The issuer.
    pub(crate) fn hub(&self) -> &str {
        &self.demo.cast.hub
    }

    /// A provider with an account of somebody whom no other test knows.
    pub(crate) fn provider(&self) -> Result<MockProvider> {
        let mut providers = self
            .providers
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        providers.pop().context("nobody is left: raise PEOPLE")
    }

    /// A person whom the town's services know, signed in at their browser.
    pub(crate) async fn person(&self) -> Result<Person> {
        let provider = self.provider()?;
        let mut browser = self.desk.citizen();
        let attempt = self.desk.attempt(self.hub())?;
        let view = browser
            .visit(&attempt.url())
            .choose(&provider.button())
            .agree()
            .await?;
        let code = parameter(&view.url, "code").with_context(|| format!("no code: {view}"))?;
        let tokens = self.desk.redeem(self.hub(), &code, &attempt).await?;
        let id_token = tokens.text("id_token").to_owned();
        let sub = claims_of(&id_token)?["sub"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        ensure!(!sub.is_empty(), "no sub: {}", tokens.body);
        Ok(Person {
            browser,
            provider,
            sub,
            id_token,
        })
    }

    /// Posts a form, with the client's secret where it has one.
    pub(crate) async fn post(
        &self,
        client: &RawClient,
        path: &str,
        form: &[(&str, &str)],
    ) -> Result<Answer> {
        let encode =
            |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let request = shared_client().post(format!("{}{path}", self.hub()));
        let request = match client.client_id.as_str() {
            "tv" => {
                let named: Vec<_> = form.iter().copied().chain([("client_id", "tv")]).collect();
                request.form(&named)
            }
            "bank" => {
                let assertion = self.assertion()?;
                let signed: Vec<_> = form
                    .iter()
                    .copied()
                    .chain([
                        ("client_assertion", assertion.as_str()),
                        (
                            "client_assertion_type",
                            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                        ),
                    ])
                    .collect();
                request.form(&signed)
            }
            _ => request.form(form).basic_auth(
                encode(&client.client_id),
                Some(encode(&client.client_secret)),
            ),
        };
        Answer::of(request).await
    }

    fn assertion(&self) -> Result<String> {
        let now = now();
        self.bank_key.sign(&json!({
            "iss": "bank", "sub": "bank", "aud": self.hub(), "iat": now, "exp": now + 60,
            "jti": random_text()?,
        }))
    }

    /// A device's request that is accepted.
    pub(crate) async fn device(&self, client: &RawClient) -> Result<Answer> {
        let form = [("scope", "openid given_name")];
        let asked = self.post(client, "/device_authorization", &form).await?;
        ensure!(asked.status == 200, "not accepted: {}", asked.body);
        Ok(asked)
    }

    /// What the token endpoint says to a device code.
    pub(crate) async fn poll(&self, client: &RawClient, device_code: &str) -> Result<Answer> {
        let form = [("grant_type", DEVICE), ("device_code", device_code)];
        self.post(client, "/token", &form).await
    }

    /// What the token endpoint says to an `auth_req_id`.
    pub(crate) async fn fetch(&self, client: &RawClient, auth_req_id: &str) -> Result<Answer> {
        let form = [("grant_type", CIBA), ("auth_req_id", auth_req_id)];
        self.post(client, "/token", &form).await
    }

    /// A request of CIBA for `person`, with these parameters besides.
    pub(crate) async fn name(
        &self,
        client: &RawClient,
        person: &Person,
        more: &[(&str, &str)],
    ) -> Result<Answer> {
        let mut form = vec![("scope", "openid given_name"), ("login_hint", &*person.sub)];
        form.extend_from_slice(more);
        self.post(client, "/bc-authorize", &form).await
    }

    /// Types a device's code and looks at who asks.
    pub(crate) async fn type_code(&self, browser: &mut HttpCitizen, code: &str) -> Result<View> {
        browser
            .visit(&format!("{}/account/device", self.hub()))
            .fill("user_code", code)
            .press(Control::Id("continue"))
            .await
    }

    /// Answers a device's request with yes, with the account at `provider`.
    pub(crate) async fn approve(
        &self,
        browser: &mut HttpCitizen,
        provider: &MockProvider,
        code: &str,
    ) -> Result<View> {
        self.type_code(browser, code).await?;
        browser
            .here()
            .press(Control::Id("accept"))
            .choose(&provider.button())
            .agree()
            .await
    }

    /// Opens the list of requests and presses the button of the first whose `id` begins like this.
    pub(crate) async fn answer(&self, browser: &mut HttpCitizen, button: &str) -> Result<View> {
        let view = browser
            .visit(&format!("{}/account/requests", self.hub()))
            .await?;
        let document = view.document();
        let id = document
            .forms()
            .into_iter()
            .flat_map(|form| form.buttons)
            .map(|control| control.id)
            .find(|id| id.starts_with(button))
            .with_context(|| format!("no {button} on {view}"))?;
        browser.press(&Control::Id(&id)).await?;
        browser.look().await
    }

    /// The pings heard so far about this request.
    pub(crate) fn pings(&self, auth_req_id: &str) -> Vec<(Option<String>, Value)> {
        let pings = self.pings.lock().unwrap_or_else(PoisonError::into_inner);
        pings
            .heard
            .iter()
            .filter(|(_, body)| body["auth_req_id"] == auth_req_id)
            .cloned()
            .collect()
    }

    /// Waits for a ping about this request.
    pub(crate) async fn hear(&self, auth_req_id: &str) -> Result<(Option<String>, Value)> {
        until("a ping", async || self.pings(auth_req_id).pop()).await
    }

    /// Pings about this request are refused from now on.
    pub(crate) fn be_deaf_to(&self, auth_req_id: &str) {
        let mut pings = self.pings.lock().unwrap_or_else(PoisonError::into_inner);
        pings.deaf_to.insert(auth_req_id.to_owned(), 0);
    }

    /// Waits until a ping about this request was refused, and listens again; how many were refused.
    pub(crate) async fn listen_again(&self, auth_req_id: &str) -> Result<u32> {
        until("a ping to a deaf ear", async || {
            let mut pings = self.pings.lock().unwrap_or_else(PoisonError::into_inner);
            let refused = pings.deaf_to.get(auth_req_id).copied();
            let refused = refused.filter(|refused| *refused > 0)?;
            pings.deaf_to.remove(auth_req_id);
            Some(refused)
        })
        .await
    }
}

/// Identities have no digits.
fn letters(number: usize) -> String {
    format!("{number:02}")
        .bytes()
        .map(|digit| char::from(digit - b'0' + b'A'))
        .collect()
}

/// Serves an address for pings.
async fn listen(pings: Arc<Mutex<Pings>>) -> Result<String> {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = format!("http://{}/ping", listener.local_addr()?);
    let routes = Router::new().route("/ping", post(hear)).with_state(pings);
    tokio::spawn(async move {
        // Ends when the tests do.
        let _ = axum::serve(listener, routes).await;
    });
    Ok(address)
}

async fn hear(
    State(pings): State<Arc<Mutex<Pings>>>,
    headers: HeaderMap,
    axum::Json(body): axum::Json<Value>,
) -> StatusCode {
    let bearer = headers
        .get("authorization")
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    let mut pings = pings.lock().unwrap_or_else(PoisonError::into_inner);
    let about = body["auth_req_id"].as_str().unwrap_or_default();
    if let Some(refused) = pings.deaf_to.get_mut(about) {
        *refused += 1;
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    pings.heard.push((bearer, body));
    StatusCode::NO_CONTENT
}
