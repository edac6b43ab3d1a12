//! What is shown of one period: how many signed in, how many did not and where they left, each by time,
//! service, provider, level and way; and what it cost.

use std::collections::BTreeMap;

use guichet_domain::{ClientId, ProviderId};
use guichet_store::Fault;
use guichet_store::durable::statistics::{SignInCount, SignInOutcome, SignInWay};
use schemars::JsonSchema;
use serde::Serialize;

use super::read::{CONSENT, REQUEST, RETURN};
use super::{Period, StatisticsBook};

/// Which services are counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// All there are, and the requests of nobody in particular.
    Hub,
    /// These.
    Clients(Vec<ClientId>),
}

/// The figures of one period.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Figures {
    /// `2027`, `2027-01` or `2027-01-31`, in the time of metropolitan France.
    pub period: String,
    /// Sign-ins that came back to the service.
    pub signed_in: u64,
    /// Those that did not.
    pub otherwise: u64,
    /// By month, day or hour, in their order: every one there is.
    pub times: Vec<Share>,
    /// By service, the most first.
    pub clients: Vec<Share>,
    /// By provider, the most first; where none was chosen, under no name.
    pub providers: Vec<Share>,
    /// By level: the one that was reached, or needed.
    pub levels: Vec<Share>,
    /// By how they began: `provider`, or by the `session` that was there.
    pub ways: Vec<Share>,
    /// What became of those that did not come back: `declined`, `abandoned`, `refused`, `vanished`.
    pub outcomes: Vec<Share>,
    /// Where they ended, by the steps of a sign-in.
    pub steps: Vec<StepFigures>,
    /// What it cost, where the operator entered prices; of the whole hub alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cost>,
}

/// A part of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Share {
    /// Which part.
    pub name: String,
    /// Sign-ins that came back to the service.
    pub signed_in: u64,
    /// Those that did not.
    pub otherwise: u64,
}

/// One step of a sign-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct StepFigures {
    /// Its number, 1 to 7.
    pub step: u8,
    /// How many came so far.
    pub reached: u64,
    /// How many came no further.
    pub left: u64,
}

/// What it cost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Cost {
    /// `EUR`.
    pub currency: String,
    /// All together.
    pub total: String,
    /// For each that signed in; there is none where nobody did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_sign_in: Option<String>,
}

impl StatisticsBook {
    /// The figures of one period of the whole hub.
    pub async fn of_hub(&self, period: &Period) -> Result<Figures, Fault> {
        self.figures(period, &Scope::Hub).await
    }

    /// The figures of one period, with what the ledger says by now.
    pub(crate) async fn figures(&self, period: &Period, scope: &Scope) -> Result<Figures, Fault> {
        self.read_ledger().await?;
        let whole = self.counts_of(period, scope).await?;
        let parts = self.counts_by_time(period, scope).await?;
        let mut figures = Figures::of(period, &whole);
        figures.times = times(period, &parts);
        if *scope == Scope::Hub && self.prices.are_known() {
            let cost = self
                .prices
                .of(period.days_until(self.clock.now()), &at_providers(&whole));
            figures.cost = Some(Cost {
                currency: self.prices.currency.clone(),
                total: cost.rounded().to_string(),
                per_sign_in: cost.each(figures.signed_in).map(|each| each.to_string()),
            });
        }
        Ok(figures)
    }

    /// Every count of the period.
    pub(super) async fn counts_of(
        &self,
        period: &Period,
        scope: &Scope,
    ) -> Result<Vec<SignInCount>, Fault> {
        let whole = [period.to_string()];
        match scope {
            Scope::Hub => {
                let mut counts = self.statistics.of_period(period.as_str()).await?;
                // What is of no service is in the sum of all alone.
                let all = self.statistics.of_client(&whole, None).await?;
                let of_nobody = of_nobody(&all, &counts);
                counts.extend(of_nobody);
                Ok(counts)
            }
            Scope::Clients(clients) => self.statistics.of_clients(&whole, clients).await,
        }
    }

    /// Every count of its parts.
    pub(super) async fn counts_by_time(
        &self,
        period: &Period,
        scope: &Scope,
    ) -> Result<Vec<SignInCount>, Fault> {
        let parts = period.parts();
        match scope {
            Scope::Hub => self.statistics.of_client(&parts, None).await,
            Scope::Clients(clients) => self.statistics.of_clients(&parts, clients).await,
        }
    }
}

