//! The voucher: the right of one service to fetch one evidence from one data provider, once, for one
//! request and with one key.
//!
//! `claims` is what it says, `issue` makes one, `spend` lets a data provider release what it is for. It
//! is encrypted to the data provider: a service that could read `sub` in the vouchers it carries would
//! learn a pseudonym that every other service sees, too.

mod claims;
mod issue;
mod spend;

use std::time::Duration;

use guichet_domain::{
    AuditEvent, Client, ClientId, DataProvider, EventKind, ExchangeId, Timestamp,
};
use guichet_keys::{Typ, sha256_of};
use guichet_store::Fault;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub(crate) use claims::{Claims, KnownBy, Phase, Preview, Recipient, confirmation, expiry};

use crate::Desk;

/// How long a voucher is good.
pub(crate) const LONGEST: Duration = Duration::from_mins(1);

/// What is remembered of a voucher, sealed.
#[derive(Serialize, Deserialize)]
pub(crate) struct Kept {
    exchange: ExchangeId,
    phase: Phase,
    /// What the data provider is told when it spends it.
    claims: Map<String, Value>,
}

impl Desk {
    /// Signs a voucher, encrypts it for its data provider and remembers it. It leaves once the caller has
    /// put it on record.
    pub(crate) async fn make(
        &self,
        claims: &Claims<'_>,
        exchange: ExchangeId,
        holder: &Client,
        expires: Timestamp,
    ) -> Result<Option<String>, Fault> {
        let ring = self.parts.keys.ring();
        let alg = ring.algs().first().copied().unwrap_or_default();
        let signed = ring.sign_jwt(alg, Typ::Voucher, claims);
        let signed = signed.map_err(|error| Fault::new("sign a voucher", error))?;
        let entropy = &*self.parts.entropy;
        let Some(text) = self
            .parts
            .client_keys
            .encrypted(holder, &signed, entropy)
            .await?
        else {
            return Ok(None);
        };
        let Ok(Value::Object(mut members)) = serde_json::to_value(claims) else {
            return Err(Fault::bare("the claims of a voucher are no object"));
        };
        if let Some(known_by) = claims.known_by {
            // It stands in the voucher and nowhere else.
            members.remove(known_by.as_str());
        }
        let kept = Kept {
            exchange,
            phase: claims.phase,
            claims: members,
        };
        let hash = hash(&text, holder);
        let sealed = self.vouchers.seal_json(&hash, &kept);
        let sealed = sealed.map_err(|error| Fault::new("seal a voucher", error))?;
        let vouchers = &self.parts.vouchers;
        vouchers.keep(hash, exchange, sealed, expires).await?;
        Ok(Some(text))
    }

    /// Notes that somebody was refused a voucher, or to spend one. Each refusal costs its caller one request:
    /// of each reason, one entry a minute says how many more there were.
    pub(crate) fn note_refused(
        &self,
        client: &ClientId,
        exchange: Option<ExchangeId>,
        reason: &'static str,
        now: Timestamp,
    ) {
        let mut event = AuditEvent::new(EventKind::EvidenceRefused, now)
            .client(client)
            .detail("reason", reason);
        if let Some(exchange) = exchange {
            event = event.detail("exchange", exchange);
        }
        let sort = (client.clone(), reason);
        if let Some(event) = self.refusals.noteworthy(sort, event, now) {
            self.parts.ledger.note(event);
        }
    }

    /// The client that a data provider is, when it is active.
    pub(crate) fn client_of(&self, holder: &DataProvider) -> Option<std::sync::Arc<Client>> {
        let client = self.parts.clients.client(holder.client.as_str());
        client.filter(|client| client.active)
    }
}

/// What a voucher is found by: its text and the only client that may spend it. Another that got hold of
/// the text does not even burn it.
fn hash(text: &str, holder: &Client) -> [u8; 32] {
    let whose = holder.id.as_str().as_bytes();
    sha256_of(&[b"evidence voucher\0", whose, b"\0", text.as_bytes()])
}
