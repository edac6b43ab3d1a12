//! What a node does by itself, off the request path: follow rotations and registrations, rotate keys
//! that are due, send what waits in the outbox, drop what expired.

use std::sync::Arc;
use std::time::Duration;

use guichet_admin::onboarding::Onboarding;
use guichet_admin::statistics::StatisticsBook;
use guichet_admin::support::SupportDesk;
use guichet_admin::tester::Tester;
use guichet_admin::webhooks::WebhookPost;
use guichet_admin::{AuditBook, RotationWatch};
use guichet_broker::{Hub, State};
use guichet_domain::{AuditEvent, Clock, EventKind, Timestamp};
use guichet_exchange::Desk;
use guichet_idp::Idp;
use guichet_keys::{Keys, Rotated, RotationPolicy};
use guichet_ledger::Ledger;
use guichet_portal::HistoryBook;
use guichet_store::durable::{RefreshTokens, RegistrySnapshot};
use guichet_store::short_lived::ShortLived;
use metrics::SharedString;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::mail::MailLetters;
use super::siem::CollectorPost;
use super::{Foundation, houses};
use crate::tls::OwnCertificate;

/// Starts the upkeep of a foundation; it ends with `stop`.
pub(crate) fn start(
    foundation: &Foundation,
    keys_every: Duration,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) {
    tasks.spawn_blocking(guichet_keys::warm_up);
    let registry = Arc::clone(&foundation.registry);
    every(REGISTRY_EVERY, tasks, stop, move || {
        let registry = Arc::clone(&registry);
        async move { follow_registry(&registry).await }
    });
    let registry = Arc::clone(&foundation.registry);
    let uses = Arc::clone(&foundation.durable.credential_uses);
    every(USES_EVERY, tasks, stop, move || {
        let (registry, uses) = (Arc::clone(&registry), Arc::clone(&uses));
        async move {
            if let Err(error) = registry.write_uses(&*uses).await {
                tracing::warn!(%error, "which credentials of clients are in use could not be noted");
            }
        }
    });
    let keys = foundation.keys.clone();
    every(keys_every, tasks, stop, move || {
        let keys = keys.clone();
        async move { follow_keys(keys).await }
    });
    let rotation = Rotation {
        keys: foundation.keys.clone(),
        policy: foundation.rotation,
        ledger: foundation.ledger.clone(),
        clock: Arc::clone(&foundation.clock),
    };
    every(ROTATION_EVERY, tasks, stop, move || {
        let rotation = rotation.clone();
        async move { rotation.turn().await }
    });
    let short_lived = foundation.short_lived.clone();
    every(SWEEP_EVERY, tasks, stop, move || {
        let short_lived = short_lived.clone();
        async move { sweep(short_lived).await }
    });
    let messages = Arc::clone(&foundation.durable.messages);
    let clock = Arc::clone(&foundation.clock);
    every(PRUNE_EVERY, tasks, stop, move || {
        let (messages, now) = (Arc::clone(&messages), clock.now());
        async move {
            if let Err(error) = messages.forget_expired(now).await {
                tracing::warn!(%error, "messages that expired could not be dropped");
            }
        }
    });
    let rights = houses::rights_office(foundation);
    every(PRUNE_EVERY, tasks, stop, move || {
        let rights = rights.clone();
        async move {
            if let Err(error) = rights.forget_settled().await {
                tracing::warn!(%error, "requests that were settled long ago could not be dropped");
            }
        }
    });
    let families = Arc::clone(&foundation.durable.refresh_tokens);
    let clock = Arc::clone(&foundation.clock);
    every(PRUNE_EVERY, tasks, stop, move || {
        let (families, now) = (Arc::clone(&families), clock.now());
        async move { prune(&*families, now).await }
    });
}

/// Forgets families of refresh tokens that are over: as many as there are, each statement so many.
async fn prune(families: &dyn RefreshTokens, now: Timestamp) {
    loop {
        match families.prune(now).await {
            Ok(0) => break,
            Ok(_) => tokio::task::yield_now().await,
            Err(error) => {
                tracing::warn!(%error, "refresh tokens that are over could not be dropped");
                break;
            }
        }
    }
}

async fn follow_registry(registry: &RegistrySnapshot) {
    match registry.refresh().await {
        Ok(true) => tracing::info!(revision = registry.revision(), "the registry changed"),
        Ok(false) => {}
        Err(error) => {
            tracing::warn!(%error, "the registry could not be read; the last reading stays");
        }
    }
}

