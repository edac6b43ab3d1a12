//! The two parties of an exchange, and telling each by its own names for the citizen and the exchange.

use std::sync::Arc;

use guichet_domain::{Client, ExchangeId, Preview, SubjectIdentifier, Timestamp};
use guichet_keys::{JwsAlg, Typ, TypRule, VerifyPolicy};
use guichet_store::Fault;
use guichet_store::durable::{EvidenceGrantRecord, Party};
use serde_json::{Map, Value};

use crate::Desk;
use crate::events::{Event, Named, Notice};

/// A party that can be told.
struct Known {
    client: Arc<Client>,
    subject: SubjectIdentifier,
    exchange: Named,
}

impl Desk {
    /// Leaves `event` about an exchange for one of its parties; whoever is not there any more, or never
    /// heard of this exchange, is not told. Twice about one `occurrence` is once.
    pub(crate) async fn tell(
        &self,
        record: &EvidenceGrantRecord,
        party: Party,
        event: &Event,
        occurrence: Timestamp,
        at: Timestamp,
    ) -> Result<(), Fault> {
        let known = match party {
            Party::Service => self.service_of(record).await?,
            Party::DataProvider => self.data_provider_of(record).await?,
        };
        let Some(known) = known else { return Ok(()) };
        let mut which = record.id.as_bytes().to_vec();
        which.extend(occurrence.millis().to_be_bytes());
        let notice = Notice {
            client: &known.client,
            subject: &known.subject,
            about: Some(known.exchange),
            event,
            occurrence: &which,
            at,
        };
        self.parts.events.leave(&notice).await
    }

    /// The party as a client; `None` when it is gone.
    pub(crate) fn client_at(
        &self,
        record: &EvidenceGrantRecord,
        party: Party,
    ) -> Option<Arc<Client>> {
        match party {
            Party::Service => self.parts.clients.client(record.client.as_str()),
            Party::DataProvider => {
                let holder = record.data_provider.as_str();
                let holder = self.parts.data_providers.data_provider(holder)?;
                self.parts.clients.client(holder.client.as_str())
            }
        }
    }

    /// What `statement` says, a JWS of this type: signed by `client`, to this hub, about this exchange.
    pub(crate) async fn stated(
        &self,
        client: &Client,
        (party, name): (Party, &str),
        statement: &str,
        typ: Typ,
    ) -> Option<Map<String, Value>> {
        if statement.len() > LONGEST_STATEMENT {
            return None;
        }
        let policy = VerifyPolicy {
            algs: &JwsAlg::ALL,
            typ: TypRule::Exactly(typ.as_str()),
        };
        let claims = self.parts.client_keys.verified(client, statement, policy);
        let claims = claims.await?.claims;
        let says = |name: &str| claims.get(name).and_then(Value::as_str);
        let is_theirs = says("iss") == Some(client.id.as_str())
            && says("aud") == Some(self.parts.issuer.as_str())
            && says(member_of(party)) == Some(name);
        is_theirs.then_some(claims)
    }

    /// The exchange that `client` is this party of, by the name it has for it.
    pub(crate) async fn exchange_of(
        &self,
        client: &Client,
        (party, name): (Party, &str),
    ) -> Result<Option<EvidenceGrantRecord>, Fault> {
        let Ok(id) = name.parse::<ExchangeId>() else {
            return Ok(None);
        };
        let record = match party {
            Party::Service => self.parts.grants.get(id).await?,
            Party::DataProvider => self.parts.grants.of_alias(id).await?,
        };
        Ok(record.filter(|record| {
            let known = self.client_at(record, party);
            known.is_some_and(|known| known.id == client.id)
        }))
    }

    async fn service_of(&self, record: &EvidenceGrantRecord) -> Result<Option<Known>, Fault> {
        let client = self.client_at(record, Party::Service);
        // It hears of a grant when the sign-in it was made in is over.
        let Some(client) = client.filter(|_| record.begun.is_some()) else {
            return Ok(None);
        };
        let subjects = &self.parts.subjects;
        let subject = subjects.subject(&client.sector, record.person).await?;
        Ok(subject.map(|subject| Known {
            client,
            subject,
            exchange: Named::GrantId(record.id),
        }))
    }

    async fn data_provider_of(&self, record: &EvidenceGrantRecord) -> Result<Option<Known>, Fault> {
        let holder = record.data_provider.as_str();
        let Some(holder) = self.parts.data_providers.data_provider(holder) else {
            return Ok(None);
        };
        // It hears of an exchange when the evidence is shown, or else when it is fetched.
        let has_heard = record.pulls > 0 || holder.preview != Preview::None;
        let client = self.client_at(record, Party::DataProvider);
        let Some(client) = client.filter(|_| has_heard) else {
            return Ok(None);
        };
        let (alias, of) = (record.alias, record.id);
        Ok(Some(Known {
            client,
            subject: self.subject_at(&holder, record.person).await?,
            exchange: Named::Alias { alias, of },
        }))
    }
}

/// By which member a party names an exchange, in forms and in what it signs.
pub(crate) const fn member_of(party: Party) -> &'static str {
    match party {
        Party::Service => "grant_id",
        Party::DataProvider => "exchange",
    }
}

const LONGEST_STATEMENT: usize = 8 * 1024;
