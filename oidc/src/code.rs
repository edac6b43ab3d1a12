//! Issuing a code: the last thing that happens before the browser goes back to the client.

use std::time::Duration;

use guichet_domain::{AuditEvent, EventKind, OAuthError, Timestamp};
use guichet_keys::{HandedOut, HandedOutKind};
use guichet_store::Fault;

use crate::records::{CodeRecord, Granted, seal};
use crate::refusal::Refusal;
use crate::{AcceptedRequest, Answer, Engine, Outcome, answer, audit};

/// Issues a code for what `outcome` says of `request`. The code leaves once both its record and the
/// audit entry are written.
pub(crate) async fn issue(
    engine: &Engine,
    request: &AcceptedRequest,
    outcome: Outcome,
) -> Result<Answer, Fault> {
    if engine.client_of(request).is_none() {
        return Err(Fault::bare("the client went while the person signed in"));
    }
    if let Some(refusal) = contradiction(request, &outcome) {
        engine.note(
            AuditEvent::new(EventKind::LoginRefused, engine.now())
                .client(&request.client)
                .session(outcome.session)
                .detail("error", refusal.error)
                .detail("reason", refusal.reason),
        );
        return Ok(engine.refuse(request, refusal.error, refusal.description));
    }
    let parts = engine.parts();
    let code = HandedOut::fresh(&*parts.entropy, HandedOutKind::Code);
    let mut record = record(request, outcome);
    // What this provider does not state to support it does not state to have reached.
    let highest = engine.settings().acr_values_supported.iter().max();
    let granted = &mut record.granted;
    granted.acr = highest.map_or(granted.acr, |highest| granted.acr.min(*highest));
    let now = engine.now();
    let expires = now.after(engine.settings().code_lifetime);
    // A replay must be noticed for as long as anything the code bought may live.
    let forget = expires
        .after(engine.settings().access_token_lifetime)
        .after(Duration::from_mins(1));
    let sealed = seal(engine.code_sealer(), code.hash(), &record)?;
    let event = returned(&record.granted, now);
    tokio::try_join!(
        parts.codes.issue(
            *code.hash().as_bytes(),
            record.granted.grant,
            sealed,
            expires,
            forget
        ),
        engine.record(event),
    )?;
    Ok(answer::code(
        engine.issuer(),
        &request.redirect,
        code.text(),
    ))
}

/// Where the outcome contradicts what the request settled. A house looks at these first, with pages
/// to do something about them; what reaches this point would be a mistake sent to a client.
fn contradiction(request: &AcceptedRequest, outcome: &Outcome) -> Option<Refusal> {
    let is_somebody_else = request
        .hinted_subject
        .as_ref()
        .is_some_and(|hinted| *hinted != outcome.subject);
    if is_somebody_else {
        return Some(Refusal::new(
            OAuthError::LoginRequired,
            "the person signed in is not the one id_token_hint names",
        ));
    }
    (outcome.acr < request.acr.required).then_some(Refusal::new(
        OAuthError::UnmetAuthenticationRequirements,
        "the level asked for was not reached",
    ))
}

/// What the code stands for: of the outcome, no more than the request asked for (threat N-40).
fn record(request: &AcceptedRequest, outcome: Outcome) -> CodeRecord {
    CodeRecord {
        redirect_uri: request.redirect.uri.clone(),
        pkce: request.pkce.clone(),
        nonce: request.nonce.clone(),
        granted: granted(request, outcome),
    }
}

fn granted(request: &AcceptedRequest, outcome: Outcome) -> Granted {
    let scopes = outcome.scopes.intersection(&request.scopes);
    Granted {
        client: request.client.clone(),
        subject: outcome.subject,
        claims: outcome.claims.only(&scopes.claims()),
        scopes,
        resources: Vec::new(),
        acr: outcome.acr,
        amr: outcome.amr,
        auth_time: outcome.auth_time,
        session: outcome.session,
        sid: outcome.sid,
        grant: outcome.grant,
        person: outcome.person,
    }
}

fn returned(granted: &Granted, now: Timestamp) -> AuditEvent {
    audit::of_grant(EventKind::ServiceReturned, granted, now)
}
