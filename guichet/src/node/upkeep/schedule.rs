//! When things are done: each thing of its own, again and again, until the node stops; and how often.

use std::time::Duration;

use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How often it is asked whether a key, or a client's credential, is due; rotations are months apart.
pub(super) const ROTATION_EVERY: Duration = Duration::from_hours(1);

/// How often the outbox is looked at for what did not arrive at first.
pub(super) const DELIVERY_EVERY: Duration = Duration::from_secs(5);

/// How often the ledger is looked at for what it says.
pub(super) const LEDGER_EVERY: Duration = Duration::from_secs(1);

/// How often what is over is forgotten, or ended: refresh tokens, messages, events that nobody fetched, grants
/// that nobody uses.
pub(super) const PRUNE_EVERY: Duration = Duration::from_mins(5);

/// How often memory is swept and what was counted is taken in.
pub(super) const SWEEP_EVERY: Duration = Duration::from_secs(5);

/// What runs beside the requests of a node, and what ends it.
#[derive(Clone, Copy)]
pub(super) struct Schedule<'a> {
    tasks: &'a TaskTracker,
    stop: &'a CancellationToken,
}

impl<'a> Schedule<'a> {
    pub(super) const fn of(tasks: &'a TaskTracker, stop: &'a CancellationToken) -> Self {
        Self { tasks, stop }
    }

    /// Does `work` with a clone of `what` at once and each `period`, one after the other; what is under way when the
    /// node stops comes to its end.
    pub(super) fn every<T, F>(
        self,
        period: Duration,
        what: T,
        work: impl Fn(T) -> F + Send + 'static,
    ) where
        T: Clone + Send + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            let mut ticks = tokio::time::interval(period);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                tokio::select! {
                    _ = ticks.tick() => work(what.clone()).await,
                    () = stop.cancelled() => break,
                }
            }
        });
    }

    /// Does `work` whenever `called` returns; what is under way when the node stops comes to its end.
    pub(super) fn whenever<T, C, F>(
        self,
        what: T,
        called: impl Fn(T) -> C + Send + 'static,
        work: impl Fn(T) -> F + Send + 'static,
    ) where
        T: Clone + Send + 'static,
        C: Future<Output = ()> + Send + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            loop {
                tokio::select! {
                    () = called(what.clone()) => work(what.clone()).await,
                    () = stop.cancelled() => break,
                }
            }
        });
    }

    /// Does something once, unless the node stops before.
    pub(super) fn once(self, work: impl Future<Output = ()> + Send + 'static) {
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            tokio::select! {
                () = work => {}
                () = stop.cancelled() => {}
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use tokio::sync::Notify;

    use super::*;

    /// Counts what was done, and tells whoever waits for it.
    #[derive(Clone, Default)]
    struct Done(Arc<(AtomicU32, Notify)>);

    impl Done {
        fn once_more(&self) -> u32 {
            let done = self.0.0.fetch_add(1, Ordering::SeqCst) + 1;
            self.0.1.notify_one();
            done
        }

        async fn times(&self, least: u32) {
            while self.0.0.load(Ordering::SeqCst) < least {
                self.0.1.notified().await;
            }
        }
    }

    #[tokio::test]
    async fn what_is_due_is_done_at_once_and_again_and_comes_to_its_end_when_the_node_stops() {
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let schedule = Schedule::of(&tasks, &stop);
        let (begun, done, goes_on) = (Done::default(), Done::default(), Arc::new(Notify::new()));
        let what = (begun.clone(), done.clone(), Arc::clone(&goes_on));
        schedule.every(
            Duration::from_millis(1),
            what,
            |(begun, done, goes_on)| async move {
                if begun.once_more() == 3 {
                    goes_on.notified().await;
                }
                done.once_more();
            },
        );
        begun.times(3).await;
        // The third is under way.
        stop.cancel();
        tasks.close();
        assert_eq!(done.0.0.load(Ordering::SeqCst), 2);
        goes_on.notify_one();
        tasks.wait().await;
        assert!(done.0.0.load(Ordering::SeqCst) >= 3, "it was left there");
        assert!(begun.0.0.load(Ordering::SeqCst) <= 4, "it went on");
    }

    #[tokio::test]
    async fn what_is_called_for_is_done_each_time_and_what_waits_to_be_called_ends() {
        let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
        let schedule = Schedule::of(&tasks, &stop);
        let (bell, done) = (Arc::new(Notify::new()), Done::default());
        schedule.whenever(
            (Arc::clone(&bell), done.clone()),
            |(bell, _)| async move { bell.notified().await },
            |(_, done)| async move {
                done.once_more();
            },
        );
        schedule.once(std::future::pending());
        for times in 1..=3 {
            bell.notify_one();
            done.times(times).await;
        }
        stop.cancel();
        tasks.close();
        tasks.wait().await;
        assert_eq!(done.0.0.load(Ordering::SeqCst), 3);
    }
}
