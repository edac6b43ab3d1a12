//! One entry of the ledger as the support sees it: when, which step, at which service, by which provider, at which
//! level, what it came to. Not who, not in which session, nothing that was told of them.

use std::collections::BTreeMap;

use guichet_domain::{AcrValue, ClientId, LedgerName, ProviderId, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is looked at. A kind that this program does not know yet is an entry all the same.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Entry {
    pub(super) at: Timestamp,
    pub(super) kind: String,
    #[serde(default)]
    pub(super) login: Option<String>,
    #[serde(default)]
    pub(super) browsing: Option<String>,
    #[serde(default)]
    pub(super) client: Option<ClientId>,
    #[serde(default)]
    pub(super) provider: Option<ProviderId>,
    #[serde(default)]
    pub(super) person: Option<LedgerName>,
    #[serde(default)]
    pub(super) acr: Option<AcrValue>,
    #[serde(default)]
    pub(super) details: BTreeMap<String, String>,
}

/// A step of a login, masked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Step {
    /// When, RFC 3339.
    pub time: String,
    /// What happened, in the ledger's word.
    pub kind: String,
    /// At which service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// By which identity provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// At which level.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// What it came to: words of the hub's own, by name.
    pub outcome: BTreeMap<String, String>,
    /// Whether something of it is hidden: who it was, or what was told of them.
    pub hidden: bool,
    /// When, for pages.
    #[serde(skip)]
    pub(crate) at: Timestamp,
}

impl Entry {
    /// The entry that these bytes are; `None` when they are none.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    /// As the support sees it.
    pub(super) fn masked(&self) -> Step {
        let shown = |(name, _): &(&String, &String)| SHOWN.contains(&name.as_str());
        let outcome: BTreeMap<String, String> = self
            .details
            .iter()
            .filter(shown)
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        Step {
            time: self.at.to_string(),
            kind: self.kind.clone(),
            client_id: self.client.as_ref().map(ToString::to_string),
            provider: self.provider.as_ref().map(ToString::to_string),
            level: self.acr.map(|acr| acr.level.as_str().to_owned()),
            hidden: self.person.is_some() || outcome.len() < self.details.len(),
            outcome,
            at: self.at,
        }
    }
}

/// The details that are words of the hub's own about what went wrong, or how; nothing of the person is in any. What
/// is not here is hidden.
const SHOWN: &[&str] = &[
    "claim",
    "doing",
    "error",
    "failure",
    "obtained",
    "outcome",
    "page",
    "prompt",
    "reason",
    "reference",
    "register",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_says_what_happened_and_not_to_whom() {
        let entry = br#"{"v":1,"seq":7,"prev":"","at":5000,"kind":"identity.refused",
            "login":"AAAAAAAAAAAAAAAAAAAAAA","session":"BBBBBBBBBBBBBBBBBBBBBA","browsing":"ABCD-2345-WXYZ",
            "client":"cantine","provider":"compte","person":"AQEBAQEBAQEBAQEBAQEBAQ","acr":"eidas1",
            "details":{"reason":"register","register":"not_found","grant":"secret","scope":"birthdate","amr":"otp"}}"#;
        let step = Entry::parse(entry).unwrap().masked();
        let text = serde_json::to_string(&step).unwrap();
        for hidden in ["AAAA", "BBBB", "AQEB", "secret", "birthdate", "otp", "ABCD"] {
            assert!(!text.contains(hidden), "{hidden}: {text}");
        }
        assert_eq!(step.client_id.as_deref(), Some("cantine"));
        assert_eq!(step.level.as_deref(), Some("eidas1"));
        assert_eq!(step.outcome["register"], "not_found");
        assert!(step.hidden);
    }

    #[test]
    fn what_names_nobody_and_tells_nothing_hides_nothing() {
        let entry = br#"{"at":5000,"kind":"provider.failed","provider":"compte","details":{"failure":"timeout"}}"#;
        assert!(!Entry::parse(entry).unwrap().masked().hidden);
    }
}
