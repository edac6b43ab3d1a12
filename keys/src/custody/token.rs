//! Signing keys in a token: made there, used there, never seen outside.

use std::sync::Arc;

use guichet_domain::SigningAlg;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::runtime::{Handle, RuntimeFlavor};
use zeroize::Zeroizing;

use super::{BlobName, Custody, CustodyError, CustodyLock};

/// A device that makes signing keys and signs with them. Its calls may take long: a token answers over
/// a bus or a network.
pub trait SigningToken: Send + Sync {
    /// Whether it makes keys for `alg`; those of the other algorithms rest sealed in the blobs.
    fn makes(&self, alg: SigningAlg) -> bool;

    /// Makes a key pair of which the private half cannot be taken out.
    fn generate(&self, alg: SigningAlg) -> Result<TokenKey, CustodyError>;

    /// The signature of `message`, as JWS has it (RFC 7518 §3.3 to §3.5).
    fn sign(
        &self,
        alg: SigningAlg,
        key: &TokenKey,
        message: &[u8],
    ) -> Result<Vec<u8>, CustodyError>;

    /// Removes a key pair; one that is not there is no error.
    fn destroy(&self, key: &TokenKey) -> Result<(), CustodyError>;
}

/// A key in a token: how it is found there, and its public half.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TokenKey {
    /// The token's identifier of the pair, base64url.
    pub id: String,
    /// The required members of its public JWK.
    pub public: Map<String, Value>,
}

/// Runs `work`, which may block, so that an async runtime goes on meanwhile: the other tasks of this
/// thread move to another one. On a thread of no runtime, or of one that has a single thread, it just
/// runs.
pub(crate) fn beside_the_runtime<T>(work: impl FnOnce() -> T) -> T {
    match Handle::try_current().map(|runtime| runtime.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        _ => work(),
    }
}

/// Blobs in one place, signing keys in a token.
pub struct TokenCustody {
    blobs: Arc<dyn Custody>,
    token: Arc<dyn SigningToken>,
}

impl TokenCustody {
    /// Keeps blobs in `blobs` and signing keys in `token`.
    pub fn new(blobs: Arc<dyn Custody>, token: Arc<dyn SigningToken>) -> Self {
        Self { blobs, token }
    }
}

impl Custody for TokenCustody {
    fn load(&self, name: BlobName) -> Result<Option<Zeroizing<Vec<u8>>>, CustodyError> {
        self.blobs.load(name)
    }

    fn lock(&self) -> Result<CustodyLock, CustodyError> {
        self.blobs.lock()
    }

    fn store(&self, lock: &CustodyLock, name: BlobName, bytes: &[u8]) -> Result<(), CustodyError> {
        self.blobs.store(lock, name, bytes)
    }

    fn token(&self) -> Option<Arc<dyn SigningToken>> {
        Some(Arc::clone(&self.token))
    }
}
