//! A citizen wants erased what was sent: both sides are told, and one answers, with the words of the standards alone.

use anyhow::{Context as _, Result, ensure};
use guichet_integration_tests::http_citizen::shared_client;
use guichet_integration_tests::keys::claims_of;
use guichet_integration_tests::{Hands as _, HttpCitizen, wait};
use serde_json::{Value, json};

use super::scene::{Scene, said};

/// What was said, in the form that the judge of schemas takes: requests with their answers, and claims.
pub(super) struct Erased {
    pub(super) exchanges: Vec<Value>,
    pub(super) claims: Vec<Value>,
}

impl Scene {
    /// The citizen asks for it, the service asks what there is and says that it is done.
    pub(super) async fn erased(&self, citizen: &mut HttpCitizen, exchange: &str) -> Result<Erased> {
        let address = format!("{}/account/data/{exchange}/erasure", self.issuer);
        citizen.open(&address).await?;
        let form = citizen.page()?.form()?;
        let both = ["service", "data_provider"].map(|name| (name.to_owned(), "yes".to_owned()));
        let asked = citizen.submit(&form, None, &both).await?;
        ensure!(asked.status == 303, "{}: {}", asked.status, asked.body);

        let fetched = wait::until("an event for the service", async || {
            let fetched = self
                .poll(&json!({ "returnImmediately": true }))
                .await
                .ok()?;
            let sets = body_of(&fetched)["sets"].clone();
            sets.as_object()?.values().next()?;
            Some(fetched)
        })
        .await?;
        let sets = body_of(&fetched)["sets"].clone();
        let sets = sets.as_object().context("no events")?;
        let names: Vec<&String> = sets.keys().collect();
        let taken = json!({ "ack": names, "maxEvents": 0, "returnImmediately": true });
        let acknowledged = self.poll(&taken).await?;

        let answer = json!({ "grant_id": exchange, "outcome": "done" });
        let statement = self
            .town
            .statement(&self.issuer, "evidence-erasure+jwt", &answer)?;
        let form = [
            ("grant_id", exchange),
            ("outcome", "done"),
            ("statement", &statement),
            ("client_id", &self.town.id),
            (
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            ),
            ("client_assertion", &self.town.assertion(&self.issuer)?),
        ];
        let answering = shared_client().post(format!("{}/exchange/erasures", self.issuer));
        let answered = said(answering.form(&form)).await?;
        ensure!(answered["status"] == 204, "{answered}");

        let mut claims = vec![json!(["erasure", claims_of(&statement)?])];
        for set in sets.values() {
            let set = set.as_str().context("no token")?;
            claims.push(json!(["event", claims_of(set)?]));
        }
        let asked = "urn:guichet:event:erasure-requested";
        let is_told = |it: &Value| it[1]["events"][asked]["grant_id"] == exchange;
        ensure!(claims.iter().any(is_told), "{claims:?}");
        let pushed = self.told_at_the_holder().await?;
        let exchanges = vec![fetched, acknowledged, answered, pushed];
        Ok(Erased { exchanges, claims })
    }

    /// The service asks for events (RFC 8936).
    async fn poll(&self, asked: &Value) -> Result<Value> {
        let request = shared_client()
            .post(format!("{}/exchange/events", self.issuer))
            .bearer_auth(self.town.assertion(&self.issuer)?)
            .json(asked);
        let said = said(request).await?;
        ensure!(said["status"] == 200, "{said}");
        Ok(said)
    }
}

fn body_of(said: &Value) -> Value {
    let body = said["answer"]["body"].as_str().unwrap_or_default();
    serde_json::from_str(body).unwrap_or_default()
}
