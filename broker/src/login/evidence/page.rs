//! The pages of one fact's turn: what is asked, what would leave, what cannot be had, what was contested.

use axum::response::Response;
use guichet_domain::{Client, FieldName};
use guichet_exchange::{Altered, Ask, Basis, Change, Desk, Usage};
use guichet_web::{Locale, PageContext, Purpose, Serde, context};
use serde::Serialize;
use serde_json::Value;

use super::FORM;
use super::turn::{AwaitingEvidence, Seen, Stage, Without};
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

pub(super) fn render(
    hub: &Hub,
    desk: &Desk,
    waiting: &AwaitingEvidence,
    client: &Client,
    page: PageContext,
) -> Response {
    let trip = waiting.trip();
    let seen = seen(waiting);
    let soon = match &waiting.stage {
        Stage::Without(Without::Later { seconds }) => Some(*seconds),
        _ => None,
    };
    let (rows, missing): (Vec<Row>, Vec<Row>) = rows(hub, desk, waiting, page.locale)
        .into_iter()
        .partition(|row| row.is_offered);
    let data = context! {
        told => Serde(&told(desk, waiting, page.locale)),
        rows => Serde(&rows),
        missing => Serde(&missing),
        elsewhere => waiting.elsewhere(hub).map(String::from),
        shown => seen.is_some_and(|seen| seen.values.is_some()),
        early => seen.is_some_and(|seen| seen.early),
        without => without(waiting),
        link => link(waiting).map(|uri| hub.with_return(uri, &format!("/login/{}/evidence/linked", trip.id)).to_string()),
        told_instead => waiting.may_be_told(),
        ahead => soon.is_some() && waiting.ask.may_be_sent_unseen(),
        minutes => soon.map(|seconds| seconds.div_ceil(60)),
        left => waiting.rest.len(),
        policy => client.policy_uri.as_ref().map(url::Url::as_str),
        browsing => trip.browsing.to_string(),
        login => trip.id.to_string(),
        csrf => hub.form_token(trip.browser, Purpose::new(FORM, &waiting.shown())),
    };
    let template = match &waiting.stage {
        Stage::Asked => "broker/evidence_asked.html",
        Stage::Seen(_) | Stage::Said(..) => "broker/evidence_seen.html",
        Stage::Without(_) => "broker/evidence_without.html",
        Stage::Contested => "broker/evidence_contested.html",
    };
    let page = page.with_service(client.name.clone());
    hub.parts().pages.html(&page, template, data)
}

/// A digest of all that the page said when the person decided, but for the values: those have digests of
/// their own.
pub(super) fn text_digest(
    hub: &Hub,
    desk: &Desk,
    waiting: &AwaitingEvidence,
    client: &Client,
    locale: Locale,
) -> [u8; 32] {
    let told = told(desk, waiting, locale);
    let labels: Vec<String> = rows(hub, desk, waiting, locale)
        .into_iter()
        .filter(|row| row.is_offered)
        .map(|row| row.label)
        .collect();
    let early = seen(waiting).is_some_and(|seen| seen.early);
    let said = serde_json::to_vec(&(VERSION, locale.tag(), &client.name, told, labels, early));
    guichet_keys::sha256_of(&[&said.unwrap_or_default()])
}

/// Of the pages' wording: another one when it changes.
const VERSION: &str = "evidence/2";

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
        Stage::Seen(seen) | Stage::Said(seen, _) => Some(seen),
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

fn rows(hub: &Hub, desk: &Desk, waiting: &AwaitingEvidence, locale: Locale) -> Vec<Row> {
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
        .collect()
}

/// A value as people read it.
fn written(hub: &Hub, value: &Value, locale: Locale) -> String {
    let text = |name| hub.parts().pages.text(locale, name, &[]);
    match value {
        Value::Bool(true) => text("evidence-yes"),
        Value::Bool(false) => text("evidence-no"),
        Value::String(value) => value.clone(),
        other => other.to_string(),
    }
}
