//! What a person is told of the ways into their identity: in their account, where an open page hears of it
//! at once, and by mail where they gave an address.
//!
//! A notice is a message like a service's, left by the account itself; it rests sealed under the name that
//! the account knows its person by.

use std::time::Duration;

use guichet_domain::{
    AuditEvent, ClientId, EventKind, LoginId, PersonId, SubjectIdentifier, Timestamp,
};
use guichet_store::Fault;
use guichet_store::durable::{MessageRecord, WayKind};
use guichet_web::{Locale, Mail, date_and_time};
use serde::{Deserialize, Serialize};

use super::Choices;
use crate::hub::Hub;

/// What is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Notice {
    pub(crate) what: What,
    /// When it happened.
    pub(crate) at: Timestamp,
    /// The code of the visit.
    pub(crate) visit: String,
}

/// What happened. Names are those that citizens read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum What {
    /// Somebody signed in as the person.
    SignIn {
        provider: String,
        service: String,
        device: Option<String>,
        /// What was never there before; empty where the person wants to hear of every sign-in.
        #[serde(with = "kinds")]
        new: Vec<WayKind>,
        /// Whether what stands in front of the hub said that the request looks wrong.
        #[serde(default)]
        suspicious: bool,
    },
    /// Somebody came by a way that is closed, and was turned away.
    KeptOut { provider: String, service: String },
    /// The person, or somebody in their place, closed or opened a provider.
    Provider { provider: String, open: bool },
    /// The same of providers that come later.
    Others { open: bool },
    /// An operator opened all of them again.
    Reopened,
    /// They changed of what they are told.
    Alerts { all: bool },
    /// Another address is told from now on, or none.
    Address { given: bool },
}

/// A notice in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeShown {
    /// The end of a text's name: `sign-in`, `unusual`, `kept-out` or `changed`.
    pub kind: &'static str,
    /// What happened.
    pub text: String,
    /// When.
    pub at: Timestamp,
    /// The code of the visit, for "it was not me".
    pub visit: String,
}

impl What {
    const fn kind(&self) -> &'static str {
        match self {
            Self::SignIn {
                new, suspicious, ..
            } if new.is_empty() && !*suspicious => "sign-in",
            Self::SignIn { .. } => "unusual",
            Self::KeptOut { .. } => "kept-out",
            Self::Provider { .. }
            | Self::Others { .. }
            | Self::Reopened
            | Self::Alerts { .. }
            | Self::Address { .. } => "changed",
        }
    }
}

impl Hub {
    /// Tells `person`: on record, in their account, and at the address that they gave. `reference` is the
    /// same for what is told again.
    pub(super) async fn tell(
        &self,
        person: PersonId,
        reference: &str,
        notice: &Notice,
        choices: &Choices,
    ) -> Result<(), Fault> {
        let event = AuditEvent::new(EventKind::AlertSent, self.now()).person(person);
        let event = event.detail("what", notice.what.kind());
        let event = event.detail("mail", choices.address().is_some());
        self.parts().ledger.append(event).await?;
        self.leave_notice(person, reference, notice).await?;
        if let Some((address, locale)) = choices.address() {
            self.mail_notice(address, locale, notice);
        }
        Ok(())
    }

    async fn leave_notice(
        &self,
        person: PersonId,
        reference: &str,
        notice: &Notice,
    ) -> Result<(), Fault> {
        let parts = self.parts();
        let account = parts.settings.account.as_ref();
        let Some(account) = account.and_then(|id| parts.clients.client(id.as_str())) else {
            return Ok(());
        };
        let namespace = guichet_keys::SubjectNamespace::Service;
        let subject = self.name_in(&account.sector, namespace, person).await?;
        let context = context(&account.id, &subject, reference);
        let sealed = self.sealers().ways.seal_json(&context, notice);
        let now = self.now();
        let record = MessageRecord {
            client: account.id.clone(),
            subject,
            reference: reference.to_owned(),
            sealed: sealed.map_err(|error| Fault::new("seal a notice", error))?,
            changed: now,
            expires: now.after(SHOWN_FOR),
        };
        if !parts.messages.put(&record, MOST).await? {
            tracing::warn!("a citizen has more notices than their account holds");
        }
        Ok(())
    }

