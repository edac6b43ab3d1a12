//! Step 5 of a login: the person sees what the service will receive, value by value, and goes on or not.
//!
//! A public body's citizens are informed, a private body's are asked; either way the answer is one of
//! two buttons and it is the server that reads it. The form is bound to the very values it showed: what
//! was shown is what is sent. Leads to `evidence`, or to `code` where no fact is asked for; a refusal goes
//! to the client as `access_denied`.

mod address;
mod page;
#[cfg(test)]
mod tests;

use axum::extract::{Path, State};
use axum::response::Response;
use guichet_domain::{
    AuditEvent, Client, EventKind, GrantId, IdentityClaims, OAuthError, PersonId, ProviderId,
    Scope, SessionId, SubjectIdentifier, Timestamp,
};
use guichet_keys::first_half;
use guichet_oidc::{AMR, OFFLINE_ACCESS};
use guichet_store::durable::ConsentRecord;
use guichet_web::{Form, PageContext, PageError, Purpose};
use http::HeaderMap;
use serde::{Deserialize, Serialize};

use super::authorize::Known;
use super::{AwaitingEvidence, AwaitingProvider, Consented, Login, Refusal, Trip, stray};
use crate::hub::Hub;
use crate::session::{Reached, Session};
use crate::ways::VerifiedAddress;

/// Waiting for the person's word.
#[derive(Serialize, Deserialize)]
pub(crate) struct AwaitingConsent {
    pub(crate) trip: Trip,
    /// Who.
    pub(crate) person: PersonId,
    /// Their name for this client.
    pub(crate) subject: SubjectIdentifier,
    /// The session they signed in in, or had: whoever signs out meanwhile gives no consent with it.
    pub(crate) session: SessionId,
    /// With which provider they signed in.
    pub(crate) provider: ProviderId,
    /// The level reached there, or as much of it as single sign-on lends.
    pub(crate) reached: Reached,
    /// What the service will receive: shown, and then sent, as it stands here.
    pub(crate) claims: IdentityClaims,
    /// What will hang off the answer.
    pub(crate) grant: GrantId,
    /// Where the alias that the service is told will lead once they agree, if that is elsewhere than before.
    #[serde(default)]
    pub(crate) leads_to: Option<VerifiedAddress>,
}

/// The person was informed, or agreed. Made in this file alone; a code cannot be issued without one.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) struct ConsentGiven {
    basis: Basis,
    at: Timestamp,
}

/// What a consent rests on.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Basis {
    /// A private body: the person said yes.
    Agreed,
    /// A public body: the person read and went on.
    Informed,
    /// A public body whose record lets it leave the page out, and that asked for that (divergence D40).
    Unshown,
    /// A public body, `prompt=none`: informed of the same earlier in this session.
    InformedBefore,
}

impl Basis {
    /// Its name in the audit log.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Agreed => "agreed",
            Self::Informed => "informed",
            Self::Unshown => "unshown",
            Self::InformedBefore => "informed_before",
        }
    }
}

impl ConsentGiven {
    /// Nothing may be shown, and nothing new would be: see `authorize`.
    pub(super) fn informed_before(now: Timestamp) -> Self {
        Self {
            basis: Basis::InformedBefore,
            at: now,
        }
    }

    /// Whether a page was there to agree to.
    fn was_shown(self) -> bool {
        matches!(self.basis, Basis::Agreed | Basis::Informed)
    }

    /// Whether the person was asked, rather than informed.
    fn was_asked(self) -> bool {
        self.basis == Basis::Agreed
    }
}

impl AwaitingConsent {
    /// The person just signed in.
    pub(crate) fn new(
        trip: Trip,
        (id, session): (SessionId, &Session),
        reached: Reached,
        subject: SubjectIdentifier,
        grant: GrantId,
    ) -> Self {
        Self {
            session: id,
            person: session.person,
            subject,
            provider: session.provider.clone(),
            reached,
            claims: trip.request.released(&session.claims),
            grant,
            leads_to: None,
            trip,
        }
    }

