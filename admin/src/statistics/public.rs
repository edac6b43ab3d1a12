//! `/statistics`: the sign-ins of a year, for everybody, by month, provider and level, as a page and as a file.
//!
//! What is published singles nobody out (threat N-280): no service is named, the day that is under way is left
//! out, and every number is told in whole tens, so that neither a small number nor the difference of two pages
//! or of a sum and its parts says what one person did.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use guichet_domain::{Entropy, Timestamp};
use guichet_store::Fault;
use guichet_store::durable::statistics::{SignInCount, SignInOutcome};
use guichet_web::{PageContext, PageError, Pages, Query, Serde, context, csv_head, csv_row};
use http::{StatusCode, header};
use serde::{Deserialize, Serialize};

use super::figures::times;
use super::{Chart, Period, Share, StatisticsBook};

/// What the public page is made of.
#[derive(Clone)]
pub struct PublicStatistics {
    /// The counts.
    pub book: StatisticsBook,
    /// The hub's pages.
    pub pages: Pages,
    /// The names of providers.
    pub providers: ProviderNames,
    /// References of faults.
    pub entropy: Arc<dyn Entropy>,
}

/// Finds the name of a provider by its identifier.
pub type ProviderNames = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// The addresses of the hub that need no sign-in.
pub fn public_routes(statistics: PublicStatistics) -> Router {
    Router::new()
        .route("/statistics", get(show))
        .route("/statistics.csv", get(download))
        .with_state(statistics)
}

/// Which year.
#[derive(Default, Deserialize)]
struct Asked {
    year: Option<String>,
}

/// One published number.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Told {
    name: String,
    /// In whole tens; `None` when it is smaller.
    sign_ins: Option<u64>,
}

/// A year, published.
#[derive(Debug, Default, PartialEq, Eq)]
struct Published {
    total: Option<u64>,
    months: Vec<Told>,
    providers: Vec<Told>,
    levels: Vec<Told>,
}

async fn show(
    State(statistics): State<PublicStatistics>,
    Query(asked): Query<Asked>,
    page: PageContext,
) -> Result<Response, PageError> {
    let (year, now) = statistics.year(&asked)?;
    let published = statistics.published(&year, now).await?;
    let month = |month: &str| guichet_web::partial_date(page.locale, &format!("{month}-00"));
    let labels: Vec<String> = published
        .months
        .iter()
        .map(|it| it.name.chars().skip(5).collect())
        .collect();
    let shares: Vec<Share> = published.months.iter().map(Told::share).collect();
    let provider = |told: &Told| Told {
        name: (statistics.providers)(&told.name).unwrap_or_else(|| told.name.clone()),
        sign_ins: told.sign_ins,
    };
    let providers: Vec<Told> = published.providers.iter().map(provider).collect();
    let months: Vec<Told> = published
        .months
        .iter()
        .map(|it| Told {
            name: month(&it.name),
            sign_ins: it.sign_ins,
        })
        .collect();
    let is_past = |year: &Period| year.as_str() <= Period::year_of(now).as_str();
    let data = context! {
        year => year.as_str(),
        before => year.before().map(|it| it.to_string()),
        after => year.after().filter(is_past).map(|it| it.to_string()),
        total => published.total,
        tens => TENS,
        months => Serde(&months),
        providers => Serde(&providers),
        levels => Serde(&published.levels),
        chart => Serde(&Chart::of(&shares, &labels)),
    };
    let pages = &statistics.pages;
    Ok(pages.html(&page, "statistics/public.html", data))
}

async fn download(
    State(statistics): State<PublicStatistics>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let (year, now) = statistics.year(&asked)?;
    let published = statistics.published(&year, now).await?;
    let mut text = csv_head(&["by", "name", "sign_ins"]);
    for (by, all) in [
        ("month", &published.months),
        ("provider", &published.providers),
        ("acr", &published.levels),
    ] {
        for told in all {
            let number = told
                .sign_ins
                .map_or_else(|| format!("<{TENS}"), |it| it.to_string());
            text.extend(csv_row(&[by, &told.name, &number]));
        }
    }
    let name = format!("attachment; filename=\"guichet-{year}.csv\"");
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, text).into_response())
}

impl PublicStatistics {
    fn year(&self, asked: &Asked) -> Result<(Period, Timestamp), PageError> {
        let now = self.book.clock.now();
        let Some(text) = &asked.year else {
            return Ok((Period::year_of(now), now));
        };
        let year = text.parse().ok().filter(|it: &Period| it.whole().is_none());
        let year =
            year.ok_or_else(|| PageError::new(StatusCode::NOT_FOUND, "statistics-no-year"))?;
        Ok((year, now))
    }

