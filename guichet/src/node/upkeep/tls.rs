//! The files of the TLS listener's own certificate are followed: it is renewed without a restart.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::schedule::Schedule;
use crate::tls::OwnCertificate;

/// Starts following the files.
pub(crate) fn start_tls(
    certificate: &Arc<OwnCertificate>,
    look_every: Duration,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) {
    let schedule = Schedule::of(tasks, stop);
    schedule.every(look_every, Arc::clone(certificate), follow);
}

/// Files may block.
async fn follow(certificate: Arc<OwnCertificate>) {
    match tokio::task::spawn_blocking(move || certificate.refresh()).await {
        Ok(Ok(true)) => tracing::info!("the TLS certificate was renewed"),
        Ok(Ok(false)) => {}
        Ok(Err(error)) => {
            tracing::warn!(%error, "the TLS certificate could not be read; the one at hand stays");
        }
        Err(error) => tracing::error!(%error, "reading the TLS certificate failed"),
    }
}
