//! The way to a data provider. Whoever builds the desk gives it one, over the hardened client.

use async_trait::async_trait;
use bytes::Bytes;
use url::Url;

/// An answer of a data provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    /// Its HTTP status.
    pub status: u16,
    /// Its body.
    pub body: Bytes,
}

/// Posts to data providers: bounded in time and size, following no redirect.
#[async_trait]
pub trait EvidencePost: Send + Sync {
    /// Posts `body` (JSON) with a voucher (`Authorization: DPoP`) and a proof (`DPoP`); `None` when there
    /// is no answer.
    async fn post(&self, url: &Url, voucher: &str, proof: &str, body: Vec<u8>) -> Option<Posted>;
}
