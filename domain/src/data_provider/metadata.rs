//! A data provider as it is declared: in a file, by the API or on the command line.

use serde::{Deserialize, Serialize};

use super::{DataProvider, Preview};
use crate::member::web_url_without_fragment;
use crate::reason::Rule;
use crate::{EvidenceTypeId, InvalidMember};

/// What is declared of a data provider.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DataProviderMetadata {
    /// Its short name: 1 to 64 lower-case letters, digits, hyphens and underscores.
    pub id: String,
    /// The name citizens see; the short name when there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The `client_id` with which it introspects vouchers. That client's keys verify its evidence.
    pub client_id: String,
    /// Where vouchers are presented.
    pub evidence_endpoint: String,
    /// The evidence it holds, by their names in the catalogue.
    pub evidence: Vec<String>,
    /// How citizens see what would leave: `fetched` (default), `own_page` or `none`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview: Option<Preview>,
    /// How many entries of its register it may have indexed a day, to find citizens it has no link to yet
    /// without being told their names (default: none).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub indexed_a_day: Option<u32>,
    /// Whether it may be told a civil identity (default: no).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub may_receive_identity: Option<bool>,
    /// Whether evidence can be had from it (default: yes).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
}

impl DataProviderMetadata {
    /// Checks the metadata, each member on its own. Whether client and evidence exist is for whoever
    /// has the registry and the catalogue.
    pub fn check(&self) -> Result<DataProvider, InvalidMember> {
        let endpoint =
            web_url_without_fragment("evidence_endpoint", Some(&self.evidence_endpoint))?;
        Ok(DataProvider {
            id: self
                .id
                .parse()
                .map_err(|error| InvalidMember::new("id", error))?,
            name: self.checked_name()?,
            client: self
                .client_id
                .parse()
                .map_err(|error| InvalidMember::new("client_id", error))?,
            evidence_endpoint: endpoint
                .ok_or_else(|| InvalidMember::new("evidence_endpoint", Rule::VouchersSomewhere))?,
            evidence: self.checked_evidence()?,
            preview: self.preview.unwrap_or_default(),
            indexed_a_day: self.indexed_a_day.unwrap_or(0),
            may_receive_identity: self.may_receive_identity.unwrap_or(false),
            active: self.active.unwrap_or(true),
        })
    }

    fn checked_name(&self) -> Result<String, InvalidMember> {
        let name = self.name.as_deref().unwrap_or(&self.id);
        let is_shown = (1..=160).contains(&name.chars().count())
            && name.trim() == name
            && !name.chars().any(char::is_control);
        if is_shown {
            Ok(name.to_owned())
        } else {
            let reason = Rule::ShownName;
            Err(InvalidMember::new("name", reason))
        }
    }

    fn checked_evidence(&self) -> Result<Vec<EvidenceTypeId>, InvalidMember> {
        let fault = |rule: Rule| InvalidMember::new("evidence", rule);
        let mut evidence: Vec<EvidenceTypeId> = Vec::with_capacity(self.evidence.len());
        for text in &self.evidence {
            let one = text.parse().map_err(|_| fault(Rule::NotAName))?;
            if evidence.contains(&one) {
                return Err(fault(Rule::EvidenceTwice));
            }
            evidence.push(one);
        }
        if evidence.is_empty() {
            return Err(fault(Rule::HoldsOne));
        }
        Ok(evidence)
    }
}

impl From<&DataProvider> for DataProviderMetadata {
    fn from(known: &DataProvider) -> Self {
        Self {
            id: known.id.to_string(),
            name: Some(known.name.clone()),
            client_id: known.client.to_string(),
            evidence_endpoint: known.evidence_endpoint.to_string(),
            evidence: known.evidence.iter().map(ToString::to_string).collect(),
            preview: Some(known.preview),
            indexed_a_day: Some(known.indexed_a_day),
            may_receive_identity: Some(known.may_receive_identity),
            active: Some(known.active),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared() -> serde_json::Value {
        serde_json::json!({
            "id": "famille",
            "client_id": "fd-famille",
            "evidence_endpoint": "https://famille.example/evidence",
            "evidence": ["quotient-familial"],
        })
    }

    fn check(json: serde_json::Value) -> Result<DataProvider, InvalidMember> {
        let metadata: DataProviderMetadata = serde_json::from_value(json).unwrap();
        metadata.check()
    }

    #[test]
    fn defaults_tell_it_no_identity_and_show_the_citizen_the_values() {
        let known = check(declared()).unwrap();
        assert_eq!(known.name, "famille");
        assert_eq!(known.preview, Preview::Fetched);
        assert!(!known.may_receive_identity);
        assert_eq!(known.indexed_a_day, 0);
        assert!(known.offers(&"quotient-familial".parse().unwrap()));
        assert!(!known.offers(&"revenu".parse().unwrap()));
    }

    #[test]
    fn nothing_can_be_had_from_one_that_is_disabled() {
        let mut json = declared();
        json["active"] = false.into();
        let known = check(json).unwrap();
        assert!(!known.offers(&"quotient-familial".parse().unwrap()));
    }

    #[test]
    fn each_fault_names_its_member() {
        let cases = [
            ("id", serde_json::json!("../x")),
            ("name", serde_json::json!(" ")),
            ("name", serde_json::json!("a\u{7}")),
            ("client_id", serde_json::json!("")),
            ("evidence_endpoint", serde_json::json!("file:///etc/passwd")),
            (
                "evidence_endpoint",
                serde_json::json!("https://a.example/#x"),
            ),
            ("evidence", serde_json::json!([])),
            ("evidence", serde_json::json!(["A"])),
            ("evidence", serde_json::json!(["a", "a"])),
        ];
        for (member, value) in cases {
            let mut json = declared();
            json[member] = value.clone();
            let error = check(json).unwrap_err();
            assert_eq!(error.member, member, "{value}");
        }
    }

    #[test]
    fn a_member_nobody_knows_is_refused() {
        let mut json = declared();
        json["previews"] = "none".into();
        assert!(serde_json::from_value::<DataProviderMetadata>(json).is_err());
    }

    #[test]
    fn what_is_written_back_is_read_the_same() {
        let mut json = declared();
        json["name"] = "Famille".into();
        json["preview"] = "own_page".into();
        json["may_receive_identity"] = true.into();
        json["indexed_a_day"] = 1000.into();
        let known = check(json).unwrap();
        assert_eq!(DataProviderMetadata::from(&known).check().unwrap(), known);
    }
}
