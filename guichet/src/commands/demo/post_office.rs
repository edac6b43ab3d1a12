//! Where the mails of the cast go.

use std::net::Ipv4Addr;

use anyhow::Result;
use guichet_demo::cast::Member;
use guichet_web::{SmtpMailer, SmtpSecurity, SmtpSettings};

/// The mailbox's SMTP listener, as senders know it.
pub(super) struct PostOffice {
    pub(super) port: u16,
}

impl PostOffice {
    pub(super) fn mailer(&self, sender: Member) -> Result<SmtpMailer> {
        Ok(SmtpMailer::new(&SmtpSettings {
            host: Ipv4Addr::LOCALHOST.to_string(),
            port: self.port,
            security: SmtpSecurity::None,
            credentials: None,
            from: format!(
                "{} <ne-pas-repondre@{}.example>",
                sender.name(),
                sender.slug()
            ),
        })?)
    }
}
