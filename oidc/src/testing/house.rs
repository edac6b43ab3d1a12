//! A house that signs the same fictional citizen in without asking.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use axum::response::{IntoResponse as _, Response};
use guichet_domain::{
    Acr, Amr, Client, GrantId, IdentityClaims, OAuthError, PersonId, Sector, SessionId,
    SubjectIdentifier,
};
use guichet_store::Fault;
use http::StatusCode;
use serde_json::json;

use super::{NOON, PERSON, SID, SUBJECT};
use crate::{
    AcceptedRequest, Browser, Engine, FormPost, House, Outcome, PageRefusal, Settled,
    SignOutRequest,
};

/// A house without pages. Grants every request with [`TestHouse::outcome`], changed by `change`.
#[derive(Default)]
pub(crate) struct TestHouse {
    pub(super) engine: OnceLock<Engine>,
    pub(crate) asked: Mutex<Vec<AcceptedRequest>>,
    pub(crate) signed_out: Mutex<Vec<SignOutRequest>>,
    pub(crate) change: Mutex<Option<fn(&mut Outcome)>>,
    /// What the next sign-in comes to, instead of [`TestHouse::outcome`].
    pub(crate) next: Mutex<Option<Outcome>>,
    /// Whether the session is over, and the identity forgotten.
    pub(crate) has_forgotten: AtomicBool,
}

impl TestHouse {
    pub(crate) fn outcome() -> Outcome {
        Outcome {
            subject: SUBJECT.parse().unwrap(),
            claims: IdentityClaims {
                given_name: Some("Angela".to_owned()),
                family_name: Some("DUBOIS".to_owned()),
                email: Some("angela@mail.example".to_owned()),
                email_verified: Some(true),
                ..IdentityClaims::default()
            },
            scopes: "openid given_name family_name email".parse().unwrap(),
            acr: Acr::Eidas2.into(),
            amr: vec![Amr::Pwd, Amr::Otp],
            auth_time: NOON.before(Duration::from_mins(3)),
            session: SessionId::from_bytes([7; 16]),
            sid: SID.to_owned(),
            grant: GrantId::from_bytes([9; 16]),
            login: None,
            person: None,
            provider: None,
            details: Vec::new(),
        }
    }

    /// How often the house was asked to sign somebody in.
    pub(crate) fn times_asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    /// How often it was asked to sign somebody out.
    pub(crate) fn times_signed_out(&self) -> usize {
        self.signed_out.lock().unwrap().len()
    }

    pub(crate) fn last_asked(&self) -> AcceptedRequest {
        self.asked.lock().unwrap().last().unwrap().clone()
    }
}

#[async_trait]
impl House for TestHouse {
    async fn sign_in(&self, request: AcceptedRequest, browser: Browser) -> Response {
        let next = self.next.lock().unwrap().take();
        let mut outcome = next.unwrap_or_else(Self::outcome);
        if let Some(change) = *self.change.lock().unwrap() {
            change(&mut outcome);
        }
        self.asked.lock().unwrap().push(request.clone());
        let engine = self.engine.get().unwrap();
        match engine.grant(&request, outcome).await {
            Ok(answer) => answer.deliver(self, browser).await,
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }

    async fn sign_out(&self, request: SignOutRequest, browser: Browser) -> Response {
        self.signed_out.lock().unwrap().push(request.clone());
        match self.engine.get().unwrap().signed_out(&request) {
            Some(answer) => answer.deliver(self, browser).await,
            None => "signed out".into_response(),
        }
    }

    async fn refuse(&self, refusal: PageRefusal, _browser: Browser) -> Response {
        let status = StatusCode::from_u16(refusal.status).unwrap();
        let client = refusal.client.map(|id| id.to_string()).unwrap_or_default();
        let text = format!("page {} {client}: {}", refusal.error, refusal.description);
        (status, text).into_response()
    }

    async fn post_form(&self, form: FormPost, _browser: Browser) -> Response {
        let fields: Vec<_> = form
            .fields
            .iter()
            .map(|(name, value)| json!([name, value]))
            .collect();
        axum::Json(json!({"action": form.action, "fields": fields})).into_response()
    }

    async fn decline(&self, request: AcceptedRequest, browser: Browser) -> Response {
        let engine = self.engine.get().unwrap();
        let denied = OAuthError::AccessDenied;
        match engine.refuse(&request, denied, "the person refused").await {
            Ok(answer) => answer.deliver(self, browser).await,
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }

    async fn settled(&self, settled: Settled, _browser: Browser) -> Response {
        let text = format!("settled {:?} {}", settled.what, settled.client);
        text.into_response()
    }

    async fn identity_of(
        &self,
        _session: SessionId,
        _person: Option<PersonId>,
    ) -> Result<Option<IdentityClaims>, Fault> {
        let is_over = self.has_forgotten.load(Ordering::SeqCst);
        Ok((!is_over).then(|| Self::outcome().claims))
    }

    /// A name that shows of whom and for whom it is.
    async fn subject_in(
        &self,
        sector: &Sector,
        person: PersonId,
    ) -> Result<Option<SubjectIdentifier>, Fault> {
        Ok(Some(format!("{person}@{sector}").parse().unwrap()))
    }

    async fn person(
        &self,
        _client: &Client,
        subject: &SubjectIdentifier,
    ) -> Result<Option<PersonId>, Fault> {
        Ok((subject.as_str() == SUBJECT).then_some(PERSON))
    }
}
