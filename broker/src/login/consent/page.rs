//! The page of what the service will receive, value by value, as it looks.

use std::time::Duration;

use axum::response::Response;
use guichet_domain::{Claim, Client, IdentityClaims, Scope};
use guichet_web::{Locale, PageContext, Purpose, Serde, context};
use serde::Serialize;

use super::{AwaitingConsent, FORM};
use crate::hub::Hub;
use crate::ways::VerifiedAddress;
use crate::wording;

/// One line of what the service will receive.
#[derive(Serialize)]
struct Row {
    label: String,
    value: String,
    hint: Option<String>,
}

pub(super) fn render(
    hub: &Hub,
    waiting: &AwaitingConsent,
    client: &Client,
    page: PageContext,
) -> Response {
    let pages = &hub.parts().pages;
    let locale = page.locale;
    let asked = waiting.trip.request.claims();
    let rows: Vec<Row> = asked
        .iter()
        .copied()
        .filter(|claim| match claim {
            // The same in other words, where the address or the names stand there already.
            Claim::EmailVerified => !asked.contains(&Claim::Email),
            Claim::GivenNameArray => !asked.contains(&Claim::GivenName),
            _ => true,
        })
        .map(|claim| row(hub, &waiting.claims, claim, locale))
        .collect();
    let label_of = |scope: &Scope| {
        let known = (hub.parts().scope_labels)(scope, locale);
        known.unwrap_or_else(|| scope.as_str().to_owned())
    };
    let data: Vec<String> = waiting.data_scopes().map(label_of).collect();
    let purpose = waiting.shown();
    let anonymous = asked.is_empty() && data.is_empty();
    let data = context! {
        anonymous,
        offline_days => waiting.outlives_session().then(|| days(hub.parts().engine.offline_lifetime())),
        rows => Serde(&rows),
        data,
        asked => client.needs_consent() && !anonymous,
        deferred => waiting.trip.request.is_deferred(),
        private => client.needs_consent(),
        sandbox => client.is_sandbox(),
        provider => hub.provider_name(&waiting.provider),
        second => waiting.reached.with.as_ref().map(|id| hub.provider_name(id)),
        level => waiting.reached.acr.level.as_str(),
        host => client.home_host(),
        policy => client.policy_uri.as_ref().map(url::Url::as_str),
        terms => client.tos_uri.as_ref().map(url::Url::as_str),
        logo => client.logo_uri.is_some(),
        address => waiting.told(hub).map(super::address::Told::as_str),
        leads_to => waiting.leads_to.as_ref().map(VerifiedAddress::as_str),
        browsing => waiting.trip.browsing.to_string(),
        login => waiting.trip.id.to_string(),
        csrf => hub.form_token(waiting.trip.browser, Purpose::new(FORM, &purpose)),
    };
    let page = page.with_service(client.name.clone());
    pages.html(&page, "broker/consent.html", data)
}

/// Whole days, one at least.
fn days(lifetime: Duration) -> u64 {
    lifetime.as_secs().div_ceil(24 * 60 * 60)
}

fn row(hub: &Hub, claims: &IdentityClaims, claim: Claim, locale: Locale) -> Row {
    let pages = &hub.parts().pages;
    let label = pages.text(locale, wording::label(claim), &[]);
    if claim == Claim::EmailVerified {
        let said = wording::email_verified(claims.email_verified);
        return Row {
            label,
            value: pages.text(locale, said, &[]),
            hint: None,
        };
    }
    match claims.shown(claim) {
        Some(value) => {
            let said = wording::say(pages, locale, claim, &value);
            Row {
                label,
                value: said.value,
                hint: said.hint,
            }
        }
        None => Row {
            label,
            value: pages.text(locale, wording::absent(claim), &[]),
            hint: None,
        },
    }
}
