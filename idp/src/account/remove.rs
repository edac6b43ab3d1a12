//! Removing a second factor, after a question.

use axum::extract::{Path, State};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::EventKind;
use guichet_store::durable::AuthenticatorRecord;
use guichet_web::{Form, PageContext, Question};
use http::HeaderMap;
use serde::Deserialize;

use super::{Change, Changer};
use crate::Idp;
use crate::refusal::{Halt, Refusal};
use crate::respond::see_other;
use crate::sign_in::Destination;

/// `GET /account/security/{authenticator}/remove`
pub(crate) async fn show(
    State(idp): State<Idp>,
    Path(name): Path<String>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, Halt> {
    let changer = match idp.changer(&headers, Destination::Security).await? {
        Ok(changer) => changer,
        Err(answer) => return Ok(answer),
    };
    let record = find(&changer, &name)?;
    let text = |id: &str| idp.pages.text(page.locale, id, &[("label", &record.label)]);
    let paragraph = match changer.records.len() {
        1 => text("idp-remove-last"),
        _ => text("idp-remove-text"),
    };
    let question = Question {
        title: text(match record.kind.as_str() {
            "passkey" => "idp-remove-passkey",
            _ => "idp-remove-totp",
        }),
        paragraphs: vec![paragraph],
        action: idp.path(&format!(
            "/account/security/{}/remove",
            super::security::name(&record.id)
        )),
        csrf: idp.account_token(&changer.owner, FORM),
        accept: text("idp-remove"),
        refuse: text("idp-keep"),
    };
    Ok(idp.pages.confirm(&page, &question))
}

#[derive(Deserialize)]
pub(crate) struct Posted {
    csrf: String,
    decision: String,
}

/// `POST /account/security/{authenticator}/remove`
pub(crate) async fn submit(
    State(idp): State<Idp>,
    Path(name): Path<String>,
    headers: HeaderMap,
    Form(form): Form<Posted>,
) -> Result<Response, Halt> {
    let changer = match idp.changer(&headers, Destination::Security).await? {
        Ok(changer) => changer,
        Err(answer) => return Ok(answer),
    };
    idp.check_account_form(&changer.owner, FORM, &headers, &form.csrf)?;
    if form.decision != "accept" {
        return Ok(see_other(&idp.path("/account/security")));
    }
    let record = find(&changer, &name)?;
    let owner = &changer.owner;
    idp.record_change(EventKind::AuthenticatorRemoved, owner, record.kind)
        .await?;
    if idp
        .authenticators
        .remove(owner.account.id, &record.id)
        .await?
    {
        idp.mail_change(Change::Removed, &owner.account, &headers)
            .await;
    }
    Ok(see_other(&idp.path("/account/security?done=removed")))
}

/// The account's own second factor of this name; nobody else's.
fn find<'a>(changer: &'a Changer, name: &str) -> Result<&'a AuthenticatorRecord, Halt> {
    let id = URL_SAFE_NO_PAD
        .decode(name)
        .map_err(|_| Refusal::NotFound)?;
    changer
        .records
        .iter()
        .find(|record| record.id == id)
        .ok_or_else(|| Refusal::NotFound.into())
}

const FORM: &str = "remove-authenticator";
