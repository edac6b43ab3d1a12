//! Reconciliation: how often evidence left each data provider on each day, by the word of the hub, of the
//! data provider and of the services. Published, so that none of the three can leave one out unseen.

use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;

use guichet_domain::{DataProviderId, Timestamp};
use guichet_store::Fault;
use guichet_store::durable::exchange_entries::{PullCount, SecrecyCount};
use serde::Serialize;

use crate::Desk;

/// What is published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// By which hub.
    pub iss: String,
    /// Smaller counts are not told: they might single somebody out.
    pub fewer_than: u64,
    /// Whole days (UTC), the latest first.
    pub days: Vec<DayCounts>,
    /// Exchanges that a law keeps from their citizens now.
    pub hidden: u64,
    /// Those that were kept from them and are open by now.
    pub opened: u64,
    /// When it was worked out; not published.
    #[serde(skip)]
    pub at: Timestamp,
    /// The day before, in full; for operators alone.
    #[serde(skip)]
    pub latest: Vec<PullCount>,
}

/// One day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DayCounts {
    /// `2027-01-31`.
    pub day: String,
    /// Each data provider that any evidence left.
    pub data_providers: Vec<Counted>,
}

/// One data provider on one day. The three are left out where the hub's count is small.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Counted {
    /// Which.
    pub id: DataProviderId,
    /// How often the hub let evidence leave.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hub: Option<u64>,
    /// How often the data provider says it sent some.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_provider: Option<u64>,
    /// How often services say some arrived.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub services: Option<u64>,
    /// Whether the three say the same.
    pub agree: bool,
}

impl Counted {
    fn of(count: &PullCount) -> Self {
        let told = |number| (count.released >= FEWER_THAN).then_some(number);
        Self {
            id: count.data_provider.clone(),
            hub: told(count.released),
            data_provider: told(count.sent),
            services: told(count.received),
            agree: agree(count),
        }
    }
}

impl Counts {
    /// What an operator should look at, one line for each data provider of the latest day; empty when the
    /// three agree.
    pub fn disagreements(&self) -> Vec<String> {
        let day = self.days.first().map_or("", |day| day.day.as_str());
        let differing = self.latest.iter().filter(|count| !agree(count));
        let line = |count: &PullCount| {
            let PullCount {
                data_provider,
                released,
                sent,
                received,
            } = count;
            format!(
                "{day} {data_provider}: the hub released {released}, the data provider sent {sent}, \
                 services received {received}"
            )
        };
        differing.map(line).collect()
    }
}

impl Desk {
    /// The counts, worked out at most every ten minutes, and by one at a time: whoever comes meanwhile gets
    /// those of before.
    pub async fn counts(&self) -> Result<Arc<Counts>, Fault> {
        let now = self.parts.clock.now();
        let fresh = || {
            let known = self.known_counts().clone();
            known.filter(|known| now.since(known.at) < FRESH)
        };
        if let Some(known) = fresh() {
            return Ok(known);
        }
        let known = self.known_counts().clone();
        let _turn = match (self.counting.try_lock(), known) {
            (Ok(turn), _) => turn,
            (Err(_), Some(known)) => return Ok(known),
            (Err(_), None) => self.counting.lock().await,
        };
        if let Some(known) = fresh() {
            return Ok(known);
        }
        let counts = Arc::new(self.count(now).await?);
        *self.known_counts() = Some(Arc::clone(&counts));
        Ok(counts)
    }

    /// Whoever panicked under the lock left it whole.
    fn known_counts(&self) -> MutexGuard<'_, Option<Arc<Counts>>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn count(&self, now: Timestamp) -> Result<Counts, Fault> {
        self.read_ledger().await?;
        let entries = &self.parts.entries;
        let (mut days, mut latest) = (Vec::new(), Vec::new());
        let mut end = midnight_before(now.before(GRACE));
        for back in 0..DAYS {
            let start = end.before(DAY);
            let counted = entries.count_pulls(start, end).await?;
            days.push(DayCounts {
                day: start.to_string().chars().take(10).collect(),
                data_providers: counted.iter().map(Counted::of).collect(),
            });
            if back == 0 {
                latest = counted;
            }
            end = start;
        }
        let SecrecyCount { hidden, opened } = entries.count_secrecy(now).await?;
        Ok(Counts {
            iss: self.parts.issuer.clone(),
            fewer_than: FEWER_THAN,
            days,
            hidden,
            opened,
            at: now,
            latest,
        })
    }
}

fn agree(count: &PullCount) -> bool {
    count.released == count.sent && count.released == count.received
}

fn midnight_before(now: Timestamp) -> Timestamp {
    const MILLIS: i64 = 24 * 60 * 60 * 1000;
    Timestamp::from_millis(now.millis() - now.millis() % MILLIS)
}

/// A count below says too much of the few it counts.
const FEWER_THAN: u64 = 10;
/// How far back.
const DAYS: u32 = 30;
const DAY: Duration = Duration::from_hours(24);
/// How long after midnight a day is whole: what left in its last minute is confirmed a little later.
const GRACE: Duration = Duration::from_hours(1);
/// How long counts are good.
const FRESH: Duration = Duration::from_mins(10);

#[cfg(test)]
mod tests {
    use super::*;

    fn count(released: u64, sent: u64, received: u64) -> PullCount {
        PullCount {
            data_provider: "famille".parse().unwrap(),
            released,
            sent,
            received,
        }
    }

    #[test]
    fn small_counts_say_only_whether_the_three_agree() {
        let few = Counted::of(&count(9, 9, 8));
        let published = serde_json::to_value(few).unwrap();
        assert_eq!(
            published,
            serde_json::json!({"id": "famille", "agree": false})
        );
        let many = Counted::of(&count(10, 10, 10));
        assert_eq!(
            (many.hub, many.services, many.agree),
            (Some(10), Some(10), true)
        );
        // A small count of one side is not told apart from the others: the hub's decides.
        assert_eq!(Counted::of(&count(10, 1, 0)).data_provider, Some(1));
    }

    #[test]
    fn a_day_is_whole_an_hour_after_midnight() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let ends = |now| midnight_before(at(now).before(GRACE)).to_string();
        assert_eq!(ends("2027-01-31T00:59:59Z"), "2027-01-30T00:00:00Z");
        assert_eq!(ends("2027-01-31T01:00:00Z"), "2027-01-31T00:00:00Z");
    }
}
