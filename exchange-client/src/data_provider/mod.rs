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
mod register;
mod verifier;

#[cfg(test)]
mod tests;

use guichet_domain::Timestamp;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use http::request::Parts;
use http::{Response, StatusCode};

use crate::answer::Written;
use crate::hub::{Hub, HubError};
use crate::{Answer, Fields, Half, Phase, Status};
pub(crate) use asked::Asked;
pub use once::{InMemory, UsedOnce};
pub use refusal::VoucherRefusal;
pub use register::{BlindRegister, Match};
pub use verifier::{Accepted, AskedEvidence, VoucherVerifier};

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
        find: impl FnOnce(AskedEvidence) -> Finding,
    ) -> Served
    where
        Finding: Future<Output = Answer>,
    {
        match self.answer(head, body, find).await {
            Ok(served) => served,
            Err(NotServed::Refusal(refusal)) => {
                tracing::info!(%refusal, "a voucher is refused");
                Served::alone(refusal.response())
            }
            Err(NotServed::Fault(error)) => {
                tracing::error!(%error, "evidence could not be signed or encrypted");
                failed()
            }
            Err(NotServed::Shown) => {
                tracing::error!(
                    "evidence was to be fetched, and the answer was a page to see it at"
                );
                failed()
            }
        }
    }

    async fn answer<Finding>(
        &self,
        head: &Parts,
        body: &[u8],
        find: impl FnOnce(AskedEvidence) -> Finding,
    ) -> Result<Served, NotServed>
    where
        Finding: Future<Output = Answer>,
    {
        let accepted = self.verifier.verify(head, body).await?;
        match find(accepted.asked().clone()).await {
            Answer::Evidence {
                fields,
                valid_until,
            } => self.release(&accepted, fields, valid_until).await,
            Answer::OwnPage { page, fields } => {
                if accepted.asked().voucher.phase != Phase::Prepare {
                    // Confirming would count a fetch of evidence that does not leave.
                    return Err(NotServed::Shown);
                }
                self.verifier.confirm(&accepted).await?;
                let keys = &self.hub.means().keys;
                Ok(accepted.asked().to_be_seen_at(page, fields, keys))
            }
            without => Ok(explain(without)),
        }
    }

    /// Sealed first: whether it can be is nothing that the hub should hear of as a release. Then confirmed,
    /// since what leaves cannot be called back.
    async fn release(
        &self,
        accepted: &Accepted,
        found: Fields,
        valid_until: Timestamp,
    ) -> Result<Served, NotServed> {
        let asked = accepted.asked();
        let (fields, keys) = (asked.only_asked(found), &self.hub.means().keys);
        if asked.differs_from_what_was_shown(&fields, keys) {
            return Ok(status(StatusCode::CONFLICT, Status::Changed));
        }
        let envelope = envelope::seal(self, &asked.voucher, &fields, valid_until)?;
        self.verifier.confirm(accepted).await?;
        Ok(asked.released(envelope, &fields, keys))
    }

    fn verifier(&self) -> &VoucherVerifier {
        &self.verifier
    }
}

/// Why a request is not served.
enum NotServed {
    Refusal(VoucherRefusal),
    Fault(HubError),
    /// A page was named when the citizen had decided already.
    Shown,
}

impl From<VoucherRefusal> for NotServed {
    fn from(refusal: VoucherRefusal) -> Self {
        Self::Refusal(refusal)
    }
}

impl From<HubError> for NotServed {
    fn from(error: HubError) -> Self {
        Self::Fault(error)
    }
}

/// The answer of whoever has no evidence to give.
fn explain(answer: Answer) -> Served {
    match answer {
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
        Answer::SeveralMatches => status(StatusCode::CONFLICT, Status::SeveralMatches),
        Answer::NeedsLink { link } => {
            let body = Written {
                status: Some(Status::NeedsLink),
                link_uri: link,
                ..Written::default()
            };
            Served::alone(written(StatusCode::FORBIDDEN, &body))
        }
        Answer::NoMatch | Answer::Evidence { .. } | Answer::OwnPage { .. } => {
            status(StatusCode::NOT_FOUND, Status::NoMatch)
        }
    }
}

/// It is our fault, and nothing was released.
fn failed() -> Served {
    let status = StatusCode::INTERNAL_SERVER_ERROR;
    Served::alone(written(status, &Written::default()))
}

fn status(code: StatusCode, status: Status) -> Served {
    let body = Written {
        status: Some(status),
        ..Written::default()
    };
    Served::alone(written(code, &body))
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
