//! `GET /account/security`: the second factors of the account, and where to add and remove them.

use axum::extract::State;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::Acr;
use guichet_store::durable::AuthenticatorRecord;
use guichet_web::{PageContext, Query, Value, context};
use http::HeaderMap;
use serde::Deserialize;

use crate::Idp;
use crate::refusal::Halt;
use crate::sign_in::Destination;

#[derive(Deserialize)]
pub(crate) struct Said {
    /// What was just done: one of the words below, or nothing is said.
    #[serde(default)]
    done: String,
}

/// `GET /account/security`
pub(crate) async fn show(
    State(idp): State<Idp>,
    page: PageContext,
    headers: HeaderMap,
    Query(said): Query<Said>,
) -> Result<Response, Halt> {
    let Some(owner) = idp.owner(&headers).await? else {
        return Ok(idp.to_sign_in(Destination::Security));
    };
    let records = if idp.has_second_factors() {
        idp.authenticators.of(owner.account.id).await?
    } else {
        Vec::new()
    };
    let done = DONE
        .iter()
        .find(|(word, _)| *word == said.done)
        .map(|(_, text)| *text);
    Ok(idp.pages.html(
        &page,
        "idp/security.html",
        context!(
            name => owner.account.display_name(),
            login => &owner.account.login_name,
            strong => owner.live.session.acr >= Acr::Eidas2,
            second_factors => idp.has_second_factors(),
            passkeys => idp.passkeys.is_some(),
            authenticators => records.iter().map(|record| line(&idp, record)).collect::<Vec<_>>(),
            add_totp => idp.path(Destination::AddTotp.path()),
            add_passkey => idp.path(Destination::AddPasskey.path()),
            home => idp.path("/"),
            sign_out => idp.path("/sign-out"),
            sign_out_csrf => idp.account_token(&owner, crate::sign_out::FORM),
            done,
        ),
    ))
}

/// What the page says of one second factor.
fn line(idp: &Idp, record: &AuthenticatorRecord) -> Value {
    context!(
        kind => record.kind.as_str(),
        label => &record.label,
        added => record.added.millis(),
        used => record.used.map(guichet_domain::Timestamp::millis),
        remove => idp.path(&format!("/account/security/{}/remove", name(&record.id))),
        id => name(&record.id),
    )
}

/// An authenticator's identifier as a path has it.
pub(crate) fn name(id: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(id)
}

/// What may be said to have been done, and the text that says it.
const DONE: [(&str, &str); 4] = [
    ("totp-added", "idp-done-totp-added"),
    ("passkey-added", "idp-done-passkey-added"),
    ("passkey-failed", "idp-done-passkey-failed"),
    ("removed", "idp-done-removed"),
];