    /// The person has a session that suffices.
    pub(crate) fn of_session(trip: Trip, known: Known) -> Self {
        let lent = known.sufficient.lent().clone();
        let session = (known.sufficient.id(), known.sufficient.session());
        Self::new(trip, session, lent, known.subject, known.grant)
    }

    /// Which values the page shows, for the form's token: a form of other values is not believed.
    fn shown(&self) -> String {
        let values = serde_json::to_vec(&self.claims).unwrap_or_default();
        let grant = self.grant.as_bytes().as_slice();
        let leads_to = self.leads_to.as_ref().map(VerifiedAddress::as_str);
        let leads_to = leads_to.unwrap_or_default().as_bytes();
        let digest = guichet_keys::sha256_of(&[grant, &values, leads_to]);
        format!(
            "{}.{}",
            self.trip.id,
            GrantId::from_bytes(first_half(digest))
        )
    }

    /// The person goes on.
    fn accept(self, client: &Client, now: Timestamp) -> Consented {
        let basis = if client.needs_consent() {
            Basis::Agreed
        } else if self.may_stay_unshown(client) {
            Basis::Unshown
        } else {
            Basis::Informed
        };
        Consented::new(self, ConsentGiven { basis, at: now })
    }

    /// Whether the page would only inform, and may be left out: never where the person is asked, where
    /// data of other administrations leaves, or where the service goes on without them.
    fn may_stay_unshown(&self, client: &Client) -> bool {
        self.trip.request.prompt().skip_information
            && !client.needs_consent()
            && !self.outlives_session()
            && self.data_scopes().next().is_none()
    }

    /// The person does not.
    fn decline(&self, now: Timestamp) -> Refusal {
        Refusal::to_client(
            self.event(EventKind::ConsentRefused, now),
            OAuthError::AccessDenied,
            "the person declined",
        )
    }

    /// The person is not who this says, or wants another account: back to the choice.
    fn start_over(self, now: Timestamp) -> (AwaitingProvider, AuditEvent) {
        AwaitingProvider::over(self.trip, self.provider, now)
    }

    fn event(&self, kind: EventKind, now: Timestamp) -> AuditEvent {
        let event = self.trip.event(kind, now).person(self.person);
        let event = self.trip.located(event);
        let event = self.reached.describe(event.provider(&self.provider));
        let event = event.detail("grant", self.grant);
        event.detail("scope", self.trip.request.scopes())
    }

