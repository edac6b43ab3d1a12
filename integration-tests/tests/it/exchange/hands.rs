//! A production node whose parties are all in the test's hands: two services and two data providers that show
//! nothing ahead. Anything may happen between two messages.

use std::fmt::Write as _;

use anyhow::{Context as _, Result, ensure};
use guichet_integration_tests::by_hand::{Granted, Hand, evidence_request, sha256, text_digest};
use guichet_integration_tests::evidence_peers::Party;
use guichet_integration_tests::journey::{Control, View};
use guichet_integration_tests::node_settings::toml;
use guichet_integration_tests::raw_client::{Answer, Attempt};
use guichet_integration_tests::{Hands as _, HttpCitizen, MockProvider, Node, RawClient};
use serde_json::{Value, json};

use super::walk::has;
use crate::faults::records;
use crate::interop::deployment::Deployment;

/// The node and everybody around it.
pub(super) struct Table {
    pub(super) issuer: String,
    pub(super) deployment: Deployment,
    pub(super) node: Node,
    pub(super) provider: MockProvider,
    /// A service that may ask for the family quotient and, at a higher level, for the income.
    pub(super) town: Hand,
    /// Another, which may ask for the quotient.
    pub(super) school: Hand,
    /// Holds the quotient.
    pub(super) family: Hand,
    /// Holds the income; nobody's register but its is indexed, by three requests a day.
    pub(super) taxes: Hand,
}

/// What "ville" asks for in most tests.
pub(super) fn quotient() -> Value {
    json!([{
        "type": "evidence", "evidence_type": "quotient-familial", "purpose": "tarif-cantine",
        "fields": ["quotient"],
    }])
}

impl Table {
    /// On embedded stores.
    pub(super) async fn set() -> Result<Self> {
        Self::set_with(|_| ()).await
    }

    /// The same, deployed otherwise.
    pub(super) async fn set_with(change: impl FnOnce(&mut Deployment)) -> Result<Self> {
        let provider = MockProvider::start("mock").await?;
        let mut deployment = Deployment::new(&[], &[&provider])?;
        let parties = ["ville", "ecole", "famille", "impots"].map(Party::new);
        let [town, school, family, taxes] = parties;
        let (town, school, family, taxes) = (town?, school?, family?, taxes?);
        let quotient = json!({
            "evidence_type": "quotient-familial", "fields": ["quotient", "tranche"],
            "purposes": ["tarif-cantine"],
        });
        let income = json!({
            "evidence_type": "revenu-fiscal", "fields": ["rfr"], "purposes": ["aide-sociale"],
        });
        let over = json!({
            "evidence_type": "certificat-immatriculation", "fields": ["modele"],
            "purposes": ["changement-titulaire"], "until": "2020-01-01T00:00:00Z",
        });
        let mut of_town = town.service(&quotient);
        of_town["evidence_rights"] = json!([quotient, income, over]);
        of_town["grant_types"]
            .as_array_mut()
            .context("grant types")?
            .push("refresh_token".into());
        let as_holder = |party: &Party| {
            let mut client = party.data_provider(&RawClient::new(&party.id).redirect_uri);
            // Nobody serves it.
            client["jwks"] = party.jwks();
            for served in ["jwks_uri", "events_uri"] {
                client.as_object_mut().map(|it| it.remove(served));
            }
            client
        };
        deployment.clients = vec![
            of_town,
            school.service(&quotient),
            as_holder(&family),
            as_holder(&taxes),
        ];
        for (party, evidence, indexed) in [
            (&family, "quotient-familial", 0),
            (&taxes, "revenu-fiscal", 600),
        ] {
            let place = json!({
                "id": party.id, "name": format!("Caisse {}", party.id), "client_id": party.id,
                "evidence_endpoint": party.evidence_endpoint(), "evidence": [evidence],
                "preview": "none", "indexed_a_day": indexed,
            });
            deployment.further.push_str("[[data_providers]]\n");
            for (name, value) in place.as_object().into_iter().flatten() {
                let _ = writeln!(deployment.further, "{name} = {}", toml(value));
            }
        }
        change(&mut deployment);
        let node = deployment.start().await?;
        let issuer = deployment.issuer.clone();
        Ok(Self {
            town: Hand::of(town, &issuer)?,
            school: Hand::of(school, &issuer)?,
            family: Hand::of(family, &issuer)?,
            taxes: Hand::of(taxes, &issuer)?,
            issuer,
            deployment,
            node,
            provider,
        })
    }

