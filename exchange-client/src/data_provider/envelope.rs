//! The envelope of evidence: signed by the data provider, then encrypted to who receives (JWE of JWS).

use guichet_domain::{ContentEncryption, Encryption, KeyManagementAlg, Timestamp};
use guichet_keys::{EncryptionKeySet, Typ, encrypt};
use serde_json::json;

use super::EvidenceDesk;
use crate::digest::hash;
use crate::hub::HubError;
use crate::service::EvidenceClaims;
use crate::{Fields, Voucher};

/// Signs `fields` as what was asked for and encrypts it to the key in the voucher.
pub(super) fn seal(
    desk: &EvidenceDesk,
    voucher: &Voucher,
    fields: &Fields,
    valid_until: Timestamp,
) -> Result<String, HubError> {
    let claims = EvidenceClaims {
        iss: desk.verifier().id().to_owned(),
        aud: voucher.client.id.clone(),
        iat: desk.hub().now().seconds(),
        exp: valid_until.seconds(),
        exchange: voucher.exchange.clone(),
        evidence_type: voucher.evidence_type.clone(),
        fields: fields.clone(),
        request_digest: voucher.request_digest.clone(),
        voucher: hash(&voucher.jti),
        subject: desk.hub().fresh(),
    };
    let means = desk.hub().means();
    let signed = means.keys.sign(Typ::Evidence, &claims)?;
    let keys = EncryptionKeySet::from_value(&json!({ "keys": [voucher.recipient] }))
        .map_err(|_| HubError::Answer(NO_KEY))?;
    let (alg, key) = ALGS
        .iter()
        .find_map(|alg| Some((*alg, keys.for_alg(*alg)?)))
        .ok_or(HubError::Answer(NO_KEY))?;
    let with = Encryption {
        alg,
        enc: ContentEncryption::A256Gcm,
    };
    let entropy = &*means.entropy;
    Ok(encrypt(key, with, Some(CTY), signed.as_bytes(), entropy)?)
}

const CTY: &str = "evidence+jwt";
const ALGS: [KeyManagementAlg; 2] = [KeyManagementAlg::EcdhEsA256Kw, KeyManagementAlg::RsaOaep256];
const NO_KEY: &str = "a recipient without a key to encrypt to";
