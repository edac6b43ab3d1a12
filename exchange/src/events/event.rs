//! What there is to tell: of an exchange, in words of our own; of a person, in those of RISC and CAEP.

use guichet_domain::{FieldName, SubjectIdentifier, Timestamp};
use guichet_store::durable::EvidenceEnd;
use serde_json::{Map, Value, json};

/// Something that happened, without whom it happened to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Nothing is fetched any more by a grant.
    GrantRevoked {
        /// Who ended it.
        how: EvidenceEnd,
    },
    /// The citizen took fields away from a grant, which goes on.
    GrantNarrowed {
        /// Those that are left.
        fields: Vec<FieldName>,
    },
    /// The citizen wants erased what was sent; an answer is expected.
    ErasureRequested {
        /// Until when.
        due: Timestamp,
    },
    /// A delivery was not confirmed by both sides.
    DeliveryUnconfirmed {
        /// What is missing.
        missing: Missing,
    },
    /// The person cannot sign in any more (RISC 1.0 §2.3).
    AccountDisabled,
    /// They can again (§2.4).
    AccountEnabled,
    /// The person is gone from here for good (§2.2).
    AccountPurged,
    /// The person is known by another name from now on (§2.5).
    IdentifierChanged {
        /// Which.
        to: SubjectIdentifier,
    },
    /// A means of theirs to sign in is in other hands (§2.7).
    CredentialCompromise,
    /// Their sessions are over (CAEP 1.0 §3.1).
    SessionRevoked,
}

/// What is missing of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// The data provider did not say that it left.
    Released,
    /// The service did not say that it arrived.
    Received,
    /// Neither said anything.
    Both,
    /// Both did, of different envelopes.
    Match,
}

impl Missing {
    /// In a word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Released => "released",
            Self::Received => "received",
            Self::Both => "both",
            Self::Match => "match",
        }
    }
}

impl Event {
    /// The name of its kind in a token (RFC 8417 §2.2, `events`).
    pub const fn uri(&self) -> &'static str {
        match self {
            Self::GrantRevoked { .. } => "urn:guichet:event:grant-revoked",
            Self::GrantNarrowed { .. } => "urn:guichet:event:grant-narrowed",
            Self::ErasureRequested { .. } => "urn:guichet:event:erasure-requested",
            Self::DeliveryUnconfirmed { .. } => "urn:guichet:event:delivery-unconfirmed",
            Self::AccountDisabled => RISC_ACCOUNT_DISABLED,
            Self::AccountEnabled => RISC_ACCOUNT_ENABLED,
            Self::AccountPurged => RISC_ACCOUNT_PURGED,
            Self::IdentifierChanged { .. } => RISC_IDENTIFIER_CHANGED,
            Self::CredentialCompromise => RISC_CREDENTIAL_COMPROMISE,
            Self::SessionRevoked => CAEP_SESSION_REVOKED,
        }
    }

    /// The same in a word, for the ledger.
    pub fn word(&self) -> &'static str {
        let uri = self.uri();
        uri.rsplit(['/', ':']).next().unwrap_or(uri)
    }

    /// What the token says of it.
    pub(super) fn members(&self) -> Map<String, Value> {
        let members = match self {
            Self::GrantRevoked { how } => json!({ "how": how.as_str() }),
            Self::GrantNarrowed { fields } => json!({ "fields": fields }),
            Self::ErasureRequested { due } => json!({ "due": due.seconds() }),
            Self::DeliveryUnconfirmed { missing } => json!({ "missing": missing.as_str() }),
            Self::IdentifierChanged { to } => json!({ "new-value": to.as_str() }),
            Self::AccountDisabled
            | Self::AccountEnabled
            | Self::AccountPurged
            | Self::CredentialCompromise
            | Self::SessionRevoked => json!({}),
        };
        match members {
            Value::Object(members) => members,
            _ => Map::new(),
        }
    }
}

const RISC_ACCOUNT_DISABLED: &str =
    "https://schemas.openid.net/secevent/risc/event-type/account-disabled";
const RISC_ACCOUNT_ENABLED: &str =
    "https://schemas.openid.net/secevent/risc/event-type/account-enabled";
const RISC_ACCOUNT_PURGED: &str =
    "https://schemas.openid.net/secevent/risc/event-type/account-purged";
const RISC_IDENTIFIER_CHANGED: &str =
    "https://schemas.openid.net/secevent/risc/event-type/identifier-changed";
const RISC_CREDENTIAL_COMPROMISE: &str =
    "https://schemas.openid.net/secevent/risc/event-type/credential-compromise";
const CAEP_SESSION_REVOKED: &str =
    "https://schemas.openid.net/secevent/caep/event-type/session-revoked";
