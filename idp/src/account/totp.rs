//! Adding an authenticator application: the secret as a picture and as text, then a code as proof
//! that the application has it. Until then the secret rests with the browser's pending records.

use axum::extract::State;
use axum::response::Response;
use guichet_domain::{AccountId, EventKind};
use guichet_store::durable::AuthenticatorKind;
use guichet_web::{Form, PageContext, Query, Serde, context};
use http::HeaderMap;
use serde::{Deserialize, Serialize};

use super::{Change, Changer, label};
use crate::Idp;
use crate::accounts::AddAccountError;
use crate::authenticators::totp::{QrPath, TotpSecret, TotpState};
use crate::refusal::Halt;
use crate::respond::see_other;
use crate::sign_in::Destination;

/// A secret shown to somebody, not yet theirs.
#[derive(Serialize, Deserialize)]
struct Shown {
    account: AccountId,
    secret: TotpSecret,
}

#[derive(Deserialize)]
pub(crate) struct Said {
    /// `refused` after a wrong code.
    #[serde(default)]
    code: String,
}

/// `GET /account/security/totp`
pub(crate) async fn show(
    State(idp): State<Idp>,
    page: PageContext,
    headers: HeaderMap,
    Query(said): Query<Said>,
) -> Result<Response, Halt> {
    let changer = match idp.changer(&headers, Destination::AddTotp).await? {
        Ok(changer) => changer,
        Err(answer) => return Ok(answer),
    };
    // The same secret after a wrong code or a reload: it may be in the application already.
    let shown = match idp.take_shown(&changer).await? {
        Some(shown) => shown,
        None => Shown {
            account: changer.owner.account.id,
            secret: TotpSecret::random(&*idp.entropy),
        },
    };
    idp.keep_shown(&changer, &shown).await?;
    let uri = shown
        .secret
        .to_uri(&idp.settings.title, &changer.owner.account.login_name);
    Ok(idp.pages.html(
        &page,
        "idp/totp.html",
        context!(
            action => idp.path(Destination::AddTotp.path()),
            security => idp.path(Destination::Security.path()),
            csrf => idp.account_token(&changer.owner, FORM),
            secret => shown.secret.to_groups(),
            qr => uri.as_deref().and_then(QrPath::of).map(Serde),
            uri,
            refused => said.code == "refused",
        ),
    ))
}

#[derive(Deserialize)]
pub(crate) struct Posted {
    csrf: String,
    code: String,
    #[serde(default)]
    label: String,
}

/// `POST /account/security/totp`
pub(crate) async fn submit(
    State(idp): State<Idp>,
    headers: HeaderMap,
    Form(form): Form<Posted>,
) -> Result<Response, Halt> {
    let changer = match idp.changer(&headers, Destination::AddTotp).await? {
        Ok(changer) => changer,
        Err(answer) => return Ok(answer),
    };
    idp.check_account_form(&changer.owner, FORM, &headers, &form.csrf)?;
    let Some(shown) = idp.take_shown(&changer).await? else {
        return Ok(see_other(&idp.path(Destination::AddTotp.path())));
    };
    let state = TotpState::new(shown.secret.clone());
    let Some(step) = state.check(&form.code, idp.now()) else {
        idp.keep_shown(&changer, &shown).await?;
        let again = format!("{}?code=refused", Destination::AddTotp.path());
        return Ok(see_other(&idp.path(&again)));
    };
    let owner = &changer.owner;
    idp.record_change(
        EventKind::AuthenticatorAdded,
        owner,
        AuthenticatorKind::Totp,
    )
    .await?;
    // The code that proved it is used up: it does not sign in as well.
    idp.add_totp(owner.account.id, label(&form.label), shown.secret, step)
        .await
        .map_err(|error| match error {
            AddAccountError::Store(fault) => fault.into(),
            other => Halt::Broken(other.to_string()),
        })?;
    idp.mail_change(Change::Added, &owner.account, &headers)
        .await;
    Ok(see_other(&idp.path("/account/security?done=totp-added")))
}

impl Idp {
    async fn take_shown(&self, changer: &Changer) -> Result<Option<Shown>, Halt> {
        let owner = &changer.owner;
        let Some(sealed) = self.pending.take(owner.browser, PENDING).await? else {
            return Ok(None);
        };
        // Another account's, or the other instance's: it does not open, and is forgotten.
        let shown = self
            .sealers
            .pending
            .open_json::<Shown>(&self.shown_context(changer), &sealed);
        Ok(shown.ok().filter(|shown| shown.account == owner.account.id))
    }

    async fn keep_shown(&self, changer: &Changer, shown: &Shown) -> Result<(), Halt> {
        let sealed = self
            .sealers
            .pending
            .seal_json(&self.shown_context(changer), shown)?;
        let expires = self.now().after(self.settings.sign_in_lifetime);
        Ok(self
            .pending
            .put(changer.owner.browser, PENDING, sealed, expires)
            .await?)
    }

    fn shown_context(&self, changer: &Changer) -> Vec<u8> {
        [
            self.house().as_bytes(),
            b"/totp/",
            changer.owner.account.id.as_bytes(),
        ]
        .concat()
    }
}

const FORM: &str = "add-totp";
const PENDING: &str = "idp.totp";
