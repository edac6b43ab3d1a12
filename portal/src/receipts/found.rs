//! What was found of a receipt, in words for people.

use guichet_domain::{DataProviderId, Timestamp};
use guichet_exchange::{
    Checked, Counted, Counts, Labelled, Problem, Statement, Usage, Verification,
};
use guichet_keys::JwsRefusal;
use guichet_web::{Locale, Pages};
use serde::Serialize;

/// What the page shows.
#[derive(Serialize)]
pub(super) struct Found {
    holds: bool,
    /// For each of [`CHECKS`]: what is wrong, empty when it holds; none when it was not made.
    checks: Vec<Option<String>>,
    /// For each of [`ROWS`]; nothing when the receipt does not hold.
    says: Option<Vec<String>>,
}

/// The checks that the page names, in order: the ends of texts' names.
pub(super) const CHECKS: &[&str] = &[
    "form",
    "signature",
    "entries",
    "decision",
    "checkpoint",
    "inclusion",
];

/// The rows of what a receipt says.
pub(super) const ROWS: &[&str] = &[
    "outcome",
    "decided",
    "service",
    "evidence",
    "holder",
    "asked",
    "granted",
    "purpose",
    "basis",
    "usage",
    "until",
    "retention",
    "pulls",
    "ended",
    "hidden",
];

/// The words that a script puts in itself: the ends of texts' names.
pub(super) const WORDS: &[&str] = &[
    "outcome-sent",
    "outcome-partly",
    "outcome-refused",
    "outcome-contested",
    "basis-explicit_request",
    "basis-consent",
    "basis-legal_obligation",
    "usage-single",
    "usage-recurring",
    "ended-revoked",
    "ended-given_back",
    "ended-replaced",
    "ended-unused",
    "ended-withdrawn",
    "problem-form",
    "problem-signature",
    "problem-key",
    "problem-changed",
    "problem-foreign",
    "problem-undecided",
    "problem-differs",
    "problem-checkpoint",
    "problem-tree",
];

impl Found {
    pub(super) fn new(pages: &Pages, locale: Locale, verification: &Verification) -> Self {
        let check = |name: &&str| {
            let mut made = verification.checks.iter();
            let made = made.find(|made| made.check.as_str() == *name)?;
            Some(problem(pages, locale, made))
        };
        let holds = verification.holds();
        let says = verification.says.as_ref().filter(|_| holds);
        Self {
            holds,
            checks: CHECKS.iter().map(check).collect(),
            says: says.map(|statement| rows(pages, locale, statement)),
        }
    }
}

/// What is wrong, in a sentence; empty when nothing is.
fn problem(pages: &Pages, locale: Locale, made: &Checked) -> String {
    let (word, index) = match &made.problem {
        None => return String::new(),
        Some(Problem::NotAReceipt) => ("form", None),
        Some(Problem::Signature(JwsRefusal::UnknownKey)) => ("key", None),
        Some(Problem::Signature(_)) => ("signature", None),
        Some(Problem::EntryChanged(index)) => ("changed", Some(index)),
        Some(Problem::EntryForeign(index)) => ("foreign", Some(index)),
        Some(Problem::NoDecision) => ("undecided", None),
        Some(Problem::Differs(_)) => ("differs", None),
        Some(Problem::NotInTree(index)) => ("tree", Some(index)),
        Some(_) => ("checkpoint", None),
    };
    let index = index.map(u64::to_string).unwrap_or_default();
    pages.text(locale, &format!("receipt-problem-{word}"), &[("n", &index)])
}

/// The rows, in the order of [`ROWS`]; empty where there is nothing to say.
fn rows(pages: &Pages, locale: Locale, said: &Statement) -> Vec<String> {
    let word = |kind: &str, word: &str| pages.text(locale, &format!("receipt-{kind}-{word}"), &[]);
    let time = |text: &str| {
        let at = text.parse().map_or(0, Timestamp::millis);
        guichet_web::date_and_time(locale, at)
    };
    let listed = |fields: &[Labelled]| {
        let labels: Vec<&str> = fields.iter().map(|field| field.label.as_str()).collect();
        labels.join(", ")
    };
    let usage = match &said.usage {
        Usage::Single => "single",
        Usage::Recurring { .. } => "recurring",
    };
    let ended = said.ended.as_ref();
    let hidden = said.hidden.as_ref();
    vec![
        word("outcome", &said.outcome),
        time(&said.decided),
        said.service.name.clone(),
        said.evidence_type.label.clone(),
        said.data_provider.name.clone(),
        listed(&said.asked),
        listed(&said.granted),
        format!("{} ({})", said.purpose.sentence, said.purpose.legal),
        word("basis", &said.basis),
        word("usage", usage),
        time(&said.valid_until),
        said.retention_days.to_string(),
        said.pulls.to_string(),
        ended.map_or_else(String::new, |ended| {
            format!("{}, {}", word("ended", &ended.how), time(&ended.at))
        }),
        hidden.map_or_else(String::new, |hidden| {
            format!(
                "{}, {}, {}",
                hidden.authority,
                hidden.order,
                time(&hidden.until)
            )
        }),
    ]
}

/// The counts as the rows of a table: day, data provider, the three.
pub(super) fn count_rows(
    pages: &Pages,
    locale: Locale,
    counts: &Counts,
    name: impl Fn(&DataProviderId) -> String,
) -> Vec<[String; 5]> {
    let word = |word: &str| pages.text(locale, word, &[]);
    let few = word("receipts-counts-few");
    let told = |number: Option<u64>| number.map_or_else(|| few.clone(), |it| it.to_string());
    let row = |day: &str, counted: &Counted| {
        let services = if counted.agree {
            told(counted.services)
        } else {
            format!(
                "{} ({})",
                told(counted.services),
                word("receipts-counts-differ")
            )
        };
        [
            day.to_owned(),
            name(&counted.id),
            told(counted.hub),
            told(counted.data_provider),
            services,
        ]
    };
    let mut rows = Vec::new();
    for day in &counts.days {
        rows.extend(day.data_providers.iter().map(|it| row(&day.day, it)));
    }
    rows
}

#[cfg(test)]
mod tests {
    use guichet_exchange::Check;

    use super::*;

    /// The page names every check that is made of a receipt alone.
    #[test]
    fn every_check_has_its_place_on_the_page() {
        for check in [
            Check::Form,
            Check::Signature,
            Check::Entries,
            Check::Decision,
            Check::Checkpoint,
            Check::Inclusion,
        ] {
            assert!(CHECKS.contains(&check.as_str()), "{check}");
        }
        assert!(!CHECKS.contains(&Check::History.as_str()));
    }
}
