//! No, and why (RFC 9457): nothing of a request is repeated, a fault is opaque and has a reference.

use axum::response::{IntoResponse, Response};
use guichet_domain::client::ClientMetadataError;
use guichet_domain::{CaseReference, InvalidMember, Reason};
use guichet_store::Fault;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use schemars::JsonSchema;
use serde::Serialize;

use super::Api;
use crate::ChangeError;
use crate::people::DoorError;

/// An answer that says no.
#[derive(Debug)]
pub(crate) struct Problem(Box<Parts>);

#[derive(Debug)]
struct Parts {
    status: StatusCode,
    body: ProblemBody,
    headers: HeaderMap,
    reference: Option<CaseReference>,
    reason: Option<Reason>,
}

/// What it says (RFC 9457 §3).
#[derive(Debug, Default, Serialize, JsonSchema)]
#[schemars(rename = "Problem")]
pub(crate) struct ProblemBody {
    /// `about:blank`: what it is stands in the title, which is that of the status.
    #[serde(rename = "type")]
    kind: String,
    /// The status in words.
    title: String,
    /// The status.
    status: u16,
    /// What is wrong, and what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// What to read out to whoever operates the hub.
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    /// The members of the request that are wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    errors: Vec<Wrong>,
}

/// One member that is wrong.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Wrong {
    /// Which: a JSON pointer as a fragment (RFC 6901 §6).
    pub(crate) pointer: String,
    /// What is wrong with it.
    pub(crate) detail: String,
    /// The same, for pages in another language.
    #[serde(skip)]
    pub(crate) reason: Option<Reason>,
}

impl Problem {
    /// The bare status.
    pub(crate) fn of(status: StatusCode) -> Self {
        Self(Box::new(Parts {
            status,
            body: ProblemBody {
                kind: "about:blank".to_owned(),
                title: status.canonical_reason().unwrap_or("Error").to_owned(),
                status: status.as_u16(),
                ..ProblemBody::default()
            },
            headers: HeaderMap::new(),
            reference: None,
            reason: None,
        }))
    }

    /// With what is wrong, fixed in the code.
    pub(crate) fn said(status: StatusCode, detail: impl Into<String>) -> Self {
        let mut problem = Self::of(status);
        problem.0.body.detail = Some(detail.into());
        problem
    }

    /// Nothing is there, or nothing for the eyes of whoever asks.
    pub(crate) fn unknown() -> Self {
        Self::said(
            StatusCode::NOT_FOUND,
            "there is nothing of this name for you",
        )
    }

    /// Not theirs to do.
    pub(crate) fn forbidden() -> Self {
        Self::said(StatusCode::FORBIDDEN, "your roles do not allow this")
    }

    /// A member that may not be what it is.
    pub(crate) fn member(invalid: &InvalidMember) -> Self {
        Self::pointed(
            StatusCode::UNPROCESSABLE_ENTITY,
            invalid.member,
            invalid.reason.clone(),
        )
    }

    /// The same with a status of its own.
    pub(crate) fn pointed(status: StatusCode, member: &str, reason: impl Into<Reason>) -> Self {
        let reason = reason.into();
        let detail = reason.to_string();
        let mut problem = Self::said(status, format!("{member}: {detail}"));
        let member = member.replace('~', "~0").replace('/', "~1");
        problem.0.body.errors.push(Wrong {
            pointer: format!("#/{member}"),
            detail,
            reason: Some(reason),
        });
        problem
    }

    /// With the rule that says it, for pages in another language.
    fn because(mut self, reason: impl Into<Reason>) -> Self {
        self.0.reason = Some(reason.into());
        self
    }

    /// Several members at once, each with what is wrong with it.
    pub(super) fn several(wrongs: Vec<(String, String)>) -> Self {
        let detail = format!("{} members cannot stand as they are", wrongs.len());
        let mut problem = Self::said(StatusCode::UNPROCESSABLE_ENTITY, detail);
        problem.0.body.errors = wrongs
            .into_iter()
            .map(|(member, detail)| Wrong {
                pointer: format!("#/{}", member.replace('~', "~0").replace('/', "~1")),
                detail,
                reason: None,
            })
            .collect();
        problem
    }