/// Custody is files or a device: both may block.
async fn follow_keys(keys: Keys) {
    match tokio::task::spawn_blocking(move || keys.refresh()).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            tracing::warn!(%error, "custody could not be read; the keys at hand stay");
        }
        Err(error) => tracing::error!(%error, "reading custody failed"),
    }
}

/// Starts following the files of the TLS listener's own certificate.
pub(crate) fn start_tls(
    certificate: &Arc<OwnCertificate>,
    look_every: Duration,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) {
    let certificate = Arc::clone(certificate);
    every(look_every, tasks, stop, move || {
        let certificate = Arc::clone(&certificate);
        async move { follow_certificate(certificate).await }
    });
}

/// Files may block.
async fn follow_certificate(certificate: Arc<OwnCertificate>) {
    match tokio::task::spawn_blocking(move || certificate.refresh()).await {
        Ok(Ok(true)) => tracing::info!("the TLS certificate was renewed"),
        Ok(Ok(false)) => {}
        Ok(Err(error)) => {
            tracing::warn!(%error, "the TLS certificate could not be read; the one at hand stays");
        }
        Err(error) => tracing::error!(%error, "reading the TLS certificate failed"),
    }
}

/// Starts the upkeep of a hub: fetches what its providers publish before the first citizen comes,
/// sends what its outbox holds, which did not arrive at first or whose node died, and asks its
/// providers every `probe_every` whether they are there.
pub(crate) fn start_hub(
    hub: &Hub,
    probe_every: Duration,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) {
    let (warming, stopped) = (hub.clone(), stop.clone());
    tasks.spawn(async move {
        tokio::select! {
            () = warming.warm_up() => {}
            () = stopped.cancelled() => {}
        }
    });
    let probing = hub.clone();
    every(probe_every, tasks, stop, move || {
        let hub = probing.clone();
        async move { probe(&hub).await }
    });
    let watched = hub.clone();
    every(WATCH_EVERY, tasks, stop, move || {
        let hub = watched.clone();
        async move { watch(&hub) }
    });
    let following = hub.clone();
    every(CASES_EVERY, tasks, stop, move || {
        let hub = following.clone();
        async move { hub.follow_cases().await }
    });
    let forgetting = hub.clone();
    every(PRUNE_EVERY, tasks, stop, move || {
        let hub = forgetting.clone();
        async move { hub.forget_devices().await }
    });
    let (called, stopped) = (hub.clone(), stop.clone());
    tasks.spawn(async move {
        loop {
            tokio::select! {
                () = called.deliver_when_called() => {}
                () = stopped.cancelled() => break,
            }
        }
    });
    let looking = hub.clone();
    every(EXCHANGE_EVERY, tasks, stop, move || {
        let hub = looking.clone();
        async move { look_at_exchange(&hub).await }
    });
    let hub = hub.clone();
    every(DELIVERY_EVERY, tasks, stop, move || {
        let hub = hub.clone();
        async move { hub.deliver_due().await }
    });
}

/// Finds deliveries that were not confirmed, and counts what an operator should look at.
async fn look_at_exchange(hub: &Hub) {
    let looked = hub.look_for_unconfirmed().await;
    match looked.and(hub.exchange_alarms().await) {
        Ok(alarms) => {
            let unfetched: u64 = alarms.unfetched.iter().map(|left| left.count).sum();
            let overdue = u64::try_from(alarms.overdue).unwrap_or(u64::MAX);
            for (name, count) in [
                ("guichet_deliveries_unconfirmed", alarms.unconfirmed),
                ("guichet_events_not_taken", unfetched),
                ("guichet_erasures_overdue", overdue),
            ] {
                #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
                metrics::gauge!(name).set(count as f64);
            }
        }
        Err(error) => tracing::warn!(%error, "the state of exchanges cannot be read"),
    }
}

/// Asks the providers, and counts what is known of each.
async fn probe(hub: &Hub) {
    hub.probe_providers().await;
    for status in hub.provider_statuses() {
        let up = matches!(status.status, State::Up | State::Degraded);
        metrics::gauge!("guichet_provider_up", "provider" => status.id).set(u8::from(up));
    }
}

