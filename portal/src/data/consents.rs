//! What services received of a citizen's identity, and the consent to it taken back: their tokens of it die, and
//! they ask again.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use axum::extract::{Path, State};
use axum::response::Response;
use guichet_domain::{
    AuditEvent, BrowserId, ClientId, EventKind, PersonId, Scope, Scopes, Timestamp,
};
use guichet_store::Fault;
use guichet_store::durable::{ConsentRecord, Standing};
use guichet_web::{Form, Locale, PageError};
use http::HeaderMap;
use serde::Serialize;

use super::back;
use crate::Portal;
use crate::account::Posted;

/// What one service received, as the page shows it.
#[derive(Serialize)]
pub(super) struct Told {
    client: ClientId,
    service: String,
    /// What it was told, in words.
    what: Vec<String>,
    /// When, last.
    last: i64,
    /// Whether the citizen agreed, rather than was informed.
    asked: bool,
    /// Whether the service may go on asking when nobody is there.
    offline: bool,
    /// When they took it back.
    withdrawn: Option<i64>,
    csrf: String,
}

impl Portal {
    /// What services received of this person, those of last first.
    pub(super) async fn told(
        &self,
        person: PersonId,
        browser: &BrowserId,
        locale: Locale,
    ) -> Result<Vec<Told>, Fault> {
        let mut all: Vec<(ConsentRecord, Vec<Scope>)> = Vec::new();
        for consent in self.consents.of(person, MOST).await? {
            if consent.client.as_str() == crate::CLIENT_ID {
                continue;
            }
            let scopes: Scopes = consent.scope.parse().unwrap_or_default();
            let scopes = scopes.iter().cloned();
            let known = all
                .iter_mut()
                .find(|(last, _)| last.client == consent.client);
            match known {
                Some((_, told)) => told.extend(scopes),
                None => all.push((consent, scopes.collect())),
            }
        }
        let told = all.into_iter().map(|(last, scopes)| {
            let scopes = scopes.into_iter().collect();
            self.told_to(person, browser, &last, &scopes, locale)
        });
        Ok(told.collect())
    }

    /// Since when the services are unlinked that this person took everything back from, and did not sign in to since.
    pub(crate) async fn unlinked(
        &self,
        person: PersonId,
    ) -> Result<BTreeMap<ClientId, Timestamp>, Fault> {
        let mut last: BTreeMap<ClientId, Option<Timestamp>> = BTreeMap::new();
        for consent in self.consents.of(person, MOST).await? {
            // The latest first.
            last.entry(consent.client).or_insert(consent.withdrawn);
        }
        let unlinked = last.into_iter();
        Ok(unlinked
            .filter_map(|(client, withdrawn)| Some((client, withdrawn?)))
            .collect())
    }

    fn told_to(
        &self,
        person: PersonId,
        browser: &BrowserId,
        consent: &ConsentRecord,
        scopes: &Scopes,
        locale: Locale,
    ) -> Told {
        Told {
            service: self.service_name(&consent.client),
            what: self.told_by(scopes, locale),
            last: consent.at.millis(),
            asked: consent.asked,
            offline: scopes.contains("offline_access"),
            withdrawn: consent.withdrawn.map(Timestamp::millis),
            csrf: self.own_token(browser, person, (WITHDRAW, consent.client.as_str())),
            client: consent.client.clone(),
        }
    }

    /// Takes back everything that a person agreed to.
    pub(crate) async fn withdraw_all(&self, person: PersonId) -> Result<(), Fault> {
        let mut of_clients: BTreeMap<ClientId, Vec<Standing>> = BTreeMap::new();
        for consent in self.consents.standing(person).await? {
            let of_client = of_clients.entry(consent.client.clone());
            of_client.or_default().push(consent);
        }
        for (client, standing) in of_clients {
            self.withdraw(person, &client, &standing, "").await?;
        }
        Ok(())
    }

