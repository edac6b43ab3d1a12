//! Opening an envelope: decrypted with our key, signed by the data provider, for us, in answer to this
//! very request.

use std::time::Duration;

use guichet_domain::Timestamp;
use guichet_keys::{JwkSet, JwsAlg, TimeRule, TypRule, VerifyPolicy, verify};
use serde::{Deserialize, Serialize};

use super::{EvidenceClient, FetchError, Granted};
use crate::Fields;

/// Evidence that was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Who vouches for it.
    pub data_provider: String,
    /// What it is.
    pub evidence_type: String,
    /// Its values: those granted that there are.
    pub fields: Fields,
    /// When it was made.
    pub issued: Timestamp,
    /// Until when it may be relied on.
    pub valid_until: Timestamp,
    /// By which voucher it was fetched: the hash of its `jti`.
    pub voucher: String,
    /// What the data provider signed: to be kept as the proof.
    pub signed: String,
}

/// What stands in an evidence.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) struct EvidenceClaims {
    pub(crate) iss: String,
    pub(crate) aud: String,
    pub(crate) iat: i64,
    /// Until when it may be relied on.
    pub(crate) exp: i64,
    pub(crate) exchange: String,
    pub(crate) evidence_type: String,
    pub(crate) fields: Fields,
    pub(crate) request_digest: String,
    /// The hash of the voucher's `jti`.
    pub(crate) voucher: String,
    /// The citizen in this evidence: another name each time.
    pub(crate) subject: String,
}

impl EvidenceClient {
    /// The evidence in `envelope`, when the data provider whose `keys` these are signed it in answer to the
    /// request with `request_digest`, which no other request has.
    pub(super) fn open(
        &self,
        envelope: &str,
        keys: &JwkSet,
        granted: &Granted,
        request_digest: &str,
    ) -> Result<Evidence, FetchError> {
        let bad = FetchError::Unbelievable;
        let opened = self.hub.means().keys.decrypt(envelope);
        let signed = opened.map_err(|_| bad("it is not encrypted to us"))?;
        let signed = String::from_utf8(signed).map_err(|_| bad("it is no JWS"))?;
        let verified = verify(&signed, keys, POLICY)
            .map_err(|_| bad("it is not signed by the data provider"))?;
        verified
            .check_times(TimeRule {
                now: self.hub.now(),
                leeway: LEEWAY,
                longest: None,
            })
            .map_err(|_| bad("it is not valid now"))?;
        let claims: EvidenceClaims = verified
            .claims_as()
            .map_err(|_| bad("it says too little"))?;
        claims.check(granted, request_digest, self.hub.client_id())?;
        Ok(Evidence {
            data_provider: claims.iss,
            evidence_type: claims.evidence_type,
            fields: claims.fields,
            issued: Timestamp::from_seconds(claims.iat),
            valid_until: Timestamp::from_seconds(claims.exp),
            voucher: claims.voucher,
            signed,
        })
    }
}

impl EvidenceClaims {
    /// Whether this answers the request and no other.
    fn check(&self, granted: &Granted, request_digest: &str, us: &str) -> Result<(), FetchError> {
        let is_asked = |name| granted.fields.contains(name);
        let reason = if self.iss != granted.data_provider {
            "it is by another data provider"
        } else if self.aud != us {
            "it is for another service"
        } else if self.request_digest != request_digest {
            "it answers another request"
        } else if self.evidence_type != granted.evidence_type {
            "it is another evidence"
        } else if !self.fields.keys().all(is_asked) {
            "it holds what nobody asked for"
        } else {
            return Ok(());
        };
        Err(FetchError::Unbelievable(reason))
    }
}

const POLICY: VerifyPolicy<'_> = VerifyPolicy {
    algs: &JwsAlg::OURS,
    typ: TypRule::Exactly("evidence+jwt"),
};
/// How far our clock and the data provider's may be apart.
const LEEWAY: Duration = Duration::from_secs(30);