    /// A fault, logged once under the reference that the answer shows.
    pub(crate) fn fault(api: &Api, doing: &str, error: &(dyn std::error::Error + 'static)) -> Self {
        let reference = CaseReference::random(&*api.console.door.entropy);
        tracing::error!(%reference, doing, error, "an operation failed");
        let mut problem = Self::of(StatusCode::INTERNAL_SERVER_ERROR);
        problem.0.body.reference = Some(reference.to_string());
        problem.0.reference = Some(reference);
        problem
    }

    /// What an endpoint that takes tokens says: its status and its challenges.
    pub(crate) fn challenged(answer: &Response) -> Self {
        let mut problem = Self::of(answer.status());
        for name in [header::WWW_AUTHENTICATE, DPOP_NONCE] {
            for value in answer.headers().get_all(&name) {
                problem.0.headers.append(name.clone(), value.clone());
            }
        }
        problem
    }

    /// What a desk says.
    pub(crate) fn change(api: &Api, error: &ChangeError) -> Self {
        match error {
            ChangeError::Unknown(..) => Self::unknown(),
            ChangeError::Exists(..) | ChangeError::Declared(..) | ChangeError::Twice => {
                let said = Self::said(StatusCode::CONFLICT, error.to_string());
                said.because(error.reason())
            }
            ChangeError::Client(ClientMetadataError::Invalid { member, reason }) => {
                Self::pointed(StatusCode::UNPROCESSABLE_ENTITY, member, reason.clone())
            }
            ChangeError::Client(ClientMetadataError::RedirectUri { member, source, .. }) => {
                Self::pointed(StatusCode::UNPROCESSABLE_ENTITY, member, *source)
            }
            ChangeError::Overtaken(..) => Self::said(
                StatusCode::PRECONDITION_FAILED,
                "it is not as you know it: look at it again",
            ),
            ChangeError::Unstated(..) => Self::unstated(),
            ChangeError::Malformed(what) => {
                Self::said(StatusCode::UNPROCESSABLE_ENTITY, what.clone())
            }
            ChangeError::Invalid(invalid) => Self::member(invalid),
            ChangeError::Keys(error) => Self::fault(api, "seal a secret", error),
            ChangeError::Fault(fault) => Self::fault(api, "change a record", fault),
        }
    }

    /// What the door says.
    pub(crate) fn door(api: &Api, error: &DoorError) -> Self {
        match error {
            DoorError::Beyond(_) => Self::said(StatusCode::FORBIDDEN, error.to_string()),
            DoorError::Taken => Self::said(StatusCode::CONFLICT, error.to_string()),
            DoorError::Gone => Self::unknown(),
            DoorError::Invalid(invalid) => Self::member(invalid),
            DoorError::Keys(error) => Self::fault(api, "seal a card", error),
            DoorError::Fault(fault) => Self::fault(api, "change the staff", fault),
        }
    }

    /// The status it answers with.
    pub(crate) fn status(&self) -> StatusCode {
        self.0.status
    }

    /// What is wrong, in words.
    pub(crate) fn detail(&self) -> &str {
        self.0.body.detail.as_deref().unwrap_or_default()
    }

    /// The members of the request that are wrong.
    pub(crate) fn wrong(&self) -> &[Wrong] {
        &self.0.body.errors
    }

    /// The rule that says what is wrong, where one does.
    pub(crate) fn reason(&self) -> Option<&Reason> {
        self.0.reason.as_ref()
    }

    /// What a fault is logged under.
    pub(crate) fn reference(&self) -> Option<CaseReference> {
        self.0.reference.clone()
    }

    /// Whoever changes a record says which one they know (RFC 6585 §3).
    pub(crate) fn unstated() -> Self {
        Self::said(
            StatusCode::PRECONDITION_REQUIRED,
            "say which record you know: send its ETag as If-Match",
        )
    }
}

const DPOP_NONCE: header::HeaderName = header::HeaderName::from_static("dpop-nonce");

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        // Strings and numbers always serialize.
        let body = serde_json::to_vec(&self.0.body).unwrap_or_default();
        let mut response = (self.0.status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        for (name, value) in &self.0.headers {
            headers.append(name.clone(), value.clone());
        }
        response
    }
}

/// A fault of a store, for handlers that have nothing else to say.
pub(super) fn faulty<'a>(api: &'a Api, doing: &'a str) -> impl Fn(Fault) -> Problem + 'a {
    move |fault| Problem::fault(api, doing, &fault)
}
