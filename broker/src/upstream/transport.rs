//! The one line over which a provider is called: the hardened client, within our time, and never on to
//! where an answer points; for our own requests and for those of the `openidconnect` crate.

use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use guichet_web::{Outgoing, OutgoingError};
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};

use super::failure::ProviderFailure;

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
    ) -> Result<http::Response<Bytes>, ProviderFailure> {
        let answer = tokio::time::timeout(self.timeout, self.outgoing.execute(request))
            .await
            .unwrap_or(Err(OutgoingError::Timeout))?;
        if answer.status().is_redirection() {
            return Err(ProviderFailure::Redirect);
        }
        Ok(answer)
    }
}

impl<'c> AsyncHttpClient<'c> for Transport {
    type Error = ProviderFailure;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, ProviderFailure>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let answer = self.send(request).await?;
            Ok(answer.map(|body| body.to_vec()))
        })
    }
}
