//! What a house calls: a person granted or refused, signed out, taken back from.

use std::sync::Arc;
use std::time::Duration;

use guichet_domain::{
    AuditEvent, Client, ClientId, EventKind, GrantId, OAuthError, PersonId, SessionId, Timestamp,
};
use guichet_store::Fault;
use url::Url;

use super::Engine;
use crate::refusal::Refusal;
use crate::{
    AcceptedRequest, Answer, Destination, LogoutNotice, Outcome, SignOutRequest, ToTell, answer,
    code, deferred, logout, pushed,
};

impl Engine {
    /// The issuer.
    pub fn issuer(&self) -> &str {
        &self.inner.parts.settings.issuer
    }

    /// The active client that made this request; `None` when it was disabled or removed since, or has
    /// the way of its answer registered no longer (threat N-07). Then show a page: nobody may be sent
    /// back.
    pub fn client_of(&self, request: &AcceptedRequest) -> Option<Arc<Client>> {
        let client = self.active_client(request.client.as_str())?;
        let is_registered = match &request.destination {
            Destination::Redirect(redirect) => client.redirect_uri(&redirect.uri).is_some(),
            Destination::Deferred(grant) => client.may_use(grant.kind.grant_type()),
        };
        is_registered.then_some(client)
    }

    /// The person signed in and agreed: issues the code, or settles the deferred grant. Returns once
    /// the audit entry (`service.returned`, `deferred.approved`) is durable.
    ///
    /// The engine does not take the house's word for what the request itself settled: scopes and
    /// claims that were not asked for are left out, and a person other than the one a hint named, or a
    /// level below the one required, becomes a refusal. A client that is gone is a fault: ask
    /// [`client_of`](Self::client_of) first.
    pub async fn grant(
        &self,
        request: &AcceptedRequest,
        outcome: Outcome,
    ) -> Result<Answer, Fault> {
        let client = self
            .client_of(request)
            .ok_or(Fault::bare("the client went while the person signed in"))?;
        if let Some(refusal) = contradiction(request, &outcome) {
            self.note(
                AuditEvent::new(EventKind::LoginRefused, self.now())
                    .client(&request.client)
                    .session(outcome.session)
                    .detail("error", refusal.error)
                    .detail("reason", refusal.reason),
            );
            return self
                .refuse(request, refusal.error, refusal.description)
                .await;
        }
        if let Err(refusal) = self.is_on(&request.client) {
            return self
                .refuse(request, refusal.error, refusal.description)
                .await;
        }
        if !self.admits(outcome.person, self.now()).await? {
            let description = "the person cannot be signed in at present";
            return self
                .refuse(request, OAuthError::AccessDenied, description)
                .await;
        }
        if let Some(reference) = &request.pushed
            && !pushed::answered_first(self, reference).await?
        {
            let description = "request_uri was answered before";
            return self
                .refuse(request, OAuthError::InvalidRequestUri, description)
                .await;
        }
        match &request.destination {
            Destination::Redirect(redirect) => {
                code::issue(self, &client, request, redirect, outcome).await
            }
            Destination::Deferred(grant) => deferred::approve(self, request, grant, outcome).await,
        }
    }

    /// The answer that tells the client no. `description` is fixed in the code. A request that was
    /// pushed is answered with it, and opens nothing any more.
    pub async fn refuse(
        &self,
        request: &AcceptedRequest,
        error: OAuthError,
        description: &'static str,
    ) -> Result<Answer, Fault> {
        if let Some(reference) = &request.pushed {
            pushed::answered_first(self, reference).await?;
        }
        match &request.destination {
            Destination::Redirect(redirect) => {
                answer::refusal(self, &request.client, redirect, error, description).await
            }
            Destination::Deferred(grant) => deferred::deny(self, request, grant, error).await,
        }
    }

    /// The answer after a sign-out, when the client may get the browser back.
    pub fn signed_out(&self, request: &SignOutRequest) -> Option<Answer> {
        let return_to = request.return_to.as_ref()?;
        let client = self.active_client(request.client.as_ref()?.as_str())?;
        client.post_logout_redirect_uri(return_to.as_str())?;
        let mut target = Url::parse(return_to.as_str()).ok()?;
        if let Some(state) = &request.state {
            target.query_pairs_mut().append_pair("state", state);
        }
        answer::without_inherited_fragment(&mut target);
        Some(Answer::Redirect(target))
    }

    /// Kills every code and token of a session, at once and everywhere; refresh tokens too, but for
    /// those of grants that were made to outlive it (`offline_access`).
    pub async fn end_session(&self, session: SessionId) -> Result<(), Fault> {
        let until = self.nothing_issued_now_lives_beyond();
        let parts = self.parts();
        // The mark first: a family that begins from here on asks for it before it counts.
        parts.access_tokens.revoke_session(session, until).await?;
        parts.refresh.revoke_of_session(session).await?;
        Ok(())
    }

    /// Takes back what one grant gave: its refresh tokens, and every access token that hangs off it.
    pub async fn revoke_grant(&self, grant: GrantId) -> Result<(), Fault> {
        let until = self.nothing_issued_now_lives_beyond();
        let parts = self.parts();
        // First what could make new ones.
        parts.refresh.revoke(grant, self.now()).await?;
        parts.access_tokens.revoke_grant(grant, until).await
    }

    /// Takes back every refresh token of a person at a client; how many families there were. Access
    /// tokens hang off their grants: [`revoke_grant`](Self::revoke_grant) each that is known besides.
    pub async fn revoke_of(&self, person: PersonId, client: &ClientId) -> Result<u64, Fault> {
        self.parts().refresh.revoke_of(person, client).await
    }

    /// How long a grant with `offline_access` may go on.
    pub fn offline_lifetime(&self) -> Duration {
        self.settings().tokens.refresh_lifetime
    }

    /// When the last code or token that ends with a session of now is over.
    pub fn tokens_end(&self) -> Timestamp {
        let session = self.now().after(self.settings().tokens.session_lifetime);
        self.nothing_issued_now_lives_beyond().max(session)
    }

    /// A logout token for `client`, when it registered a back-channel logout URI.
    pub fn logout_notice(
        &self,
        client: &Client,
        to: &ToTell,
    ) -> Result<Option<LogoutNotice>, Fault> {
        logout::notice(self, client, to)
    }

    /// What the browser is to load at the end of a session that `client` knows as `sid`, when that
    /// client is active and asked for it.
    pub fn front_channel_address(&self, client: &ClientId, sid: &str) -> Option<Url> {
        let client = self.active_client(client.as_str())?;
        logout::front_channel_address(self, &client, sid)
    }
}

/// Where the outcome contradicts what the request settled. A house looks at these first, with pages
/// to do something about them; what reaches this point would be a mistake sent to a client.
fn contradiction(request: &AcceptedRequest, outcome: &Outcome) -> Option<Refusal> {
    let is_somebody_else = request
        .hinted_subject
        .as_ref()
        .is_some_and(|hinted| *hinted != outcome.subject);
    if is_somebody_else {
        return Some(Refusal::new(
            OAuthError::LoginRequired,
            "the person signed in is not the one the request names",
        ));
    }
    (!outcome.acr.satisfies(request.acr.required)).then_some(Refusal::new(
        OAuthError::UnmetAuthenticationRequirements,
        "the level asked for was not reached",
    ))
}
