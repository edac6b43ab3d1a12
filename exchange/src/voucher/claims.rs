//! What a voucher says.

use guichet_domain::{DataProviderId, EvidenceTypeId, ExchangeId, FieldName, PurposeId};
use guichet_domain::{IdentityClaims, SubjectIdentifier, Timestamp};
use guichet_keys::TextDigest;
use guichet_oidc::Act;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::LONGEST;
use crate::{Basis, Digests};

/// The claims, by their names on the wire. None of them is the same at two data providers, but for what the
/// service says of itself: not even the time of the sign-in, to the second of which two could join what they
/// know.
#[derive(Serialize)]
pub(crate) struct Claims<'a> {
    pub(crate) iss: &'a str,
    pub(crate) aud: &'a DataProviderId,
    pub(crate) sub: SubjectIdentifier,
    pub(crate) jti: String,
    pub(crate) iat: i64,
    pub(crate) exp: i64,
    pub(crate) acr: String,
    pub(crate) client: Recipient<'a>,
    /// The public key to encrypt the evidence to.
    pub(crate) recipient: Value,
    pub(crate) phase: Phase,
    /// What the data provider knows the exchange by.
    pub(crate) exchange: ExchangeId,
    pub(crate) evidence_type: &'a EvidenceTypeId,
    pub(crate) fields: &'a [FieldName],
    pub(crate) purpose: &'a PurposeId,
    pub(crate) basis: Basis,
    pub(crate) preview: Preview<'a>,
    pub(crate) request_digest: TextDigest,
    pub(crate) cnf: Confirmation<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) act: Option<&'a Act<'a>>,
    /// By what else than `sub` the citizen may be found, once, where `sub` is not known yet.
    #[serde(flatten)]
    pub(crate) known_by: Option<&'a KnownBy>,
}

/// How a data provider may find a citizen that its `sub` says nothing about yet. Personal data: no `Debug`,
/// and never remembered.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KnownBy {
    /// The blind index of their civil identity, which finds them in a register that was indexed with the
    /// same key and tells nothing else.
    BlindIndex(String),
    /// Their civil identity: they said so, and the data provider's record lets it have that.
    Identity(Box<IdentityClaims>),
}

impl KnownBy {
    /// Its word in the ledger, which is the claim's name.
    pub(crate) const fn as_str(&self) -> &'static str {
        match self {
            Self::BlindIndex(_) => "blind_index",
            Self::Identity(_) => "identity",
        }
    }
}

/// Who receives the evidence.
#[derive(Serialize)]
pub(crate) struct Recipient<'a> {
    pub(crate) id: &'a str,
    pub(crate) name: &'a str,
}

/// Whether the citizen decided already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Phase {
    /// The hub asks, to show it.
    Prepare,
    /// The service asks, and the evidence leaves.
    Release,
}

/// What the citizen saw of what this voucher is for.
#[derive(Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub(crate) enum Preview<'a> {
    /// These values.
    Shown {
        /// Of each field that may leave.
        digests: &'a Digests,
    },
    /// The names of the fields.
    NotShown,
}

impl<'a> Preview<'a> {
    /// As it was shown, if it was.
    pub(crate) fn of(shown: Option<&'a Digests>) -> Self {
        shown.map_or(Self::NotShown, |digests| Self::Shown { digests })
    }
}

/// The key that whoever presents the voucher must prove (RFC 9449 §6.1).
#[derive(Serialize)]
pub(crate) struct Confirmation<'a> {
    pub(crate) jkt: &'a str,
}

/// When a voucher of `now` ends.
pub(crate) fn expiry(now: Timestamp) -> Timestamp {
    // In whole seconds, as the claim says it.
    Timestamp::from_seconds(now.after(LONGEST).seconds())
}

/// The key that must be proved.
pub(crate) fn confirmation(jkt: &str) -> Confirmation<'_> {
    Confirmation { jkt }
}
