//! Which address a service is told: the person's own, or one that stands for it at this service alone.

use axum::response::Response;
use guichet_store::Fault;
use guichet_web::PageError;
use http::HeaderMap;

use super::AwaitingConsent;
use crate::hub::Hub;
use crate::login::Login;
use crate::ways::{Given, VerifiedAddress};

/// What a page may say of the address that a service would receive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// It is the person's own, and may be another.
    Own,
    /// It stands for theirs.
    Alias,
}

impl Told {
    /// The end of a text's name.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Alias => "alias",
        }
    }
}

impl AwaitingConsent {
    /// Which address the service would receive; `None` where it receives none, or nothing stands for one here.
    pub(super) fn told(&self, hub: &Hub) -> Option<Told> {
        let address = self.claims.email.as_deref()?;
        hub.lends_aliases().then(|| {
            if hub.is_alias(address) {
                Told::Alias
            } else {
                Told::Own
            }
        })
    }

    fn with_address(mut self, address: String, verified: Option<bool>) -> Self {
        if self.claims.email_verified.is_some() {
            self.claims.email_verified = verified;
        }
        self.claims.email = Some(address);
        self
    }
}

impl Hub {
    /// With the alias in place of the person's address, where they wanted that at this service before.
    pub(crate) async fn with_alias(&self, login: Login) -> Result<Login, PageError> {
        let with = async |waiting: AwaitingConsent| -> Result<AwaitingConsent, Fault> {
            if waiting.claims.email.is_none() {
                return Ok(waiting);
            }
            let client = waiting.trip.request.client();
            let given = self.given_alias(waiting.person, client).await?;
            match given {
                Some(given) => self.telling(waiting, given).await,
                None => Ok(waiting),
            }
        };
        let with: Result<Login, Fault> = async {
            Ok(match login {
                Login::AwaitingConsent(waiting) => Login::AwaitingConsent(with(waiting).await?),
                Login::Consented(mut consented) => {
                    consented.awaited = with(consented.awaited).await?;
                    Login::Consented(consented)
                }
                other => other,
            })
        }
        .await;
        with.map_err(|fault| self.fault("find a mail alias", &fault))
    }

    /// With `given` in place of the address that was stated, which it may lead to once that is agreed to.
    async fn telling(
        &self,
        mut waiting: AwaitingConsent,
        given: Given,
    ) -> Result<AwaitingConsent, Fault> {
        let own = VerifiedAddress::stated(&waiting.claims);
        waiting.leads_to = self.to_be_led(&waiting, own, &given).await?;
        Ok(waiting.with_address(given.alias, Some(given.verified)))
    }

    /// The person wants the service to know an alias: the page says so, and what it shows is what is sent.
    pub(super) async fn tell_alias(&self, waiting: AwaitingConsent) -> Result<Response, PageError> {
        let own = waiting.claims.email.clone();
        let Some(own) = own.filter(|own| !self.is_alias(own)) else {
            return Ok(self.onward(&Login::AwaitingConsent(waiting)));
        };
        let told = async {
            let is_verified = waiting.claims.email_verified == Some(true);
            let client = waiting.trip.request.client();
            let given = self.alias_for(&own, is_verified, waiting.person, client);
            let given = given.await?;
            match given {
                Some(given) => self.telling(waiting, given).await,
                None => Ok(waiting),
            }
        };
        let next: Result<_, Fault> = told.await;
        let next = next.map_err(|fault| self.fault("make a mail alias", &fault))?;
        self.shown_anew(next).await
    }

    /// The person wants the service to know their own address after all.
    pub(super) async fn tell_own_address(
        &self,
        waiting: AwaitingConsent,
        headers: &HeaderMap,
    ) -> Result<Response, PageError> {
        let live = self.session_of(&waiting, headers).await?;
        let claims = live.session.claims;
        let Some(own) = claims.email.filter(|_| waiting.claims.email.is_some()) else {
            return Ok(self.onward(&Login::AwaitingConsent(waiting)));
        };
        let client = waiting.trip.request.client().clone();
        let given = self.give_own_address(waiting.person, &client).await;
        given.map_err(|fault| self.fault("set a mail alias aside", &fault))?;
        let mut next = waiting.with_address(own, claims.email_verified);
        next.leads_to = None;
        self.shown_anew(next).await
    }

    async fn shown_anew(&self, waiting: AwaitingConsent) -> Result<Response, PageError> {
        let login = Login::AwaitingConsent(waiting);
        self.advance("awaiting_consent", &login).await?;
        Ok(self.onward(&login))
    }
}
