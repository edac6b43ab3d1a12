//! Signing out: the session here, the tokens that hang off it, the other services, the provider.
//!
//! `sign_out` begins it, for a service or for the person; `end` ends a session whatever the reason;
//! `notices` tells the other services;
//! `from_provider` is where a provider tells us that it signed somebody out;
//! `to_provider` leads on to the providers that signed the person in, one after another;
//! `callback` is where each sends the person back once it has signed them out itself.

pub(crate) mod callback;
mod end;
pub(crate) mod from_provider;
pub(crate) mod notices;
pub(crate) mod sign_out;
mod to_provider;

pub(crate) use end::Ending;
use guichet_domain::{
    AuditEvent, BrowserId, BrowsingId, ClientId, EventKind, ProviderId, RedirectUri, Timestamp,
};
use guichet_oidc::SignOutRequest;
use guichet_web::PageError;
use serde::{Deserialize, Serialize};

use crate::hub::Hub;
use crate::session::SignedInAt;

/// What is kept of a sign-out while the person answers a question or is at the provider.
#[derive(Serialize, Deserialize)]
pub(crate) struct UnderWay {
    client: Option<ClientId>,
    return_to: Option<RedirectUri>,
    state: Option<String>,
    /// What the provider must send back; empty while the person answers our own question.
    returning: String,
    /// The providers that come after the one they are at.
    #[serde(default)]
    ahead: Vec<SignedInAt>,
    /// Those that did not answer.
    #[serde(default)]
    missed: Vec<ProviderId>,
    /// The code of the visit that ends.
    #[serde(default)]
    browsing: Option<BrowsingId>,
}

impl UnderWay {
    /// Of a request that may be acted upon.
    pub(crate) fn new(request: SignOutRequest) -> Self {
        Self {
            client: request.client,
            return_to: request.return_to,
            state: request.state,
            returning: String::new(),
            ahead: Vec::new(),
            missed: Vec::new(),
            browsing: None,
        }
    }

    /// The request again, for the engine's answer.
    pub(crate) fn request(self) -> SignOutRequest {
        SignOutRequest {
            client: self.client,
            sid: None,
            return_to: self.return_to,
            state: self.state,
            ui_locales: None,
        }
    }

    fn event(&self, kind: EventKind, now: Timestamp) -> AuditEvent {
        let event = AuditEvent::new(kind, now);
        match &self.client {
            Some(client) => event.client(client),
            None => event,
        }
    }
}

/// The question, and the trip to the provider: each the only one of its kind in a browser.
pub(crate) const QUESTION: &str = "sign-out-question";
pub(crate) const AT_PROVIDER: &str = "sign-out-at-provider";

impl Hub {
    pub(crate) async fn keep_sign_out(
        &self,
        browser: BrowserId,
        name: &'static str,
        under_way: &UnderWay,
    ) -> Result<(), PageError> {
        let parts = self.parts();
        let sealed = self
            .sealers()
            .pending
            .seal_json(&context(browser, name), under_way);
        let sealed = sealed.map_err(|error| self.fault("seal a sign-out", &error))?;
        let expires = self.now().after(parts.settings.login_lifetime);
        let kept = parts.pending.put(browser, name, sealed, expires).await;
        kept.map_err(|fault| self.fault("keep a sign-out", &fault))
    }

    /// What was kept, once; what does not open is as good as nothing.
    pub(crate) async fn take_sign_out(
        &self,
        browser: BrowserId,
        name: &'static str,
    ) -> Result<Option<UnderWay>, PageError> {
        let taken = self.parts().pending.take(browser, name).await;
        let taken = taken.map_err(|fault| self.fault("take a sign-out", &fault))?;
        Ok(taken.and_then(|sealed| {
            self.sealers()
                .pending
                .open_json(&context(browser, name), &sealed)
                .ok()
        }))
    }
}

fn context(browser: BrowserId, name: &'static str) -> Vec<u8> {
    [browser.as_bytes(), name.as_bytes()].concat()
}
