//! Step 3 of a sign-in: a second factor, asked for only when the level needs it.
//!
//! Waits in [`AwaitingSecondFactor`], after the password or in a session that began with one. An
//! account without a second factor goes to [`AwaitingReturn`]: nothing can be enrolled on the way, or
//! a stolen password would lift itself (threat N-55). It is enrolled from the account's own pages.

use axum::extract::{Path, State};
use axum::response::Response;
use guichet_domain::{AccountId, AuditEvent, EventKind, Timestamp};
use guichet_keys::sha256_of;
use guichet_oidc::Browser;
use guichet_store::durable::AuthenticatorKind;
use guichet_web::{ClientAddress, Form, PageContext, Serde, context};
use http::HeaderMap;
use serde::{Deserialize, Serialize};

use super::finish::SignedIn;
use super::passkey::PasskeyAccepted;
use super::password::PasswordAccepted;
use super::record::Loaded;
use super::{SignIn, Trip};
use crate::Idp;
use crate::accounts::{Account, throttle_key};
use crate::audit::about;
use crate::authenticators::Factors;
use crate::authenticators::totp::{TotpState, step_ends};
use crate::refusal::{Halt, Refusal};
use crate::respond::see_other;
use crate::throttle::{Door, Gate, Try};

/// The second factor's page is, or was, shown.
#[derive(Serialize, Deserialize)]
pub(crate) struct AwaitingSecondFactor {
    trip: Trip,
    password: PasswordAccepted,
    factors: Factors,
    last: LastTry,
}

/// The page that says there is no second factor is, or was, shown. Only back leads on.
#[derive(Serialize, Deserialize)]
pub(crate) struct AwaitingReturn {
    trip: Trip,
}

/// What the page says of the try before.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum LastTry {
    None,
    CodeRefused,
    PasskeyRefused,
}

/// A one-time code of an account was given: only this step can say so.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CodeAccepted {
    account: AccountId,
}

/// The two factors are of two accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AnotherAccount;

impl CodeAccepted {
    /// Whose.
    pub(crate) fn account(self) -> AccountId {
        self.account
    }
}

impl AwaitingSecondFactor {
    /// Nothing was tried yet.
    pub(crate) fn new(trip: Trip, password: PasswordAccepted, factors: Factors) -> Self {
        Self {
            trip,
            password,
            factors,
            last: LastTry::None,
        }
    }

    pub(crate) fn trip(&self) -> &Trip {
        &self.trip
    }

    /// Whose second factor is waited for.
    pub(crate) fn account(&self) -> AccountId {
        self.password.account()
    }

    /// The transition after a wrong code.
    fn code_refused(self) -> Self {
        Self {
            last: LastTry::CodeRefused,
            ..self
        }
    }

    /// The transition after a passkey ceremony that failed.
    pub(crate) fn passkey_refused(self) -> Self {
        Self {
            last: LastTry::PasskeyRefused,
            ..self
        }
    }

    /// The transition after a right code.
    fn code_accepted(&self, code: CodeAccepted) -> Result<SignedIn, AnotherAccount> {
        SignedIn::by_password_and_code(self.password, code)
    }

    /// The transition after a passkey.
    pub(crate) fn passkey_accepted(
        &self,
        passkey: &PasskeyAccepted,
    ) -> Result<SignedIn, AnotherAccount> {
        SignedIn::by_password_and_passkey(self.password, passkey)
    }
}

impl AwaitingReturn {
    pub(crate) fn new(trip: Trip) -> Self {
        Self { trip }
    }

    pub(crate) fn trip(&self) -> &Trip {
        &self.trip
    }
}

