//! The data provider's side: a voucher believed alone, used once, confirmed by the hub, and answered.
//!
//! [`EvidenceDesk::serve`] is the whole evidence endpoint; what it cannot know is whose evidence it is
//! and what stands in it: that is the closure it is given.

mod asked;
mod call;
mod envelope;
mod once;
mod online;
mod refusal;
mod verifier;

#[cfg(test)]
mod tests;

use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use http::request::Parts;
use http::{Response, StatusCode};

use crate::answer::Written;
use crate::hub::{Hub, HubError};
use crate::{Answer, Half, Status};
pub(crate) use asked::Asked;
pub use once::{InMemory, UsedOnce};
pub use refusal::VoucherRefusal;
pub use verifier::{Accepted, VoucherVerifier};

/// The evidence endpoint of a data provider.
pub struct EvidenceDesk {
    hub: Hub,
    verifier: VoucherVerifier,
}

/// What goes back, and what to tell the hub of it.
pub struct Served {
    /// The answer, whole.
    pub response: Response<Vec<u8>>,
    /// Our half of the delivery's receipt, when evidence was released: for [`Hub::deliver`], once the
    /// answer is on its way.
    pub half: Option<Half>,
}

impl EvidenceDesk {
    /// The desk of whom `verifier` verifies for.
    pub fn new(verifier: VoucherVerifier) -> Self {
        Self {
            hub: verifier.hub().clone(),
            verifier,
        }
    }

    /// The hub.
    pub fn hub(&self) -> &Hub {
        &self.hub
    }

    /// Answers a request to the evidence endpoint. `find` is asked only about a voucher that passed
    /// every check; it knows the citizen by `voucher.sub` and by nothing else.
    pub async fn serve<Finding>(
        &self,
        head: &Parts,
        body: &[u8],
        find: impl FnOnce(Accepted) -> Finding,
    ) -> Served
    where
        Finding: Future<Output = Answer>,
    {
        let accepted = match self.verifier.verify(head, body).await {
            Ok(accepted) => accepted,
            Err(refusal) => {
                tracing::info!(%refusal, "a voucher is refused");
                return Served::alone(refusal.response());
            }
        };
        let answer = find(accepted.clone()).await;
        match self.write(&accepted, answer) {
            Ok(served) => served,
            Err(error) => {
                tracing::error!(%error, "evidence could not be signed or encrypted");
                let status = StatusCode::INTERNAL_SERVER_ERROR;
                Served::alone(written(status, &Written::default()))
            }
        }
    }

    fn write(&self, accepted: &Accepted, answer: Answer) -> Result<Served, HubError> {
        let status = |code, status| {
            let body = Written {
                status: Some(status),
                ..Written::default()
            };
            Served::alone(written(code, &body))
        };
        Ok(match answer {
            Answer::Evidence {
                fields,
                valid_until,
            } => {
                let fields = accepted.only_asked(fields);
                if accepted.differs_from_what_was_shown(&fields) {
                    return Ok(status(StatusCode::CONFLICT, Status::Changed));
                }
                let envelope = envelope::seal(self, accepted, &fields, valid_until)?;
                accepted.released(envelope)
            }
            Answer::OwnPage { page, fields } => accepted.to_be_seen_at(page, fields),
            Answer::Later { retry_after } => {
                let seconds = retry_after.as_secs();
                let body = Written {
                    status: Some(Status::Later),
                    retry_after: Some(seconds),
                    ..Written::default()
                };
                let mut response = written(StatusCode::ACCEPTED, &body);
                response.headers_mut().insert(RETRY_AFTER, seconds.into());
                Served::alone(response)
            }
            Answer::NoMatch => status(StatusCode::NOT_FOUND, Status::NoMatch),
            Answer::SeveralMatches => status(StatusCode::CONFLICT, Status::SeveralMatches),
            Answer::NeedsLink { link } => {
                let body = Written {
                    status: Some(Status::NeedsLink),
                    link_uri: link,
                    ..Written::default()
                };
                Served::alone(written(StatusCode::FORBIDDEN, &body))
            }
        })
    }

    fn verifier(&self) -> &VoucherVerifier {
        &self.verifier
    }
}

impl Served {
    fn alone(response: Response<Vec<u8>>) -> Self {
        Self {
            response,
            half: None,
        }
    }
}

/// JSON that nobody keeps a copy of.
fn written(status: StatusCode, body: &Written) -> Response<Vec<u8>> {
    let mut response = Response::new(serde_json::to_vec(body).unwrap_or_default());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, JSON);
    headers.insert(CACHE_CONTROL, NO_STORE);
    response
}

const JSON: http::HeaderValue = http::HeaderValue::from_static("application/json");
const NO_STORE: http::HeaderValue = http::HeaderValue::from_static("no-store");
