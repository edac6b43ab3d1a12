//! What is asked, as it was typed: a draft keeps whatever stands there, however wrong. What it comes to is
//! checked when it is submitted.

use serde::{Deserialize, Serialize};

/// What an organisation asks for one service.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Dossier {
    /// The service's name, as citizens see it.
    pub service: String,
    /// What it does for them.
    pub description: String,
    /// `public` or `private` body.
    pub kind: String,
    /// The legal basis: `consent`, `contract`, `legal_obligation`, `vital_interests`, `public_task` or
    /// `legitimate_interests` (Regulation (EU) 2016/679, article 6(1)).
    pub basis: String,
    /// The text it rests on.
    pub legal_reference: String,
    /// Purposes, by their names in the catalogue.
    pub purposes: Vec<String>,
    /// What for, in the organisation's own words.
    pub purpose: String,
    /// Scopes of the identity, each with its reason.
    pub scopes: Vec<AskedScope>,
    /// Fields of evidence, each with its reason.
    pub evidence: Vec<AskedField>,
    /// How many months what was got is kept.
    pub retention_months: String,
    /// Why, where that is more than 36.
    pub retention_reason: String,
    /// The level: `eidas1`, `eidas2` or `eidas3`.
    pub level: String,
    /// How those who cannot, or do not want to, do it online get the same.
    pub alternative: String,
    /// Where citizens read what becomes of their data: an https URL.
    pub privacy_notice: String,
    /// What was tested, how, and what came of it.
    pub test_report: String,
}

/// A scope that is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AskedScope {
    /// Which.
    pub scope: String,
    /// Why it cannot be done without.
    #[serde(default)]
    pub justification: String,
}

/// A field of evidence that is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AskedField {
    /// Of which evidence.
    pub evidence_type: String,
    /// Which field.
    pub field: String,
    /// Why it cannot be done without.
    #[serde(default)]
    pub justification: String,
}

/// On what processing may rest (Regulation (EU) 2016/679, article 6(1)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LegalBasis {
    /// (a)
    Consent,
    /// (b)
    Contract,
    /// (c)
    LegalObligation,
    /// (d)
    VitalInterests,
    /// (e)
    PublicTask,
    /// (f)
    LegitimateInterests,
}

impl LegalBasis {
    /// All six.
    pub const ALL: [Self; 6] = [
        Self::PublicTask,
        Self::LegalObligation,
        Self::Consent,
        Self::Contract,
        Self::LegitimateInterests,
        Self::VitalInterests,
    ];

    /// Its name in a dossier.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Consent => "consent",
            Self::Contract => "contract",
            Self::LegalObligation => "legal_obligation",
            Self::VitalInterests => "vital_interests",
            Self::PublicTask => "public_task",
            Self::LegitimateInterests => "legitimate_interests",
        }
    }
}

impl Dossier {
    /// Line by line: a name, and what stands there. Empty lines are left out.
    pub fn lines(&self) -> Vec<(String, String)> {
        let mut lines: Vec<(String, String)> = [
            ("service", &self.service),
            ("description", &self.description),
            ("kind", &self.kind),
            ("basis", &self.basis),
            ("legal_reference", &self.legal_reference),
            ("purpose", &self.purpose),
            ("retention_months", &self.retention_months),
            ("retention_reason", &self.retention_reason),
            ("level", &self.level),
            ("alternative", &self.alternative),
            ("privacy_notice", &self.privacy_notice),
            ("test_report", &self.test_report),
        ]
        .into_iter()
        .map(|(name, text)| (name.to_owned(), text.clone()))
        .collect();
        let purposes = self.purposes.iter();
        lines.extend(purposes.map(|it| (format!("purpose {it}"), it.clone())));
        let scopes = self.scopes.iter();
        lines.extend(scopes.map(|it| (format!("scope {}", it.scope), it.justification.clone())));
        lines.extend(self.evidence.iter().map(|it| {
            let name = format!("evidence {} {}", it.evidence_type, it.field);
            (name, it.justification.clone())
        }));
        lines.retain(|(name, text)| !text.is_empty() || name.contains(' '));
        lines
    }
}