    async fn withdraw_of(&self, person: PersonId, client: &ClientId) -> Result<(), Fault> {
        let mut standing = self.consents.standing(person).await?;
        standing.retain(|consent| consent.client == *client);
        let all = self.consents.of(person, MOST).await?;
        let was_asked = all.iter().any(|it| it.client == *client && it.asked);
        let how = if was_asked { "" } else { "unlinked" };
        self.withdraw(person, client, &standing, how).await
    }

    /// On record first, and `how` where there was no consent but only a service that knew them. Then what could make
    /// new tokens, and the tokens; then the service is told, under each
    /// name of theirs, that it is over. The mark is last: whoever is cut short before it does all of it again,
    /// and what is told twice arrives once.
    async fn withdraw(
        &self,
        person: PersonId,
        client: &ClientId,
        standing: &[Standing],
        how: &'static str,
    ) -> Result<(), Fault> {
        let Some(newest) = standing.first() else {
            return Ok(());
        };
        let now = self.clock.now();
        let event = AuditEvent::new(EventKind::ConsentWithdrawn, now);
        let event = event.client(client).person(person);
        let event = if how.is_empty() {
            event
        } else {
            event.detail("how", how)
        };
        self.ledger.append(event).await?;
        let givers: BTreeSet<PersonId> = standing.iter().map(|consent| consent.person).collect();
        for giver in givers {
            self.engine.revoke_of(giver, client).await?;
        }
        for consent in standing_lately(standing, now, self.engine.tokens_end()) {
            self.engine.revoke_grant(consent.grant).await?;
        }
        self.cases.unlinked(person, client, newest.grant).await?;
        let consents = &self.consents;
        consents.withdraw(person, client, newest.at, now).await?;
        Ok(())
    }
}

/// Those whose access tokens may live still, where one of now is over at `tokens_end`: whoever signs in every day
/// for years has as many consents, and no more than a day's have any.
fn standing_lately(
    standing: &[Standing],
    now: Timestamp,
    tokens_end: Timestamp,
) -> impl Iterator<Item = &Standing> {
    let since = now.before(tokens_end.since(now) + LONGEST_WAY);
    standing.iter().filter(move |consent| consent.at >= since)
}

/// How long it may take from a consent to the tokens that hang off it, at the very most.
const LONGEST_WAY: Duration = Duration::from_hours(24);

/// How far back the page looks.
const MOST: u32 = 500;

/// `POST /account/data/consents/{client}`. Whoever is not signed in any more, or takes back what they never
/// gave, finds the list as it is.
pub(crate) async fn withdraw(
    State(portal): State<Portal>,
    Path(client): Path<String>,
    headers: HeaderMap,
    Form(posted): Form<Posted>,
) -> Result<Response, PageError> {
    let form = portal.own_form(&headers, (WITHDRAW, &client), &posted);
    let Some((person, _)) = form.await? else {
        return Ok(back(&portal));
    };
    if let Ok(client) = client.parse() {
        let withdrawn = portal.withdraw_of(person, &client).await;
        withdrawn.map_err(|fault| portal.fault("take a consent back", &fault))?;
    }
    Ok(back(&portal))
}

/// The name of the form in its CSRF token.
const WITHDRAW: &str = "consent-withdraw";

#[cfg(test)]
mod tests {
    use guichet_domain::GrantId;

    use super::*;

    #[test]
    fn of_years_of_consents_only_the_latest_are_looked_after_one_by_one() {
        const DAY: i64 = 24 * 60 * 60;
        let now = Timestamp::from_seconds(1_795_000_000);
        let given = |days: i64| Standing {
            client: "cantine".parse().unwrap(),
            grant: GrantId::from_bytes([1; 16]),
            person: PersonId::from_bytes([2; 16]),
            at: Timestamp::from_seconds(now.seconds() - days * DAY),
        };
        let all: Vec<Standing> = (0..1000).map(given).collect();
        let tokens_end = now.after(Duration::from_hours(12));
        let lately = standing_lately(&all, now, tokens_end);
        assert_eq!(lately.count(), 2, "of today and of yesterday");
    }
}
