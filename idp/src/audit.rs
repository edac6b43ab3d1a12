//! What the provider tells the audit log. Every event names the house; none names a person.

use guichet_domain::{AccountId, AuditEvent};

use crate::Idp;
use crate::refusal::Halt;

impl Idp {
    /// Tells the log, without waiting.
    pub(crate) fn note(&self, event: AuditEvent) {
        self.ledger.note(event.provider(&self.settings.name));
    }

    /// Tells the log and waits until it is durable: for what must not happen unrecorded.
    pub(crate) async fn record(&self, event: AuditEvent) -> Result<(), Halt> {
        self.ledger
            .append(event.provider(&self.settings.name))
            .await?;
        Ok(())
    }
}

/// About an account: its random identifier.
pub(crate) fn about(event: AuditEvent, account: AccountId) -> AuditEvent {
    event.detail("account", account)
}
