//! Step 5, the last of a sign-in: a new session, and the answer to whoever asked.
//!
//! [`SignedIn`] is the proof that somebody signed in: only the proofs of the steps before make one, so
//! its level cannot be claimed, only earned.

use axum::response::Response;
use guichet_domain::{AccountId, Acr, Amr, GrantId, LoginId, OAuthError, Timestamp};
use guichet_oidc::{AcceptedRequest, Browser, Outcome};
use guichet_store::short_lived::Step;

use super::passkey::PasskeyAccepted;
use super::password::PasswordAccepted;
use super::second_factor::{AnotherAccount, CodeAccepted};
use super::{Errand, Trip};
use crate::Idp;
use crate::accounts::{Account, throttle_key};
use crate::refusal::{Halt, Refusal};
use crate::respond::{see_other, with_cookies};
use crate::session::Session;

/// Who signed in, how, and what that is worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SignedIn {
    account: AccountId,
    acr: Acr,
    amr: Vec<Amr>,
    auth_time: Timestamp,
}

impl SignedIn {
    /// By a password: the low level.
    pub(crate) fn by_password(password: PasswordAccepted) -> Self {
        Self {
            account: password.account(),
            acr: Acr::Eidas1,
            amr: vec![Amr::Pwd],
            auth_time: password.at(),
        }
    }

    /// By a password and a code of the same account: substantial.
    pub(crate) fn by_password_and_code(
        password: PasswordAccepted,
        code: CodeAccepted,
    ) -> Result<Self, AnotherAccount> {
        if password.account() != code.account() {
            return Err(AnotherAccount);
        }
        let amr = vec![Amr::Pwd, Amr::Otp, Amr::Mfa];
        Ok(Self {
            acr: Acr::Eidas2,
            amr,
            ..Self::by_password(password)
        })
    }

    /// By a password and a passkey of the same account: substantial.
    pub(crate) fn by_password_and_passkey(
        password: PasswordAccepted,
        passkey: &PasskeyAccepted,
    ) -> Result<Self, AnotherAccount> {
        if password.account() != passkey.account() {
            return Err(AnotherAccount);
        }
        let amr = [&[Amr::Pwd], passkey.amr()].concat();
        Ok(Self {
            acr: Acr::Eidas2,
            amr,
            ..Self::by_password(password)
        })
    }

    /// By a passkey alone, which verified its user: substantial.
    pub(crate) fn by_passkey(passkey: &PasskeyAccepted) -> Self {
        Self {
            account: passkey.account(),
            acr: Acr::Eidas2,
            amr: passkey.amr().to_vec(),
            auth_time: passkey.at(),
        }
    }

    /// Who.
    pub(crate) fn account(&self) -> AccountId {
        self.account
    }

    /// At which level.
    pub(crate) fn acr(&self) -> Acr {
        self.acr
    }

    /// How.
    pub(crate) fn amr(&self) -> &[Amr] {
        &self.amr
    }

    /// When the first factor was given.
    pub(crate) fn auth_time(&self) -> Timestamp {
        self.auth_time
    }
}

impl Idp {
    /// Ends the sign-in, starts the session and answers. Of two posts of one form, one gets here.
    pub(crate) async fn answer(
        &self,
        id: LoginId,
        from: Step,
        trip: Trip,
        signed_in: SignedIn,
        browser: &Browser,
    ) -> Result<Response, Halt> {
        let headers = &browser.headers;
        self.close_sign_in(id, from).await?;
        // Disabled since its password was checked, perhaps (threat N-08).
        let account = self
            .account(signed_in.account())
            .await?
            .ok_or(Refusal::SessionLost)?;
        let name = throttle_key(self.house(), &account.login_name);
        let known = self
            .known_browsers
            .remember(&self.cookies, headers, &name, &*self.entropy);
        let (response, cookie) = match trip.errand {
            Errand::Account(destination) => {
                let (_, cookie) = self.start_session(&signed_in, None, headers).await?;
                (see_other(&self.path(destination.path())), cookie)
            }
            Errand::Client(request) => {
                if request
                    .hinted_subject()
                    .is_some_and(|wanted| wanted.as_str() != account.id.to_string())
                {
                    let description = "somebody else signed in than id_token_hint names";
                    let error = OAuthError::LoginRequired;
                    return Ok(self.refuse(&request, error, description, browser).await);
                }
                let client = self.engine.client_of(&request).ok_or(Refusal::ClientGone)?;
                let (live, cookie) = self
                    .start_session(&signed_in, Some(&client.id), headers)
                    .await?;
                (
                    self.grant(&request, &account, &live.session, browser)
                        .await?,
                    cookie,
                )
            }
        };
        Ok(with_cookies(response, known.into_iter().chain([cookie])))
    }

    /// Tells the engine who is signed in, and sends its answer.
    pub(crate) async fn grant(
        &self,
        request: &AcceptedRequest,
        account: &Account,
        session: &Session,
        browser: &Browser,
    ) -> Result<Response, Halt> {
        let subject = account.id.to_string().parse();
        let outcome = Outcome {
            login: None,
            subject: subject.map_err(|_| Halt::Broken("an account is no subject".into()))?,
            claims: account.identity.only(&request.claims()),
            scopes: request.scopes().clone(),
            acr: session.acr.into(),
            amr: session.amr.clone(),
            auth_time: session.auth_time,
            session: session.root,
            sid: self.sid(session, request.client()),
            grant: GrantId::random(&*self.entropy),
            person: None,
            provider: None,
            details: Vec::new(),
        };
        let answer = self.engine.grant(request, outcome).await?;
        Ok(self.deliver(answer, browser).await)
    }
}
