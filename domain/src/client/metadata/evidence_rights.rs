//! The rights of a service to ask for evidence, as they are declared.

use serde::{Deserialize, Serialize};

use super::ClientMetadataError;
use super::value::invalid;
use crate::Timestamp;
use crate::client::EvidenceRight;
use crate::id::IdError;
use crate::reason::{Reason, Rule};

/// A right to ask for fields of one evidence.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EvidenceRightMetadata {
    /// Which evidence, by its name in the catalogue.
    pub evidence_type: String,
    /// Which of its fields.
    pub fields: Vec<String>,
    /// What for, by the names of purposes in the catalogue.
    pub purposes: Vec<String>,
    /// No longer from then on: a date and time of RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// The declared rights, each evidence once, nothing empty and nothing twice.
pub(super) fn evidence_rights(
    declared: Option<&[EvidenceRightMetadata]>,
) -> Result<Vec<EvidenceRight>, ClientMetadataError> {
    let mut rights: Vec<EvidenceRight> = Vec::new();
    for one in declared.unwrap_or_default() {
        let right = one.checked()?;
        let known = |other: &EvidenceRight| other.evidence_type == right.evidence_type;
        if rights.iter().any(known) {
            return Err(fault(Rule::EvidenceTwice));
        }
        rights.push(right);
    }
    Ok(rights)
}

impl EvidenceRightMetadata {
    fn checked(&self) -> Result<EvidenceRight, ClientMetadataError> {
        let until: Option<Timestamp> = match self.until.as_deref() {
            Some(text) => Some(text.parse().map_err(fault)?),
            None => None,
        };
        Ok(EvidenceRight {
            evidence_type: self.evidence_type.parse().map_err(fault)?,
            fields: names(&self.fields)?,
            purposes: names(&self.purposes)?,
            until,
        })
    }
}

impl From<&EvidenceRight> for EvidenceRightMetadata {
    fn from(right: &EvidenceRight) -> Self {
        Self {
            evidence_type: right.evidence_type.to_string(),
            fields: right.fields.iter().map(ToString::to_string).collect(),
            purposes: right.purposes.iter().map(ToString::to_string).collect(),
            until: right.until.map(|until| until.to_string()),
        }
    }
}

fn names<T>(texts: &[String]) -> Result<Vec<T>, ClientMetadataError>
where
    T: std::str::FromStr<Err = IdError> + PartialEq,
{
    let mut names = Vec::with_capacity(texts.len());
    for text in texts {
        let name: T = text.parse().map_err(fault)?;
        if names.contains(&name) {
            return Err(fault(Rule::NameTwice));
        }
        names.push(name);
    }
    if names.is_empty() {
        return Err(fault(Rule::EmptyRight));
    }
    Ok(names)
}

fn fault(reason: impl Into<Reason>) -> ClientMetadataError {
    invalid("evidence_rights", reason)
}
