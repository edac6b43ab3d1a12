//! The service's side: the citizen is asked through the hub; a yes becomes a voucher, the voucher
//! evidence.
//!
//! | step | method |
//! |---|---|
//! | the browser leaves for the hub | [`EvidenceClient::authorization_url`] |
//! | it comes back with a code | [`EvidenceClient::redeem`] |
//! | it is still the same citizen | [`EvidenceClient::citizen`] |
//! | the evidence is fetched, verified, acknowledged | [`EvidenceClient::fetch`] |
//! | it was not ready: the same, later | [`EvidenceClient::pick_up`] |

mod ask;
mod citizen;
mod fetch;
mod open;
mod tokens;

#[cfg(test)]
mod tests;

pub use ask::{AuthorizationAsk, EvidenceAsk};
pub use citizen::Citizen;
pub use fetch::{FetchError, Fetched};
pub use open::Evidence;
pub(crate) use open::EvidenceClaims;
pub use tokens::{Granted, Tokens};

use crate::hub::Hub;

/// A service that asks for evidence; or a data provider that has a citizen sign in once, to know them by
/// the name that its vouchers have for them.
pub struct EvidenceClient {
    hub: Hub,
    redirect_uri: String,
}

impl EvidenceClient {
    /// A client of `hub` whose answers come to `redirect_uri`.
    pub fn new(hub: Hub, redirect_uri: &str) -> Self {
        Self {
            hub,
            redirect_uri: redirect_uri.to_owned(),
        }
    }

    /// The hub.
    pub fn hub(&self) -> &Hub {
        &self.hub
    }
}
