//! The voucher: a JWT of the hub that lets one service fetch one evidence from one data provider, once.

use std::collections::BTreeMap;
use std::fmt;

use guichet_domain::IdentityClaims;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a voucher says. Believed only as [`AskedEvidence`](crate::AskedEvidence) holds it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Voucher {
    /// The hub.
    pub iss: String,
    /// The data provider, by its short name.
    pub aud: String,
    /// The citizen, as this data provider alone knows them.
    pub sub: String,
    /// The voucher itself, good for one use.
    pub jti: String,
    /// When it was made, in seconds.
    pub iat: i64,
    /// When it ends, in seconds: a minute later at most.
    pub exp: i64,
    /// The level the citizen signed in with.
    pub acr: String,
    /// Who receives the evidence.
    pub client: Requester,
    /// The public JWK to encrypt it to.
    pub recipient: Value,
    /// Whether it is to be shown or sent.
    pub phase: Phase,
    /// The exchange, by the name it has with this data provider alone.
    pub exchange: String,
    /// What is asked for.
    pub evidence_type: String,
    /// Which of its fields.
    pub fields: Vec<String>,
    /// What for.
    pub purpose: String,
    /// By which right.
    pub basis: Basis,
    /// What the citizen saw of it.
    pub preview: Preview,
    /// The digest of the request it is for.
    pub request_digest: String,
    /// Whose it is.
    pub cnf: Confirmation,
    /// The citizen's row in our register, by its blind index ([`BlindRegister`](crate::BlindRegister)): where
    /// we said that we do not know them by `sub` and our record has it. While preparing only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blind_index: Option<String>,
    /// Who the citizen is, where they said that we may know it and our record lets the hub tell us: to find
    /// them once, by `sub` from then on. While preparing only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<CivilIdentity>,
    /// Who acts for the citizen, where someone does (RFC 8693 §4.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<Value>,
}

/// A civil identity. Personal data: forgotten as soon as the citizen is found.
#[derive(Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(transparent)]
pub struct CivilIdentity(pub IdentityClaims);

impl fmt::Debug for CivilIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CivilIdentity(..)")
    }
}

/// Who receives evidence.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Requester {
    /// Its `client_id`; while preparing, the hub's issuer.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// Where the exchange stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// The citizen is about to see it: the hub itself receives.
    Prepare,
    /// The citizen decided: the service receives.
    Release,
}

/// By which right evidence is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The citizen asked for it in this procedure.
    ExplicitRequest,
    /// The citizen agreed.
    Consent,
    /// A law orders it; the citizen is told.
    LegalObligation,
}

/// What the citizen saw before deciding.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Preview {
    /// Whether they saw the values.
    pub state: PreviewState,
    /// The digest of each value they saw, by field ([`field_digest`](crate::field_digest)).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub digests: BTreeMap<String, String>,
}

/// Whether the citizen saw the values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PreviewState {
    /// They did.
    Shown,
    /// They did not.
    NotShown,
}

/// The key that whoever presents the voucher must prove (RFC 9449 §6).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Confirmation {
    /// Its thumbprint.
    pub jkt: String,
}
