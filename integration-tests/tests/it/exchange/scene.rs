//! A production node between two parties that stand on no line of ours: a service on `openid-client`, a data provider
//! on `joserfc`.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};
use guichet_integration_tests::evidence_peers::{Party, seen_at};
use guichet_integration_tests::http_citizen::{parameter, shared_client};
use guichet_integration_tests::journey::{Control, View};
use guichet_integration_tests::keys::claims_of;
use guichet_integration_tests::node_settings::toml;
use guichet_integration_tests::peers::details;
use guichet_integration_tests::process::Process;
use guichet_integration_tests::raw_client::Answer;
use guichet_integration_tests::{
    Hand, Hands as _, HttpCitizen, MockProvider, Node, RawClient, wait,
};
use serde_json::{Value, json};
use url::form_urlencoded::byte_serialize;

use crate::interop::deployment::Deployment;

pub(super) const EVIDENCE: &str = "quotient-familial";

/// The node and everybody around it.
pub(super) struct Scene {
    pub(super) issuer: String,
    pub(super) town: Party,
    pub(super) family: Party,
    pub(super) holder: Process,
    files: PathBuf,
    pub(super) provider: MockProvider,
    _service: Process,
    pub(super) node: Node,
    pub(super) deployment: Deployment,
}

impl Scene {
    /// Nobody has asked for anything, and the data provider knows nobody.
    pub(super) async fn set() -> Result<Self> {
        Self::set_with(|_| ()).await
    }

    /// The same, deployed otherwise.
    pub(super) async fn set_with(change: impl FnOnce(&mut Deployment)) -> Result<Self> {
        let provider = MockProvider::start("mock").await?;
        let (town, family) = (Party::new("ville")?, Party::new("famille")?);
        let mut deployment = Deployment::new(&[], &[&provider])?;
        let right = json!({
            "evidence_type": EVIDENCE, "fields": ["quotient", "tranche", "enfants"], "purposes": ["tarif-cantine"],
        });
        let back = RawClient::new(&family.id).redirect_uri;
        deployment.clients = vec![town.service(&right), family.data_provider(&back)];
        let place = json!({
            "id": family.id, "name": "Caisse Famille", "client_id": family.id,
            "evidence_endpoint": family.evidence_endpoint(), "evidence": [EVIDENCE], "preview": "fetched",
        });
        deployment.further.push_str("[[data_providers]]\n");
        for (name, value) in place.as_object().into_iter().flatten() {
            let _ = writeln!(deployment.further, "{name} = {}", toml(value));
        }
        change(&mut deployment);
        let node = deployment.start().await?;
        let issuer = deployment.issuer.clone();
        let files = deployment.folder().join("files.json");
        fs::write(&files, "{}")?;
        let holder = family.serve_as_data_provider(&issuer, EVIDENCE, &files);
        let holder = holder.await?;
        Ok(Self {
            _service: town.serve_as_service(&issuer).await?,
            node,
            deployment,
            issuer,
            town,
            family,
            holder,
            files,
            provider,
        })
    }

    /// A citizen who comes to the hub's question about this evidence (members of an authorization detail).
    pub(super) async fn asked(&self, wanted: &Value) -> Result<HttpCitizen> {
        let mut detail = json!({
            "type": "evidence", "evidence_type": EVIDENCE, "purpose": "tarif-cantine",
        });
        for (name, value) in wanted.as_object().into_iter().flatten() {
            detail[name] = value.clone();
        }
        let details = json!([detail]).to_string();
        let details: String = byte_serialize(details.as_bytes()).collect();
        let login = format!(
            "{}/login?authorization_details={details}",
            self.town.address
        );
        let mut citizen = HttpCitizen::new();
        let journey = citizen.visit(&login).choose(&self.provider.button());
        journey.agree().await?;
        Ok(citizen)
    }

