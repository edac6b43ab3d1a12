//! Evidence shown by the hub: opened, verified, and held against what was asked.

use std::collections::BTreeMap;
use std::time::Duration;

use guichet_domain::{EvidenceTypeId, FieldName};
use guichet_keys::{JwsAlg, TextDigest, TimeRule, Typ, TypRule, VerifyPolicy};
use serde::Deserialize;
use serde_json::Value;

use super::answer::Expected;
use crate::Desk;

/// The claims of an evidence that matter here.
#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    exchange: String,
    evidence_type: EvidenceTypeId,
    fields: BTreeMap<FieldName, Value>,
    request_digest: TextDigest,
    voucher: String,
}

impl Desk {
    /// The values of the evidence in `envelope`, in the order of the ask; `None` when it is not what was
    /// asked for, in every respect.
    pub(super) async fn open(
        &self,
        expected: &Expected<'_>,
        envelope: &str,
    ) -> Option<Vec<(FieldName, Value)>> {
        let signed = self.parts.keys.decryption_ring().open(envelope).ok()?;
        let signed = String::from_utf8(signed).ok()?;
        let policy = VerifyPolicy {
            algs: &JwsAlg::OURS,
            typ: TypRule::Exactly(Typ::Evidence.as_str()),
        };
        let keys = &self.parts.client_keys;
        let verified = keys.verified(&expected.client, &signed, policy).await?;
        let times = TimeRule {
            now: expected.now,
            leeway: LEEWAY,
            longest: None,
        };
        verified.check_times(times).ok()?;
        let claims: Claims = verified.claims_as().ok()?;
        let is_ours = claims.iss == expected.holder.id.as_str()
            && claims.aud == self.parts.issuer
            && claims.exchange == expected.alias
            && claims.evidence_type == *expected.ask.evidence_type()
            && claims.request_digest == expected.request_digest
            && claims.voucher == expected.voucher;
        is_ours.then(|| self.in_order(expected, claims.fields))?
    }

    /// Every value is of a field that was asked for, and of its type; a field without one is left out.
    fn in_order(
        &self,
        expected: &Expected<'_>,
        mut fields: BTreeMap<FieldName, Value>,
    ) -> Option<Vec<(FieldName, Value)>> {
        let evidence = self.catalogue().evidence(expected.ask.evidence_type())?;
        let mut values = Vec::new();
        for name in expected.ask.fields() {
            let Some(value) = fields.remove(name) else {
                continue;
            };
            if !evidence.field(name)?.kind().takes(&value) {
                return None;
            }
            values.push((name.clone(), value));
        }
        (fields.is_empty() && !values.is_empty()).then_some(values)
    }
}

const LEEWAY: Duration = Duration::from_secs(30);