    /// A notice of ours among the messages of a person; `None` where it is none.
    pub fn notice(&self, record: &MessageRecord, locale: Locale) -> Option<NoticeShown> {
        let context = context(&record.client, &record.subject, &record.reference);
        let notice: Notice = match self.sealers().ways.open_json(&context, &record.sealed) {
            Ok(notice) => notice,
            Err(error) => {
                tracing::error!(%error, "a notice does not open");
                return None;
            }
        };
        Some(NoticeShown {
            kind: notice.what.kind(),
            text: self.words_of_notice(&notice.what, locale),
            at: notice.at,
            visit: notice.visit,
        })
    }

    fn words_of_notice(&self, what: &What, locale: Locale) -> String {
        let pages = &self.parts().pages;
        let text = |id: &str, arguments: &[(&str, &str)]| pages.text(locale, id, arguments);
        let ways = |open: &bool| if *open { "opened" } else { "closed" };
        match what {
            What::SignIn {
                provider,
                service,
                device,
                new,
                suspicious,
            } => {
                let unknown = text("notice-unknown-device", &[]);
                let device = device.as_deref().unwrap_or(&unknown);
                let arguments = [
                    ("provider", &**provider),
                    ("service", service),
                    ("device", device),
                ];
                let mut words = text("notice-sign-in", &arguments);
                for kind in new {
                    words.push(' ');
                    words.push_str(&text(&format!("notice-new-{}", kind.as_str()), &[]));
                }
                if *suspicious {
                    words.push(' ');
                    words.push_str(&text("notice-suspicious", &[]));
                }
                words
            }
            What::KeptOut { provider, service } => text(
                "notice-kept-out",
                &[("provider", provider), ("service", service)],
            ),
            What::Provider { provider, open } => {
                text(&format!("notice-{}", ways(open)), &[("provider", provider)])
            }
            What::Others { open } => text(&format!("notice-others-{}", ways(open)), &[]),
            What::Reopened => text("notice-reopened", &[]),
            What::Alerts { all: true } => text("notice-alerts-all", &[]),
            What::Alerts { all: false } => text("notice-alerts-unusual", &[]),
            What::Address { given: true } => text("notice-address-given", &[]),
            What::Address { given: false } => text("notice-address-gone", &[]),
        }
    }

    /// Mails a notice; whoever sent it is not kept waiting.
    pub(super) fn mail_notice(&self, address: &str, locale: Locale, notice: &Notice) {
        let link = self.public_url(&format!("/account/not-me?code={}", notice.visit));
        let what = self.words_of_notice(&notice.what, locale);
        let time = date_and_time(locale, notice.at.millis());
        let pages = &self.parts().pages;
        let subject = pages.text(
            locale,
            &format!("notice-subject-{}", notice.what.kind()),
            &[],
        );
        let text = pages.text(
            locale,
            "notice-mail",
            &[
                ("what", &*what),
                ("time", &*time),
                ("link", &*link),
                ("code", &*notice.visit),
            ],
        );
        self.mail().send(Mail {
            to: address.to_owned(),
            subject,
            text,
        });
    }

    /// A name for a notice that is told once.
    pub(super) fn fresh_reference(&self) -> String {
        LoginId::random(&*self.parts().entropy).to_string()
    }
}

pub(super) fn context(account: &ClientId, subject: &SubjectIdentifier, reference: &str) -> Vec<u8> {
    // None of the three holds a space.
    format!("notice {account} {subject} {reference}").into_bytes()
}

/// For how long a notice stands in the account.
pub(super) const SHOWN_FOR: Duration = Duration::from_hours(24 * 90);
/// The most that an account holds.
const MOST: u32 = 1000;

/// Kinds of ways, by their words.
mod kinds {
    use guichet_store::durable::WayKind;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub(super) fn serialize<S: Serializer>(
        kinds: &[WayKind],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let words: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
        words.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<WayKind>, D::Error> {
        let words = Vec::<String>::deserialize(deserializer)?;
        let known = |word: &String| WayKind::ALL.into_iter().find(|kind| kind.as_str() == word);
        Ok(words.iter().filter_map(known).collect())
    }
}
