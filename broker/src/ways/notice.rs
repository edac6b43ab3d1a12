//! What a person is told of the ways into their identity: in their account, where an open page hears of it
//! at once, and by mail where they gave an address.
//!
//! A notice is a message like a service's, left by the account itself; it rests sealed under the name that
//! the account knows its person by.

use std::time::Duration;

use guichet_domain::{AuditEvent, ClientId, EventKind, PersonId, SubjectIdentifier, Timestamp};
use guichet_keys::Sealer;
use guichet_store::Fault;
use guichet_store::durable::{MessageRecord, Messages, WayKind};
use guichet_web::{Locale, Mail, date_and_time};
use serde::{Deserialize, Serialize};

use super::Choices;
use super::seen::handle;
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
    /// The alias at a service was cut, or joined again.
    Alias { service: String, open: bool },
    /// It leads to another address of theirs from now on.
    AliasLed { service: String },
    /// A device was forgotten.
    Device,
}

/// A notice in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeShown {
    /// The end of a text's name: `sign-in`, `new-service`, `unusual`, `kept-out` or `changed`.
    pub kind: &'static str,
    /// What happened.
    pub text: String,
    /// When.
    pub at: Timestamp,
    /// The code of the visit, for "it was not me".
    pub visit: String,
}

impl What {
    pub(super) const fn kind(&self) -> &'static str {
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
            | Self::Address { .. }
            | Self::Alias { .. }
            | Self::AliasLed { .. }
            | Self::Device => "changed",
        }
    }

    /// What it is called in the account. Nothing is unusual about a service that is entered for the first time with
    /// what its person always signs in with.
    fn tag(&self) -> &'static str {
        match self {
            Self::SignIn {
                new, suspicious, ..
            } if !*suspicious && matches!(new[..], [WayKind::Service]) => "new-service",
            _ => self.kind(),
        }
    }

    /// What it is about, where what is told of the same again takes its place: nobody fills an account by
    /// changing one thing to and fro. A sign-in is one of its own.
    fn topic(&self) -> Option<[&str; 2]> {
        match self {
            Self::SignIn { .. } => None,
            Self::KeptOut { provider, .. } => Some(["kept-out", provider]),
            Self::Provider { provider, .. } => Some(["provider", provider]),
            Self::Others { .. } => Some(["others", ""]),
            Self::Alerts { .. } => Some(["alerts", ""]),
            Self::Address { .. } => Some(["address", ""]),
            Self::Alias { service, .. } => Some(["alias", service]),
            Self::AliasLed { service } => Some(["alias-led", service]),
            Self::Device => Some(["device", ""]),
            Self::Reopened => Some(["reopened", ""]),
        }
    }

    /// What mails of it are counted as.
    fn mailed_as(&self) -> String {
        match self.topic() {
            Some([topic, thing]) => format!("{topic} {thing}"),
            None => self.kind().to_owned(),
        }
    }
}

impl Hub {
    /// Tells `person` of what is no sign-in: on record, in their account, and at the address that they gave. What
    /// was done in one save stands in the account one by one, and goes in one mail.
    pub(crate) async fn tell(
        &self,
        person: PersonId,
        notices: &[Notice],
        choices: &Choices,
    ) -> Result<(), Fault> {
        self.tell_once(person, "", notices, choices).await
    }

    /// The same of a sign-in, which is told `once`: by that name it takes its own place.
    pub(super) async fn tell_once(
        &self,
        person: PersonId,
        once: &str,
        notices: &[Notice],
        choices: &Choices,
    ) -> Result<(), Fault> {
        // Nothing that was mailed often keeps what goes with it from being mailed.
        let mut may_mail = false;
        if choices.address().is_some() {
            for notice in notices {
                may_mail |= self.may_mail(person, &notice.what.mailed_as()).await?;
            }
        }
        for notice in notices {
            let reference = self.place(person, once, notice).await?;
            let event = AuditEvent::new(EventKind::AlertSent, self.now()).person(person);
            let event = event.detail("what", notice.what.kind());
            let event = event.detail("mail", may_mail);
            self.parts().ledger.append(event).await?;
            self.leave_notice(person, &reference, notice).await?;
        }
        if let Some((address, locale)) = choices.address().filter(|_| may_mail) {
            self.mail_notices(person, address, locale, notices).await?;
        }
        Ok(())
    }

    /// Where a notice stands. Beyond so many sign-ins of a kind in a day the last one has one place for all:
    /// whoever floods an account pushes nothing out of it.
    async fn place(&self, person: PersonId, once: &str, notice: &Notice) -> Result<String, Fault> {
        if let Some(place) = place_of(&notice.what) {
            return Ok(place);
        }
        let kind = notice.what.kind();
        let counted = self.counted(PLACES, person, kind, DAY).await?;
        Ok(if counted <= MOST_PLACES {
            once.to_owned()
        } else {
            format!("{kind}:more")
        })
    }