    /// The citizen signs in at the data provider, which from now on has this file of them. The name it knows them by.
    pub(super) async fn link(&self, file: &Value) -> Result<String> {
        let client = RawClient::new(&self.family.id);
        let attempt = client.attempt(&self.issuer)?.with("scope", "openid");
        let mut citizen = client.citizen();
        let journey = citizen.visit(&attempt.url());
        let view = journey.choose(&self.provider.button()).agree().await?;
        let code = parameter(&view.url, "code").with_context(|| format!("no code: {view}"))?;
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", &client.redirect_uri),
            ("code_verifier", &attempt.verifier),
            ("client_id", &client.client_id),
            (
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            ),
            ("client_assertion", &self.family.assertion(&self.issuer)?),
        ];
        let endpoint = format!("{}/token", self.issuer);
        let tokens = Answer::of(shared_client().post(endpoint).form(&form)).await?;
        ensure!(tokens.status == 200, "{}", tokens.body);
        let sub = claims_of(tokens.text("id_token"))?["sub"].clone();
        let sub = sub.as_str().context("no sub")?.to_owned();
        fs::write(&self.files, json!({ &sub: file }).to_string())?;
        Ok(sub)
    }

    /// What is wrong with the data provider from now on; nothing with the empty word.
    pub(super) fn mood(&self, mood: &str) -> Result<()> {
        let mut known: Value = serde_json::from_slice(&fs::read(&self.files)?)?;
        known["mood"] = mood.into();
        Ok(fs::write(&self.files, known.to_string())?)
    }

    /// The data provider is there again, and remembers nothing but its files.
    pub(super) async fn serve_holder_again(&mut self) -> Result<()> {
        let serving = self
            .family
            .serve_as_data_provider(&self.issuer, EVIDENCE, &self.files);
        self.holder = serving.await?;
        Ok(())
    }

    /// The service, by hand.
    pub(super) fn town_by_hand(&self) -> Result<Hand> {
        Hand::of(self.town.again()?, &self.issuer)
    }

    /// The data provider's side towards the hub, by hand.
    pub(super) fn family_by_hand(&self) -> Result<Hand> {
        Hand::of(self.family.again()?, &self.issuer)
    }

    /// What a citizen presses to sign in.
    pub(super) fn button(&self) -> String {
        self.provider.button()
    }

    /// The service fetches what it was granted.
    pub(super) async fn fetched(&self) -> Result<Value> {
        self.fetch("").await
    }

    /// The same, of these fields alone.
    pub(super) async fn fetched_only(&self, fields: &str) -> Result<Value> {
        self.fetch(&format!("?fields={fields}")).await
    }

    async fn fetch(&self, query: &str) -> Result<Value> {
        let mut program = HttpCitizen::new();
        let view = program
            .visit(&format!("{}/fetch{query}", self.town.address))
            .await?;
        details(&view)
    }

    /// The citizen's receipt of an exchange, once a checkpoint covers the decision.
    pub(super) async fn receipt(
        &self,
        citizen: &mut HttpCitizen,
        exchange: &str,
    ) -> Result<String> {
        let address = format!("{}/account/data/{exchange}/receipt", self.issuer);
        wait::until("a receipt", async || {
            let page = citizen.get(&address).await.ok()?;
            (page.status == 200).then_some(page.body)
        })
        .await
    }

    /// The hub signs with another key from now on.
    pub(super) fn rotate_keys(&self) -> Result<()> {
        self.deployment.say("keys rotate")?;
        Ok(())
    }

    /// What was said at the data provider and by it, once it has told the hub of a delivery.
    pub(super) async fn said_at_the_holder(&self) -> Result<Vec<Value>> {
        self.until_seen(&format!("{}/exchange/deliveries", self.issuer))
            .await
    }

    /// The event that the hub sent to the data provider, and what it answered.
    pub(super) async fn told_at_the_holder(&self) -> Result<Value> {
        let events = format!("{}/events", self.family.address);
        let mut seen = self.until_seen(&events).await?;
        seen.retain(|one| one["url"] == events.as_str());
        seen.pop().context("nothing was told")
    }

    /// All that was seen at the data provider, once this address is among it.
    async fn until_seen(&self, address: &str) -> Result<Vec<Value>> {
        wait::until(address, async || {
            let seen = seen_at(&self.holder);
            let is_there = seen.iter().any(|one| one["url"] == address);
            is_there.then_some(seen)
        })
        .await
    }
}

/// "Voir mes informations".
pub(super) async fn look(citizen: &mut HttpCitizen) -> Result<View> {
    citizen.here().press(Control::Id("look")).await
}

/// "Transmettre": back at the service, and what it was granted.
pub(super) async fn send(citizen: &mut HttpCitizen) -> Result<Value> {
    let view = citizen.here().press(Control::Id("send")).await?;
    Ok(details(&view)?["granted"].clone())
}

/// A request of the test's own, in the form that the judge of schemas takes.
pub(super) async fn said(request: reqwest::RequestBuilder) -> Result<Value> {
    let (client, request) = request.build_split();
    let request = request?;
    let text = |headers: &reqwest::header::HeaderMap| {
        let pairs = headers.iter().map(|(name, value)| {
            let value = value.to_str().unwrap_or_default();
            (name.as_str().to_owned(), Value::from(value))
        });
        Value::Object(pairs.collect())
    };
    let body = request.body().and_then(reqwest::Body::as_bytes);
    let body = String::from_utf8_lossy(body.unwrap_or_default()).into_owned();
    let mut said = json!({
        "method": request.method().as_str(), "url": request.url().as_str(),
        "request": { "headers": text(request.headers()), "body": body },
    });
    let answer = client.execute(request).await?;
    said["status"] = answer.status().as_u16().into();
    said["answer"] = json!({ "headers": text(answer.headers()) });
    said["answer"]["body"] = answer.text().await?.into();
    Ok(said)
}
