//! How the hub tells what became of a request: to its client, or to the person who is in the middle of it.

use axum::response::Response;
use guichet_domain::OAuthError;
use guichet_oidc::{AcceptedRequest, Answer, FormPost, HousePage};
use guichet_web::{PageContext, PageError};

use crate::hub::Hub;
use crate::login::Login;
use crate::login::refusal::{Refusal, Told};

impl Hub {
    /// Carries out a refusal: audits it, then tells whoever it says.
    pub(crate) async fn refuse(
        &self,
        login: &Login,
        refusal: Refusal,
        page: &PageContext,
    ) -> Result<Response, PageError> {
        match refusal.told {
            Told::Client(error, description) => {
                self.close_login(login).await?;
                self.append(*refusal.event).await?;
                let request = &login.trip().request;
                self.refuse_client(request, error, description, page).await
            }
            Told::Person(status, text) => {
                self.note(*refusal.event);
                let label = self.parts().pages.text(page.locale, "continue-login", &[]);
                let told = self.named(PageError::new(status, text), login.trip());
                Err(told.with_way_back(self.step_path(login), Some(label)))
            }
        }
    }

    /// Carries out a refusal of a request that became no login.
    pub(crate) async fn refuse_at_entry(
        &self,
        request: &AcceptedRequest,
        refusal: Refusal,
        page: &PageContext,
    ) -> Result<Response, PageError> {
        self.append(*refusal.event).await?;
        match refusal.told {
            Told::Client(error, description) => {
                self.refuse_client(request, error, description, page).await
            }
            Told::Person(status, text) => Err(PageError::new(status, text)),
        }
    }

    /// Tells the client of a request no.
    pub(crate) async fn refuse_client(
        &self,
        request: &AcceptedRequest,
        error: OAuthError,
        description: &'static str,
        page: &PageContext,
    ) -> Result<Response, PageError> {
        self.announce(request).await?;
        let refused = self
            .parts()
            .engine
            .refuse(request, error, description)
            .await;
        let answer = refused.map_err(|fault| self.fault("tell a client no", &fault))?;
        Ok(self.answer(answer, page))
    }

    /// What the browser gets for an answer to a client.
    pub(crate) fn answer(&self, answer: Answer, page: &PageContext) -> Response {
        match answer.redirected() {
            Ok(response) => response,
            Err(HousePage::Form(form)) => self.post_form_page(&form, page),
            Err(HousePage::Settled(settled)) => self.settled_page(&settled, page),
        }
    }

    pub(crate) fn post_form_page(&self, form: &FormPost, page: &PageContext) -> Response {
        let fields: Vec<(&str, &str)> = form
            .fields
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        self.parts().pages.form_post(page, &form.action, &fields)
    }
}
