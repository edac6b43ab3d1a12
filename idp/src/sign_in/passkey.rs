//! Step 4 of a sign-in, from either page: a passkey. From the password's page it says itself whose it
//! is, and is both factors; from the second factor's page it must be the account's.
//!
//! The page carries the challenge, the browser's script puts the answer in the form, and the form is
//! posted like any other. The challenge is sealed for this sign-in and taken once. No password tries
//! shut this door (threat N-58): a signature cannot be guessed.

use axum::extract::{Path, State};
use axum::response::Response;
use guichet_domain::{AccountId, Amr, AuditEvent, EventKind, LoginId, Timestamp};
use guichet_oidc::Browser;
use guichet_store::durable::{AuthenticatorKind, AuthenticatorRecord};
use guichet_web::{Form, PageContext};
use serde::{Deserialize, Serialize};
use webauthn_rs::prelude::Passkey;

use super::SignIn;
use super::record::Loaded;
use crate::Idp;
use crate::audit::about;
use crate::authenticators::passkey::{CeremonyFailed, Challenge, Posted as Answer};
use crate::refusal::{Halt, Refusal};
use crate::respond::see_other;
use crate::sign_in::finish::SignedIn;

/// A passkey of an account answered its challenge, with user verification: only this step can say so.
#[derive(Clone, Debug)]
pub(crate) struct PasskeyAccepted {
    account: AccountId,
    at: Timestamp,
    amr: Vec<Amr>,
}

impl PasskeyAccepted {
    /// Whose.
    pub(crate) fn account(&self) -> AccountId {
        self.account
    }

    /// When.
    pub(crate) fn at(&self) -> Timestamp {
        self.at
    }

    /// What it proves by itself.
    pub(crate) fn amr(&self) -> &[Amr] {
        &self.amr
    }
}

/// What a page needs to offer a passkey.
#[derive(Serialize)]
pub(crate) struct Offer {
    /// For the browser's script.
    options: String,
    csrf: String,
}

impl Idp {
    /// Starts a ceremony for the page of this sign-in's step, which gets the script for it; `None` where there are
    /// no passkeys.
    pub(crate) async fn offer_passkey(
        &self,
        page: PageContext,
        loaded: &Loaded,
    ) -> Result<(PageContext, Option<Offer>), Halt> {
        let offer = self.offer(loaded).await?;
        let page = match offer {
            Some(_) => page.with_script("passkeys.js"),
            None => page,
        };
        Ok((page, offer))
    }

    async fn offer(&self, loaded: &Loaded) -> Result<Option<Offer>, Halt> {
        let Some(passkeys) = &self.passkeys else {
            return Ok(None);
        };
        let (options, challenge) = match &loaded.sign_in {
            SignIn::AwaitingPassword(_) => passkeys.challenge_anyone()?,
            SignIn::AwaitingSecondFactor(waiting) => {
                let known = self.passkeys_of(waiting.account()).await?;
                passkeys.challenge(waiting.account(), &known)?
            }
            SignIn::AwaitingReturn(_) => return Ok(None),
        };
        let sealed = self
            .sealers
            .pending
            .seal_json(&self.ceremony(loaded.id), &challenge)?;
        let expires = self.now().after(self.settings.sign_in_lifetime);
        self.pending
            .put(loaded.sign_in.trip().browser, PENDING, sealed, expires)
            .await?;
        Ok(Some(Offer {
            options,
            csrf: self.form_token(loaded, FORM),
        }))
    }

    /// Every passkey of an account.
    pub(crate) async fn passkeys_of(&self, account: AccountId) -> Result<Vec<Passkey>, Halt> {
        let records = self.authenticators.of(account).await?;
        let passkeys = records
            .iter()
            .filter(|record| record.kind == AuthenticatorKind::Passkey);
        passkeys.map(|record| self.open_passkey(record)).collect()
    }

    fn open_passkey(&self, record: &AuthenticatorRecord) -> Result<Passkey, Halt> {
        Ok(self
            .sealers
            .authenticators
            .open_json(&record.id, &record.sealed)?)
    }

    fn ceremony(&self, id: LoginId) -> Vec<u8> {
        [self.house().as_bytes(), b"/sign-in passkey/", id.as_bytes()].concat()
    }
}

#[derive(Deserialize)]
pub(crate) struct Posted {
    csrf: String,
    /// What the script put there; empty without script.
    #[serde(default)]
    credential: String,
}

