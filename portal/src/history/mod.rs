//! `/account/history`: what happened with a citizen's identity and data, for them alone (threat N-200).
//!
//! | what | file |
//! |---|---|
//! | which entry of the ledger is whose, and what it is to them | `entry.rs` |
//! | the ledger read on, and whose names a citizen has in it | `book.rs` |
//! | what is looked for | `filter.rs` |
//! | an entry in words | `line.rs` |
//! | all that is found, part by part | `parts.rs` |
//! | the same in a file | `export/` |
//! | that it is all of it | `statement/` |

mod book;
pub(crate) mod entry;
pub(crate) mod export;
mod filter;
mod line;
mod parts;
pub mod statement;

use axum::extract::State;
use axum::response::Response;
use guichet_domain::PersonId;
use guichet_store::Fault;
use guichet_store::durable::histories::HistoryClass;
use guichet_web::{Locale, PageContext, PageError, Query, Serde, context};
use http::HeaderMap;
use serde::Serialize;

pub use book::HistoryBook;
pub(crate) use book::Subject;
pub(crate) use filter::{Asked, Filter};
pub(crate) use line::Line;
pub(crate) use parts::Parts;

use crate::Portal;
use crate::account::with_cookie;
use crate::nav::Room;

/// `GET /account/history`
pub(crate) async fn show(
    State(portal): State<Portal>,
    page: PageContext,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let (browser, cookie) = portal.browser(&headers)?;
    let person = portal.signed_in.person(&headers).await?;
    let filter = Filter::of(&asked, portal.clock.now());
    let found = match person {
        Some(person) => Found::of(&portal, person, &filter, page.locale).await,
        None => Ok(Found::default()),
    };
    let found = found.map_err(|fault| portal.fault("read a history", &fault))?;
    let exports: Vec<Export> = export::FORMATS
        .iter()
        .map(|format| Export {
            format,
            href: portal.path(&format!(
                "/account/history/export/{format}?{}",
                filter.address(None)
            )),
        })
        .collect();
    let csrf = person.map(|person| portal.own_token(&browser, person, (statement::STATE, "")));
    let data = context! {
        signed_in => person.is_some(),
        csrf,
        days => Serde(&found.days),
        older => found.older,
        newest => filter.before == u64::MAX,
        filter => Serde(&filter),
        here => portal.path(&format!("/account/history?{}", filter.address(None))),
        kinds => Serde(&choices(&portal, page.locale)),
        services => Serde(&found.services),
        closed => found.closed,
        exports => Serde(&exports),
    };
    let page = portal.in_room(page, Room::History);
    let answer = portal.pages.html(&page, "portal/history.html", data);
    Ok(with_cookie(answer, cookie))
}

/// As many as a page shows.
const PAGE: u32 = 50;

/// What the page shows.
#[derive(Default)]
struct Found {
    days: Vec<Day>,
    /// Where the next page is.
    older: Option<String>,
    services: Vec<Choice>,
    /// Whether there are times that nobody can tell whose they are.
    closed: bool,
}

/// The lines of one day.
#[derive(Serialize)]
struct Day {
    day: String,
    lines: Vec<Shown>,
}

/// A line of the page.
#[derive(Serialize)]
struct Shown {
    hour: String,
    #[serde(flatten)]
    line: Line,
}

/// A choice of a drop-down.
#[derive(Serialize)]
struct Choice {
    value: String,
    label: String,
}

/// A file to download.
#[derive(Serialize)]
struct Export {
    format: &'static str,
    href: String,
}

impl Found {
    async fn of(
        portal: &Portal,
        person: PersonId,
        filter: &Filter,
        locale: Locale,
    ) -> Result<Self, Fault> {
        let now = portal.clock.now();
        let subject = portal.own_history(person).await?;
        let mut rows = portal
            .history
            .page(&filter.query(&subject, now, PAGE + 1))
            .await?;
        let more = rows.len() > PAGE as usize;
        rows.truncate(PAGE as usize);
        let last = rows.last().filter(|_| more).map(|row| row.sequence);
        let address =
            |place| portal.path(&format!("/account/history?{}", filter.address(Some(place))));
        let lines = rows
            .iter()
            .filter_map(|row| portal.history_line(row, locale));
        let clients = portal.history.histories.clients(&subject.names).await?;
        let service = |id: guichet_domain::ClientId| Choice {
            label: portal.service_name(&id),
            value: id.to_string(),
        };
        let mut services: Vec<Choice> = clients.into_iter().map(service).collect();
        services.sort_by(|one, other| one.label.cmp(&other.label));
        Ok(Self {
            days: by_day(lines),
            older: last.map(address),
            services,
            closed: !subject.closed.is_empty(),
        })
    }
}

impl Portal {
    /// The citizen as the ledger knows them, with everything it says by now read in.
    pub(crate) async fn own_history(&self, person: PersonId) -> Result<Subject, Fault> {
        self.history.read_ledger().await?;
        if let Some(desk) = &self.exchange {
            // What a law hides is known before anything is shown.
            desk.read_ledger().await?;
        }
        self.history.subject(person).await
    }
}

fn by_day(lines: impl Iterator<Item = Line>) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    for line in lines {
        let (day, hour) = (line.day.clone(), line.hour.clone());
        let shown = Shown { hour, line };
        match days.last_mut() {
            Some(last) if last.day == day => last.lines.push(shown),
            _ => days.push(Day {
                day,
                lines: vec![shown],
            }),
        }
    }
    days
}

/// The classes, as the form offers them.
fn choices(portal: &Portal, locale: Locale) -> Vec<Choice> {
    let label = |word: &str| {
        portal
            .pages
            .text(locale, &format!("history-class-{word}"), &[])
    };
    let choice = |class: HistoryClass| Choice {
        value: class.as_str().to_owned(),
        label: label(class.as_str()),
    };
    filter::KINDS.into_iter().map(choice).collect()
}
