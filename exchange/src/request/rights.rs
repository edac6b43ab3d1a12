//! Whether a service may ask for what it asks for: the catalogue knows it, somebody offers it, and the
//! service was approved for every field and for the purpose.

use std::sync::Arc;
use std::time::Duration;

use guichet_domain::data_provider::DataProviderDirectory;
use guichet_domain::{
    Client, DataProvider, DataProviderId, EvidenceRight, EvidenceTypeId, FieldName, OAuthError,
    PurposeId, Scopes, Timestamp,
};
use guichet_oidc::{AuthorizationDetail, RichRefusal};
use serde::Deserialize;

use super::ask::{Ask, Procedure, Usage};
use super::{EVIDENCE, scopes};
use crate::{Catalogue, EvidenceType, Purpose};

/// The requests that may be made.
#[derive(Clone)]
pub struct Requests {
    catalogue: Arc<Catalogue>,
    providers: Arc<dyn DataProviderDirectory>,
}

/// A detail as a service writes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    #[serde(rename = "type")]
    _type: String,
    evidence_type: EvidenceTypeId,
    data_provider: Option<DataProviderId>,
    fields: Option<Vec<FieldName>>,
    purpose: PurposeId,
    #[serde(default)]
    usage: AskedUsage,
    frequency_days: Option<u32>,
    max_pulls: Option<u32>,
    #[serde(default, deserialize_with = "optional::deserialize")]
    until: Option<Timestamp>,
    retention_days: Option<u32>,
    procedure: Option<Procedure>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum AskedUsage {
    #[default]
    Single,
    Recurring,
}

impl Requests {
    /// Those that this catalogue knows and these data providers answer.
    pub fn new(catalogue: Arc<Catalogue>, providers: Arc<dyn DataProviderDirectory>) -> Self {
        Self {
            catalogue,
            providers,
        }
    }

    /// The catalogue.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// Whether `client` may ask for all of this; what the accepted request holds of it. Data scopes stand
    /// for asks where the client has a right to the field, and for nothing new where it has none.
    pub fn check(
        &self,
        client: &Client,
        asked: &[AuthorizationDetail],
        scopes: &Scopes,
        now: Timestamp,
    ) -> Result<Vec<AuthorizationDetail>, RichRefusal> {
        let mut asks: Vec<Ask> = Vec::new();
        for detail in asked {
            if detail.kind() != EVIDENCE {
                return Err(UNKNOWN_TYPE);
            }
            let ask = self.one(client, detail, now)?;
            if asks
                .iter()
                .any(|known| known.evidence_type == ask.evidence_type)
            {
                return Err(TWICE);
            }
            asks.push(ask);
        }
        scopes::add(self, client, scopes, &mut asks, now);
        if asks.len() > MOST {
            return Err(TOO_MANY);
        }
        asks.iter()
            .map(|ask| ask.detail().ok_or(MALFORMED))
            .collect()
    }

    fn one(
        &self,
        client: &Client,
        detail: &AuthorizationDetail,
        now: Timestamp,
    ) -> Result<Ask, RichRefusal> {
        let asked: Asked = detail.read().map_err(|_| MALFORMED)?;
        let evidence = self.catalogue.evidence(&asked.evidence_type);
        let evidence = evidence.ok_or(UNKNOWN_EVIDENCE)?;
        let purpose = self.catalogue.purpose(&asked.purpose);
        let purpose = purpose.ok_or(UNKNOWN_PURPOSE)?;
        let right = right_to(client, evidence.id(), purpose, now).ok_or(NOT_APPROVED)?;
        let fields = in_order(evidence, asked.fields.as_ref().unwrap_or(&right.fields));
        let wanted = asked.fields.as_ref().map_or(fields.len(), Vec::len);
        // Known, each once, and approved.
        if fields.is_empty() || fields.len() != wanted {
            return Err(UNKNOWN_FIELD);
        }
        if !fields.iter().all(|it| right.covers(it, purpose.id(), now)) {
            return Err(NOT_APPROVED);
        }
        let holder = self.holder(evidence.id()).ok_or(NOBODY)?;
        if asked
            .data_provider
            .as_ref()
            .is_some_and(|named| *named != holder.id)
        {
            return Err(NOBODY);
        }
        Ok(Ask {
            evidence_type: asked.evidence_type.clone(),
            data_provider: holder.id.clone(),
            fields,
            purpose: purpose.id().clone(),
            basis: purpose.basis(),
            retention_days: asked.retention(purpose)?,
            usage: asked.usage(now)?,
            procedure: asked.procedure,
        })
    }