impl Figures {
    fn of(period: &Period, counts: &[SignInCount]) -> Self {
        let by = |name: fn(&SignInCount) -> String| most_first(shares(counts, name));
        let all = shares(counts, |_| String::new());
        let all = all.into_values().next().unwrap_or_default();
        let mut outcomes = by(|it| it.kind.outcome.to_string());
        outcomes.retain(|share| share.otherwise > 0);
        outcomes.sort_by_key(|share| std::cmp::Reverse(share.otherwise));
        Self {
            period: period.to_string(),
            signed_in: all.signed_in,
            otherwise: all.otherwise,
            times: Vec::new(),
            clients: by(|it| text(it.kind.known.client.as_ref())),
            providers: by(|it| text(it.kind.known.provider.as_ref())),
            levels: by(|it| text(it.kind.known.level.as_ref())),
            ways: by(|it| it.kind.known.way.to_string()),
            outcomes,
            steps: steps(counts),
            cost: None,
        }
    }
}

/// What the sum of all has beyond the clients': requests that name none.
fn of_nobody(all: &[SignInCount], of_clients: &[SignInCount]) -> Vec<SignInCount> {
    let rest = all.iter().filter_map(|sum| {
        let same = of_clients.iter().filter(|it| {
            let (one, other) = (&it.kind.known, &sum.kind.known);
            it.kind.outcome == sum.kind.outcome
                && (&one.provider, one.level, one.way, one.step)
                    == (&other.provider, other.level, other.way, other.step)
        });
        let known: u64 = same.map(|it| it.times).sum();
        let times = sum.times.saturating_sub(known);
        (times > 0).then(|| SignInCount {
            times,
            ..sum.clone()
        })
    });
    rest.collect()
}

fn shares(
    counts: &[SignInCount],
    name: impl Fn(&SignInCount) -> String,
) -> BTreeMap<String, Share> {
    let mut shares: BTreeMap<String, Share> = BTreeMap::new();
    for count in counts {
        let name = name(count);
        let share = shares.entry(name.clone()).or_insert_with(|| Share {
            name,
            ..Share::default()
        });
        if count.kind.outcome == SignInOutcome::SignedIn {
            share.signed_in += count.times;
        } else {
            share.otherwise += count.times;
        }
    }
    shares
}

fn most_first(shares: BTreeMap<String, Share>) -> Vec<Share> {
    let mut shares: Vec<Share> = shares.into_values().collect();
    shares.sort_by_key(|share| std::cmp::Reverse((share.signed_in, share.otherwise)));
    shares
}

/// Every part of the period, those without any as well.
pub(super) fn times(period: &Period, counts: &[SignInCount]) -> Vec<Share> {
    let mut known = shares(counts, |it| it.period.clone());
    let parts = period.parts().into_iter();
    let share = |name: String| {
        known.remove(&name).unwrap_or(Share {
            name,
            ..Share::default()
        })
    };
    parts.map(share).collect()
}

/// How many came to each step, and how many left there. Whoever comes by a session begins at consent.
fn steps(counts: &[SignInCount]) -> Vec<StepFigures> {
    let figures = |step| {
        let mut figures = StepFigures {
            step,
            reached: 0,
            left: 0,
        };
        for count in counts {
            let is_over = count.kind.outcome == SignInOutcome::SignedIn;
            let ends_in = if is_over {
                RETURN
            } else {
                count.kind.known.step
            };
            let passes =
                step == REQUEST || step >= CONSENT || count.kind.known.way == SignInWay::Provider;
            if passes && ends_in >= step {
                figures.reached += count.times;
            }
            if !is_over && ends_in == step {
                figures.left += count.times;
            }
        }
        figures
    };
    (REQUEST..=RETURN).map(figures).collect()
}

/// Those who signed in at each provider, and not by a session.
fn at_providers(counts: &[SignInCount]) -> BTreeMap<ProviderId, u64> {
    let mut sums = BTreeMap::new();
    for count in counts {
        let known = &count.kind.known;
        let is_paid =
            known.way == SignInWay::Provider && count.kind.outcome == SignInOutcome::SignedIn;
        if let Some(provider) = known.provider.as_ref().filter(|_| is_paid) {
            *sums.entry(provider.clone()).or_insert(0) += count.times;
        }
    }
    sums
}

fn text(it: Option<&impl ToString>) -> String {
    it.map_or_else(String::new, ToString::to_string)
}
