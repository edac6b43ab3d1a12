//! How many sign-ins there were: by service, provider, level, outcome and hour, and where those ended that led
//! nowhere. Numbers alone: no person is in them.
//!
//! | what | file |
//! |---|---|
//! | what an entry of the ledger counts for | `read.rs` |
//! | entries become counts, each sign-in once | `fold.rs` |
//! | years, months, days and hours | `period.rs` |
//! | what a page, the API and a file show of one period | `figures.rs` |
//! | what a sign-in costs, where prices are known | `prices.rs` |
//! | the picture, and the file | `chart.rs`, `csv.rs` |
//! | whose figures somebody may see | `scope.rs` |
//! | the public page | `public.rs` |

mod chart;
mod csv;
mod figures;
mod fold;
mod period;
mod prices;
mod public;
mod read;
mod scope;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use guichet_domain::Clock;
use guichet_ledger::{History, Projection};
use guichet_store::Fault;
use guichet_store::durable::{EntryRecord, Statistics};

pub(crate) use chart::Chart;
pub(crate) use csv::rows as csv_rows;
pub(crate) use figures::Scope;
pub use figures::{Figures, Share};
pub use period::Period;
pub use prices::{NoPrice, Price, Prices};
pub use public::{ProviderNames, PublicStatistics, public_routes};

use fold::Fold;
use read::{Said, What};

/// What is counted, and what it is counted from. Cheap to clone.
#[derive(Clone)]
pub struct StatisticsBook {
    /// The counts.
    pub statistics: Arc<dyn Statistics>,
    /// The ledger.
    pub history: History,
    /// What sign-ins cost.
    pub prices: Arc<Prices>,
    /// Time.
    pub clock: Arc<dyn Clock>,
}

impl StatisticsBook {
    /// Takes in what the ledger has gained since this was last done, by whichever node.
    pub async fn read_ledger(&self) -> Result<(), Fault> {
        self.history.take_into(&Counted(&*self.statistics)).await
    }

    /// Forgets single hours of long ago.
    pub async fn forget_hours(&self) -> Result<(), Fault> {
        let before = self.clock.now().before(HOURS_KEPT_FOR);
        let before = guichet_web::day_of(before.millis());
        self.statistics.forget_hours(&before).await.map(drop)
    }
}

/// The ledger, counted.
struct Counted<'a>(&'a dyn Statistics);

#[async_trait]
impl Projection for Counted<'_> {
    type Said = Said;

    fn said(&self, entry: &EntryRecord) -> Option<Said> {
        read::said(entry)
    }

    async fn read_to(&self) -> Result<u64, Fault> {
        self.0.read_to().await
    }

    /// What is under way is read before it is written. Should another node write in between, it has moved
    /// `from` as well, and this writes nothing.
    async fn read_on(&self, from: u64, to: u64, said: &[Said]) -> Result<bool, Fault> {
        let known = self.0.under_way(&fold::begun_earlier(said)).await?;
        let mut fold = Fold::over(known);
        for one in said {
            fold.take(one);
        }
        if let Some(latest) = said.iter().map(|it| it.at).max() {
            let before = latest.before(PATIENCE);
            fold.vanish_before(before);
            for one in self.0.begun_before(before, AT_ONCE).await? {
                fold.vanish(one);
            }
        }
        self.0.read_on(from, to, &fold.into_tally()).await
    }
}

/// How long after it began nobody goes on with a sign-in: longer than any lasts.
const PATIENCE: Duration = Duration::from_hours(2);
/// How many that nobody went on with are counted at once.
const AT_ONCE: u32 = 5000;
/// How long single hours are kept; days, months and years stay.
const HOURS_KEPT_FOR: Duration = Duration::from_hours(24 * 92);

#[cfg(test)]
mod tests;
