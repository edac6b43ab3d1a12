//! A side confirms its half of a delivery: signed by it, on record, then kept. Both name the voucher that was
//! spent and the digest of the same envelope; what only one side confirms is conspicuous.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::{Client, EventKind, Timestamp};
use guichet_keys::{TextDigest, Typ};
use guichet_store::Fault;
use guichet_store::durable::{DeliveryHalf, DeliveryRecord, EvidenceGrantRecord, Party};
use serde_json::Value;

use crate::Desk;
use crate::desk::exchange_event;

/// What a side says, unbelieved.
pub(crate) struct Confirmed<'a> {
    /// Who.
    pub(crate) client: &'a Client,
    /// Of which exchange, by which of its names.
    pub(crate) exchange: (Party, &'a str),
    /// `released` by the data provider, `received` by the service.
    pub(crate) half: &'a str,
    /// Which voucher was spent: base64url of the SHA-256 of its `jti`.
    pub(crate) voucher: &'a str,
    /// Of the envelope.
    pub(crate) digest: &'a str,
    /// All of it, signed (JWS).
    pub(crate) receipt: &'a str,
}

impl Desk {
    /// Notes a half, once however often it comes: in the ledger first. `Err` is what is wrong with it.
    pub(crate) async fn note_delivery(
        &self,
        said: &Confirmed<'_>,
        now: Timestamp,
    ) -> Result<Result<(), &'static str>, Fault> {
        let half = match (said.half, said.exchange.0) {
            ("released", Party::DataProvider) => DeliveryHalf::Released,
            ("received", Party::Service) => DeliveryHalf::Received,
            _ => return Ok(Err(NO_HALF)),
        };
        let Ok(digest) = said.digest.parse::<TextDigest>() else {
            return Ok(Err(NO_DIGEST));
        };
        let Some(voucher) = voucher_of(said.voucher) else {
            return Ok(Err(NO_VOUCHER));
        };
        let Some(record) = self.exchange_of(said.client, said.exchange).await? else {
            return Ok(Err(NO_EXCHANGE));
        };
        // Nothing is confirmed that was never released.
        let Some(pull) = self.parts.grants.released(record.id, &voucher).await? else {
            return Ok(Err(NOT_RELEASED));
        };
        if !self.is_confirmed(said, &record, now).await {
            return Ok(Err(NO_RECEIPT));
        }
        let known = self.parts.grants.deliveries(record.id).await?;
        let mut known = known.iter();
        if let Some(known) = known.find(|one| one.half == half && one.voucher == voucher) {
            let is_the_same = known.digest == *digest.as_bytes();
            return Ok(is_the_same.then_some(()).ok_or(OTHERWISE));
        }
        let event = exchange_event(EventKind::EvidenceDelivered, record.id, now)
            .client(&said.client.id)
            .detail("half", half)
            .detail("pull", pull)
            .detail("digest", digest);
        self.append(event).await?;
        let delivery = DeliveryRecord {
            exchange: record.id,
            voucher,
            pull,
            half,
            digest: *digest.as_bytes(),
            receipt: said.receipt.to_owned(),
            at: now,
        };
        self.parts.grants.deliver(&delivery).await?;
        Ok(Ok(()))
    }

    /// Whether the receipt says the same, to this hub, by a key of this client, since the citizen decided.
    async fn is_confirmed(
        &self,
        said: &Confirmed<'_>,
        record: &EvidenceGrantRecord,
        now: Timestamp,
    ) -> bool {
        let typ = Typ::EvidenceDelivery;
        let stated = self.stated(said.client, said.exchange, said.receipt, typ);
        let Some(claims) = stated.await else {
            return false;
        };
        let says = |name: &str| claims.get(name).and_then(Value::as_str);
        let signed = claims.get("iat").and_then(Value::as_i64);
        let is_of_now = signed.map(Timestamp::from_seconds).is_some_and(|signed| {
            record.decided.before(LEEWAY) <= signed && signed <= now.after(LEEWAY)
        });
        is_of_now
            && says("half") == Some(said.half)
            && says("voucher") == Some(said.voucher)
            && says("digest") == Some(said.digest)
    }
}

/// The bytes of a voucher's name.
fn voucher_of(text: &str) -> Option<[u8; 32]> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

/// How far a side's clock may be off.
const LEEWAY: Duration = Duration::from_mins(1);

const NO_HALF: &str =
    "half is released, by the data provider (exchange), or received, by the service (grant_id)";
const NO_DIGEST: &str = "digest is not sha-256: and 43 characters of base64url";
const NO_VOUCHER: &str = "voucher is not the base64url of a SHA-256";
const NO_EXCHANGE: &str = "there is no such exchange of this client";
const NOT_RELEASED: &str = "nothing was released by this voucher in this exchange";
const NO_RECEIPT: &str = "receipt is not this half, signed by this client for this hub";
const OTHERWISE: &str = "another envelope was confirmed for this voucher";
