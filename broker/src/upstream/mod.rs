//! The hub as a client of upstream identity providers.
//!
//! Discovery and authorization requests are driven by the `openidconnect` crate. What the crate has no
//! words for (pushed requests, proofs of possession, encrypted answers, certificates) is done here, on
//! the same line. Signatures are verified by `keys`, as everywhere in this house, and what an ID token
//! says is judged in `id_token`; each lie has a name of its own in the audit log.
//!
//! | file | does |
//! |---|---|
//! | `transport` | the one line over which a provider is called |
//! | `means` | what the hub calls with: its keys, the line, the time |
//! | `addresses` | where a provider answers |
//! | `discovery` | that and its keys, fetched |
//! | `cache` | and kept, refreshed in the background |
//! | `watch` | so that an outage is noticed before people are |
//! | `departure`, `push` | the address a person leaves for; the request, sent ahead |
//! | `client_auth`, `dpop` | the hub's proof of who it is, and that a token is its own |
//! | `exchange` | a code for tokens |
//! | `envelope` | what was encrypted for us, opened |
//! | `id_token` | what an ID token must say to be believed |
//! | `logout_token` | what a provider must say to sign somebody out here |
//! | `userinfo` | the claims about the person |
//! | `asserted` | all that in our words, by the record's rules |
//! | `lie`, `failure` | what may be wrong with it, by name |
//! | `state` | the `state` parameter |

mod addresses;
mod asserted;
mod cache;
mod client_auth;
mod departure;
mod discovery;
mod dpop;
mod envelope;
mod exchange;
mod failure;
mod id_token;
mod lie;
mod logout_token;
mod means;
mod push;
mod state;
mod transport;
mod userinfo;
mod watch;

use std::sync::Arc;

use guichet_domain::switch::SwitchedOff;
use guichet_domain::{Provider, ProviderId, Sealed};
use guichet_keys::{KeysError, Sealer};
use guichet_store::RegistrySnapshot;

pub(crate) use asserted::Asserted;
pub(crate) use cache::Upstreams;
pub(crate) use departure::Departure;
pub(crate) use discovery::Upstream;
pub(crate) use exchange::Tokens;
pub(crate) use failure::ProviderFailure;
pub(crate) use id_token::{Expected, VerifiedIdToken};
pub(crate) use lie::Lie;
pub(crate) use logout_token::{LogoutLie, VerifiedLogoutToken};
pub(crate) use means::Means;
pub(crate) use state::{StateDigest, UpstreamState};
pub(crate) use userinfo::Userinfo;
pub use watch::ProviderKeys;

/// Registered providers, looked up without waiting.
pub trait ProviderDirectory: Send + Sync {
    /// The provider with this identifier, active or not.
    fn provider(&self, id: &str) -> Option<Arc<Provider>>;

    /// Every provider, active or not, in the order of the choice page.
    fn providers(&self) -> Arc<[Arc<Provider>]>;

    /// What keeps everybody from signing in with this provider, which is not active then.
    fn switched_off(&self, _id: &ProviderId) -> Option<Arc<SwitchedOff>> {
        None
    }
}

impl ProviderDirectory for RegistrySnapshot {
    fn provider(&self, id: &str) -> Option<Arc<Provider>> {
        self.provider(id)
    }

    fn providers(&self) -> Arc<[Arc<Provider>]> {
        self.providers()
    }

    fn switched_off(&self, id: &ProviderId) -> Option<Arc<SwitchedOff>> {
        self.provider_switched_off(id)
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

/// The reader of a provider's claims, for the fuzzer.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn identity_claims(members: &serde_json::Map<String, serde_json::Value>) -> bool {
    asserted::identity_claims(members).is_some()
}
