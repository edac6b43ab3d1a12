//! Who carries what waits: mail as it is left, and what an embedded identity provider sends. What the hub sends, it
//! carries itself (`hub.rs`).

use std::sync::Arc;

use guichet_broker::Hub;
use guichet_idp::Idp;
use guichet_store::durable::Carrier as _;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::schedule::{DELIVERY_EVERY, Schedule};
use crate::node::mail::MailLetters;

/// Starts carrying mail as it is left.
pub(crate) fn start_mail(
    mail: &[Arc<MailLetters>],
    hub: &Hub,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) {
    for mail in mail {
        let left = |(mail, _): (Arc<MailLetters>, Hub)| async move { mail.called().await };
        Schedule::of(tasks, stop).whenever(
            (Arc::clone(mail), hub.clone()),
            left,
            |(mail, hub)| async move { hub.deliver_kind_soon(mail.kind()) },
        );
    }
}

/// Starts the upkeep of an embedded identity provider: sends what its outbox holds, and mail as it is left, since a
/// code is waited for.
pub(crate) fn start_idp(
    idp: &Idp,
    mail: &Arc<MailLetters>,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) {
    let schedule = Schedule::of(tasks, stop);
    schedule.every(DELIVERY_EVERY, idp.clone(), |idp| async move {
        idp.deliver_due().await;
    });
    let left = |(mail, _): (Arc<MailLetters>, Idp)| async move { mail.called().await };
    Schedule::of(tasks, stop).whenever(
        (Arc::clone(mail), idp.clone()),
        left,
        |(_, idp)| async move {
            idp.deliver_due().await;
        },
    );
}