/// Keeps providers' keys fresh, and counts how fresh they are.
fn watch(hub: &Hub) {
    for keys in hub.watch_providers() {
        let labels = [("provider", SharedString::from(keys.provider.to_string()))];
        let stale = if keys.stale { 1.0 } else { 0.0 };
        metrics::gauge!("guichet_provider_keys_stale", &labels).set(stale);
        #[expect(clippy::cast_precision_loss, reason = "seconds are far below 2^52")]
        let seconds = |at: Timestamp| at.seconds() as f64;
        if let Some(fetched) = keys.fetched {
            metrics::gauge!("guichet_provider_keys_fetched_timestamp_seconds", &labels)
                .set(seconds(fetched));
        }
        if let Some(end) = keys.end {
            metrics::gauge!("guichet_provider_keys_end_timestamp_seconds", &labels)
                .set(seconds(end));
        }
    }
}

/// Starts the upkeep of the exchange: takes in what the ledger says of exchanges, forgets events that nobody
/// fetches, ends grants that nobody uses, and counts.
pub(crate) fn start_exchange(
    desk: &Arc<Desk>,
    clock: &Arc<dyn Clock>,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) {
    let reading = Arc::clone(desk);
    every(LEDGER_EVERY, tasks, stop, move || {
        let desk = Arc::clone(&reading);
        async move {
            if let Err(error) = desk.read_ledger().await {
                tracing::warn!(%error, "what the ledger says of exchanges could not be taken in");
            }
        }
    });
    let (pruned, clock) = (Arc::clone(desk), Arc::clone(clock));
    every(PRUNE_EVERY, tasks, stop, move || {
        let (desk, now) = (Arc::clone(&pruned), clock.now());
        async move {
            if let Err(error) = desk.events().forget_unfetched(now).await {
                tracing::warn!(%error, "events that nobody fetched could not be dropped");
            }
            if let Err(error) = desk.end_unused(now).await {
                tracing::warn!(%error, "grants that nobody uses could not be ended");
            }
        }
    });
    let counting = Arc::clone(desk);
    every(COUNT_EVERY, tasks, stop, move || {
        let desk = Arc::clone(&counting);
        async move { count(&desk).await }
    });
}

/// Starts looking after the secrets and keys of clients: counts those that are due, and tells their teams.
pub(crate) fn start_rotations(watch: RotationWatch, tasks: &TaskTracker, stop: &CancellationToken) {
    every(ROTATION_EVERY, tasks, stop, move || {
        let watch = watch.clone();
        async move {
            match watch.due().await {
                Ok(due) => {
                    let due = u32::try_from(due.len()).unwrap_or(u32::MAX);
                    metrics::gauge!("guichet_client_credentials_due").set(f64::from(due));
                }
                Err(error) => tracing::warn!(%error, "credentials of clients were not looked at"),
            }
            if let Err(error) = watch.remind().await {
                tracing::warn!(%error, "teams were not told of credentials that are due");
            }
        }
    });
}

/// Starts doing what steps of habilitations left to be done, where the node that took one did not, and looking
/// whether services are in use that their habilitation does not let be.
pub(crate) fn start_onboarding(
    onboarding: &Arc<Onboarding>,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) {
    let due = Arc::clone(onboarding);
    every(DUTIES_EVERY, tasks, stop, move || {
        let onboarding = Arc::clone(&due);
        async move {
            if let Err(error) = onboarding.carry_out_due().await {
                tracing::warn!(%error, "what steps of habilitations left to be done is not known");
            }
        }
    });
    let swept = Arc::clone(onboarding);
    every(SWEEP_SERVICES_EVERY, tasks, stop, move || {
        let onboarding = Arc::clone(&swept);
        async move {
            if let Err(error) = onboarding.sweep().await {
                tracing::warn!(%error, "whether services live by their habilitations is not known");
            }
        }
    });
}

/// Starts following the ledger for the histories of citizens.
pub(crate) fn start_histories(book: &HistoryBook, tasks: &TaskTracker, stop: &CancellationToken) {
    let reading = book.clone();
    every(LEDGER_EVERY, tasks, stop, move || {
        let book = reading.clone();
        async move {
            if let Err(error) = book.read_ledger().await {
                tracing::warn!(%error, "what the ledger says of citizens could not be taken in");
            }
        }
    });
    let forgetting = book.clone();
    every(PRUNE_EVERY, tasks, stop, move || {
        let book = forgetting.clone();
        async move {
            if let Err(error) = book.forget_undecided().await {
                tracing::warn!(%error, "entries that are nobody's could not be dropped");
            }
        }
    });
}

