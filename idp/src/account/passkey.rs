//! Adding a passkey: the browser's script makes it and puts it in the form.

use axum::extract::State;
use axum::response::Response;
use guichet_domain::EventKind;
use guichet_store::durable::{AuthenticatorKind, AuthenticatorRecord};
use guichet_web::{Form, PageContext, context};
use http::HeaderMap;
use serde::Deserialize;
use webauthn_rs::prelude::{CredentialID, PasskeyRegistration};

use super::{Change, Changer, label};
use crate::Idp;
use crate::authenticators::passkey::{Owner as KeyOwner, Passkeys};
use crate::refusal::{Halt, Refusal};
use crate::respond::see_other;
use crate::sign_in::Destination;

/// `GET /account/security/passkey`
pub(crate) async fn show(
    State(idp): State<Idp>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, Halt> {
    let passkeys = idp.passkeys.as_ref().ok_or(Refusal::NotFound)?;
    let changer = match idp.changer(&headers, Destination::AddPasskey).await? {
        Ok(changer) => changer,
        Err(answer) => return Ok(answer),
    };
    let options = start(&idp, passkeys, &changer).await?;
    Ok(idp.pages.html(
        &page.with_script("passkeys.js"),
        "idp/add_passkey.html",
        context!(
            action => idp.path(Destination::AddPasskey.path()),
            security => idp.path(Destination::Security.path()),
            csrf => idp.account_token(&changer.owner, FORM),
            options,
        ),
    ))
}

async fn start(idp: &Idp, passkeys: &Passkeys, changer: &Changer) -> Result<String, Halt> {
    let account = &changer.owner.account;
    let known = changer
        .records
        .iter()
        .filter(|record| record.kind == AuthenticatorKind::Passkey);
    let known: Vec<CredentialID> = known.map(|record| record.id.clone()).collect();
    let owner = KeyOwner {
        account: account.id,
        login_name: &account.login_name,
        display_name: &account.display_name(),
    };
    let (options, state) = passkeys.start_registration(&owner, known)?;
    let sealed = idp
        .sealers
        .pending
        .seal_json(&context(idp, changer), &state)?;
    let expires = idp.now().after(idp.settings.sign_in_lifetime);
    idp.pending
        .put(changer.owner.browser, PENDING, sealed, expires)
        .await?;
    Ok(options)
}

#[derive(Deserialize)]
pub(crate) struct Posted {
    csrf: String,
    /// What the script put there; empty without script.
    #[serde(default)]
    credential: String,
    #[serde(default)]
    label: String,
}

/// `POST /account/security/passkey`
pub(crate) async fn submit(
    State(idp): State<Idp>,
    headers: HeaderMap,
    Form(form): Form<Posted>,
) -> Result<Response, Halt> {
    let passkeys = idp.passkeys.as_ref().ok_or(Refusal::NotFound)?;
    let changer = match idp.changer(&headers, Destination::AddPasskey).await? {
        Ok(changer) => changer,
        Err(answer) => return Ok(answer),
    };
    idp.check_account_form(&changer.owner, FORM, &headers, &form.csrf)?;
    let pending = idp.pending.take(changer.owner.browser, PENDING).await?;
    // The registration of another account of this browser does not open here.
    let state = pending.and_then(|sealed| {
        idp.sealers
            .pending
            .open_json::<PasskeyRegistration>(&context(&idp, &changer), &sealed)
            .ok()
    });
    let made = state.map(|state| passkeys.finish_registration(&form.credential, &state));
    let Some(Ok(passkey)) = made else {
        return Ok(see_other(
            &idp.path("/account/security?done=passkey-failed"),
        ));
    };
    let owner = &changer.owner;
    idp.record_change(
        EventKind::AuthenticatorAdded,
        owner,
        AuthenticatorKind::Passkey,
    )
    .await?;
    let id = passkey.cred_id().clone();
    let record = AuthenticatorRecord {
        sealed: idp.sealers.authenticators.seal_json(&id, &passkey)?,
        id,
        account: owner.account.id,
        kind: AuthenticatorKind::Passkey,
        label: label(&form.label),
        added: idp.now(),
        used: None,
    };
    if !idp.authenticators.add(&record).await? {
        return Ok(see_other(
            &idp.path("/account/security?done=passkey-failed"),
        ));
    }
    idp.mail_change(Change::Added, &owner.account, &headers)
        .await;
    Ok(see_other(&idp.path("/account/security?done=passkey-added")))
}

fn context(idp: &Idp, changer: &Changer) -> Vec<u8> {
    [
        idp.house().as_bytes(),
        b"/passkey/",
        changer.owner.account.id.as_bytes(),
    ]
    .concat()
}

const FORM: &str = "add-passkey";
const PENDING: &str = "idp.passkey";
