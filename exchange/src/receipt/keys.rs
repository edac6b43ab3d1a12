//! What receipts are verified with: every key that the hub ever signed with and did not revoke, and the
//! key of its ledger. Published; whoever wants to need nobody later keeps a copy.

use guichet_keys::{JwkSet, Keys, LedgerVerifier};
use guichet_ledger::parse_verifier_key;
use serde_json::Value;

use crate::Desk;

/// The keys.
#[derive(Clone)]
pub struct ReceiptKeys {
    pub(super) hub: JwkSet,
    pub(super) origin: String,
    pub(super) ledger: LedgerVerifier,
}

/// What is no set of receipt keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "not the keys of receipts: a JWK Set with a member \"ledger\", as a hub publishes it at /exchange/receipts/keys"
)]
pub struct NoReceiptKeys;

impl Desk {
    /// The keys that receipts of this hub are verified with.
    pub fn receipt_keys(&self) -> Result<ReceiptKeys, NoReceiptKeys> {
        ReceiptKeys::parse(self.published_receipt_keys().to_string().as_bytes())
    }

    /// The same, to be published.
    pub(crate) fn published_receipt_keys(&self) -> Value {
        let ledger = self.parts.ledger.history().verifier_key();
        ReceiptKeys::published(&self.parts.keys, &ledger)
    }
}

impl ReceiptKeys {
    /// Every key that the hub signed with and did not revoke.
    pub fn hub(&self) -> &JwkSet {
        &self.hub
    }

    /// The name of its ledger.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The key of its ledger.
    pub const fn ledger(&self) -> &LedgerVerifier {
        &self.ledger
    }

    /// What a hub published, or exported.
    pub fn parse(json: &[u8]) -> Result<Self, NoReceiptKeys> {
        let hub = JwkSet::parse(json).map_err(|_| NoReceiptKeys)?;
        let set: Value = serde_json::from_slice(json).map_err(|_| NoReceiptKeys)?;
        let ledger = set["ledger"].as_str().and_then(parse_verifier_key);
        let (origin, ledger) = ledger.ok_or(NoReceiptKeys)?;
        Ok(Self {
            hub,
            origin,
            ledger,
        })
    }

    /// The JSON to publish: a JWK Set (RFC 7517 §5), and `ledger`, its key as signed notes write it.
    pub fn published(keys: &Keys, ledger: &str) -> Value {
        let jwks = keys.ring().jwks_for_good();
        let mut set: Value = serde_json::from_slice(&jwks).unwrap_or_default();
        set["ledger"] = ledger.into();
        set
    }
}