/// Starts following the ledger for the support: what a citizen reads out leads somewhere.
pub(crate) fn start_support(desk: &SupportDesk, tasks: &TaskTracker, stop: &CancellationToken) {
    let reading = desk.clone();
    every(TRACES_EVERY, tasks, stop, move || {
        let desk = reading.clone();
        async move {
            if let Err(error) = desk.read_ledger().await {
                tracing::warn!(%error, "what leads to a login could not be taken in");
            }
        }
    });
}

/// Starts following the ledger for whoever looks something up in it.
pub(crate) fn start_audit(book: &AuditBook, tasks: &TaskTracker, stop: &CancellationToken) {
    let reading = book.clone();
    every(LEDGER_EVERY, tasks, stop, move || {
        let book = reading.clone();
        async move {
            if let Err(error) = book.read_ledger().await {
                tracing::warn!(%error, "what the audit log is looked up by could not be taken in");
            }
        }
    });
}

/// Starts forgetting tests of clients that are long over.
pub(crate) fn start_tester(tester: &Tester, tasks: &TaskTracker, stop: &CancellationToken) {
    let forgetting = tester.clone();
    every(PRUNE_EVERY, tasks, stop, move || {
        let tester = forgetting.clone();
        async move {
            if let Err(error) = tester.forget().await {
                tracing::warn!(%error, "tests of clients of long ago could not be dropped");
            }
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
    let (following, hub) = (Arc::clone(post), hub.clone());
    every(LEDGER_EVERY, tasks, stop, move || {
        let (post, hub) = (Arc::clone(&following), hub.clone());
        async move {
            match post.follow().await {
                Ok(true) => hub.deliver_due().await,
                Ok(false) => {}
                Err(error) => {
                    tracing::warn!(%error, "what webhooks are to be told could not be taken in");
                }
            }
        }
    });
    let forgetting = Arc::clone(post);
    every(PRUNE_EVERY, tasks, stop, move || {
        let post = Arc::clone(&forgetting);
        async move {
            if let Err(error) = post.forget().await {
                tracing::warn!(%error, "what webhooks were told long ago could not be dropped");
            }
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
    every(LEDGER_EVERY, tasks, stop, move || {
        let post = Arc::clone(&post);
        async move {
            if let Err(error) = post.send().await {
                tracing::warn!(
                    error = format!("{error:#}"),
                    "the collector did not take the ledger; trying again"
                );
            }
        }
    });
}

/// Starts carrying mail as it is left.
pub(crate) fn start_mail(
    mail: &[Arc<MailLetters>],
    hub: &Hub,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) {
    for mail in mail {
        let (mail, hub, stop) = (Arc::clone(mail), hub.clone(), stop.clone());
        tasks.spawn(async move {
            loop {
                tokio::select! {
                    () = mail.called() => hub.deliver_due().await,
                    () = stop.cancelled() => break,
                }
            }
        });
    }
}

/// Starts counting sign-ins: a page finds most of it counted.
pub(crate) fn start_statistics(
    book: &StatisticsBook,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) {
    let reading = book.clone();
    every(STATISTICS_EVERY, tasks, stop, move || {
        let book = reading.clone();
        async move {
            if let Err(error) = book.read_ledger().await {
                tracing::warn!(%error, "the sign-ins of the ledger could not be counted");
            }
        }
    });
    let forgetting = book.clone();
    every(PRUNE_EVERY, tasks, stop, move || {
        let book = forgetting.clone();
        async move {
            if let Err(error) = book.forget_hours().await {
                tracing::warn!(%error, "single hours of long ago could not be dropped");
            }
        }
    });
}

/// Counts the last whole day, by the word of each of the three.
async fn count(desk: &Desk) {
    let counts = match desk.counts().await {
        Ok(counts) => counts,
        Err(error) => return tracing::warn!(%error, "exchanges could not be counted"),
    };
    for line in counts.disagreements() {
        tracing::warn!(line, "hub, data provider and services count differently");
    }
    for count in &counts.latest {
        let id = SharedString::from(count.data_provider.to_string());
        for (by, number) in [
            ("hub", count.released),
            ("data_provider", count.sent),
            ("services", count.received),
        ] {
            let labels = [
                ("data_provider", id.clone()),
                ("by", SharedString::const_str(by)),
            ];
            #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
            metrics::gauge!("guichet_exchange_day_count", &labels).set(number as f64);
        }
    }
}

/// Starts the upkeep of an embedded identity provider: sends what its outbox holds.
pub(crate) fn start_idp(idp: &Idp, tasks: &TaskTracker, stop: &CancellationToken) {
    let idp = idp.clone();
    every(DELIVERY_EVERY, tasks, stop, move || {
        let idp = idp.clone();
        async move { idp.deliver_due().await }
    });
}

/// Starts the upkeep of the metrics: takes in what was counted since.
pub(crate) fn start_metrics(
    metrics: &PrometheusHandle,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) {
    let metrics = metrics.clone();
    every(SWEEP_EVERY, tasks, stop, move || {
        let metrics = metrics.clone();
        async move { metrics.run_upkeep() }
    });
}

/// Rotates keys whose time has come; nodes that share custody take turns.
#[derive(Clone)]
struct Rotation {
    keys: Keys,
    policy: RotationPolicy,
    ledger: Ledger,
    clock: Arc<dyn Clock>,
}

impl Rotation {
    async fn turn(self) {
        let now = self.clock.now();
        let (keys, policy) = (self.keys.clone(), self.policy);
        let rotating = tokio::task::spawn_blocking(move || keys.rotate_due(now, policy));
        match rotating.await {
            Ok(outcomes) => {
                for outcome in outcomes {
                    match outcome {
                        Ok(rotated) => self.tell(rotated, now).await,
                        Err(error) => tracing::warn!(
                            %error,
                            "keys cannot be rotated; those at hand go on"
                        ),
                    }
                }
            }
            Err(error) => tracing::error!(%error, "rotating keys failed"),
        }
    }

    async fn tell(&self, Rotated { ring, alg }: Rotated, now: Timestamp) {
        tracing::info!(ring, alg, "a key rotated");
        let event = AuditEvent::new(EventKind::KeyRotated, now)
            .detail("ring", ring)
            .detail("alg", alg);
        if let Err(error) = self.ledger.append(event).await {
            tracing::error!(%error, "a rotation could not be recorded");
        }
    }
}

async fn sweep(short_lived: ShortLived) {
    if let Err(error) = tokio::task::spawn_blocking(move || short_lived.sweep()).await {
        tracing::error!(%error, "expired records could not be dropped");
    }
}

fn every<F>(
    period: Duration,
    tasks: &TaskTracker,
    stop: &CancellationToken,
    work: impl Fn() -> F + Send + 'static,
) where
    F: Future<Output = ()> + Send + 'static,
{
    let stop = stop.clone();
    tasks.spawn(async move {
        let mut ticks = tokio::time::interval(period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = ticks.tick() => work().await,
                () = stop.cancelled() => break,
            }
        }
    });
}

/// How long another node's registration may stay unseen.
const REGISTRY_EVERY: Duration = Duration::from_millis(250);

/// How often it is looked whether a step of a habilitation left something to be done.
const DUTIES_EVERY: Duration = Duration::from_secs(1);

/// How often it is looked whether services live by their habilitations: what was written at the very moment of a
/// step is found then.
const SWEEP_SERVICES_EVERY: Duration = Duration::from_mins(1);

/// How often it is noted which credentials of clients are in use: a day at a time.
const USES_EVERY: Duration = Duration::from_mins(1);

/// How often it is asked whether a key is due; rotations are months apart.
const ROTATION_EVERY: Duration = Duration::from_hours(1);

/// How often it is asked whether what a provider publishes is to be fetched again.
const WATCH_EVERY: Duration = Duration::from_mins(1);

/// How often it is looked whether a case about somebody was opened and not followed to its end.
const CASES_EVERY: Duration = Duration::from_secs(5);
/// How often it is asked whether deliveries were confirmed.
const EXCHANGE_EVERY: Duration = Duration::from_secs(30);

/// How often the outbox is looked at for what did not arrive at first.
const DELIVERY_EVERY: Duration = Duration::from_secs(5);

/// How often the ledger is looked at for what it says of exchanges.
const LEDGER_EVERY: Duration = Duration::from_secs(1);

/// How often the ledger is read on for the support, which reads on itself before it looks.
const TRACES_EVERY: Duration = Duration::from_mins(1);

/// How often sign-ins are counted: less often than most of them last, so that what is under way is hardly
/// ever kept in between.
const STATISTICS_EVERY: Duration = Duration::from_mins(1);

/// How often exchanges are counted: a day that is over is told within the hour.
const COUNT_EVERY: Duration = Duration::from_mins(15);

/// How often what is over is forgotten, or ended: refresh tokens, messages, events that nobody fetched, grants
/// that nobody uses.
const PRUNE_EVERY: Duration = Duration::from_mins(5);

/// How often memory is swept and what was counted is taken in.
const SWEEP_EVERY: Duration = Duration::from_secs(5);