/// `POST /sign-in/{id}/passkey`
pub(crate) async fn submit(
    State(idp): State<Idp>,
    Path(id): Path<String>,
    browser: Browser,
    Form(form): Form<Posted>,
) -> Result<Response, Halt> {
    let headers = &browser.headers;
    let posted = (FORM, form.csrf.as_str());
    let loaded = idp.load_posted(&id, headers, posted).await?;
    let checked = check(&idp, &loaded, &form.credential).await?;
    let Loaded { id, sign_in } = loaded;
    let step = sign_in.step();
    let passkey = match checked {
        Ok(passkey) => passkey,
        Err(CeremonyFailed(why)) => {
            tracing::info!(house = idp.house(), why, "a passkey was refused");
            let event = AuditEvent::new(EventKind::FactorRefused, idp.now()).login(id);
            idp.note(event.detail("factor", "passkey"));
            let next = match sign_in {
                SignIn::AwaitingPassword(waiting) => {
                    SignIn::AwaitingPassword(waiting.passkey_refused())
                }
                SignIn::AwaitingSecondFactor(waiting) => {
                    SignIn::AwaitingSecondFactor(waiting.passkey_refused())
                }
                SignIn::AwaitingReturn(_) => return Err(Refusal::OutOfOrder.into()),
            };
            idp.advance_sign_in(id, step, &next).await?;
            return Ok(see_other(&idp.path(&next.path(id))));
        }
    };
    let event = AuditEvent::new(EventKind::FactorAccepted, idp.now()).login(id);
    idp.note(about(event.detail("factor", "passkey"), passkey.account));
    let signed_in = match &sign_in {
        SignIn::AwaitingPassword(_) => SignedIn::by_passkey(&passkey),
        SignIn::AwaitingSecondFactor(waiting) => waiting
            .passkey_accepted(&passkey)
            .map_err(|_| Refusal::SessionLost)?,
        SignIn::AwaitingReturn(_) => return Err(Refusal::OutOfOrder.into()),
    };
    let trip = sign_in.trip().clone();
    idp.answer(id, step, trip, signed_in, &browser).await
}

/// Checks the posted answer against the challenge this sign-in was given, and keeps the passkey's new
/// counter.
async fn check(
    idp: &Idp,
    loaded: &Loaded,
    credential: &str,
) -> Result<Result<PasskeyAccepted, CeremonyFailed>, Halt> {
    let Some(passkeys) = &idp.passkeys else {
        return Err(Refusal::NotFound.into());
    };
    let pending = idp
        .pending
        .take(loaded.sign_in.trip().browser, PENDING)
        .await?;
    let Some(pending) = pending else {
        return Ok(Err(failed("no challenge is open")));
    };
    // The challenge of another sign-in of this browser does not open here.
    let opened = idp
        .sealers
        .pending
        .open_json::<Challenge>(&idp.ceremony(loaded.id), &pending);
    let Ok(challenge) = opened else {
        return Ok(Err(failed("the challenge is another sign-in's")));
    };
    let answer = match Answer::parse(credential) {
        Ok(answer) => answer,
        Err(error) => return Ok(Err(error)),
    };
    let record = idp.authenticators.by_id(answer.credential_id()).await?;
    let Some(record) = record.filter(|record| record.kind == AuthenticatorKind::Passkey) else {
        return Ok(Err(failed("the credential is unknown")));
    };
    let is_theirs = match &challenge {
        Challenge::Anyone(_) => answer.account() == Some(record.account),
        Challenge::Of(account, _) => *account == record.account,
    };
    // An account of the other instance has passkeys in the same store.
    if !is_theirs || idp.account(record.account).await?.is_none() {
        return Ok(Err(failed("the credential is of another account")));
    }
    let answered = match passkeys.check(&answer, challenge, idp.open_passkey(&record)?) {
        Ok(answered) => answered,
        Err(error) => return Ok(Err(error)),
    };
    let now = idp.now();
    let sealed = idp
        .sealers
        .authenticators
        .seal_json(&record.id, &answered.passkey)?;
    idp.authenticators.used(&record.id, sealed, now).await?;
    Ok(Ok(PasskeyAccepted {
        account: record.account,
        at: now,
        amr: answered.amr,
    }))
}

fn failed(why: &str) -> CeremonyFailed {
    CeremonyFailed(why.to_owned())
}

pub(super) const FORM: &str = "passkey";
const PENDING: &str = "idp.sign-in-passkey";