    async fn published(&self, year: &Period, now: Timestamp) -> Result<Published, PageError> {
        let counts = self.until_yesterday(year, now).await;
        let counts = counts
            .map_err(|fault| PageError::of_fault(&*self.entropy, "read statistics", &fault))?;
        Ok(publish(year, counts))
    }

    /// The sums of the months that are over, and of the days that are over of the one that is not.
    async fn until_yesterday(
        &self,
        year: &Period,
        now: Timestamp,
    ) -> Result<Vec<SignInCount>, Fault> {
        let today = guichet_web::day_of(now.before(GRACE).millis());
        let this_month = Period::month_of(now.before(GRACE));
        let months = year.parts();
        let over = months
            .into_iter()
            .filter(|it| it.as_str() < this_month.as_str());
        let over: Vec<String> = over.collect();
        let statistics = &self.book.statistics;
        let mut counts = statistics.of_client(&over, None).await?;
        if this_month.whole().as_ref() == Some(year) {
            let days = this_month.parts().into_iter().filter(|day| *day < today);
            let days: Vec<String> = days.collect();
            let of_days = statistics.of_client(&days, None).await?;
            counts.extend(of_days.into_iter().map(|count| SignInCount {
                period: this_month.to_string(),
                ..count
            }));
        }
        Ok(counts)
    }
}

impl Told {
    fn of(share: Share) -> Self {
        Self {
            name: share.name,
            sign_ins: tens(share.signed_in),
        }
    }

    fn share(&self) -> Share {
        Share {
            name: self.name.clone(),
            signed_in: self.sign_ins.unwrap_or(0),
            otherwise: 0,
        }
    }
}

/// What may be told of these.
fn publish(year: &Period, mut counts: Vec<SignInCount>) -> Published {
    counts.retain(|count| count.kind.outcome == SignInOutcome::SignedIn);
    let total: u64 = counts.iter().map(|count| count.times).sum();
    let by = |name: fn(&SignInCount) -> Option<String>| {
        let mut sums = std::collections::BTreeMap::<String, u64>::new();
        for count in &counts {
            if let Some(name) = name(count) {
                *sums.entry(name).or_default() += count.times;
            }
        }
        let told = sums.into_iter().map(|(name, sum)| Told {
            name,
            sign_ins: tens(sum),
        });
        told.collect::<Vec<_>>()
    };
    Published {
        total: tens(total),
        providers: by(|it| it.kind.known.provider.as_ref().map(ToString::to_string)),
        levels: by(|it| it.kind.known.level.map(|level| level.to_string())),
        months: times(year, &counts).into_iter().map(Told::of).collect(),
    }
}

/// In whole tens; nothing below.
const fn tens(number: u64) -> Option<u64> {
    if number < TENS {
        None
    } else {
        Some(number - number % TENS)
    }
}

/// A smaller number says too much of the few it counts.
const TENS: u64 = 10;
/// How long after midnight a day is whole.
const GRACE: Duration = Duration::from_hours(1);

#[cfg(test)]
mod tests {
    use guichet_store::durable::statistics::{Known, SignInKind, SignInWay};
    use proptest::prelude::*;

    use super::*;

    fn count(month: &str, provider: &str, outcome: SignInOutcome, times: u64) -> SignInCount {
        SignInCount {
            period: month.to_owned(),
            kind: SignInKind {
                known: Known {
                    client: None,
                    provider: Some(provider.parse().unwrap()),
                    level: None,
                    way: SignInWay::Provider,
                    step: 7,
                },
                outcome,
            },
            times,
        }
    }

    #[test]
    fn small_numbers_are_not_told_and_others_in_tens() {
        let year: Period = "2027".parse().unwrap();
        let published = publish(
            &year,
            vec![
                count("2027-01", "poste", SignInOutcome::SignedIn, 9),
                count("2027-02", "poste", SignInOutcome::SignedIn, 17),
                count("2027-02", "poste", SignInOutcome::Vanished, 500),
                count("2027-02", "impots", SignInOutcome::SignedIn, 3),
            ],
        );
        assert_eq!(published.total, Some(20));
        assert_eq!(published.months.len(), 12);
        assert_eq!(published.months[0].sign_ins, None);
        assert_eq!(published.months[1].sign_ins, Some(20));
        let told = |name: &str, sign_ins| Told {
            name: name.to_owned(),
            sign_ins,
        };
        assert_eq!(
            published.providers,
            [told("impots", None), told("poste", Some(20))]
        );
    }

    proptest! {
        /// What is told is the same whether one person more signed in or not, but at every tenth.
        #[test]
        fn a_number_says_nothing_of_its_last_person(number in 0u64..100_000) {
            let one_more = tens(number + 1);
            prop_assert!(tens(number) == one_more || (number + 1) % TENS == 0);
            prop_assert!(tens(number).is_none_or(|told| told <= number && told % TENS == 0 && told > 0));
        }
    }
}
