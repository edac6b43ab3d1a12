//! The part of a service's page that is about evidence: what is in the file, and the two ways to put
//! something there.

use guichet_domain::BrowserId;
use guichet_exchange_client::Evidence;
use guichet_web::{Locale, Value, context};

use super::{FETCH, Missing, Paper, SEND, Told};
use crate::cast::DataProvider;
use crate::services::desk::{Desk, Session};

/// What the page shows, or nothing where no evidence is asked for.
pub(in crate::services) fn panel(
    desk: &Desk,
    session: &Session,
    browser: &BrowserId,
    locale: Locale,
) -> Option<Value> {
    let office = desk.office.as_ref()?;
    let paper = office.papers.get(&session.subject, desk.now());
    let (evidence, document, missing) = match &paper {
        Some(Paper::Evidence(evidence)) => (Some(shown(desk, evidence, locale)), None, None),
        Some(Paper::Document(name)) => (None, Some(name.clone()), None),
        Some(Paper::Missing(missing)) => (None, None, Some(missing)),
        Some(Paper::Awaited(_)) | None => (None, None, None),
    };
    Some(context! {
        text => format!("demo-paper-{}", office.wanted.evidence_type),
        fetch => desk.csrf.token(browser, FETCH),
        send => desk.csrf.token(browser, SEND),
        evidence,
        document,
        awaited => matches!(paper, Some(Paper::Awaited(_))),
        missing => missing.map(text_of),
        told => office.told.get(&session.subject, desk.now()).map(Told::text),
        link => missing.and_then(link_of),
    })
}

fn shown(desk: &Desk, evidence: &Evidence, locale: Locale) -> Value {
    let rows = evidence.fields.iter().map(|(name, value)| {
        context! {
            label => desk.pages.text(locale, &format!("demo-field-{name}"), &[]),
            value => value.to_string(),
        }
    });
    let known = |provider: &DataProvider| provider.id() == evidence.data_provider;
    let holder = DataProvider::ALL.into_iter().find(known);
    context! {
        rows => rows.collect::<Value>(),
        holder => holder.map_or("", |holder| holder.member().name()),
        valid_until => evidence.valid_until.millis(),
        issued => evidence.issued.millis(),
    }
}

/// Where the citizen can do something about it.
fn link_of(missing: &Missing) -> Option<String> {
    match missing {
        Missing::NeedsLink(link) => link.clone().map(String::from),
        _ => None,
    }
}

const fn text_of(missing: &Missing) -> &'static str {
    match missing {
        Missing::Refused => "demo-missing-refused",
        Missing::NotFound => "demo-missing-not-found",
        Missing::Changed => "demo-missing-changed",
        Missing::NeedsLink(_) => "demo-missing-needs-link",
        Missing::SomebodyElse => "demo-missing-somebody-else",
        Missing::Unavailable => "demo-missing-unavailable",
    }
}
