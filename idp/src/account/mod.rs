//! The account's own pages: home, and the second factors.
//!
//! Looking takes a session. Changing second factors takes a recent sign-in and, where the account has
//! one already, that second factor (threat N-56); each change is recorded before it is made and told
//! to the owner by mail.

pub(crate) mod home;
pub(crate) mod passkey;
pub(crate) mod remove;
pub(crate) mod security;
pub(crate) mod totp;

use std::time::Duration;

use axum::response::Response;
use guichet_domain::{Acr, AuditEvent, BrowserId, EventKind, Timestamp};
use guichet_store::durable::{AuthenticatorKind, AuthenticatorRecord};
use guichet_web::{Locale, Mail, Purpose};
use http::HeaderMap;

use crate::Idp;
use crate::accounts::Account;
use crate::audit::about;
use crate::authenticators::Factors;
use crate::refusal::Halt;
use crate::respond::see_other;
use crate::session::{LiveSession, Session};
use crate::sign_in::Destination;

/// Somebody signed in, looking at their account.
pub(crate) struct Owner {
    pub(crate) live: LiveSession,
    pub(crate) account: Account,
    /// The browser, for forms.
    pub(crate) browser: BrowserId,
}

/// Somebody who may change the account's second factors right now.
pub(crate) struct Changer {
    pub(crate) owner: Owner,
    /// The second factors as they are.
    pub(crate) records: Vec<AuthenticatorRecord>,
}

/// Whether this session may change second factors of an account that has these.
fn may_change(session: &Session, factors: Factors, fresh: Duration, now: Timestamp) -> bool {
    let is_recent = now.since(session.auth_time) < fresh;
    let is_strong = session.acr >= Acr::Eidas2 || !factors.any();
    is_recent && is_strong
}

impl Idp {
    /// Whoever is signed in in this browser.
    pub(crate) async fn owner(&self, headers: &HeaderMap) -> Result<Option<Owner>, Halt> {
        let Some(browser) = self.cookies.browser(headers) else {
            return Ok(None);
        };
        let Some(live) = self.session(headers).await? else {
            return Ok(None);
        };
        let account = self.account(live.session.account).await?;
        Ok(account.map(|account| Owner {
            live,
            account,
            browser,
        }))
    }

    /// Whoever may change second factors, or the answer that leads them to sign in for it and back to
    /// `destination`.
    pub(crate) async fn changer(
        &self,
        headers: &HeaderMap,
        destination: Destination,
    ) -> Result<Result<Changer, Response>, Halt> {
        if !self.has_second_factors() {
            return Err(crate::refusal::Refusal::NotFound.into());
        }
        let Some(owner) = self.owner(headers).await? else {
            return Ok(Err(self.to_sign_in(destination)));
        };
        let records = self.authenticators.of(owner.account.id).await?;
        let factors = Factors::among(&records);
        let allowed = may_change(
            &owner.live.session,
            factors,
            self.settings.fresh,
            self.now(),
        );
        Ok(if allowed {
            Ok(Changer { owner, records })
        } else {
            Err(self.to_sign_in(destination))
        })
    }

    /// To the sign-in, and then to `destination`.
    pub(crate) fn to_sign_in(&self, destination: Destination) -> Response {
        see_other(&self.path(&format!("/sign-in?to={}", destination.as_str())))
    }

    /// The hidden token of a form of the account: for this browser in this session.
    pub(crate) fn account_token(&self, owner: &Owner, form: &'static str) -> String {
        self.csrf.token(
            &owner.browser,
            Purpose::new(form, &owner.live.id.to_string()),
        )
    }

    /// Whether a post is of that form.
    pub(crate) fn check_account_form(
        &self,
        owner: &Owner,
        form: &'static str,
        headers: &HeaderMap,
        token: &str,
    ) -> Result<(), Halt> {
        let session = owner.live.id.to_string();
        let checked = self.csrf.verify(
            headers,
            Some(&owner.browser),
            Purpose::new(form, &session),
            token,
        );
        checked.map_err(|refusal| Halt::from(refusal).on_to(self.path("/account/security")))
    }

    /// Records a change to the account's second factors, before it is made.
    async fn record_change(
        &self,
        event: EventKind,
        owner: &Owner,
        kind: AuthenticatorKind,
    ) -> Result<(), Halt> {
        let event = AuditEvent::new(event, self.now()).session(owner.live.session.root);
        self.record(about(
            event.detail("factor", kind.as_str()),
            owner.account.id,
        ))
        .await
    }

    /// Tells the owner of it by mail, if they have an address.
    async fn mail_change(&self, change: Change, account: &Account, headers: &HeaderMap) {
        let Some(to) = account.identity.email.clone() else {
            return;
        };
        let locale = Locale::negotiate(None, headers);
        let (subject, text) = change.texts();
        let title = self.settings.title.as_str();
        let arguments = [
            ("provider", title),
            ("address", self.settings.issuer.as_str()),
        ];
        let mail = Mail {
            to,
            subject: self.pages.text(locale, subject, &arguments),
            text: self.pages.text(locale, text, &arguments),
        };
        if let Err(error) = self.mailer.send(&mail).await {
            tracing::error!(%error, "a mail was not taken");
        }
    }
}

/// What happened to a second factor.
#[derive(Clone, Copy)]
enum Change {
    Added,
    Removed,
}

impl Change {
    /// Subject and text of the mail.
    fn texts(self) -> (&'static str, &'static str) {
        match self {
            Self::Added => ("idp-mail-added-subject", "idp-mail-added"),
            Self::Removed => ("idp-mail-removed-subject", "idp-mail-removed"),
        }
    }
}

/// The name its owner gives a second factor: a line of at most forty characters, or nothing.
fn label(typed: &str) -> String {
    let line = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars()
        .filter(|character| !character.is_control())
        .take(40)
        .collect()
}

#[cfg(test)]
mod tests {
    use guichet_domain::{AccountId, Amr};

    use super::*;

    const FRESH: Duration = Duration::from_mins(5);
    const TOTP: Factors = Factors {
        totp: true,
        passkeys: false,
    };

    fn session(acr: Acr) -> Session {
        Session {
            root: guichet_domain::SessionId::from_bytes([5; 16]),
            account: AccountId::from_bytes([7; 16]),
            acr,
            amr: vec![Amr::Pwd],
            auth_time: Timestamp::from_seconds(1000),
            expires: Timestamp::from_seconds(9000),
            clients: vec![],
        }
    }

    #[test]
    fn a_sign_in_of_five_minutes_ago_changes_nothing() {
        let session = session(Acr::Eidas2);
        let at = Timestamp::from_seconds;
        assert!(may_change(&session, TOTP, FRESH, at(1299)));
        assert!(!may_change(&session, TOTP, FRESH, at(1300)));
    }

    #[test]
    fn a_password_alone_changes_nothing_once_there_is_a_second_factor() {
        let now = Timestamp::from_seconds(1001);
        assert!(may_change(
            &session(Acr::Eidas1),
            Factors::default(),
            FRESH,
            now
        ));
        assert!(!may_change(&session(Acr::Eidas1), TOTP, FRESH, now));
        assert!(may_change(&session(Acr::Eidas2), TOTP, FRESH, now));
    }

    #[test]
    fn a_label_is_one_short_line() {
        assert_eq!(label("  Mon \n téléphone\u{7} "), "Mon téléphone");
        assert_eq!(label(&"a".repeat(100)).len(), 40);
    }
}
