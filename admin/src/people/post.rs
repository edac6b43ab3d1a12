//! How invitations and notices leave.

use async_trait::async_trait;

/// Mail could not be handed over. Names no address.
#[derive(Debug, thiserror::Error)]
#[error("the mail could not be sent")]
pub struct MailRefused;

/// Whoever carries mail for the console. The binary wires it.
#[async_trait]
pub trait StaffPost: Send + Sync {
    /// Hands one mail over.
    async fn send(&self, to: &str, subject: &str, text: &str) -> Result<(), MailRefused>;
}
