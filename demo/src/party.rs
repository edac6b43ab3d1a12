//! How a member of the cast becomes a party of an exchange: the kit, with what this room has.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use guichet_exchange_client::{
    Authentication, ErasureReply, Hub, Line, LineDown, Means, OwnKeys, Registration,
};
use guichet_web::Outgoing;
use http::{Request, Response};

use crate::cast::Member;
use crate::{DemoError, Surroundings};

/// The hub as the client `client_id` sees it, with fresh keys of its own.
pub(crate) fn hub(
    surroundings: &Surroundings,
    client_id: &str,
    authentication: Authentication,
) -> Result<Hub, DemoError> {
    let entropy = Arc::clone(&surroundings.entropy);
    let clock = Arc::clone(&surroundings.clock);
    let registration = Registration {
        issuer: surroundings.addresses.of(Member::Hub).to_owned(),
        client_id: client_id.to_owned(),
        authentication,
    };
    let means = Means {
        keys: OwnKeys::in_memory(Arc::clone(&entropy), clock.now())?,
        line: Arc::new(OurLine(surroundings.outgoing.clone())),
        clock,
        entropy,
    };
    Ok(Hub::new(registration, means))
}

/// Answers a citizen who wants something erased. The hub may be away for a moment.
pub(crate) async fn answer_erasure(hub: Hub, reply: ErasureReply) {
    for pause in TRIED_AFTER {
        tokio::time::sleep(pause).await;
        match hub.answer_erasure(&reply).await {
            Ok(()) => return,
            Err(error) => tracing::warn!(%error, "an erasure was not answered"),
        }
    }
}

/// How long to wait before each try to tell the hub something.
pub(crate) const TRIED_AFTER: [Duration; 3] = [
    Duration::ZERO,
    Duration::from_secs(2),
    Duration::from_secs(20),
];

/// The kit's line over our client for outgoing requests.
struct OurLine(Outgoing);

#[async_trait]
impl Line for OurLine {
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Bytes>, LineDown> {
        self.0.execute(request).await.map_err(|error| {
            tracing::warn!(%error, "an exchange has no line");
            LineDown
        })
    }
}
