//! What the hub tells its parties (Security Event Tokens, RFC 8417): believed here, acted on by whoever
//! receives it.
//!
//! A party that registered an `events_uri` hands each request there to [`EventReceiver::receive`]
//! (RFC 8935); one that did not asks now and then with [`EventReceiver::poll`] (RFC 8936). Either way an event
//! counts as taken once it was acted on, not before: whoever dies in between gets it again.

mod event;
mod poll;
mod receive;
mod verify;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::UsedOnce;
use crate::hub::Hub;

pub use event::{Happened, SecurityEvent};
pub use poll::{Polled, Settled};
pub use verify::EventRefusal;

/// Receives events of the hub for one of its clients.
pub struct EventReceiver {
    hub: Hub,
    taken: Arc<dyn UsedOnce>,
}

impl EventReceiver {
    /// For the client that `hub` knows us as; `taken` remembers which events were acted on.
    pub fn new(hub: Hub, taken: Arc<dyn UsedOnce>) -> Self {
        Self { hub, taken }
    }
}
