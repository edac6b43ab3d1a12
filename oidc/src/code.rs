//! Issuing a code: the last thing that happens before the browser goes back to the client.

use std::time::Duration;

use guichet_domain::{Client, EventKind};
use guichet_keys::{HandedOut, HandedOutKind};
use guichet_store::Fault;

use crate::profile::Rules;
use crate::records::{CodeRecord, Granted, seal};
use crate::{AcceptedRequest, Answer, Engine, Outcome, RegisteredRedirect, answer, audit};

/// Issues a code for what `outcome` says of `request`. The code leaves once both its record and the
/// audit entry are written.
pub(crate) async fn issue(
    engine: &Engine,
    client: &Client,
    request: &AcceptedRequest,
    redirect: &RegisteredRedirect,
    outcome: Outcome,
) -> Result<Answer, Fault> {
    let (parts, login) = (engine.parts(), outcome.login);
    let code = HandedOut::fresh(&*parts.entropy, HandedOutKind::Code);
    let record = CodeRecord {
        redirect_uri: redirect.uri.clone(),
        pkce: request.pkce.clone(),
        nonce: request.nonce.clone(),
        dpop_jkt: request.dpop_jkt.clone(),
        granted: Granted::of(engine, request, outcome),
    };
    let now = engine.now();
    let lifetime = engine.settings().code_lifetime;
    let expires = now.after(lifetime.min(Rules::of(client).longest_code));
    // A replay must be noticed for as long as anything the code bought may live.
    let forget = expires
        .after(engine.settings().access_token_lifetime)
        .after(Duration::from_mins(1));
    let sealed = seal(engine.code_sealer(), code.hash(), &record)?;
    let event = audit::of_grant(EventKind::ServiceReturned, &record.granted, now);
    let event = audit::during(event, login);
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
    answer::code(engine, &client.id, redirect, code.text()).await
}
