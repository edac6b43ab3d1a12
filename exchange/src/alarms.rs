//! What an operator should look at: read from the stores, so that every node says the same, after a
//! restart too.

use std::time::Duration;

use guichet_domain::Timestamp;
use guichet_store::Fault;
use guichet_store::durable::Unfetched;

use crate::Desk;

/// What is not as it should be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alarms {
    /// How many deliveries of the last week were not confirmed by both sides.
    pub unconfirmed: u64,
    /// Who has not fetched events for a day, or could not be sent them.
    pub unfetched: Vec<Unfetched>,
    /// How many requests to erase are without an answer though it was due: 1000 at most.
    pub overdue: usize,
}

impl Desk {
    /// What there is to look at.
    pub async fn alarms(&self, now: Timestamp) -> Result<Alarms, Fault> {
        let grants = &self.parts.grants;
        Ok(Alarms {
            unconfirmed: grants.count_unconfirmed(now.before(WEEK)).await?,
            unfetched: self.parts.events.unfetched(now.before(DAY)).await?,
            overdue: self.parts.erasures.overdue(now, MOST).await?.len(),
        })
    }
}

impl Alarms {
    /// In words, for the node's health; `None` when all is well.
    pub fn words(&self) -> Option<String> {
        let mut words = Vec::new();
        if self.unconfirmed > 0 {
            words.push(format!("{} deliveries not confirmed", self.unconfirmed));
        }
        for left in &self.unfetched {
            words.push(format!(
                "{} events not taken by {}",
                left.count, left.client
            ));
        }
        if self.overdue > 0 {
            words.push(format!("{} answers on erasure overdue", self.overdue));
        }
        (!words.is_empty()).then(|| words.join("; "))
    }
}

const DAY: Duration = Duration::from_hours(24);
const WEEK: Duration = Duration::from_hours(7 * 24);
const MOST: u32 = 1000;