/// `GET /sign-in/{id}/code`
pub(crate) async fn show(
    State(idp): State<Idp>,
    Path(id): Path<String>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, Halt> {
    let loaded = idp.load_sign_in(&id, &headers).await?;
    let SignIn::AwaitingSecondFactor(waiting) = &loaded.sign_in else {
        return Err(idp.out_of_order(&loaded));
    };
    let page = idp.page_for(&waiting.trip, page)?;
    let (page, passkey) = if waiting.factors.passkeys {
        idp.offer_passkey(page, &loaded).await?
    } else {
        (page, None)
    };
    Ok(idp.pages.html(
        &page,
        "idp/second_factor.html",
        context!(
            action => idp.path(&format!("/sign-in/{}", loaded.id)),
            csrf => idp.form_token(&loaded, FORM),
            cancel_csrf => idp.form_token(&loaded, super::cancel::FORM),
            totp => waiting.factors.totp,
            code_refused => waiting.last == LastTry::CodeRefused,
            passkey_refused => waiting.last == LastTry::PasskeyRefused,
            passkey => passkey.map(Serde),
        ),
    ))
}

#[derive(Deserialize)]
pub(crate) struct Posted {
    csrf: String,
    code: String,
}

/// `POST /sign-in/{id}/code`
pub(crate) async fn submit(
    State(idp): State<Idp>,
    Path(id): Path<String>,
    address: ClientAddress,
    browser: Browser,
    Form(form): Form<Posted>,
) -> Result<Response, Halt> {
    let headers = &browser.headers;
    let posted = (FORM, form.csrf.as_str());
    let loaded = idp.load_posted(&id, headers, posted).await?;
    if !matches!(loaded.sign_in, SignIn::AwaitingSecondFactor(_)) {
        return Err(idp.out_of_order(&loaded));
    }
    let back = idp.path(&loaded.sign_in.path(loaded.id));
    let Loaded {
        id,
        sign_in: SignIn::AwaitingSecondFactor(waiting),
    } = loaded
    else {
        return Err(Halt::session_lost());
    };
    let account = idp
        .account(waiting.account())
        .await?
        .ok_or(Refusal::SessionLost)?;
    let checked = check(&idp, &account, &form.code, address, headers).await;
    let Some(code) = checked.map_err(|halt| halt.on_to(back))? else {
        let event = AuditEvent::new(EventKind::FactorRefused, idp.now()).login(id);
        idp.note(about(event.detail("factor", "totp"), account.id));
        let next = SignIn::AwaitingSecondFactor(waiting.code_refused());
        idp.advance_sign_in(id, "second_factor", &next).await?;
        return Ok(see_other(&idp.path(&next.path(id))));
    };
    let event = AuditEvent::new(EventKind::FactorAccepted, idp.now()).login(id);
    idp.note(about(event.detail("factor", "totp"), account.id));
    let signed_in = waiting
        .code_accepted(code)
        .map_err(|AnotherAccount| Refusal::SessionLost)?;
    idp.answer(id, "second_factor", waiting.trip, signed_in, &browser)
        .await
}

/// `GET /sign-in/{id}/no-second-factor`
pub(crate) async fn show_none(
    State(idp): State<Idp>,
    Path(id): Path<String>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, Halt> {
    let loaded = idp.load_sign_in(&id, &headers).await?;
    let SignIn::AwaitingReturn(waiting) = &loaded.sign_in else {
        return Err(idp.out_of_order(&loaded));
    };
    let page = idp.page_for(&waiting.trip, page)?;
    Ok(idp.pages.html(
        &page,
        "idp/no_second_factor.html",
        context!(
            action => idp.path(&format!("/sign-in/{}", loaded.id)),
            cancel_csrf => idp.form_token(&loaded, super::cancel::FORM),
            security => idp.path("/account/security"),
        ),
    ))
}

/// Whether the code is one of the account's: counted at the same gate as passwords, then checked,
/// then used up.
async fn check(
    idp: &Idp,
    account: &Account,
    code: &str,
    address: ClientAddress,
    headers: &HeaderMap,
) -> Result<Option<CodeAccepted>, Halt> {
    let key = throttle_key(idp.house(), &account.login_name);
    let trier = idp.known_browsers.trier(&idp.cookies, headers, &key);
    let attempt = Try {
        door: Door::Code,
        account: key,
        trier,
        address: address.throttle_key(),
    };
    let ticket = match idp.throttle.enter(&attempt, idp.now()).await? {
        Gate::Open(ticket) => ticket,
        Gate::Shut(wait) => return Err(Refusal::TooMany(wait).into()),
    };
    if !idp.use_code(account.id, code, idp.now()).await? {
        return Ok(None);
    }
    idp.throttle.succeeded(ticket).await?;
    Ok(Some(CodeAccepted {
        account: account.id,
    }))
}

impl Idp {
    /// Uses up a code of one of the account's applications; `false` when it is none, or was used.
    async fn use_code(&self, account: AccountId, code: &str, now: Timestamp) -> Result<bool, Halt> {
        for record in self.authenticators.of(account).await? {
            if record.kind != AuthenticatorKind::Totp {
                continue;
            }
            let sealer = &self.sealers.authenticators;
            let mut state: TotpState = sealer.open_json(&record.id, &record.sealed)?;
            let Some(step) = state.check(code, now) else {
                continue;
            };
            let what = sha256_of(&[&record.id, &step.to_be_bytes()]);
            // The guard settles a race; the record, which lasts, refuses the step after a restart.
            if !self
                .replay
                .first_use("idp.totp", &what, step_ends(step))
                .await?
            {
                continue;
            }
            state.last_step = step;
            let advanced = sealer.seal_json(&record.id, &state)?;
            self.authenticators.used(&record.id, advanced, now).await?;
            return Ok(true);
        }
        Ok(false)
    }
}

const FORM: &str = "code";

#[cfg(test)]
mod tests {
    use guichet_domain::{Acr, Amr, BrowserId};

    use super::*;
    use crate::session::Session;
    use crate::sign_in::{Destination, Errand};

    fn password_of(account: AccountId) -> PasswordAccepted {
        let session = Session {
            root: guichet_domain::SessionId::from_bytes([5; 16]),
            account,
            acr: Acr::Eidas1,
            amr: vec![Amr::Pwd],
            auth_time: Timestamp::from_seconds(10),
            expires: Timestamp::from_seconds(20),
            clients: vec![],
        };
        PasswordAccepted::in_session(&session).unwrap()
    }

    fn waiting(account: AccountId) -> AwaitingSecondFactor {
        let browser = BrowserId::from_bytes([1; 16]);
        let trip = Trip {
            browser,
            errand: Errand::Account(Destination::Security),
        };
        let factors = Factors {
            totp: true,
            passkeys: false,
        };
        AwaitingSecondFactor::new(trip, password_of(account), factors)
    }

    #[test]
    fn a_code_lifts_the_sign_in_and_the_password_keeps_its_time() {
        let account = AccountId::from_bytes([7; 16]);
        let signed_in = waiting(account)
            .code_accepted(CodeAccepted { account })
            .unwrap();
        assert_eq!(signed_in.acr(), Acr::Eidas2);
        assert_eq!(signed_in.amr(), [Amr::Pwd, Amr::Otp, Amr::Mfa]);
        assert_eq!(signed_in.auth_time(), Timestamp::from_seconds(10));
    }

    #[test]
    fn the_code_of_another_account_lifts_nothing() {
        let (mine, theirs) = (
            AccountId::from_bytes([7; 16]),
            AccountId::from_bytes([8; 16]),
        );
        let refused = waiting(mine).code_accepted(CodeAccepted { account: theirs });
        assert_eq!(refused.err(), Some(AnotherAccount));
    }
}
