//! The requests of the `openidconnect` crate, through the hardened client and within our time.

use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use guichet_web::{Outgoing, OutgoingError};
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};

/// The hardened client as `openidconnect` wants one.
#[derive(Clone)]
pub(crate) struct Transport {
    outgoing: Outgoing,
    timeout: Duration,
}

impl Transport {
    /// Calls through `outgoing`, each within `timeout`.
    pub(crate) fn new(outgoing: Outgoing, timeout: Duration) -> Self {
        Self { outgoing, timeout }
    }

    /// Sends a request and reads the whole answer.
    pub(crate) async fn send(
        &self,
        request: http::Request<Vec<u8>>,
    ) -> Result<http::Response<Bytes>, OutgoingError> {
        tokio::time::timeout(self.timeout, self.outgoing.execute(request))
            .await
            .unwrap_or(Err(OutgoingError::Timeout))
    }
}

impl<'c> AsyncHttpClient<'c> for Transport {
    type Error = OutgoingError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, OutgoingError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let answer = self.send(request).await?;
            Ok(answer.map(|body| body.to_vec()))
        })
    }
}
