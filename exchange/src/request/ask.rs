//! One fact that is asked for, all of it explicit.

use std::fmt;
use std::str::FromStr;

use guichet_domain::{DataProviderId, EvidenceTypeId, FieldName, PurposeId, Timestamp};
use guichet_oidc::AuthorizationDetail;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::EVIDENCE;
use crate::Basis;

/// What a service asks for and may: made by [`Requests`](super::Requests) alone. Its JSON is the
/// authorization detail as an accepted request holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    pub(super) evidence_type: EvidenceTypeId,
    pub(super) data_provider: DataProviderId,
    pub(super) fields: Vec<FieldName>,
    pub(super) purpose: PurposeId,
    pub(super) basis: Basis,
    #[serde(flatten)]
    pub(super) usage: Usage,
    pub(super) retention_days: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) procedure: Option<Procedure>,
}

/// How often it may be fetched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "usage", rename_all = "snake_case")]
pub enum Usage {
    /// Once.
    Single,
    /// Again and again.
    Recurring {
        /// The days between one fetch and the next: 1 to 366.
        #[serde(rename = "frequency_days")]
        every_days: u32,
        /// How often at most: 1 to 366.
        max_pulls: u32,
        /// Not from then on: a year away at most.
        #[serde(with = "as_text")]
        until: Timestamp,
    },
}

/// The service's own name for the procedure at hand: 1 to 64 visible ASCII characters, kept and given back.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Procedure(String);

impl Ask {
    /// Which evidence.
    pub fn evidence_type(&self) -> &EvidenceTypeId {
        &self.evidence_type
    }

    /// From whom.
    pub fn data_provider(&self) -> &DataProviderId {
        &self.data_provider
    }

    /// Which of its fields, in the catalogue's order; one at least.
    pub fn fields(&self) -> &[FieldName] {
        &self.fields
    }

    /// What for.
    pub fn purpose(&self) -> &PurposeId {
        &self.purpose
    }

    /// On which ground.
    pub fn basis(&self) -> Basis {
        self.basis
    }

    /// How often.
    pub fn usage(&self) -> &Usage {
        &self.usage
    }

    /// How long the service keeps it, in days.
    pub fn retention_days(&self) -> u32 {
        self.retention_days
    }

    /// The service's name for the procedure.
    pub fn procedure(&self) -> Option<&Procedure> {
        self.procedure.as_ref()
    }

    /// Whether the citizen may leave fields out, or all of it.
    pub fn may_be_refused(&self) -> bool {
        self.basis.may_be_refused()
    }

    /// Whether the citizen may agree to it before its values can be shown.
    pub fn may_be_sent_unseen(&self) -> bool {
        self.basis.may_be_sent_unseen()
    }

    /// The same for fewer fields: those of `kept` that were asked for, in their order.
    #[must_use]
    pub fn narrowed(&self, kept: &[FieldName]) -> Self {
        let mut narrowed = self.clone();
        narrowed.fields.retain(|field| kept.contains(field));
        narrowed
    }

    /// The ask that an accepted request holds; `None` for details of another type.
    pub fn of_detail(detail: &AuthorizationDetail) -> Option<Self> {
        let is_evidence = detail.kind() == EVIDENCE;
        is_evidence.then(|| detail.read().ok()).flatten()
    }

    /// As an authorization detail.
    pub fn detail(&self) -> Option<AuthorizationDetail> {
        let Ok(Value::Object(mut members)) = serde_json::to_value(self) else {
            return None;
        };
        members.insert("type".to_owned(), EVIDENCE.into());
        members.try_into().ok()
    }
}

impl Procedure {
    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Procedure {
    type Err = NotAProcedure;

    fn from_str(text: &str) -> Result<Self, NotAProcedure> {
        let is_one = (1..=64).contains(&text.len()) && text.bytes().all(|it| it.is_ascii_graphic());
        is_one.then(|| Self(text.to_owned())).ok_or(NotAProcedure)
    }
}

/// Empty, too long, or with other characters in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a procedure is 1 to 64 visible ASCII characters")]
pub struct NotAProcedure;

impl TryFrom<String> for Procedure {
    type Error = NotAProcedure;

    fn try_from(text: String) -> Result<Self, NotAProcedure> {
        text.parse()
    }
}

impl From<Procedure> for String {
    fn from(procedure: Procedure) -> Self {
        procedure.0
    }
}

impl fmt::Debug for Procedure {
    /// A service may have put anything into it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Procedure(..)")
    }
}

/// A time as RFC 3339 text.
mod as_text {
    use guichet_domain::Timestamp;
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
    pub(super) fn serialize<S: Serializer>(
        time: &Timestamp,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(time)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Timestamp, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}
