//! Sign-ins that somebody switched off: citizens read what was written for them, and the service is told to
//! try again later, by the link that leads back to it.

use axum::response::{IntoResponse, Response};
use guichet_domain::OAuthError;
use guichet_domain::switch::SwitchedOff;
use guichet_oidc::{AcceptedRequest, Answer};
use guichet_web::{Locale, PageContext, PageError, date_and_time};
use http::StatusCode;

use crate::hub::Hub;

impl Hub {
    /// A request that comes while sign-ins to its client are off. Where no page may be shown, or nobody looks
    /// at one, the client hears of it at once.
    pub(super) async fn turn_back(
        &self,
        off: &SwitchedOff,
        request: &AcceptedRequest,
        page: &PageContext,
    ) -> Result<Response, PageError> {
        let (error, description) = (OAuthError::TemporarilyUnavailable, DESCRIPTION);
        if request.prompt().none || request.is_deferred() {
            return self.refuse_client(request, error, description, page).await;
        }
        let client = self.parts().engine.client_of(request);
        let mut told = self.switched_off(off);
        if let Some(client) = client {
            told = told.with_service(client.name.clone());
            if let Some(home) = &client.client_uri {
                told = told.with_way_back(home.as_str(), None);
            }
        }
        let refused = self.parts().engine.refuse(request, error, description);
        let answer = refused
            .await
            .map_err(|fault| self.fault("tell a client no", &fault))?;
        if let Answer::Redirect(back) = answer {
            told = told.with_way_back(back.as_str(), None);
        }
        Ok(told.into_response())
    }

    /// The page for whoever would sign in.
    pub(super) fn switched_off(&self, off: &SwitchedOff) -> PageError {
        let told = PageError::new(StatusCode::SERVICE_UNAVAILABLE, "switched-off")
            .with_argument("fr", self.said_of(off, Locale::French))
            .with_argument("en", self.said_of(off, Locale::English));
        match off.until {
            Some(until) if until > self.now() => told.with_retry_after(until.since(self.now())),
            _ => told,
        }
    }

    /// What citizens are told in one language: what was written for them, or a sentence of ours; and when it
    /// is to come back.
    pub(crate) fn said_of(&self, off: &SwitchedOff, locale: Locale) -> String {
        let pages = &self.parts().pages;
        let said = off.message(locale.tag()).map(str::to_owned);
        let said = said.unwrap_or_else(|| pages.text(locale, "switched-off-unsaid", &[]));
        match off.until {
            Some(until) => {
                let time = date_and_time(locale, until.millis());
                let until = pages.text(locale, "switched-off-until", &[("time", &time)]);
                format!("{said} {until}")
            }
            None => said,
        }
    }
}

const DESCRIPTION: &str = "sign-ins are switched off at present: try again later";
