//! The pages of one fact's turn: what is asked, what would leave, what cannot be had, what was contested.

use axum::response::Response;
use guichet_domain::{Client, FieldName};
use guichet_exchange::{Altered, Ask, Basis, Change, Desk, Usage, Without};
use guichet_web::{Locale, PageContext, PageError, Purpose, Serde, Value, context};
use serde::Serialize;
use serde_json::Value as Json;

use super::FORM;
use super::turn::{AwaitingEvidence, Reading, Seen, Stage};
use super::word::FIELD;
use crate::hub::Hub;

/// What a page says of the ask, in the person's language.
#[derive(Serialize)]
struct Told {
    /// The evidence.
    evidence: String,
    /// Who holds it.
    holder: String,
    /// Why it is asked for, as the catalogue says it.
    purpose: String,
    /// The law behind it.
    legal: String,
    /// `explicit_request`, `consent` or `legal_obligation`: the end of a text's name.
    basis: &'static str,
    /// Whether the person may leave fields out, and all of it.
    free: bool,
    /// For how many days the service keeps it.
    retention: u32,
    recurring: Option<Recurring>,
    /// What it changes of what they agreed to before.
    change: Option<Changed>,
}

/// What agreeing would change; times in milliseconds.
#[derive(Serialize)]
struct Changed {
    since: i64,
    nothing: bool,
    added: Vec<String>,
    removed: Vec<String>,
    /// Why it was asked for then.
    purpose: Option<String>,
    every: Option<Altered<u32>>,
    most: Option<Altered<u32>>,
    until: Option<Altered<i64>>,
    retention: Option<Altered<u32>>,
}

/// How often the service may come back.
#[derive(Serialize)]
struct Recurring {
    every: u32,
    most: u32,
    /// The last day, in milliseconds: the page writes it as the language does.
    until: i64,
}

/// One field, with its value when it is shown here.
#[derive(Serialize)]
struct Row {
    /// The name of its box in the form.
    name: String,
    label: String,
    value: Option<String>,
    /// Nobody sends what the data provider does not have where it shows the rest.
    is_offered: bool,
}

impl AwaitingEvidence {
    /// Where the data provider shows the values itself.
    pub(super) fn elsewhere(&self, hub: &Hub) -> Result<Option<url::Url>, PageError> {
        let elsewhere = match &self.stage {
            Stage::Seen(seen) => seen.elsewhere.as_ref(),
            _ => None,
        };
        let back = format!("/login/{}", self.trip().id);
        elsewhere.map(|uri| hub.with_return(uri, &back)).transpose()
    }
}

/// The page at `template`, as this browser gets it.
pub(super) fn render(
    hub: &Hub,
    desk: &Desk,
    waiting: &AwaitingEvidence,
    client: &Client,
    (template, page): (&str, PageContext),
) -> Result<Response, PageError> {
    let trip = waiting.trip();
    let reading = reading(hub, desk, waiting, client, (template, page.locale))?;
    let (rows, missing) = rows(hub, desk, waiting, page.locale);
    let linked = format!("/login/{}/evidence/linked", trip.id);
    let link = link(waiting).map(|uri| hub.with_return(uri, &linked));
    let own = context! {
        elsewhere => waiting.elsewhere(hub)?.map(String::from),
        link => link.transpose()?.map(String::from),
        browsing => trip.browsing.to_string(),
        login => trip.id.to_string(),
        turn => waiting.mark(),
        read => reading.mark(),
        csrf => hub.form_token(trip.browser, Purpose::new(FORM, &trip.id.to_string())),
        abandon_csrf => hub.abandon_token(trip),
        rows => Serde(&rows),
        missing => Serde(&missing),
        ..said(desk, waiting, client, page.locale)
    };
    let page = page.with_service(client.name.clone());
    Ok(hub.parts().pages.html(&page, template, own))
}

/// The page at `template`, as it is read in `locale`: what it says word by word, but for the values and for
/// what is this browser's own.
pub(super) fn reading(
    hub: &Hub,
    desk: &Desk,
    waiting: &AwaitingEvidence,
    client: &Client,
    (template, locale): (&str, Locale),
) -> Result<Reading, PageError> {
    let (mut rows, missing) = rows(hub, desk, waiting, locale);
    for row in &mut rows {
        row.value = row.value.as_ref().map(|_| VALUE.to_owned());
    }
    let anybodys = context! {
        elsewhere => waiting.elsewhere(hub)?.map(|_| VALUE),
        link => link(waiting).map(|_| VALUE),
        rows => Serde(&rows),
        missing => Serde(&missing),
        browsing => "", login => "", turn => "", read => "", csrf => "", abandon_csrf => "",
        ..said(desk, waiting, client, locale)
    };
    let page = PageContext::new(locale).with_service(client.name.clone());
    let pages = &hub.parts().pages;
    let content = pages.content(&page, template, anybodys);
    let content = content.map_err(|error| hub.fault("word a page", &error))?;
    Ok(Reading {
        locale: locale.tag().to_owned(),
        digest: guichet_keys::sha256_of(&[content.as_bytes()]),
    })
}

