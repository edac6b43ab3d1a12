//! What the hub calls a provider with: its keys as a client, the line, the time.

use std::sync::Arc;

use guichet_domain::{Entropy, SessionId, Timestamp};
use guichet_keys::Keys;

use super::transport::Transport;

/// What one exchange with a provider is made with. Made by `Hub::means`.
pub(crate) struct Means {
    /// To sign with as a client, and to decrypt with.
    pub(super) keys: Keys,
    /// The line to this provider.
    pub(super) transport: Transport,
    /// For identifiers.
    pub(super) entropy: Arc<dyn Entropy>,
    /// The present.
    pub(super) now: Timestamp,
}

impl Means {
    /// Everything at once.
    pub(crate) fn new(
        keys: Keys,
        transport: Transport,
        entropy: Arc<dyn Entropy>,
        now: Timestamp,
    ) -> Self {
        Self {
            keys,
            transport,
            entropy,
            now,
        }
    }

    /// A fresh `jti`.
    pub(super) fn jti(&self) -> String {
        SessionId::random(&*self.entropy).to_string()
    }
}
