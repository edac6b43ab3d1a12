//! The HTTP client that whoever uses the kit brings along.

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};

/// Sends a request and brings back the whole answer, whatever its status.
///
/// An implementation bounds time and size, follows no redirect and, off the loopback, speaks TLS.
#[async_trait]
pub trait Line: Send + Sync {
    /// One request, one answer.
    async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Bytes>, LineDown>;
}

/// No answer came, for whatever reason; the line's owner knows and logs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no answer")]
pub struct LineDown;
