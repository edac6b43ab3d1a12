//! Step 2 of a sign-in: login name and password, on one page.
//!
//! Waits in [`AwaitingPassword`]; leads to the second factor when the level needs one. An unknown
//! name, a wrong password and a disabled account get the same answer after the same work (threat
//! N-59); tries are counted before that work (N-57).

use axum::extract::{Path, State};
use axum::response::Response;
use guichet_domain::{AccountId, Acr, Amr, AuditEvent, EventKind, Timestamp};
use guichet_oidc::Browser;
use guichet_store::durable::AccountRecord;
use guichet_web::{ClientAddress, Form, PageContext, Serde, context};
use http::HeaderMap;
use serde::{Deserialize, Serialize};

use super::finish::SignedIn;
use super::record::Loaded;
use super::second_factor::{AwaitingReturn, AwaitingSecondFactor};
use super::{Need, SignIn, Trip};
use crate::Idp;
use crate::accounts::{LoginName, throttle_key};
use crate::audit::about;
use crate::authenticators::Factors;
use crate::password::{Busy, Password, Verdict};
use crate::refusal::{Halt, Refusal};
use crate::respond::see_other;
use crate::session::Session;
use crate::throttle::{Door, Gate, Try};

/// The password page is, or was, shown.
#[derive(Serialize, Deserialize)]
pub(crate) struct AwaitingPassword {
    trip: Trip,
    last: LastTry,
}

/// What the page says of the try before.
#[derive(Serialize, Deserialize)]
enum LastTry {
    /// There was none.
    None,
    /// It was refused; the name as it was typed, so that it need not be typed again.
    Refused { login: String },
    /// A passkey was tried, and failed.
    PasskeyRefused,
}

/// The password of an account was given: only this step can say so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PasswordAccepted {
    account: AccountId,
    at: Timestamp,
}

/// Where a right password leads.
pub(crate) enum Next {
    /// To the second factor.
    SecondFactor(AwaitingSecondFactor),
    /// To a page that says that there is none: the level cannot be reached. The person is signed in
    /// at the level of a password all the same.
    NoSecondFactor(AwaitingReturn, SignedIn),
    /// To the answer.
    SignedIn(SignedIn),
}

impl PasswordAccepted {
    /// Whose.
    pub(crate) fn account(self) -> AccountId {
        self.account
    }

    /// When it was given.
    pub(crate) fn at(self) -> Timestamp {
        self.at
    }

    /// The password that a live session began with, if it did.
    pub(crate) fn in_session(session: &Session) -> Option<Self> {
        let given = session.amr.contains(&Amr::Pwd);
        given.then_some(Self {
            account: session.account,
            at: session.auth_time,
        })
    }
}

impl AwaitingPassword {
    /// Nothing was tried yet.
    pub(crate) fn new(trip: Trip) -> Self {
        Self {
            trip,
            last: LastTry::None,
        }
    }

    pub(crate) fn trip(&self) -> &Trip {
        &self.trip
    }