    /// Nobody's mailbox is flooded, nor one kind of mail used up by another.
    pub(super) async fn may_mail(&self, person: PersonId, what: &str) -> Result<bool, Fault> {
        let counted = self.counted(MAILS, person, what, HOUR).await?;
        Ok(counted <= MOST_MAILS)
    }

    async fn counted(
        &self,
        space: &'static str,
        person: PersonId,
        what: &str,
        window: Duration,
    ) -> Result<u64, Fault> {
        let key = [person.as_bytes().as_slice(), what.as_bytes()].concat();
        let until = self.now().after(window);
        self.parts().attempts.count(space, &key, until).await
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
        let (messages, sealer) = (&*parts.messages, &self.sealers().ways);
        let to = (account.id.clone(), subject);
        leave(messages, sealer, to, reference, notice, self.now()).await
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
            kind: notice.what.tag(),
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
            What::Alias { service, open } => {
                let done = if *open { "joined" } else { "cut" };
                text(&format!("notice-alias-{done}"), &[("service", service)])
            }
            What::AliasLed { service } => text("notice-alias-led", &[("service", service)]),
            What::Device => text("notice-device-forgotten", &[]),
        }
    }

    /// Mails what happened at once: a line for each thing where there are several.
    async fn mail_notices(
        &self,
        person: PersonId,
        address: &str,
        locale: Locale,
        notices: &[Notice],
    ) -> Result<(), Fault> {
        let Some(first) = notices.first() else {
            return Ok(());
        };
        let each = notices
            .iter()
            .map(|it| self.words_of_notice(&it.what, locale));
        let what: String = if notices.len() == 1 {
            each.collect()
        } else {
            let lines: Vec<String> = each.map(|words| format!("- {words}")).collect();
            lines.join("\n")
        };
        let link = self.freezing_link(person, &first.visit, first.at).await?;
        let link = link.unwrap_or_else(|| self.public_url("/account/not-me"));
        let time = date_and_time(locale, first.at.millis());
        let pages = &self.parts().pages;
        let subject = format!("notice-subject-{}", first.what.kind());
        let subject = pages.text(locale, &subject, &[]);
        let text = pages.text(
            locale,
            "notice-mail",
            &[
                ("what", &*what),
                ("time", &*time),
                ("link", &*link),
                ("code", &*first.visit),
            ],
        );
        let to = address.to_owned();
        self.mail(Mail { to, subject, text }).await;
        Ok(())
    }
}

/// Where what is told of this stands, whoever tells it; nothing of a sign-in, each of which is one of its own.
pub(super) fn place_of(what: &What) -> Option<String> {
    let [topic, thing] = what.topic()?;
    let thing = guichet_keys::sha256_of(&[thing.as_bytes()]);
    Some(format!("{topic}:{}", handle(&thing)))
}

/// Leaves a notice in an account; where that is full, the oldest goes.
pub(super) async fn leave(
    messages: &dyn Messages,
    sealer: &Sealer,
    (account, subject): (ClientId, SubjectIdentifier),
    reference: &str,
    notice: &Notice,
    now: Timestamp,
) -> Result<(), Fault> {
    let context = context(&account, &subject, reference);
    let at_rest = sealer.seal_json(&context, notice);
    let record = MessageRecord {
        client: account,
        subject,
        reference: reference.to_owned(),
        sealed: at_rest.map_err(|error| Fault::new("seal a notice", error))?,
        changed: now,
        expires: now.after(SHOWN_FOR),
    };
    if !messages.put(&record, MOST).await? {
        let (client, subject) = (&record.client, &record.subject);
        messages.make_room(client, subject, MOST).await?;
        messages.put(&record, MOST).await?;
    }
    Ok(())
}

fn context(account: &ClientId, subject: &SubjectIdentifier, reference: &str) -> Vec<u8> {
    // None of the three holds a space.
    format!("notice {account} {subject} {reference}").into_bytes()
}

/// For how long a notice stands in the account.
const SHOWN_FOR: Duration = Duration::from_hours(24 * 90);
/// The most that an account holds; then the oldest goes. More than the places of sign-ins of both kinds come
/// to while they stand there, so that none goes for another.
const MOST: u32 = 2500;
/// How many sign-ins of a kind have a place of their own in a day.
const MOST_PLACES: u64 = 12;
const PLACES: &str = "notice place";
const DAY: Duration = Duration::from_hours(24);
/// How often one and the same thing is mailed in an hour.
const MOST_MAILS: u64 = 6;
const MAILS: &str = "notice mail";
const HOUR: Duration = Duration::from_hours(1);

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
