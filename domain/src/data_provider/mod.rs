//! Data providers: administrations that hold evidence and hand it out for vouchers.
//!
//! [`DataProvider`] is the checked record that every exchange reads; `metadata.rs` is what people
//! declare, and the one way from there to here. How a data provider authenticates to the hub, the keys
//! it signs evidence with and where it is told of what ended are those of its record as a client.

mod metadata;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::{ClientId, DataProviderId, EvidenceTypeId, Sector};

pub use metadata::DataProviderMetadata;

/// A registered data provider, checked. Immutable: a change is a new value in the registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataProvider {
    /// Its short name: the audience of its vouchers, the issuer of its evidence.
    pub id: DataProviderId,
    /// The name citizens see.
    pub name: String,
    /// The client it is when it asks the hub.
    pub client: ClientId,
    /// Where vouchers are presented.
    pub evidence_endpoint: Url,
    /// The evidence it holds; at least one.
    pub evidence: Vec<EvidenceTypeId>,
    /// How citizens see what would leave.
    pub preview: Preview,
    /// How many entries of its register it may have indexed a day, to find citizens without their names; 0
    /// when it does not.
    #[serde(default)]
    pub indexed_a_day: u32,
    /// Whether it may be told a civil identity when it does not know the citizen by a pseudonym.
    pub may_receive_identity: bool,
    /// Whether evidence can be had from it at all.
    pub active: bool,
}

/// How a citizen sees the values before they decide.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Preview {
    /// The hub fetches them, shows them and forgets them.
    #[default]
    Fetched,
    /// On a page of the data provider's: the hub sees digests alone, of which those of small values tell
    /// whoever tries them all what they are of.
    OwnPage,
    /// Not at all: the citizen decides on the names of the fields.
    None,
}

impl DataProvider {
    /// Whether evidence of this type can be had from it now.
    pub fn offers(&self, evidence_type: &EvidenceTypeId) -> bool {
        self.active && self.evidence.contains(evidence_type)
    }

    /// The sector in which its citizens have their names: its client's, and nobody else's.
    pub fn sector(&self) -> Sector {
        Sector::of_data_provider(&self.id)
    }
}

/// A registry of data providers, as the exchange reads it: look-ups that never wait.
pub trait DataProviderDirectory: Send + Sync {
    /// The data provider with this identifier, active or not.
    fn data_provider(&self, id: &str) -> Option<Arc<DataProvider>>;

    /// Every data provider, active or not, by identifier.
    fn data_providers(&self) -> Vec<Arc<DataProvider>>;

    /// The one from whom evidence of this type can be had now: the first by its identifier.
    fn holder_of(&self, evidence_type: &EvidenceTypeId) -> Option<Arc<DataProvider>>;
}
