//! Step 7 of a login: the service gets its answer.
//!
//! The login ends here, once. The session in this browser must still be the one that the person was in,
//! or one in its place: whoever signed out in another tab, or signed somebody else in, gets no code
//! (threat N-52). The client must still be active (N-07). What they granted of evidence on the way begins now:
//! before, nobody could fetch it. From here on the engine takes over.

use axum::extract::{Path, State};
use axum::response::Response;
use guichet_domain::{Client, ExchangeId, SessionId};
use guichet_oidc::{AuthorizationDetail, Outcome};
use guichet_web::{PageContext, PageError};
use http::HeaderMap;
use http::header::SET_COOKIE;
use serde::{Deserialize, Serialize};

use super::consent::ConsentGiven;
use super::{AwaitingConsent, Login, stray};
use crate::hub::Hub;
use crate::session::Participant;

/// Waiting for nothing but to be carried out.
#[derive(Serialize, Deserialize)]
pub(crate) struct Consented {
    /// What the person saw.
    pub(super) awaited: AwaitingConsent,
    /// Their word.
    pub(super) consent: ConsentGiven,
    /// The evidence they granted on top, as the client is told of it.
    #[serde(default)]
    pub(super) details: Vec<AuthorizationDetail>,
}

impl Consented {
    /// The person gave their word.
    pub(crate) fn new(awaited: AwaitingConsent, consent: ConsentGiven) -> Self {
        Self {
            awaited,
            consent,
            details: Vec::new(),
        }
    }

    /// The exchanges of the evidence they granted.
    pub(super) fn granted(&self) -> impl Iterator<Item = ExchangeId> {
        self.details.iter().filter_map(|detail| {
            let id = detail.members().get("grant_id")?.as_str()?;
            id.parse().ok()
        })
    }

    /// What the engine makes a code of.
    fn outcome(self, session: SessionId, participant: Participant) -> Outcome {
        let awaited = self.awaited;
        Outcome {
            subject: participant.subject,
            claims: awaited.claims,
            scopes: participant.scopes,
            acr: awaited.reached.acr,
            amr: awaited.reached.amr,
            auth_time: awaited.reached.auth_time,
            session,
            sid: participant.sid,
            grant: awaited.grant,
            login: Some(awaited.trip.id),
            person: Some(awaited.person),
            provider: Some(awaited.provider),
            details: self.details,
        }
    }
}

/// `GET /login/{id}/return`
pub(crate) async fn finish(
    State(hub): State<Hub>,
    Path(id): Path<String>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let id = stray::login_id(&id)?;
    let login = hub.load_login_while_on(id, &headers).await?;
    let consented = match &login {
        Login::Consented(consented) => consented,
        other => return Err(stray::out_of_order(&hub, other, page.locale)),
    };
    let client = hub.client_of(&consented.awaited.trip)?;
    let joined = join_session(&hub, consented, &client, &headers).await;
    let (session, participant, again) = match joined {
        Ok(joined) => joined,
        // Somebody who was frozen has no session either, and is told why.
        Err(page) => return Err(hub.load_login(id, &headers).await.err().unwrap_or(page)),
    };
    // Whoever is cut short here comes back to it: done twice is done once.
    hub.begin_granted(consented).await?;
    hub.close_login(&login).await?;
    let Login::Consented(consented) = login else {
        return Err(stray::gone(&hub, &headers));
    };
    let request = consented.awaited.trip.request.clone();
    let noted = hub.note_sign_in(&consented.awaited, &client, &headers, again);
    let device = noted.await;
    let outcome = consented.outcome(session, participant);
    hub.announce(&request).await?;
    let granted = hub.parts().engine.grant(&request, outcome).await;
    let answer = granted.map_err(|fault| hub.fault("issue a code", &fault))?;
    let mut response = hub.answer(answer, &page.with_service(client.name.clone()));
    let cookies = device.map(|cookie| (SET_COOKIE, cookie));
    response.headers_mut().extend(cookies);
    Ok(response)
}

impl Hub {
    /// Evidence may be fetched from now on: the code that leads to it leaves next.
    async fn begin_granted(&self, consented: &Consented) -> Result<(), PageError> {
        let Some(desk) = self.parts().exchange.as_deref() else {
            return Ok(());
        };
        if consented.details.is_empty() {
            return Ok(());
        }
        let begun = desk.begin(consented.awaited.grant, self.now()).await;
        begun.map_err(|fault| self.fault("begin what was granted of evidence", &fault))
    }
}

/// Notes in the browser's session that the person is signed in to this client; and whether they were.
async fn join_session(
    hub: &Hub,
    consented: &Consented,
    client: &Client,
    headers: &HeaderMap,
) -> Result<(SessionId, Participant, bool), PageError> {
    let awaited = &consented.awaited;
    let live = hub.session_of(awaited, headers).await?;
    let id = live.id;
    let fresh_sid = SessionId::random(&*hub.parts().entropy).to_string();
    let request = &awaited.trip.request;
    let (scopes, claims) = (request.scopes(), request.claims());
    let (subject, now) = (&awaited.subject, hub.now());
    let again = live.session.participant(&client.id).is_some();
    let joined = hub
        .change_session(live, |session| {
            session.used = Some(now);
            session.join(&client.id, subject, scopes, &claims, fresh_sid.clone())
        })
        .await?;
    let joined = joined.ok_or_else(|| stray::session_ended(hub, &awaited.trip))?;
    Ok((id, joined, again))
}