    /// The transition after a refused try.
    fn refused(self, login: String) -> Self {
        Self {
            last: LastTry::Refused { login },
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

    /// The transition after a right password, of an account with these factors.
    fn accepted(self, password: PasswordAccepted, factors: Factors) -> Next {
        let wants_second = match self.trip.errand.need() {
            Need::Level(level) => level > Acr::Eidas1,
            Need::Strongest => factors.any(),
        };
        if !wants_second {
            Next::SignedIn(SignedIn::by_password(password))
        } else if factors.any() {
            Next::SecondFactor(AwaitingSecondFactor::new(self.trip, password, factors))
        } else {
            Next::NoSecondFactor(
                AwaitingReturn::new(self.trip),
                SignedIn::by_password(password),
            )
        }
    }
}

/// `GET /sign-in/{id}/password`
pub(crate) async fn show(
    State(idp): State<Idp>,
    Path(id): Path<String>,
    page: PageContext,
    headers: HeaderMap,
) -> Result<Response, Halt> {
    let loaded = idp.load_sign_in(&id, &headers).await?;
    let SignIn::AwaitingPassword(waiting) = &loaded.sign_in else {
        return Err(idp.out_of_order(&loaded));
    };
    let page = idp.page_for(&waiting.trip, page)?;
    let (refused, login) = match &waiting.last {
        LastTry::Refused { login } => (true, login.as_str()),
        LastTry::None | LastTry::PasskeyRefused => (false, waiting.hint()),
    };
    let (page, passkey) = idp.offer_passkey(page, &loaded).await?;
    Ok(idp.pages.html(
        &page,
        "idp/password.html",
        context!(
            action => idp.path(&format!("/sign-in/{}", loaded.id)),
            csrf => idp.form_token(&loaded, FORM),
            cancel_csrf => idp.form_token(&loaded, super::cancel::FORM),
            can_cancel => waiting.trip.errand.request().is_some(),
            refused,
            passkey_refused => matches!(waiting.last, LastTry::PasskeyRefused),
            login,
            passkey => passkey.map(Serde),
        ),
    ))
}

impl AwaitingPassword {
    /// What the client believes the login name is; only ever a suggestion in the field.
    fn hint(&self) -> &str {
        let hint = self
            .trip
            .errand
            .request()
            .and_then(|request| request.login_hint());
        hint.filter(|hint| LoginName::fold(hint).is_ok())
            .unwrap_or_default()
    }
}

#[derive(Deserialize)]
pub(crate) struct Posted {
    csrf: String,
    login: String,
    password: String,
}

/// `POST /sign-in/{id}/password`
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
    if !matches!(loaded.sign_in, SignIn::AwaitingPassword(_)) {
        return Err(idp.out_of_order(&loaded));
    }
    let back = idp.path(&loaded.sign_in.path(loaded.id));
    let checked = check(&idp, &form.login, &form.password, address, headers).await;
    let accepted = checked.map_err(|halt| halt.on_to(back))?;
    let Loaded {
        id,
        sign_in: SignIn::AwaitingPassword(waiting),
    } = loaded
    else {
        return Err(Halt::session_lost());
    };
    match accepted {
        None => {
            idp.note(AuditEvent::new(EventKind::SignInRefused, idp.now()).login(id));
            let login: String = form.login.chars().take(LONGEST_SHOWN).collect();
            let next = SignIn::AwaitingPassword(waiting.refused(login));
            idp.advance_sign_in(id, "password", &next).await?;
            Ok(see_other(&idp.path(&next.path(id))))
        }
        Some(password) => {
            let event = AuditEvent::new(EventKind::PasswordAccepted, idp.now()).login(id);
            idp.note(about(event, password.account));
            let trip = waiting.trip.clone();
            let factors = match trip.errand.need() {
                Need::Level(Acr::Eidas1) => Factors::default(),
                _ => idp.factors(password.account).await?,
            };
            match waiting.accepted(password, factors) {
                Next::SignedIn(signed_in) => {
                    idp.answer(id, "password", trip, signed_in, &browser).await
                }
                Next::SecondFactor(next) => {
                    let next = SignIn::AwaitingSecondFactor(next);
                    idp.advance_sign_in(id, "password", &next).await?;
                    Ok(see_other(&idp.path(&next.path(id))))
                }
                Next::NoSecondFactor(next, signed_in) => {
                    let next = SignIn::AwaitingReturn(next);
                    idp.advance_sign_in(id, "password", &next).await?;
                    let (_, cookie) = idp.start_session(&signed_in, None, headers).await?;
                    let response = see_other(&idp.path(&next.path(id)));
                    Ok(crate::respond::with_cookies(response, [cookie]))
                }
            }
        }
    }
}

/// Whether the password is the account's: counted, then looked up, then worked at; the same for a
/// name that nobody has.
async fn check(
    idp: &Idp,
    login: &str,
    password: &str,
    address: ClientAddress,
    headers: &HeaderMap,
) -> Result<Option<PasswordAccepted>, Halt> {
    let account = throttle_key(idp.house(), login);
    let trier = idp.known_browsers.trier(&idp.cookies, headers, &account);
    let attempt = Try {
        door: Door::Password,
        account,
        trier,
        address: address.throttle_key(),
    };
    let ticket = match idp.throttle.enter(&attempt, idp.now()).await? {
        Gate::Open(ticket) => ticket,
        Gate::Shut(wait) => return Err(Refusal::TooMany(wait).into()),
    };
    idp.seeding.over().await;
    let record = match LoginName::fold(login) {
        Ok(name) => {
            idp.accounts
                .by_login_name(idp.house(), name.as_str())
                .await?
        }
        Err(_) => None,
    };
    let active = record.filter(|record| record.active);
    let Some(password) = Password::read(password) else {
        return Ok(None);
    };
    let phc = active.as_ref().map(|record| record.password.clone());
    let verdict = idp
        .passwords
        .verify(password, phc)
        .await
        .map_err(|busy| match busy {
            Busy::Full => Refusal::Busy.into(),
            Busy::Failed => Halt::Broken(busy.to_string()),
        })?;
    let (Some(record), Verdict::Right { rehashed }) = (active, verdict) else {
        return Ok(None);
    };
    renew(idp, &record, rehashed).await;
    idp.throttle.succeeded(ticket).await?;
    Ok(Some(PasswordAccepted {
        account: record.id,
        at: idp.now(),
    }))
}

/// Replaces a hash of older parameters. That it could not be done is no reason to turn the owner away.
async fn renew(idp: &Idp, record: &AccountRecord, rehashed: Option<String>) {
    let Some(hash) = rehashed else { return };
    if let Err(error) = idp
        .accounts
        .replace_password(record.id, &record.password, &hash)
        .await
    {
        tracing::warn!(house = idp.house(), %error, "a password hash was not renewed");
    }
}

const FORM: &str = "password";
/// Characters of a typed login name that are kept to be shown again.
const LONGEST_SHOWN: usize = 64;

#[cfg(test)]
mod tests {
    use guichet_domain::BrowserId;

