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
use std::sync::Arc;
use std::time::Duration;

use guichet_domain::client::ClientDirectory as _;
use guichet_domain::{Client, ClientId, PersonId, Sector, SubjectIdentifier, Timestamp};
use guichet_store::Fault;
use guichet_store::durable::people::NameRow;
use guichet_store::durable::{MessageRecord, RightsOutcome};
use guichet_web::Locale;
use serde::Serialize;

use crate::{CLIENT_ID, Portal};
pub use message::AT_MOST as KEPT_FOR;
use message::{Kind, Message};

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
    /// Of a notice of the hub's: the code of the visit, for "it was not me".
    visit: Option<String>,
}

/// Who leaves a message.
enum Speaker {
    /// The hub itself, of the ways into an identity.
    Hub,
    Service(Arc<Client>),
}

/// What the account of a citizen holds.
#[derive(Default)]
pub(crate) struct Inbox {
    /// What services say, the newest first.
    pub(crate) lines: Vec<Line>,
    /// The services that the citizen does not want to hear.
    pub(crate) muted: Vec<ClientId>,
}

impl Inbox {
    /// Takes in what else waits for the citizen.
    pub(crate) fn add(&mut self, lines: Vec<Line>) {
        self.lines.extend(lines);
        self.lines.sort_by_key(|line| Reverse(line.said));
    }

    /// What the citizen has to do, or where to be, before what they are only told.
    pub(crate) fn put_first_what_waits(&mut self) {
        let waits = |line: &Line| {
            let kinds = [Kind::Waiting, Kind::Appointment];
            kinds.iter().any(|kind| kind.as_str() == line.kind)
        };
        self.lines.sort_by_key(|line| !waits(line));
    }
}

impl Portal {
    /// What the citizen was answered lately to what they asked by right.
    pub(crate) async fn answers(
        &self,
        person: PersonId,
        locale: Locale,
    ) -> Result<Vec<Line>, Fault> {
        let not_before = self.clock.now().before(ANSWERS_SHOWN_FOR);
        let mut lines = Vec::new();
        for asked in self.rights.of(person).await? {
            let Some(answer) = asked.request.answer else {
                continue;
            };
            if answer.at < not_before || answer.outcome == RightsOutcome::Withdrawn {
                continue;
            }
            let right = asked.request.kind.as_str();
            let text = |id: &str| self.pages.text(locale, id, &[]);
            lines.push(Line {
                service: text("rights-title"),
                kind: Kind::Decided.as_str(),
                title: text(&format!("rights-answered-{right}")),
                lang: None,
                uri: Some(self.path(&format!("/account/rights/requests/{}", asked.request.id))),
                at: None,
                said: answer.at.millis(),
                visit: None,
            });
        }
        Ok(lines)
    }

    /// A line about what waits for the citizen's word here: by `who`, the name of a text.
    pub(crate) fn waiting_line(
        &self,
        (who, title): (&str, String),
        uri: String,
        said: Timestamp,
        locale: Locale,
    ) -> Line {
        Line {
            service: self.pages.text(locale, who, &[]),
            kind: Kind::Waiting.as_str(),
            title,
            lang: None,
            uri: Some(uri),
            at: None,
            said: said.millis(),
            visit: None,
        }
    }

    /// The names that a person has, one or more in each sector.
    pub(crate) async fn names_of(&self, person: PersonId) -> Result<Vec<NameRow>, Fault> {
        let file = self.people.file(person).await?;
        Ok(file.map(|file| file.names).unwrap_or_default())
    }

    /// What is said to whoever has these names.
    pub(crate) async fn inbox(&self, names: &[NameRow], locale: Locale) -> Result<Inbox, Fault> {
        let now = self.clock.now();
        let subjects: Vec<_> = names.iter().map(|name| name.subject.clone()).collect();
        let (said, muted) = self.messages.of_all(&subjects, now, MOST).await?;
        let by_whom = |record: MessageRecord| {
            let name = names.iter().find(|name| name.subject == record.subject)?;
            Some((self.speaker(&record, &name.sector)?, record))
        };
        let mut heard: Vec<_> = said.into_iter().filter_map(by_whom).collect();
        heard.retain(|(_, record)| !muted.contains(&record.client));
        let lines = heard.iter().filter_map(|(speaker, record)| match speaker {
            Speaker::Hub => self.notice(record, locale),
            Speaker::Service(service) => self.line(service, record, locale),
        });
        Ok(Inbox {
            lines: lines.collect(),
            muted,
        })
    }

    /// Who says so, while they may: a service that was disabled is not heard, nor one that knows somebody
    /// else by this name.
    fn speaker(&self, record: &MessageRecord, sector: &Sector) -> Option<Speaker> {
        if record.client.as_str() == CLIENT_ID {
            return Some(Speaker::Hub);
        }
        let client = self.registry.client(record.client.as_str());
        let client = client.filter(|it| it.active && it.messages && it.sector == *sector);
        client.map(Speaker::Service)
    }

    fn line(&self, client: &Client, record: &MessageRecord, locale: Locale) -> Option<Line> {
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
            visit: None,
        })
    }

    /// What the hub itself tells a citizen of the ways into their identity.
    fn notice(&self, record: &MessageRecord, locale: Locale) -> Option<Line> {
        let notice = self.ways.notice(record, locale)?;
        Some(Line {
            service: self.pages.text(locale, "ways-title", &[]),
            kind: notice.kind,
            title: notice.text,
            lang: None,
            uri: Some(self.path("/account/ways")),
            at: None,
            said: notice.at.millis(),
            visit: Some(notice.visit),
        })
    }
}

/// How long an answer stands among what is new.
const ANSWERS_SHOWN_FOR: Duration = Duration::from_hours(30 * 24);
/// The most that one page shows.
const MOST: u32 = 200;

/// What a sealed message belongs to: it opens nowhere else.
fn sealing_context(client: &ClientId, subject: &SubjectIdentifier, reference: &str) -> Vec<u8> {
    // None of the three holds a space.
    format!("{client} {subject} {reference}").into_bytes()
}
