//! What a hub does by itself beside answering, in production as in the demo.

use std::sync::Arc;
use std::time::Duration;

use guichet_domain::Clock;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::HubHouse;
use crate::node::upkeep;

impl HubHouse {
    /// Starts it; providers are looked at as often as `probe_every` says.
    pub(crate) fn start_upkeep(
        &self,
        (probe_every, clock): (Duration, &Arc<dyn Clock>),
        tasks: &TaskTracker,
        stop: &CancellationToken,
    ) {
        upkeep::start_hub(&self.hub, probe_every, tasks, stop);
        upkeep::start_exchange(&self.desk, clock, tasks, stop);
        let books = upkeep::Books {
            histories: &self.histories,
            statistics: &self.statistics,
            support: &self.support,
            audit: &self.audit,
        };
        upkeep::start_books(&books, tasks, stop);
        upkeep::start_tester(&self.tester, tasks, stop);
        upkeep::start_webhooks(&self.webhooks, &self.hub, tasks, stop);
        let mail = [Arc::clone(&self.mail), Arc::clone(&self.console_mail)];
        upkeep::start_mail(&mail, &self.hub, tasks, stop);
    }
}