/// Stands for a value in what is digested.
const VALUE: &str = "…";

/// What the page says to whoever reads it.
fn said(desk: &Desk, waiting: &AwaitingEvidence, client: &Client, locale: Locale) -> Value {
    let seen = seen(waiting);
    let soon = match &waiting.stage {
        Stage::Without(Without::Later { seconds }) => Some(*seconds),
        _ => None,
    };
    context! {
        told => Serde(&told(desk, waiting, locale)),
        shown => seen.is_some_and(|seen| seen.values.is_some()),
        early => seen.is_some_and(|seen| seen.early),
        without => without(waiting),
        told_instead => waiting.may_be_told(),
        ahead => soon.is_some() && waiting.ask.may_be_sent_unseen(),
        minutes => soon.map(|seconds| seconds.div_ceil(60)),
        left => waiting.rest.len(),
        policy => client.policy_uri.as_ref().map(url::Url::as_str),
        deferred => waiting.trip().request.is_deferred(),
    }
}

fn told(desk: &Desk, waiting: &AwaitingEvidence, locale: Locale) -> Told {
    let ask = &waiting.ask;
    let lang = locale.tag();
    let change = waiting.change.as_ref();
    Told {
        evidence: desk.evidence_label(ask.evidence_type(), lang),
        holder: desk.holder_name(ask.data_provider()),
        purpose: desk.purpose_sentence(ask.purpose(), lang),
        legal: desk.purpose_legal(ask.purpose(), lang),
        basis: match ask.basis() {
            Basis::ExplicitRequest => "explicit-request",
            Basis::Consent => "consent",
            Basis::LegalObligation => "legal-obligation",
        },
        free: ask.may_be_refused(),
        retention: ask.retention_days(),
        recurring: match ask.usage() {
            Usage::Single => None,
            Usage::Recurring {
                every_days,
                max_pulls,
                until,
            } => Some(Recurring {
                every: *every_days,
                most: *max_pulls,
                until: until.seconds() * 1000,
            }),
        },
        change: change.map(|change| changed(desk, ask, change, lang)),
    }
}

fn changed(desk: &Desk, ask: &Ask, change: &Change, lang: &str) -> Changed {
    let labels = |fields: &[FieldName]| {
        let label = |field| desk.field_label(ask.evidence_type(), field, lang);
        fields.iter().map(label).collect()
    };
    let purpose = change.purpose.as_ref();
    Changed {
        since: change.decided.millis(),
        nothing: change.is_nothing(),
        added: labels(&change.added),
        removed: labels(&change.removed),
        purpose: purpose.map(|purpose| desk.purpose_sentence(purpose, lang)),
        every: change.every_days,
        most: change.max_pulls,
        until: change.until.map(|until| Altered {
            before: until.before.millis(),
            after: until.after.millis(),
        }),
        retention: change.retention_days,
    }
}

fn seen(waiting: &AwaitingEvidence) -> Option<&Seen> {
    match &waiting.stage {
        Stage::Seen(seen) => Some(seen),
        _ => None,
    }
}

/// The end of the name of the text that says why there is nothing to see.
fn without(waiting: &AwaitingEvidence) -> Option<&'static str> {
    match &waiting.stage {
        Stage::Without(without) => Some(match without {
            Without::NoMatch => "no-match",
            Without::Several => "several",
            Without::Later { .. } => "later",
            Without::NeedsLink { .. } => "needs-link",
            Without::Down => "down",
        }),
        _ => None,
    }
}

fn link(waiting: &AwaitingEvidence) -> Option<&url::Url> {
    match &waiting.stage {
        Stage::Without(Without::NeedsLink { uri, .. }) => uri.as_ref(),
        _ => None,
    }
}

/// The fields that may be sent, and those that the data provider does not have where it shows the rest.
fn rows(
    hub: &Hub,
    desk: &Desk,
    waiting: &AwaitingEvidence,
    locale: Locale,
) -> (Vec<Row>, Vec<Row>) {
    let values = seen(waiting).and_then(|seen| seen.values.as_deref());
    let value_of = |field: &FieldName| {
        let mut all = values.unwrap_or_default().iter();
        let found = all.find(|(name, _)| name == field);
        found.map(|(_, value)| written(hub, value, locale))
    };
    let ask = &waiting.ask;
    ask.fields()
        .iter()
        .map(|field| {
            let value = value_of(field);
            Row {
                name: format!("{FIELD}{field}"),
                label: desk.field_label(ask.evidence_type(), field, locale.tag()),
                is_offered: values.is_none() || value.is_some(),
                value,
            }
        })
        .partition(|row| row.is_offered)
}

/// A value as people read it.
fn written(hub: &Hub, value: &Json, locale: Locale) -> String {
    let text = |name| hub.parts().pages.text(locale, name, &[]);
    match value {
        Json::Bool(true) => text("evidence-yes"),
        Json::Bool(false) => text("evidence-no"),
        Json::String(value) => value.clone(),
        other => other.to_string(),
    }
}
