//! What services received of a citizen's identity, and the consent to it taken back: their tokens of it die, and
//! they ask again.

use std::collections::BTreeSet;

use axum::extract::{Path, State};
use axum::response::Response;
use guichet_domain::{
    AuditEvent, BrowserId, ClientId, EventKind, GrantId, PersonId, Scope, Scopes, Timestamp,
};
use guichet_store::Fault;
use guichet_store::durable::ConsentRecord;
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
        let standing = self.consents.standing(person).await?;
        let clients: BTreeSet<ClientId> = standing.into_iter().map(|(client, _)| client).collect();
        for client in clients {
            self.withdraw(person, &client).await?;
        }
        Ok(())
    }

    /// On record first. Then what could make new tokens, and the tokens; then the service is told, under each
    /// name of theirs, that it is over. The mark is last: whoever is cut short before it does all of it again,
    /// and what is told twice arrives once.
    async fn withdraw(&self, person: PersonId, client: &ClientId) -> Result<(), Fault> {
        let standing = self.consents.standing(person).await?;
        let of_client = standing.into_iter().filter(|(of, _)| of == client);
        let grants: Vec<GrantId> = of_client.map(|(_, grant)| grant).collect();
        let Some(first) = grants.first().copied() else {
            return Ok(());
        };
        let now = self.clock.now();
        let event = AuditEvent::new(EventKind::ConsentWithdrawn, now);
        let event = event.client(client).person(person);
        self.ledger.append(event).await?;
        for grant in &grants {
            self.engine.revoke_grant(*grant).await?;
        }
        self.cases.unlinked(person, client, first).await?;
        for grant in grants {
            self.consents.withdraw(grant, now).await?;
        }
        Ok(())
    }
}

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
        let withdrawn = portal.withdraw(person, &client).await;
        withdrawn.map_err(|fault| portal.fault("take a consent back", &fault))?;
    }
    Ok(back(&portal))
}

/// The name of the form in its CSRF token.
const WITHDRAW: &str = "consent-withdraw";
