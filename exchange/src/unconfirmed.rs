//! Deliveries that both sides did not confirm: found a quarter of an hour later, whatever restarted
//! meanwhile, and told to both. The citizen's list says so until the missing half comes in.

use std::time::Duration;

use guichet_domain::{EventKind, Timestamp};
use guichet_store::Fault;
use guichet_store::durable::{DeliveryHalf, DeliveryRecord, EvidenceGrantRecord, LastPull, Party};

use crate::Desk;
use crate::desk::exchange_event;
use crate::events::{Event, Missing};

impl Desk {
    /// Looks for pulls that were not confirmed in time; how many it found. The binary calls this now and
    /// then; nodes that do so at once tell the parties once.
    pub async fn look_for_unconfirmed(&self, now: Timestamp) -> Result<usize, Fault> {
        let before = now.before(CONFIRMED_WITHIN);
        let found = self.parts.grants.unconfirmed(before, AT_ONCE).await?;
        for record in &found {
            if let Some(pull) = record.last_pull {
                self.alert(record, pull, now).await?;
            }
        }
        if !found.is_empty() {
            self.parts.events.send();
        }
        Ok(found.len())
    }

    /// On record, told, and only then noted: whoever dies in between is followed by another who does it
    /// again.
    async fn alert(
        &self,
        record: &EvidenceGrantRecord,
        pull: LastPull,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let halves = self.parts.grants.deliveries(record.id).await?;
        let missing = missing(&halves, record.pulls);
        let entry = exchange_event(EventKind::EvidenceUnconfirmed, record.id, now)
            .client(&record.client)
            .detail("data_provider", &record.data_provider)
            .detail("missing", missing.as_str());
        self.append(entry).await?;
        let event = Event::DeliveryUnconfirmed { missing };
        for party in [Party::Service, Party::DataProvider] {
            self.tell(record, party, &event, pull.at, now).await?;
        }
        let noted = self.parts.grants.note_unconfirmed(record.id, pull.at);
        noted.await.map(drop)
    }
}

/// What there is not of this pull.
fn missing(halves: &[DeliveryRecord], pull: u32) -> Missing {
    let has = |wanted| {
        let mut all = halves.iter();
        all.any(|half| half.half == wanted && half.pull == pull)
    };
    match (has(DeliveryHalf::Released), has(DeliveryHalf::Received)) {
        (true, true) => Missing::Match,
        (true, false) => Missing::Received,
        (false, true) => Missing::Released,
        (false, false) => Missing::Both,
    }
}

/// How long both sides have.
const CONFIRMED_WITHIN: Duration = Duration::from_mins(15);
const AT_ONCE: u32 = 100;
