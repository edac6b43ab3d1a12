//! `/account/history/export/json`, `csv` and `pdf`: what the page finds, all of it, in a file that grows while it
//! is read. However long a history is, a node holds one page of it.

mod csv;
mod json;
mod pdf;

use std::pin::Pin;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use guichet_domain::Timestamp;
use guichet_store::Fault;
use guichet_web::{Locale, PageContext, PageError, Query};
use http::{HeaderMap, StatusCode, header};

use super::{Asked, Filter, Line, Parts};
use crate::Portal;

/// The formats: the ends of their addresses.
pub(super) const FORMATS: &[&str] = &["pdf", "csv", "json"];

/// What a format makes of lines, one after the other.
trait Writer: Send {
    /// What comes before the first line.
    fn begin(&mut self, head: &Head) -> Vec<u8>;
    /// A line.
    fn line(&mut self, line: &Line) -> Vec<u8>;
    /// What comes after the last.
    fn end(&mut self) -> Vec<u8>;
}

/// What a file says of itself.
struct Head {
    /// What it is.
    title: String,
    /// When it was made.
    made: Timestamp,
    /// The same in words.
    made_text: String,
    /// The hub.
    issuer: String,
    /// Its language.
    locale: Locale,
    /// The names of columns, in the order of [`cells`].
    columns: Vec<String>,
    /// The filter, in an address.
    filter: String,
    /// From when to when, in words, where it is not all there is.
    period: Option<String>,
    /// When a place is told.
    about_places: String,
}

/// `GET /account/history/export/{format}`. Whoever is not signed in any more finds the page, which says so.
pub(crate) async fn download(
    State(portal): State<Portal>,
    Path(format): Path<String>,
    page: PageContext,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let (writer, kind): (Box<dyn Writer>, _) = match format.as_str() {
        "json" => (Box::new(json::Json::default()), "application/json"),
        "csv" => (Box::new(csv::Csv), "text/csv; charset=utf-8"),
        "pdf" => (Box::new(pdf::Pdf::default()), "application/pdf"),
        _ => return Err(PageError::new(StatusCode::NOT_FOUND, "error-not-found")),
    };
    let Some(person) = portal.signed_in.person(&headers).await? else {
        return Ok(Redirect::to(&portal.path("/account/history")).into_response());
    };
    let now = portal.clock.now();
    let filter = Filter::of(&asked, now);
    let parts = Parts::found(&portal, person, &filter, page.locale).await;
    let parts = parts.map_err(|fault| portal.fault("export a history", &fault))?;
    let head = portal.head(&filter, page.locale, now);
    let name = portal.pages.text(page.locale, "history-file", &[]);
    let name = format!(
        "attachment; filename=\"{name}-{}.{format}\"",
        guichet_web::day_of(now.millis())
    );
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    let body = Body::from_stream(written(portal, &head, writer, parts));
    Ok((headers, body).into_response())
}

type Chunks = Pin<Box<dyn Stream<Item = Result<Bytes, Fault>> + Send>>;

/// The file, part by part. What breaks off ends the connection: half a file does not look like a whole one.
fn written(portal: Portal, head: &Head, mut writer: Box<dyn Writer>, parts: Parts) -> Chunks {
    let begun = Bytes::from(writer.begin(head));
    let rest = stream::unfold(Some((portal, writer, parts)), |state| async move {
        let (portal, mut writer, mut parts) = state?;
        match parts.next().await {
            Ok(Some(lines)) => {
                let mut chunk = Vec::new();
                for line in &lines {
                    chunk.append(&mut writer.line(line));
                }
                Some((Ok(chunk.into()), Some((portal, writer, parts))))
            }
            Ok(None) => Some((Ok(writer.end().into()), None)),
            Err(fault) => {
                portal.fault("export a history", &fault);
                Some((Err(fault), None))
            }
        }
    });
    Box::pin(stream::once(async move { Ok(begun) }).chain(rest))
}

impl Portal {
    fn head(&self, filter: &Filter, locale: Locale, now: Timestamp) -> Head {
        let text = |id: &str| self.pages.text(locale, id, &[]);
        let column = |name: &&str| text(&format!("history-column-{name}"));
        Head {
            title: text("history-title"),
            made: now,
            made_text: guichet_web::date_and_time(locale, now.millis()),
            issuer: self.engine.issuer().to_owned(),
            locale,
            columns: COLUMNS.iter().map(column).collect(),
            filter: filter.address(None),
            period: self.period(filter, locale),
            about_places: text("history-places"),
        }
    }

    /// The days that a file is about, as its reader says them.
    fn period(&self, filter: &Filter, locale: Locale) -> Option<String> {
        let day = |day: &str| {
            let start = guichet_web::start_of_day(day)?;
            Some(guichet_web::full_date(locale, start))
        };
        let (from, to) = (day(&filter.from), day(&filter.to));
        let text = |id: &str, from: &str, to: &str| {
            let days = [("from", from), ("to", to)];
            Some(self.pages.text(locale, id, &days))
        };
        match (from, to) {
            (None, None) => None,
            (Some(from), None) => text("history-period-since", &from, ""),
            (None, Some(to)) => text("history-period-until", "", &to),
            (Some(from), Some(to)) => text("history-period", &from, &to),
        }
    }
}

/// A column, by its place in [`COLUMNS`].
#[derive(Clone, Copy)]
enum Column {
    Who = 5,
    Service = 6,
    Provider = 7,
    DataProvider = 8,
    About = 9,
    Level = 10,
    Means = 11,
    Place = 12,
    Code = 13,
}

/// The columns: the ends of texts' names.
const COLUMNS: [&str; 14] = [
    "entry",
    "time",
    "class",
    "kind",
    "what",
    "who",
    "service",
    "provider",
    "data-provider",
    "about",
    "level",
    "means",
    "place",
    "code",
];

/// A line, in the order of [`COLUMNS`].
fn cells(line: &Line) -> [String; 14] {
    let text = |it: &Option<String>| it.clone().unwrap_or_default();
    [
        line.entry.to_string(),
        line.time.clone(),
        line.class_name.clone(),
        line.kind.clone(),
        line.what.clone(),
        line.who.clone(),
        text(&line.service),
        text(&line.provider),
        text(&line.data_provider),
        text(&line.about),
        text(&line.level),
        text(&line.means),
        text(&line.place),
        text(&line.code),
    ]
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(super) fn head() -> Head {
        Head {
            title: "Mon historique".to_owned(),
            made: Timestamp::from_seconds(5),
            made_text: "1er janvier 1970 à 1 h 00".to_owned(),
            issuer: "https://hub.example".to_owned(),
            locale: Locale::French,
            columns: COLUMNS.iter().map(|name| (*name).to_owned()).collect(),
            filter: "kind=".to_owned(),
            period: Some("Depuis le 22 mai".to_owned()),
            about_places: "Lieu : s’il est connu".to_owned(),
        }
    }

    pub(super) fn line(entry: u64, what: &str) -> Line {
        Line {
            entry,
            time: "2026-11-21T20:06:00Z".to_owned(),
            class: "sign_in",
            kind: "consent.given".to_owned(),
            what: what.to_owned(),
            who: "vous".to_owned(),
            acting_for: None,
            service: Some("Œuvre d’été".to_owned()),
            provider: None,
            data_provider: None,
            about: None,
            level: None,
            means: None,
            place: None,
            code: Some("ABCD-2345-WXYZ".to_owned()),
            class_name: "Connexion".to_owned(),
            day: String::new(),
            hour: String::new(),
        }
    }
}
