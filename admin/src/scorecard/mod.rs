//! How well a client does what the standards advise: from its record, and from what it did of late, counted off
//! the ledger (`statistics`). Where a weaker option ends, `deprecations.json` says when; `deprecation` reads it.

mod deprecation;
mod topics;

use guichet_domain::Timestamp;
use guichet_domain::client::Client;
use guichet_store::Fault;
use guichet_store::durable::statistics::ClientMark;
use schemars::JsonSchema;
use serde::Serialize;

use crate::statistics::{Period, StatisticsBook};

pub use deprecation::Deprecation;

/// How well a client does.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Scorecard {
    /// Which client.
    pub client_id: String,
    /// What it did is counted from this month on: `2027-01`.
    pub since: String,
    /// Each topic, in a fixed order.
    pub topics: Vec<TopicCard>,
    /// Errors it was answered, the most frequent first.
    pub errors: Vec<Seen>,
    /// Scopes that it may ask for and did not.
    pub unused_scopes: Vec<String>,
    /// Evidence that it may ask for and did not.
    pub unused_evidence: Vec<String>,
}

/// One topic.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TopicCard {
    /// Which.
    pub topic: Topic,
    /// How well.
    pub verdict: Verdict,
    /// Which option of the standards it uses, where there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub option: Option<String>,
    /// Of how many times that it could have.
    pub asked: u64,
    /// How often it did.
    pub taken: u64,
    /// The last day that it did: `2027-01-31`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<String>,
    /// Until when it may go on so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends: Option<Deprecation>,
}

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// PKCE with S256 (RFC 7636).
    Pkce,
    /// `state` (RFC 6749 §10.12).
    State,
    /// `nonce` (OIDC Core §3.1.2.1).
    Nonce,
    /// How it authenticates.
    Authentication,
    /// How its ID tokens are signed.
    Algorithms,
    /// Whether it hears of the end of a session.
    Logout,
    /// Where its keys are found.
    Keys,
}

/// How well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// As it should be.
    Good,
    /// It works, and something better is there.
    Weak,
    /// It is not done at all.
    Missing,
    /// Nothing was seen of it, or it needs none.
    Unseen,
}

/// How often, and when last.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Seen {
    /// What.
    pub name: String,
    /// How often.
    pub times: u64,
    /// The last day: `2027-01-31`.
    pub last: String,
}

impl Scorecard {
    /// Of this client, by what it did in the last three months and this one.
    pub(crate) async fn of(
        book: &StatisticsBook,
        client: &Client,
        now: Timestamp,
    ) -> Result<Self, Fault> {
        book.read_ledger().await?;
        let since = LOOKS_BACK.iter().fold(Period::month_of(now), |month, ()| {
            month.before().unwrap_or(month)
        });
        let marks = book.statistics.marks(&client.id, since.as_str()).await?;
        Ok(Self::by(client, &since, &Marks(marks)))
    }

    fn by(client: &Client, since: &Period, marks: &Marks) -> Self {
        let mut errors = marks.named("error:");
        errors.sort_by_key(|seen| std::cmp::Reverse(seen.times));
        let asked: Vec<Seen> = marks.named("scope:");
        let is_asked = |scope: &str| asked.iter().any(|seen| seen.name == scope);
        let evidence = marks.named("evidence:");
        let is_fetched = |of: &str| evidence.iter().any(|seen| seen.name == of);
        let scopes = client.scopes.iter().map(ToString::to_string);
        let rights = client.evidence_rights.iter();
        let rights = rights.map(|right| right.evidence_type.to_string());
        Self {
            client_id: client.id.to_string(),
            since: since.to_string(),
            topics: topics::all(client, marks),
            errors,
            unused_scopes: scopes.filter(|scope| !is_asked(scope)).collect(),
            unused_evidence: rights.filter(|right| !is_fetched(right)).collect(),
        }
    }
}

/// What a client did.
struct Marks(Vec<ClientMark>);

impl Marks {
    /// How often, and when last.
    fn seen(&self, mark: &str) -> (u64, Option<String>) {
        let all = self.0.iter().filter(|it| it.mark == mark);
        let last = all.clone().map(|it| it.last).max();
        let day = |at: Timestamp| guichet_web::day_of(at.millis());
        (all.map(|it| it.times).sum(), last.map(day))
    }

    /// All that begin so, by what comes after.
    fn named(&self, start: &str) -> Vec<Seen> {
        let mut names: Vec<&str> = self.0.iter().map(|it| it.mark.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        let rest = names.into_iter().filter_map(|mark| {
            let name = mark.strip_prefix(start)?;
            let (times, last) = self.seen(mark);
            Some(Seen {
                name: name.to_owned(),
                times,
                last: last?,
            })
        });
        rest.collect()
    }
}

/// The months before this one that are looked at.
const LOOKS_BACK: [(); 3] = [(); 3];

#[cfg(test)]
mod tests;
