//! The page of providers, as it looks: order, names, reasons, banners, what is searched for.

use std::sync::Arc;

use axum::response::Response;
use guichet_domain::provider::WhenUnavailable;
use guichet_domain::{Client, Provider, Timestamp};
use guichet_web::{Locale, PageContext, Purpose, Serde, context};
use http::{HeaderMap, StatusCode};
use serde::Serialize;

use super::{AwaitingProvider, FORM, Ineligible, View, domain};
use crate::hub::Hub;
use crate::level::RequiredLevel;
use crate::login::Login;

/// One row of the page.
#[derive(Serialize)]
struct Row {
    id: String,
    name: String,
    beta: bool,
    logo: bool,
    /// When it closes, in milliseconds, where people should know by now.
    closes: Option<i64>,
    /// The text that says why it cannot be used, if it cannot.
    reason: Option<&'static str>,
    /// The date in that text.
    date: Option<i64>,
    /// What its record says instead.
    message: Option<String>,
}

/// From how many providers on people may search.
const MANY: usize = 9;

/// How long before a provider closes people learn of it.
const AHEAD: std::time::Duration = std::time::Duration::from_hours(24 * 90);

pub(super) fn render(
    hub: &Hub,
    awaiting: AwaitingProvider,
    client: &Client,
    headers: &HeaderMap,
    view: &View,
    page: PageContext,
) -> Response {
    let required = RequiredLevel::of(&awaiting.trip, client);
    let providers = hub.parts().providers.providers();
    let mut rows: Vec<Row> = providers
        .iter()
        .filter_map(|provider| row(hub, provider, client, &required, page.locale))
        .collect();
    let none_eligible = rows.iter().all(|row| row.reason.is_some());
    let searchable = rows.len() >= MANY;
    let remembered = take_remembered(&mut rows, hub.remembered_provider(headers));
    if searchable {
        rows.retain(|row| is_like(&row.name, &view.q));
    }
    let status = awaiting
        .notice
        .as_ref()
        .map_or(StatusCode::OK, |notice| notice.what.status());
    let id = awaiting.trip.id.to_string();
    let csrf = hub.form_token(awaiting.trip.browser, Purpose::new(FORM, &id));
    let now = hub.now();
    let announcements = &hub.parts().settings.announcements;
    let announced: Vec<&str> = announcements
        .iter()
        .filter_map(|announcement| announcement.at(now, page.locale))
        .collect();
    let banner = banner(hub, &awaiting, page.locale);
    let shared_device = awaiting.trip.shared_device;
    let expected = awaiting.expected_of().is_some();
    let login = Login::AwaitingProvider(awaiting);
    let data = context! {
        none_eligible,
        all_down => none_eligible && hub.all_are_down(client, &required),
        announcements => Serde(&announced),
        providers => Serde(&rows),
        remembered => Serde(&remembered),
        searchable,
        search => &view.q,
        by_domain => domain::is_of_use(&providers),
        domain_unknown => view.unknown.is_some(),
        shared_device,
        expected,
        banner,
        nothing_wrong => status == StatusCode::OK,
        level => required.of_each().as_str(),
        corroborated => required.acr().corroborated,
        login => id,
        csrf,
        abandon_csrf => hub.abandon_token(login.trip()),
        deferred => login.trip().request.is_deferred(),
    };
    let page = page.with_service(client.name.clone());
    let pages = &hub.parts().pages;
    pages.html_with(status, &page, "broker/choose_provider.html", data)
}

/// The row of a provider, unless its record says that it is not to be shown.
fn row(
    hub: &Hub,
    provider: &Arc<Provider>,
    client: &Client,
    required: &RequiredLevel,
    locale: Locale,
) -> Option<Row> {
    let why = hub.usable(provider, client, required).err();
    let is_shown = match why {
        Some(Ineligible::NotOffered) => false,
        Some(_) => provider.display.unavailable == WhenUnavailable::Greyed,
        None => true,
    };
    let now = hub.now();
    let closes = provider.opening.closes;
    let maintenance = provider.opening.maintenance.as_ref();
    let message = maintenance.filter(|_| why == Some(Ineligible::Maintenance));
    let off = hub.parts().providers.switched_off(&provider.id);
    let switched_off = off.map(|off| hub.said_of(&off, locale));
    is_shown.then(|| Row {
        id: provider.id.to_string(),
        name: provider.name.clone(),
        beta: provider.display.beta,
        logo: provider.display.logo_uri.is_some(),
        closes: closes
            .filter(|closes| closes.before(AHEAD) <= now)
            .map(Timestamp::millis),
        reason: why.map(Ineligible::text),
        date: why.and_then(Ineligible::date).map(Timestamp::millis),
        message: switched_off.or_else(|| {
            message.map(|message| match locale {
                Locale::French => message.fr.clone(),
                Locale::English => message.en.clone(),
            })
        }),
    })
}

/// Takes the remembered provider out of the list, if it is there and may be used.
fn take_remembered(rows: &mut Vec<Row>, remembered: Option<&str>) -> Option<Row> {
    let at = rows
        .iter()
        .position(|row| Some(row.id.as_str()) == remembered && row.reason.is_none())?;
    Some(rows.remove(at))
}

/// Whether a name has what was typed in it, however it is written.
fn is_like(name: &str, typed: &str) -> bool {
    let plain = guichet_keys::fold;
    plain(name).contains(&plain(typed))
}

/// What became of the last try.
fn banner(hub: &Hub, awaiting: &AwaitingProvider, locale: Locale) -> Option<String> {
    let notice = awaiting.notice.as_ref()?;
    let name = hub.provider_name(&notice.provider);
    let pages = &hub.parts().pages;
    Some(pages.text(locale, notice.what.text(), &[("provider", &name)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: &str, reason: Option<&'static str>) -> Row {
        Row {
            id: id.into(),
            name: id.into(),
            beta: false,
            logo: false,
            closes: None,
            reason,
            date: None,
            message: None,
        }
    }

    #[test]
    fn what_was_remembered_comes_first_unless_it_cannot_be_used() {
        let rows = || {
            vec![
                row("citoyen", None),
                row("postale", Some("ineligible-down")),
            ]
        };
        let mut list = rows();
        let first = take_remembered(&mut list, Some("citoyen"));
        assert_eq!(first.map(|row| row.id).as_deref(), Some("citoyen"));
        assert_eq!(list.len(), 1);
        for other in [None, Some("postale"), Some("gone")] {
            let mut list = rows();
            assert!(take_remembered(&mut list, other).is_none());
            assert_eq!(list.len(), 2);
        }
    }

    #[test]
    fn a_name_is_found_by_a_part_of_it_however_it_is_typed() {
        assert!(is_like("Identité Postale", "identite p"));
        assert!(is_like("Identité Postale", "POSTALE"));
        assert!(is_like("Identité Postale", ""));
        assert!(!is_like("Identité Postale", "impots"));
    }
}
