//! The hub as a house of the engine: what the engine asks of it, and the room that answers each.

use async_trait::async_trait;
use axum::response::{IntoResponse, Response};
use guichet_domain::{
    AuditEvent, Client, EventKind, IdentityClaims, OAuthError, PersonId, ProviderId, Sector,
    SessionId, SubjectIdentifier,
};
use guichet_keys::SubjectNamespace;
use guichet_oidc::{
    AcceptedRequest, Browser, FormPost, House, PageRefusal, Settled, SignOutRequest,
};
use guichet_store::Fault;
use guichet_web::{PageContext, PageError};
use http::StatusCode;

use crate::hub::{Hub, Shown};
use crate::login::authorize;
use crate::logout::sign_out;

#[async_trait]
impl House for Hub {
    async fn sign_in(&self, request: AcceptedRequest, browser: Browser) -> Response {
        authorize::sign_in(self, request, &browser).await
    }

    async fn sign_out(&self, request: SignOutRequest, browser: Browser) -> Response {
        sign_out::sign_out(self, request, &browser).await
    }

    async fn refuse(&self, refusal: PageRefusal, _browser: Browser) -> Response {
        let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::BAD_REQUEST);
        let text = if status.is_server_error() {
            "error-internal"
        } else {
            "request-refused"
        };
        let mut page = PageError::new(status, text);
        if !status.is_server_error() {
            page = page
                .with_argument("code", refusal.error.as_str())
                .with_argument("description", refusal.description);
        }
        let event = AuditEvent::new(EventKind::ErrorShown, self.now());
        let event = event.detail("error", refusal.error);
        page = match refusal.client.clone() {
            Some(client) => {
                let event = event.client(&client);
                let sort = Shown::Refused(client, refusal.error.as_str());
                self.referenced_at_times(sort, page, event)
            }
            None if refusal.error == OAuthError::ServerError => self.referenced(page, event),
            // Anybody could fill the audit log with what concerns nobody.
            None => page,
        };
        let client = refusal
            .client
            .and_then(|id| self.parts().clients.client(id.as_str()));
        if let Some(client) = client.filter(|client| client.active) {
            page = page.with_service(client.name.clone());
            if let Some(home) = &client.client_uri {
                page = page.with_way_back(home.as_str(), None);
            }
        }
        page.into_response()
    }

    async fn post_form(&self, form: FormPost, browser: Browser) -> Response {
        let page = PageContext::of_request(&browser.method, &browser.uri, &browser.headers);
        self.post_form_page(&form, &page)
    }

    async fn decline(&self, request: AcceptedRequest, browser: Browser) -> Response {
        let page = PageContext::of_request(&browser.method, &browser.uri, &browser.headers);
        let (error, description) = (OAuthError::AccessDenied, "the person refused");
        self.refuse_client(&request, error, description, &page)
            .await
            .unwrap_or_else(IntoResponse::into_response)
    }

    async fn settled(&self, settled: Settled, browser: Browser) -> Response {
        let page = PageContext::of_request(&browser.method, &browser.uri, &browser.headers);
        self.settled_page(&settled, &page)
    }

    async fn person(
        &self,
        client: &Client,
        subject: &SubjectIdentifier,
    ) -> Result<Option<PersonId>, Fault> {
        let subjects = &self.parts().subjects;
        subjects.person(&client.sector, subject).await
    }

    /// The hub knows civil identities for as long as a session lives, and not a moment longer.
    async fn identity_of(
        &self,
        session: SessionId,
        person: Option<PersonId>,
    ) -> Result<Option<IdentityClaims>, Fault> {
        let known = self.identity_in(session).await?;
        let is_theirs = |known: &(PersonId, IdentityClaims)| Some(known.0) == person;
        Ok(known.filter(is_theirs).map(|known| known.1))
    }

    async fn still_speaks(&self, person: PersonId, provider: &ProviderId) -> Result<bool, Fault> {
        let choices = self.known_choices(person).await?.counting();
        Ok(choices.closed(provider).is_none())
    }

    async fn subject_in(
        &self,
        sector: &Sector,
        person: PersonId,
    ) -> Result<Option<SubjectIdentifier>, Fault> {
        let namespace = SubjectNamespace::Service;
        self.name_in(sector, namespace, person).await.map(Some)
    }
}
