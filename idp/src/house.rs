//! The seam with the engine: what it asks of whoever signs people in.

use async_trait::async_trait;
use axum::response::{IntoResponse, Response};
use guichet_domain::{Client, IdentityClaims, PersonId, Sector, SessionId, SubjectIdentifier};
use guichet_oidc::{
    AcceptedRequest, Browser, FormPost, House, PageRefusal, Settled, SignOutRequest,
};
use guichet_store::Fault;
use guichet_web::{PageContext, PageError};
use http::StatusCode;

use crate::Idp;
use crate::sign_in::authorize;

#[async_trait]
impl House for Idp {
    async fn sign_in(&self, request: AcceptedRequest, browser: Browser) -> Response {
        authorize::enter(self, request, &browser)
            .await
            .unwrap_or_else(IntoResponse::into_response)
    }

    async fn sign_out(&self, request: SignOutRequest, browser: Browser) -> Response {
        crate::sign_out::asked_by_client(self, &request, &browser)
            .await
            .unwrap_or_else(IntoResponse::into_response)
    }

    async fn refuse(&self, refusal: PageRefusal, _: Browser) -> Response {
        let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::BAD_REQUEST);
        if status.is_server_error() {
            return PageError::new(status, "error-unavailable").into_response();
        }
        let page = PageError::new(status, "idp-request-refused")
            .with_argument("error", refusal.error.as_str())
            .with_argument("description", refusal.description);
        let client = refusal
            .client
            .and_then(|id| self.clients.client(id.as_str()));
        match client.filter(|client| client.active) {
            Some(client) => {
                let page = page.with_service(client.name.clone());
                match &client.client_uri {
                    Some(home) => page.with_way_back(home.as_str(), None).into_response(),
                    None => page.into_response(),
                }
            }
            None => page.into_response(),
        }
    }

    async fn post_form(&self, form: FormPost, browser: Browser) -> Response {
        let page = PageContext::of_request(&browser.method, &browser.uri, &browser.headers);
        self.form_page(&form, &page)
    }

    /// Never asked: this provider has no deferred grants, which are the hub's to offer.
    async fn decline(&self, _: AcceptedRequest, _: Browser) -> Response {
        PageError::new(StatusCode::NOT_FOUND, "error-not-found").into_response()
    }

    /// Never asked either.
    async fn settled(&self, _: Settled, _: Browser) -> Response {
        PageError::new(StatusCode::NOT_FOUND, "error-not-found").into_response()
    }

    /// The one client here is the hub, which signs people in anew and refreshes nothing.
    async fn identity_of(
        &self,
        _: SessionId,
        _: Option<PersonId>,
    ) -> Result<Option<IdentityClaims>, Fault> {
        Ok(Some(IdentityClaims::default()))
    }

    async fn subject_in(
        &self,
        _: &Sector,
        _: PersonId,
    ) -> Result<Option<SubjectIdentifier>, Fault> {
        Ok(None)
    }

    async fn person(&self, _: &Client, _: &SubjectIdentifier) -> Result<Option<PersonId>, Fault> {
        Ok(None)
    }
}