    /// Names of what is released, never values.
    fn released(&self) -> String {
        let claims = self.trip.request.claims();
        let there = claims.iter().filter(|claim| self.claims.has(**claim));
        there
            .map(|claim| claim.as_str())
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// Scopes of data providers.
    fn data_scopes(&self) -> impl Iterator<Item = &Scope> {
        let scopes = self.trip.request.scopes().iter();
        scopes.filter(|scope| {
            !["openid", OFFLINE_ACCESS, AMR].contains(&scope.as_str()) && scope.claims().is_empty()
        })
    }

    /// Whether the service may go on asking once the person has left.
    fn outlives_session(&self) -> bool {
        self.trip.request.scopes().contains(OFFLINE_ACCESS)
    }
}

/// `GET /login/{id}/consent`
pub(crate) async fn show(
    State(hub): State<Hub>,
    Path(id): Path<String>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let login = hub.load_login(stray::login_id(&id)?, &headers).await?;
    let waiting = match login {
        Login::AwaitingConsent(waiting) => waiting,
        Login::Decided(decided) => return settle(&hub, decided).await,
        other => return hub.led_on(&other, NUMBER, page.locale),
    };
    let client = hub.client_of(&waiting.trip)?;
    if hub.is_of_the_house(&client.id) || waiting.may_stay_unshown(&client) {
        return accept(&hub, waiting, &client).await;
    }
    hub.note(waiting.event(EventKind::ConsentShown, hub.now()));
    Ok(page::render(&hub, &waiting, &client, page))
}

/// What the page posts.
#[derive(Deserialize)]
pub(crate) struct Word {
    #[serde(default)]
    decision: String,
    #[serde(default)]
    csrf: String,
}

/// Of the spine.
pub(super) const NUMBER: u8 = 5;

/// The name of the form in its CSRF token.
const FORM: &str = "consent";

/// `POST /login/{id}/consent`
pub(crate) async fn decide(
    State(hub): State<Hub>,
    Path(id): Path<String>,
    page: PageContext,
    headers: HeaderMap,
    Form(word): Form<Word>,
) -> Result<Response, PageError> {
    let login = hub.load_login(stray::login_id(&id)?, &headers).await?;
    let waiting = match login {
        Login::AwaitingConsent(waiting) => waiting,
        // The second of two clicks, or another try after a fault: the first word counts.
        other => return hub.led_on(&other, NUMBER, page.locale),
    };
    hub.check_form(&headers, Purpose::new(FORM, &waiting.shown()), &word.csrf)?;
    let client = hub.client_of(&waiting.trip)?;
    match word.decision.as_str() {
        "accept" => accept(&hub, waiting, &client).await,
        "refuse" => {
            let refusal = waiting.decline(hub.now());
            hub.refuse(&Login::AwaitingConsent(waiting), refusal, &page)
                .await
        }
        "alias" => hub.tell_alias(waiting).await,
        "own_address" => hub.tell_own_address(waiting, &headers).await,
        "other" => {
            let (back, event) = waiting.start_over(hub.now());
            let back = Login::AwaitingProvider(back);
            hub.advance("awaiting_consent", &back).await?;
            hub.note(event);
            Ok(hub.onward(&back))
        }
        _ => {
            let login = Login::AwaitingConsent(waiting);
            Err(hub.no_decision("consent-no-decision", &login, page.locale))
        }
    }
}

/// The word counts if it is the first: the compare-and-swap decides, and only what it decided is put
/// on record.
async fn accept(
    hub: &Hub,
    waiting: AwaitingConsent,
    client: &Client,
) -> Result<Response, PageError> {
    let id = waiting.trip.id;
    let decided = Login::Decided(waiting.accept(client, hub.now()));
    match hub.first_word("awaiting_consent", decided).await? {
        Some(Login::Decided(decided)) => settle(hub, decided).await,
        _ => Ok(hub.resumed(id)),
    }
}

/// The consent is on record, durably, before the login moves on: no code without it. Whoever comes
/// here again after a fault does it again; the record stays the first one, and the ledger may then say
/// the same of the same grant twice.
async fn settle(hub: &Hub, decided: Consented) -> Result<Response, PageError> {
    let (record, event) = (decided.record(), decided.given());
    let kept = async {
        if hub.is_of_the_house(&record.client) {
            return Ok(());
        }
        let kept = hub.parts().consents.record(&record).await;
        kept.map_err(|fault| hub.fault("record a consent", &fault))
    };
    futures_util::future::try_join(kept, hub.append(event)).await?;
    if decided.consent.was_shown() {
        let led = hub.lead_alias(&decided.awaited).await;
        led.map_err(|fault| hub.fault("lead a mail alias", &fault))?;
    }
    let asks = hub.asks(&decided.awaited.trip.request);
    let next = AwaitingEvidence::begin(decided, asks, &*hub.parts().entropy);
    // `Moved`: another request put it on record as well, and the login is where it must be.
    hub.try_advance("decided", &next).await?;
    Ok(hub.onward(&next))
}

impl Consented {
    /// The durable record: names, never values.
    fn record(&self) -> ConsentRecord {
        let awaited = &self.awaited;
        ConsentRecord {
            grant: awaited.grant,
            person: awaited.person,
            client: awaited.trip.request.client().clone(),
            scope: awaited.trip.request.scopes().to_string(),
            claims: awaited.released(),
            asked: self.consent.was_asked(),
            at: self.consent.at,
            withdrawn: None,
        }
    }

    /// What the ledger says of it.
    fn given(&self) -> AuditEvent {
        let event = self.awaited.event(EventKind::ConsentGiven, self.consent.at);
        let event = event.detail("basis", self.consent.basis.as_str());
        // What comes next, for whoever counts where sign-ins end.
        match self.awaited.trip.request.details().len() {
            0 => event,
            facts => event.detail("evidence", facts),
        }
    }
}
