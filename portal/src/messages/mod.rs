//! What services say to a citizen: a procedure was opened, waits for them, was decided, an appointment, a
//! document that is ready.
//!
//! | what | file |
//! |---|---|
//! | what a message may say | `message.rs` |
//! | a service leaves one | `post.rs` |
//! | a page that is open hears of it | `live.rs` |
//! | a citizen does not want to hear a service | `mute.rs` |
//!
//! Messages rest by the name each service knows the citizen by, sealed.

pub(crate) mod live;
mod message;
pub(crate) mod mute;
pub(crate) mod post;

use std::cmp::Reverse;

use guichet_domain::client::ClientDirectory as _;
use guichet_domain::{ClientId, PersonId, SubjectIdentifier, Timestamp};
use guichet_store::Fault;
use guichet_store::durable::MessageRecord;
use guichet_web::Locale;
use serde::Serialize;

use crate::Portal;
use message::Message;

/// A message as the account shows it.
#[derive(Serialize)]
pub(crate) struct Line {
    service: String,
    kind: &'static str,
    title: String,
    /// The language of the title, where it is not the page's.
    lang: Option<&'static str>,
    uri: Option<String>,
    at: Option<i64>,
    said: i64,
}

/// What the account of a citizen holds.
#[derive(Default)]
pub(crate) struct Inbox {
    /// What services say, the newest first.
    pub(crate) lines: Vec<Line>,
    /// The services that the citizen does not want to hear.
    pub(crate) muted: Vec<ClientId>,
}

impl Portal {
    /// The names that a person has, one or more in each sector.
    pub(crate) async fn names_of(&self, person: PersonId) -> Result<Vec<SubjectIdentifier>, Fault> {
        let file = self.people.file(person).await?;
        let names = file.into_iter().flat_map(|file| file.names);
        Ok(names.map(|name| name.subject).collect())
    }

    /// What is said to whoever has these names.
    pub(crate) async fn inbox(
        &self,
        names: &[SubjectIdentifier],
        locale: Locale,
    ) -> Result<Inbox, Fault> {
        let now = self.clock.now();
        let mut records = Vec::new();
        let mut inbox = Inbox::default();
        for name in names {
            inbox.muted.extend(self.messages.muted(name).await?);
            records.extend(self.messages.of(name, now, MOST).await?);
        }
        records.sort_by_key(|record| Reverse(record.changed));
        records.retain(|record| !inbox.muted.contains(&record.client));
        let lines = records
            .iter()
            .filter_map(|record| self.line(record, locale));
        inbox.lines = lines.collect();
        Ok(inbox)
    }

    /// A message of a service that is there still.
    fn line(&self, record: &MessageRecord, locale: Locale) -> Option<Line> {
        let client = self.registry.client(record.client.as_str())?;
        let context = sealing_context(&record.client, &record.subject, &record.reference);
        let message: Message = match self.sealer.open_json(&context, &record.sealed) {
            Ok(message) => message,
            Err(error) => {
                tracing::error!(%error, "a message does not open");
                return None;
            }
        };
        let (title, lang) = match (locale, message.en) {
            (Locale::French, _) => (message.fr, None),
            (_, Some(en)) => (en, None),
            (_, None) => (message.fr, Some("fr")),
        };
        Some(Line {
            service: client.name.clone(),
            kind: message.kind.as_str(),
            title,
            lang,
            uri: message.uri.map(String::from),
            at: message.at.map(Timestamp::millis),
            said: record.changed.millis(),
        })
    }
}

/// The most that one page shows for one name.
const MOST: u32 = 100;

/// What a sealed message belongs to: it opens nowhere else.
fn sealing_context(client: &ClientId, subject: &SubjectIdentifier, reference: &str) -> Vec<u8> {
    // None of the three holds a space.
    format!("{client} {subject} {reference}").into_bytes()
}