    /// Who hands this evidence out.
    pub(super) fn holder(&self, evidence: &EvidenceTypeId) -> Option<Arc<DataProvider>> {
        self.providers.holder_of(evidence)
    }
}

/// The right under which `client` may ask for this evidence for this purpose now.
fn right_to<'a>(
    client: &'a Client,
    evidence: &EvidenceTypeId,
    purpose: &Purpose,
    now: Timestamp,
) -> Option<&'a EvidenceRight> {
    client.evidence_rights.iter().find(|right| {
        right.evidence_type == *evidence
            && right.purposes.contains(purpose.id())
            && right.is_live(now)
    })
}

/// Those of `names` that the evidence has, in the catalogue's order, each once.
pub(super) fn in_order(evidence: &EvidenceType, names: &[FieldName]) -> Vec<FieldName> {
    let fields = evidence.fields().iter().map(crate::Field::name);
    fields.filter(|it| names.contains(it)).cloned().collect()
}

impl Asked {
    /// No longer than the purpose allows; that long when nothing is said.
    fn retention(&self, purpose: &Purpose) -> Result<u32, RichRefusal> {
        let longest = purpose.retention_days();
        let days = self.retention_days.unwrap_or(longest);
        (1..=longest)
            .contains(&days)
            .then_some(days)
            .ok_or(RETENTION)
    }

    fn usage(&self, now: Timestamp) -> Result<Usage, RichRefusal> {
        if self.usage == AskedUsage::Single {
            let says_more =
                self.frequency_days.is_some() || self.max_pulls.is_some() || self.until.is_some();
            return (!says_more).then_some(Usage::Single).ok_or(USAGE);
        }
        let every_days = self.frequency_days.unwrap_or(30);
        let max_pulls = self.max_pulls.unwrap_or(12);
        let last = now.after(LONGEST);
        let until = self.until.unwrap_or(last);
        let is_bearable = (1..=366).contains(&every_days)
            && (1..=366).contains(&max_pulls)
            && now < until
            && until <= last;
        let usage = Usage::Recurring {
            every_days,
            max_pulls,
            until,
        };
        is_bearable.then_some(usage).ok_or(USAGE)
    }
}

/// The longest that a grant lasts: after a year the citizen decides anew.
const LONGEST: Duration = Duration::from_hours(366 * 24);

/// The most facts of one request: a person decides on each.
const MOST: usize = 5;

mod optional {
    use guichet_domain::Timestamp;
    use serde::{Deserialize as _, Deserializer, de::Error as _};

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Timestamp>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        let parsed = text.map(|text| text.parse().map_err(D::Error::custom));
        parsed.transpose()
    }
}

const UNKNOWN_TYPE: RichRefusal = RichRefusal::of_details("evidence is the only type there is");
const MALFORMED: RichRefusal =
    RichRefusal::of_details("a detail is malformed or has a member that is not known");
const UNKNOWN_EVIDENCE: RichRefusal =
    RichRefusal::of_details("evidence_type is not in the catalogue");
const UNKNOWN_PURPOSE: RichRefusal = RichRefusal::of_details("purpose is not in the catalogue");
const UNKNOWN_FIELD: RichRefusal =
    RichRefusal::of_details("fields are empty, twice, or not in the catalogue");
const TWICE: RichRefusal = RichRefusal::of_details("the same evidence is asked for twice");
const TOO_MANY: RichRefusal = RichRefusal::of_details("more than 5 facts are asked for at once");
const RETENTION: RichRefusal =
    RichRefusal::of_details("retention_days is longer than the purpose allows");
const USAGE: RichRefusal = RichRefusal::of_details(
    "frequency_days and max_pulls are 1 to 366, until at most a year away, all for recurring usage",
);
const NOBODY: RichRefusal =
    RichRefusal::of_details("no data provider hands this evidence out at the moment");
const NOT_APPROVED: RichRefusal = RichRefusal::new(
    OAuthError::InvalidAuthorizationDetails,
    "the client is not approved for this evidence, its fields or this purpose",
);