    /// `kill -9`, and up again on what was left.
    pub(super) async fn power_cut(&mut self) -> Result<()> {
        self.node.kill()?;
        self.node.start_again().await
    }

    /// A citizen who agreed, and what `service` was granted by it.
    pub(super) async fn granted(
        &self,
        service: &Hand,
        details: &Value,
    ) -> Result<(HttpCitizen, Granted)> {
        let attempt = service.attempt(details)?;
        let mut citizen = service.asked(&self.provider.button(), &attempt).await?;
        let view = agree(&mut citizen).await?;
        Ok((citizen, service.granted(&view, &attempt).await?))
    }

    /// Somebody asks for this: what comes of it at "ville", where nobody is asked anything.
    pub(super) async fn refused(&self, attempt: &Attempt) -> Result<View> {
        let mut citizen = self.town.client().citizen();
        citizen.open(&attempt.url()).await?;
        citizen.look().await
    }

    /// Takes it back in the account.
    pub(super) async fn take_back(&self, citizen: &mut HttpCitizen, grant: &str) -> Result<()> {
        let list = format!("{}/account/data", self.issuer);
        citizen.open(&list).await?;
        let end = format!("end-{grant}");
        citizen.press(&Control::Id(&end)).await?;
        Ok(())
    }

    /// What "ville" fetches by it, released by `holder`: the claims of the voucher.
    pub(super) async fn pulled(&self, holder: &Hand, granted: &Granted) -> Result<Value> {
        let body = evidence_request(&granted.details[0])?;
        let voucher = self.town.voucher_for(granted, &body).await?;
        let spent = holder.spend(&voucher).await?;
        ensure!(spent.json["active"] == true, "{}", spent.body);
        Ok(spent.json)
    }

    /// The service's half of the delivery of an envelope.
    pub(super) async fn received(
        &self,
        granted: &Granted,
        spent: &Value,
        envelope: &str,
    ) -> Result<Answer> {
        let jti = spent["jti"].as_str().unwrap_or_default();
        let half = json!({
            "grant_id": granted.grant_id(), "half": "received", "voucher": sha256(jti),
            "digest": text_digest(envelope),
        });
        self.town.confirm(&half).await
    }

    /// The data provider's.
    pub(super) async fn released(&self, spent: &Value, envelope: &str) -> Result<Answer> {
        let jti = spent["jti"].as_str().unwrap_or_default();
        let half = json!({
            "exchange": spent["exchange"], "half": "released", "voucher": sha256(jti),
            "digest": text_digest(envelope),
        });
        self.family.confirm(&half).await
    }

    /// What the node's database holds of exchanges: `grants` by name, and the `entries` of the ledger about each.
    pub(super) fn held(&self) -> Result<Value> {
        held_in(&self.deployment)
    }

    /// The kinds of the entries about an exchange, in order.
    pub(super) fn kinds(&self, exchange: &str) -> Result<Vec<String>> {
        let held = self.held()?;
        Ok(serde_json::from_value(held["entries"][exchange].clone()).unwrap_or_default())
    }
}

/// See [`Table::held`].
pub(super) fn held_in(deployment: &Deployment) -> Result<Value> {
    let held = records::python(HELD, &deployment.database(), &[])?;
    Ok(serde_json::from_str(&held)?)
}

/// Presses through the question of a data provider that shows nothing ahead: where it leads.
pub(super) async fn agree(citizen: &mut HttpCitizen) -> Result<View> {
    if !has(&citizen.look().await?, "send") {
        citizen.here().press(Control::Id("look")).await?;
    }
    citizen.here().press(Control::Id("send")).await
}

const HELD: &str = "
text = lambda it: base64.urlsafe_b64encode(it).rstrip(b'=').decode()
entries = collections.defaultdict(list)
for (entry,) in db.execute('SELECT entry FROM ledger_entry ORDER BY sequence'):
    entry = json.loads(entry)
    exchange = entry.get('details', {}).get('exchange')
    if exchange:
        entries[exchange].append(entry['kind'])
columns = 'id, outcome, begun_at, pulls, ended_how, confirmed'
grants = {text(row[0]): dict(zip(columns.split(', ')[1:], row[1:]))
          for row in db.execute(f'SELECT {columns} FROM evidence_grant')}
print(json.dumps({'entries': entries, 'grants': grants}))
";