    use super::*;
    use crate::sign_in::{Destination, Errand};

    const PASSWORD: PasswordAccepted = PasswordAccepted {
        account: AccountId::from_bytes([7; 16]),
        at: Timestamp::from_seconds(10),
    };
    const TOTP: Factors = Factors {
        totp: true,
        passkeys: false,
    };

    fn waiting(destination: Destination) -> AwaitingPassword {
        let browser = BrowserId::from_bytes([1; 16]);
        AwaitingPassword::new(Trip {
            browser,
            errand: Errand::Account(destination),
        })
    }

    #[test]
    fn a_password_is_enough_where_the_level_is_low() {
        let Next::SignedIn(signed_in) = waiting(Destination::Home).accepted(PASSWORD, TOTP) else {
            panic!("a second factor was asked for");
        };
        assert_eq!(
            (signed_in.acr(), signed_in.amr()),
            (Acr::Eidas1, [Amr::Pwd].as_slice())
        );
    }

    #[test]
    fn the_security_page_asks_for_the_second_factor_of_an_account_that_has_one() {
        let next = waiting(Destination::Security).accepted(PASSWORD, TOTP);
        assert!(matches!(next, Next::SecondFactor(_)));
        let next = waiting(Destination::Security).accepted(PASSWORD, Factors::default());
        assert!(matches!(next, Next::SignedIn(_)));
    }

    #[test]
    fn a_refused_try_waits_for_another_and_remembers_the_name_only() {
        let waiting = waiting(Destination::Home).refused("camille".into());
        let text = serde_json::to_string(&waiting).unwrap();
        assert!(text.contains("camille"));
        assert!(matches!(waiting.last, LastTry::Refused { .. }));
    }
}
