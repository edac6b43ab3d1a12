//! Those who follow the ledger, each from where it is: the histories of citizens, the support, statistics, webhooks,
//! and a collector outside.

use std::sync::Arc;
use std::time::Duration;

use guichet_admin::AuditBook;
use guichet_admin::statistics::StatisticsBook;
use guichet_admin::support::SupportDesk;
use guichet_admin::webhooks::WebhookPost;
use guichet_broker::Hub;
use guichet_portal::HistoryBook;
use guichet_store::durable::webhooks::LETTERS;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::schedule::{LEDGER_EVERY, PRUNE_EVERY, Schedule};
use crate::node::siem::CollectorPost;

/// How often the ledger is read on for the support, which reads on itself before it looks.
const TRACES_EVERY: Duration = Duration::from_mins(1);

/// How often sign-ins are counted: less often than most of them last, so that what is under way is hardly
/// ever kept in between.
const STATISTICS_EVERY: Duration = Duration::from_mins(1);

/// Those who keep what the ledger says in their own words.
pub(crate) struct Books<'a> {
    pub(crate) histories: &'a HistoryBook,
    pub(crate) statistics: &'a StatisticsBook,
    pub(crate) support: &'a SupportDesk,
    pub(crate) audit: &'a AuditBook,
}

/// Starts following the ledger for all of them.
pub(crate) fn start_books(books: &Books<'_>, tasks: &TaskTracker, stop: &CancellationToken) {
    start_histories(books.histories, tasks, stop);
    start_statistics(books.statistics, tasks, stop);
    start_support(books.support, tasks, stop);
    start_audit(books.audit, tasks, stop);
}

/// Starts following the ledger for the histories of citizens.
fn start_histories(book: &HistoryBook, tasks: &TaskTracker, stop: &CancellationToken) {
    let schedule = Schedule::of(tasks, stop);
    schedule.every(LEDGER_EVERY, book.clone(), |book| async move {
        if let Err(error) = book.read_ledger().await {
            tracing::warn!(%error, "what the ledger says of citizens could not be taken in");
        }
    });
    schedule.every(PRUNE_EVERY, book.clone(), |book| async move {
        if let Err(error) = book.forget_undecided().await {
            tracing::warn!(%error, "entries that are nobody's could not be dropped");
        }
    });
}

/// Starts following the ledger for the support: what a citizen reads out leads somewhere.
fn start_support(desk: &SupportDesk, tasks: &TaskTracker, stop: &CancellationToken) {
    let schedule = Schedule::of(tasks, stop);
    schedule.every(TRACES_EVERY, desk.clone(), |desk| async move {
        if let Err(error) = desk.keep_up().await {
            tracing::warn!(%error, "what leads to a login could not be taken in, or dropped");
        }
    });
}

/// Starts following the ledger for whoever looks something up in it.
fn start_audit(book: &AuditBook, tasks: &TaskTracker, stop: &CancellationToken) {
    let schedule = Schedule::of(tasks, stop);
    schedule.every(LEDGER_EVERY, book.clone(), |book| async move {
        if let Err(error) = book.read_ledger().await {
            tracing::warn!(%error, "what the audit log is looked up by could not be taken in");
        }
    });
}

/// Starts counting sign-ins: a page finds most of it counted.
fn start_statistics(book: &StatisticsBook, tasks: &TaskTracker, stop: &CancellationToken) {
    let schedule = Schedule::of(tasks, stop);
    schedule.every(STATISTICS_EVERY, book.clone(), |book| async move {
        if let Err(error) = book.read_ledger().await {
            tracing::warn!(%error, "the sign-ins of the ledger could not be counted");
        }
    });
    schedule.every(PRUNE_EVERY, book.clone(), |book| async move {
        if let Err(error) = book.forget_hours().await {
            tracing::warn!(%error, "single hours of long ago could not be dropped");
        }
    });
}

/// Starts following the ledger for webhooks: what somebody is to hear of goes out at once.
pub(crate) fn start_webhooks(
    post: &Arc<WebhookPost>,
    hub: &Hub,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) {
    let schedule = Schedule::of(tasks, stop);
    let following = (Arc::clone(post), hub.clone());
    schedule.every(LEDGER_EVERY, following, |(post, hub)| async move {
        match post.follow().await {
            Ok(true) => hub.deliver_kind_soon(LETTERS),
            Ok(false) => {}
            Err(error) => {
                tracing::warn!(%error, "what webhooks are to be told could not be taken in");
            }
        }
    });
    schedule.every(PRUNE_EVERY, Arc::clone(post), |post| async move {
        if let Err(error) = post.forget().await {
            tracing::warn!(%error, "what webhooks were told long ago could not be dropped");
        }
    });
}

/// Starts sending the ledger to a collector, where the settings name one.
pub(crate) fn start_collector(
    post: Option<Arc<CollectorPost>>,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) {
    let Some(post) = post else {
        return;
    };
    Schedule::of(tasks, stop).every(LEDGER_EVERY, post, |post| async move {
        if let Err(error) = post.send().await {
            tracing::warn!(
                error = format!("{error:#}"),
                "the collector did not take the ledger; trying again"
            );
        }
    });
}
