//! The counts of one period as a file: every month, day or hour of it of all services together, or of those
//! asked for; then the whole period by service.

use guichet_store::Fault;
use guichet_store::durable::statistics::SignInCount;
use guichet_web::{csv_head, csv_row};

use super::figures::Scope;
use super::{Period, StatisticsBook};

/// The file.
pub(crate) async fn rows(
    book: &StatisticsBook,
    period: &Period,
    scope: &Scope,
) -> Result<Vec<u8>, Fault> {
    book.read_ledger().await?;
    let mut text = csv_head(&COLUMNS);
    let mut counts = book.counts_by_time(period, scope).await?;
    counts.extend(book.counts_of(period, scope).await?);
    for count in &counts {
        text.extend(csv_row(&fields(count)));
    }
    Ok(text)
}

const COLUMNS: [&str; 8] = [
    "period",
    "client_id",
    "provider",
    "acr",
    "way",
    "outcome",
    "step",
    "sign_ins",
];

fn fields(count: &SignInCount) -> [String; 8] {
    let known = &count.kind.known;
    let text = |it: Option<String>| it.unwrap_or_default();
    [
        count.period.clone(),
        text(known.client.as_ref().map(ToString::to_string)),
        text(known.provider.as_ref().map(ToString::to_string)),
        text(known.level.as_ref().map(ToString::to_string)),
        known.way.to_string(),
        count.kind.outcome.to_string(),
        known.step.to_string(),
        count.times.to_string(),
    ]
}
