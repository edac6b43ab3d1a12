//! Plain data scopes, as services written for FranceConnect send them: each stands for one field.

use std::collections::BTreeMap;

use guichet_domain::{Client, EvidenceTypeId, FieldName, Scopes, Timestamp};

use super::ask::{Ask, Usage};
use super::rights::{Requests, in_order};

/// Adds what `scopes` ask for, where the client has a right to it: fetched once, for the first purpose it
/// was approved for, unless the same evidence is asked for by name.
///
/// Where it has no such right, the scope means what it always meant: a data provider that is asked with the
/// service's token hears of it at introspection, and nobody shows a value.
pub(super) fn add(
    requests: &Requests,
    client: &Client,
    scopes: &Scopes,
    asks: &mut Vec<Ask>,
    now: Timestamp,
) {
    let mut wanted: BTreeMap<EvidenceTypeId, Vec<FieldName>> = BTreeMap::new();
    for scope in scopes.iter() {
        if let Some((evidence, field)) = requests.catalogue().of_scope(scope) {
            let fields = wanted.entry(evidence.id().clone()).or_default();
            fields.push(field.name().clone());
        }
    }
    for (evidence, fields) in wanted {
        if asks.iter().all(|ask| ask.evidence_type != evidence) {
            asks.extend(ask(requests, client, evidence, &fields, now));
        }
    }
}

fn ask(
    requests: &Requests,
    client: &Client,
    evidence_type: EvidenceTypeId,
    fields: &[FieldName],
    now: Timestamp,
) -> Option<Ask> {
    let mut rights = client.evidence_rights.iter();
    let right = rights.find(|right| right.evidence_type == evidence_type && right.is_live(now))?;
    let purpose = requests.catalogue().purpose(right.purposes.first()?)?;
    let mut fields = in_order(requests.catalogue().evidence(&evidence_type)?, fields);
    fields.retain(|field| right.covers(field, purpose.id(), now));
    let holder = requests.holder(&evidence_type)?;
    (!fields.is_empty()).then(|| Ask {
        evidence_type,
        data_provider: holder.id.clone(),
        fields,
        purpose: purpose.id().clone(),
        basis: purpose.basis(),
        usage: Usage::Single,
        retention_days: purpose.retention_days(),
        procedure: None,
    })
}
