//! The hub as a client of upstream identity providers.
//!
//! The protocol is driven by the `openidconnect` crate: discovery, the authorization request, the
//! token request. Signatures are verified by `keys`, as everywhere in this house, and what an ID token
//! says is judged in `id_token`, where each lie has a name of its own in the audit log.
//!
//! | file | does |
//! |---|---|
//! | `transport` | the crate's requests through the hardened client |
//! | `discovery` | metadata and keys of one provider, fetched |
//! | `cache` | and kept, refreshed in the background |
//! | `departure` | the address a person leaves for |
//! | `exchange` | a code for tokens |
//! | `id_token` | what an ID token must say to be believed |
//! | `userinfo` | the claims about the person |
//! | `state` | the `state` parameter |

mod cache;
mod departure;
mod discovery;
mod exchange;
mod failure;
mod id_token;
mod state;
mod transport;
mod userinfo;

use std::sync::Arc;

use guichet_domain::{Provider, ProviderId, Sealed};
use guichet_keys::{KeysError, Sealer};
use guichet_store::RegistrySnapshot;

pub(crate) use cache::Upstreams;
pub(crate) use departure::Departure;
pub(crate) use discovery::Upstream;
pub(crate) use exchange::{Proving, Tokens};
pub(crate) use failure::ProviderFailure;
pub(crate) use id_token::{Expected, Lie, VerifiedIdToken};
pub(crate) use state::{StateDigest, UpstreamState};

/// Registered providers, looked up without waiting.
pub trait ProviderDirectory: Send + Sync {
    /// The provider with this identifier, active or not.
    fn provider(&self, id: &str) -> Option<Arc<Provider>>;

    /// Every provider, active or not, in the order of the choice page.
    fn providers(&self) -> Arc<[Arc<Provider>]>;
}

impl ProviderDirectory for RegistrySnapshot {
    fn provider(&self, id: &str) -> Option<Arc<Provider>> {
        self.provider(id)
    }

    fn providers(&self) -> Arc<[Arc<Provider>]> {
        self.providers()
    }
}

/// The purpose under which the hub's secrets at providers are sealed (`Keys::sealer`); the context is
/// the provider's identifier.
pub const PROVIDER_SECRET: &str = "provider-secret";

/// Seals the hub's secret at the provider `id`, for its record.
pub fn seal_provider_secret(
    sealer: &Sealer,
    id: &ProviderId,
    secret: &str,
) -> Result<Sealed, KeysError> {
    sealer.seal(id.as_str().as_bytes(), secret.as_bytes())
}
