//! A desk of evidence, asked well and badly.

mod answers;
mod uses;
mod vouchers;

use std::time::Duration;

use guichet_domain::Timestamp;
use http::StatusCode;
use http::request::Parts;
use serde_json::Value;

use super::{Accepted, EvidenceDesk, VoucherRefusal};
use crate::testing::{BODY, NOW, World, payload, quotient};
use crate::{Answer, Half, Voucher};

impl World {
    fn desk(&self) -> &EvidenceDesk {
        self.wire.desk.get().unwrap()
    }

    async fn verify(&self, head: &Parts, body: &[u8]) -> Result<Accepted, VoucherRefusal> {
        self.desk().verifier.verify(head, body).await
    }

    /// What becomes of a voucher that the hub signed after `change`.
    async fn verdict_on(&self, change: impl FnOnce(&mut Voucher)) -> Result<(), VoucherRefusal> {
        let mut voucher = self.voucher();
        change(&mut voucher);
        let text = self.signed(&voucher);
        let accepted = self.verify(&self.head(&text), BODY).await?;
        self.desk().verifier.confirm(&accepted).await
    }

    async fn serve(&self, voucher: &Voucher, found: Answer) -> (StatusCode, Value, Option<Half>) {
        let head = self.head(&self.signed(voucher));
        let served = self.desk().serve(&head, BODY, |_| async { found }).await;
        let body = serde_json::from_slice(served.response.body()).unwrap();
        (served.response.status(), body, served.half)
    }
}

fn tomorrow() -> Timestamp {
    NOW.after(Duration::from_hours(24))
}

fn evidence(value: i64) -> Answer {
    Answer::Evidence {
        fields: quotient(value),
        valid_until: tomorrow(),
    }
}

/// What stands in the evidence of an answer.
fn opened(world: &World, body: &Value) -> Value {
    let envelope = body["evidence"].as_str().unwrap();
    let signed = world.service_keys.decrypt(envelope).unwrap();
    payload(&String::from_utf8(signed).unwrap())
}
