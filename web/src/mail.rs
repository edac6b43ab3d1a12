//! Mail to people: what one is, and whoever carries it.

use std::time::Duration;

use async_trait::async_trait;
use lettre::message::Mailbox;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};

/// One mail. Personal data: no `Debug`.
#[derive(Clone)]
pub struct Mail {
    /// The address of whoever it is for.
    pub to: String,
    /// Its subject: one line.
    pub subject: String,
    /// Its text.
    pub text: String,
}

/// Mail could not be sent. The cause names no address.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// Not this time.
    #[error("mail could not be sent: {0}")]
    NotNow(String),
    /// Nor will it ever be: the address is none, or nobody's.
    #[error("mail cannot be sent: {0}")]
    Never(String),
}

/// Whoever carries mail.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Hands one mail over.
    async fn send(&self, mail: &Mail) -> Result<(), MailError>;

    /// Hands one over that is of no use to anybody after `lasts`: it is not sent then any more, where whoever
    /// carries it can tell.
    async fn send_for(&self, mail: &Mail, _lasts: Duration) -> Result<(), MailError> {
        self.send(mail).await
    }

    /// The same of a mail with a name, `once`: a second one of that name is not sent while the first is on its
    /// way, where whoever carries it can tell.
    async fn send_once(&self, once: [u8; 16], mail: &Mail) -> Result<(), MailError> {
        let _ = once;
        self.send(mail).await
    }
}

/// Where mail is handed over (RFC 5321, RFC 8314).
#[derive(Clone)]
pub struct SmtpSettings {
    /// The relay's host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub security: SmtpSecurity,
    /// Login name and password, where the relay asks for them.
    pub credentials: Option<(String, String)>,
    /// The sender: `Compte Citoyen <no-reply@compte.example>`.
    pub from: String,
}

/// How a connection to a relay is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SmtpSecurity {
    /// TLS from the first byte.
    Tls,
    /// STARTTLS, required.
    StartTls,
    /// None: a relay on this machine or on a network of one's own.
    None,
}

/// Mail by SMTP. Keeps its connection.
pub struct SmtpMailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl SmtpMailer {
    /// A mailer for this relay; nothing is connected yet.
    pub fn new(settings: &SmtpSettings) -> Result<Self, MailError> {
        let from = settings
            .from
            .parse()
            .map_err(|_| MailError::Never("the sender is no address".into()))?;
        let tls = || TlsParameters::new(settings.host.clone()).map_err(|error| failed(&error));
        let tls = match settings.security {
            SmtpSecurity::Tls => Tls::Wrapper(tls()?),
            SmtpSecurity::StartTls => Tls::Required(tls()?),
            SmtpSecurity::None => Tls::None,
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&settings.host)
            .port(settings.port)
            .tls(tls)
            .timeout(Some(TIMEOUT));
        if let Some((login, password)) = &settings.credentials {
            builder = builder.credentials(Credentials::new(login.clone(), password.clone()));
        }
        Ok(Self {
            transport: builder.build(),
            from,
        })
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let to: Mailbox = mail
            .to
            .parse()
            .map_err(|_| MailError::Never("the recipient is no address".into()))?;
        let message = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(mail.subject.clone())
            .body(mail.text.clone())
            .map_err(|error| MailError::Never(error.to_string()))?;
        self.transport
            .send(message)
            .await
            .map_err(|error| failed(&error))?;
        Ok(())
    }
}

/// Carries nothing: for an instance without a relay.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoMailer;

#[async_trait]
impl Mailer for NoMailer {
    async fn send(&self, _: &Mail) -> Result<(), MailError> {
        Ok(())
    }
}

const TIMEOUT: Duration = Duration::from_secs(10);

/// What lettre says, without the addresses a relay may repeat in its answers.
fn failed(error: &lettre::transport::smtp::Error) -> MailError {
    match error.status() {
        Some(code) => answered(&code.to_string()),
        None if error.is_timeout() => {
            MailError::NotNow("the relay did not answer in time".to_owned())
        }
        None => MailError::NotNow("the relay could not be reached".to_owned()),
    }
}

/// What a relay's refusal means (RFC 5321 §4.2.1): 5xx is for good, but for what it says of us (RFC 4954 §6), which
/// somebody puts right.
fn answered(code: &str) -> MailError {
    let said = format!("the relay answered {code}");
    if code.starts_with('5') && !code.starts_with("53") {
        MailError::Never(said)
    } else {
        MailError::NotNow(said)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_that_is_no_address_is_refused_at_the_start() {
        let settings = SmtpSettings {
            host: "localhost".into(),
            port: 25,
            security: SmtpSecurity::None,
            credentials: None,
            from: "nobody".into(),
        };
        assert!(SmtpMailer::new(&settings).is_err());
    }

    #[test]
    fn what_a_relay_refuses_for_good_is_not_tried_again() {
        let is_over = |code| matches!(answered(code), MailError::Never(_));
        assert!(is_over("550") && is_over("553"));
        assert!(!is_over("450") && !is_over("421") && !is_over("535"));
    }
}
