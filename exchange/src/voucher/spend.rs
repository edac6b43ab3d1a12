//! A data provider spends a voucher: the evidence leaves. Once, while everything it rests on still stands,
//! and once the ledger has it.

use std::sync::Arc;

use guichet_domain::{Client, DataProvider, EventKind, Timestamp};
use guichet_keys::sha256;
use guichet_store::Fault;
use guichet_store::durable::{EvidenceGrantRecord, Pull};
use guichet_store::short_lived::Spent;
use serde_json::{Map, Value};

use super::{Kept, Phase, hash, issue};
use crate::Desk;
use crate::desk::exchange_event;

impl Desk {
    /// What a data provider hears of a voucher: what it says, once. `None` for all else.
    pub(crate) async fn spend(
        &self,
        token: &str,
        client: &Client,
        now: Timestamp,
    ) -> Result<Option<Map<String, Value>>, Fault> {
        let hash = hash(token, client);
        let sealed = match self.parts.vouchers.spend(hash, now).await? {
            Spent::Fresh(sealed) => sealed,
            Spent::Again => {
                self.note_refused(&client.id, None, "the voucher was spent before", now);
                return Ok(None);
            }
            Spent::Unknown => return Ok(None),
        };
        let kept: Kept = self
            .vouchers
            .open_json(&hash, &sealed)
            .map_err(|error| Fault::new("a voucher does not open", error))?;
        let released = match kept.phase {
            Phase::Prepare => Ok(()),
            Phase::Release => {
                let issued = kept.claims.get("iat").and_then(Value::as_i64);
                let issued = Timestamp::from_seconds(issued.unwrap_or_default());
                self.release(&kept, client, issued, now).await?
            }
        };
        Ok(match released {
            Ok(()) => Some(kept.claims),
            Err(why) => {
                self.note_refused(&client.id, Some(kept.exchange), why, now);
                None
            }
        })
    }

    /// Counts the pull, by the one statement that cannot succeed after the grant ended, and puts the
    /// release on record.
    async fn release(
        &self,
        kept: &Kept,
        client: &Client,
        issued: Timestamp,
        now: Timestamp,
    ) -> Result<Result<(), &'static str>, Fault> {
        let (exchange, voucher) = (kept.exchange, name_of(&kept.claims));
        let Some(record) = self.parts.grants.get(exchange).await? else {
            return Ok(Err("there is no such grant"));
        };
        if let Err(why) = self.still_stands(&record, kept, client, now)? {
            return Ok(Err(why));
        }
        if !self.admits(record.person, issued).await? {
            return Ok(Err("what was granted is suspended"));
        }
        let count = match self.parts.grants.pull(exchange, &voucher, now).await? {
            Pull::Allowed { count } => count,
            Pull::TooSoon { .. } => return Ok(Err("too soon")),
            Pull::Exhausted => return Ok(Err("fetched as often as was granted")),
            Pull::Ended | Pull::Unknown => return Ok(Err("the grant ended")),
        };
        let event = exchange_event(EventKind::EvidenceReleased, exchange, now)
            .client(&record.client)
            .detail("data_provider", &record.data_provider)
            .detail("pull", count);
        self.append(event).await?;
        Ok(Ok(()))
    }

    /// Whether every field is still granted, the data provider still hands it out, and the service is still
    /// approved for it.
    fn still_stands(
        &self,
        record: &EvidenceGrantRecord,
        kept: &Kept,
        client: &Client,
        now: Timestamp,
    ) -> Result<Result<(), &'static str>, Fault> {
        let terms = self.terms_of(record)?;
        let is_granted = |field: &Value| {
            let mut granted = terms.fields.iter();
            granted.any(|granted| field.as_str() == Some(granted.as_str()))
        };
        let fields = kept.claims.get("fields").and_then(Value::as_array);
        if !fields.is_some_and(|fields| fields.iter().all(is_granted)) {
            return Ok(Err("fields were taken away from the grant"));
        }
        let holder = record.data_provider.as_str();
        let holder: Option<Arc<DataProvider>> = self.parts.data_providers.data_provider(holder);
        let is_open = holder.is_some_and(|holder| {
            holder.client == client.id && holder.offers(terms.ask.evidence_type())
        });
        if !is_open {
            return Ok(Err("the data provider hands it out no longer"));
        }
        let service = self.parts.clients.client(record.client.as_str());
        let may = service.is_some_and(|service| issue::still_may(&service, &terms, now).is_ok());
        Ok(if may {
            Ok(())
        } else {
            Err("the service is no longer approved for it")
        })
    }
}

/// By which both sides know a voucher when they confirm what was fetched with it: the hash of its `jti`, which
/// stands in the evidence, too.
fn name_of(claims: &Map<String, Value>) -> [u8; 32] {
    let jti = claims.get("jti").and_then(Value::as_str);
    sha256(jti.unwrap_or_default().as_bytes())
}
