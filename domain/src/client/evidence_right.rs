//! What a service may ask citizens for: fields of one evidence, for some purposes, until a day.

use serde::{Deserialize, Serialize};

use crate::{EvidenceTypeId, FieldName, PurposeId, Timestamp};

/// A right to ask for evidence, as approved for one client. It opens nothing by itself: the citizen
/// decides each time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceRight {
    /// Which evidence.
    pub evidence_type: EvidenceTypeId,
    /// Which of its fields; at least one.
    pub fields: Vec<FieldName>,
    /// What for; at least one.
    pub purposes: Vec<PurposeId>,
    /// No longer from then on.
    #[serde(default)]
    pub until: Option<Timestamp>,
}

impl EvidenceRight {
    /// Whether it still stands.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }

    /// Whether it lets `field` be asked for `purpose` at `now`.
    pub fn covers(&self, field: &FieldName, purpose: &PurposeId, now: Timestamp) -> bool {
        self.is_live(now) && self.fields.contains(field) && self.purposes.contains(purpose)
    }
}
