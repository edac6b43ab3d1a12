//! What a dossier comes to, or everything that is wrong with it at once.

use guichet_domain::habilitation::{AskedField, Dossier, LegalBasis, Terms};
use guichet_domain::{Acr, EvidenceRight, PurposeId, Scope, Scopes};
use guichet_exchange::Catalogue;
use serde::Serialize;
use url::Url;

use super::{Contacts, Onboarding};

/// A member that cannot stand as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Wrong {
    /// Which: the name of its field.
    pub(crate) member: String,
    /// The text that says what is wrong, by its name.
    pub(crate) text: &'static str,
}

impl Wrong {
    pub(crate) fn new(member: impl Into<String>, text: &'static str) -> Self {
        Self {
            member: member.into(),
            text,
        }
    }
}

/// The scopes of the identity that can be asked for one by one. `openid` comes by itself.
pub(crate) const SCOPES: [&str; 9] = [
    "given_name",
    "family_name",
    "preferred_username",
    "gender",
    "birthdate",
    "birthplace",
    "birthcountry",
    "email",
    "phone",
];

/// From how many months on the retention needs reasons.
const LONG: u16 = 36;
/// The longest there is: what the law lets archives keep is no onboarding's to say.
const LONGEST: u16 = 1200;

impl Onboarding {
    /// What it comes to, or everything that is wrong with it.
    pub(super) fn terms(
        &self,
        dossier: &Dossier,
        contacts: &Contacts,
    ) -> Result<Terms, Vec<Wrong>> {
        let wrongs = self.wrongs(dossier, contacts);
        let level = dossier.level.parse();
        let retention = dossier.retention_months.trim().parse();
        match (wrongs.is_empty(), level, retention) {
            (true, Ok(level), Ok(retention_months)) => {
                let (scopes, evidence) = asked(dossier, &self.catalogue);
                Ok(Terms {
                    scopes,
                    evidence,
                    level,
                    retention_months,
                })
            }
            _ => Err(wrongs),
        }
    }

    /// Everything that is wrong, in the order of the form.
    pub(crate) fn wrongs(&self, dossier: &Dossier, contacts: &Contacts) -> Vec<Wrong> {
        let mut wrongs = of_service(dossier);
        wrongs.extend(contacts.wrongs());
        wrongs.extend(self.of_purposes(dossier));
        wrongs.extend(self.of_data(dossier));
        wrongs.extend(of_guarantees(dossier));
        wrongs.extend(of_text("test_report", &dossier.test_report));
        wrongs
    }

    fn of_purposes(&self, dossier: &Dossier) -> Vec<Wrong> {
        let mut wrongs = Vec::new();
        if !LegalBasis::ALL
            .iter()
            .any(|it| it.as_str() == dossier.basis)
        {
            wrongs.push(Wrong::new("basis", "onboarding-wrong-choice"));
        }
        wrongs.extend(of_line("legal_reference", &dossier.legal_reference));
        wrongs.extend(of_text("purpose", &dossier.purpose));
        let known = |name: &String| {
            let id: Option<PurposeId> = name.parse().ok();
            id.is_some_and(|id| self.catalogue.purpose(&id).is_some())
        };
        let needs_one = !dossier.evidence.is_empty() && dossier.purposes.is_empty();
        if needs_one || !dossier.purposes.iter().all(known) || has_twice(&dossier.purposes) {
            wrongs.push(Wrong::new("purposes", "onboarding-wrong-purposes"));
        }
        wrongs
    }

    fn of_data(&self, dossier: &Dossier) -> Vec<Wrong> {
        let mut wrongs = Vec::new();
        for asked in &dossier.scopes {
            let member = format!("scope.{}", asked.scope);
            let same = dossier.scopes.iter().filter(|it| it.scope == asked.scope);
            if same.count() > 1 {
                wrongs.push(Wrong::new(member, "onboarding-wrong-twice"));
            } else if !SCOPES.contains(&asked.scope.as_str()) {
                wrongs.push(Wrong::new(member, "onboarding-wrong-choice"));
            } else if !is_reason(&asked.justification) {
                wrongs.push(Wrong::new(member, "onboarding-wrong-reason"));
            }
        }
        for asked in &dossier.evidence {
            let member = format!("evidence.{}.{}", asked.evidence_type, asked.field);
            let is_same = |it: &&AskedField| {
                it.evidence_type == asked.evidence_type && it.field == asked.field
            };
            if dossier.evidence.iter().filter(is_same).count() > 1 {
                wrongs.push(Wrong::new(member, "onboarding-wrong-twice"));
            } else if field(&self.catalogue, &asked.evidence_type, &asked.field).is_none() {
                wrongs.push(Wrong::new(member, "onboarding-wrong-choice"));
            } else if !is_reason(&asked.justification) {
                wrongs.push(Wrong::new(member, "onboarding-wrong-reason"));
            }
        }
        if dossier.scopes.is_empty() && dossier.evidence.is_empty() {
            wrongs.push(Wrong::new("scopes", "onboarding-wrong-nothing-asked"));
        }
        wrongs
    }
}

fn of_service(dossier: &Dossier) -> Vec<Wrong> {
    let mut wrongs: Vec<Wrong> = of_line("service", &dossier.service).into_iter().collect();
    wrongs.extend(of_text("description", &dossier.description));
    if !matches!(dossier.kind.as_str(), "public" | "private") {
        wrongs.push(Wrong::new("kind", "onboarding-wrong-choice"));
    }
    wrongs
}

fn of_guarantees(dossier: &Dossier) -> Vec<Wrong> {
    let mut wrongs = Vec::new();
    let months: Option<u16> = dossier.retention_months.trim().parse().ok();
    match months {
        Some(months) if (1..=LONGEST).contains(&months) => {
            if months > LONG && !is_reason(&dossier.retention_reason) {
                wrongs.push(Wrong::new("retention_reason", "onboarding-wrong-long"));
            }
        }
        _ => wrongs.push(Wrong::new("retention_months", "onboarding-wrong-months")),
    }
    if dossier.level.parse::<Acr>().is_err() {
        wrongs.push(Wrong::new("level", "onboarding-wrong-choice"));
    }
    wrongs.extend(of_text("alternative", &dossier.alternative));
    let notice = Url::parse(dossier.privacy_notice.trim());
    let is_page =
        notice.is_ok_and(|it| it.scheme() == "https" && it.has_host() && it.username().is_empty());
    if !is_page {
        wrongs.push(Wrong::new("privacy_notice", "onboarding-wrong-page"));
    }
    wrongs
}

fn has_twice(names: &[String]) -> bool {
    let mut seen = std::collections::HashSet::new();
    names.iter().any(|name| !seen.insert(name))
}

/// A line of 1 to 200 characters.
fn of_line(member: &str, text: &str) -> Option<Wrong> {
    let text = text.trim();
    let is_line = (1..=200).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    (!is_line).then(|| Wrong::new(member, "onboarding-wrong-line"))
}

/// A text of 20 to 4000 characters.
fn of_text(member: &str, text: &str) -> Option<Wrong> {
    (!is_text(text, 20, 4000)).then(|| Wrong::new(member, "onboarding-wrong-text"))
}

/// Something said: 10 to 1000 characters.
pub(super) fn is_reason(text: &str) -> bool {
    is_text(text, 10, 1000)
}

fn is_text(text: &str, least: usize, most: usize) -> bool {
    let is_odd = |it: char| it.is_control() && !matches!(it, '\n' | '\r' | '\t');
    (least..=most).contains(&text.trim().chars().count()) && !text.chars().any(is_odd)
}

fn field<'a>(
    catalogue: &'a Catalogue,
    evidence: &str,
    name: &str,
) -> Option<&'a guichet_exchange::Field> {
    let evidence = catalogue.evidence(&evidence.parse().ok()?)?;
    evidence.field(&name.parse().ok()?)
}

/// The scopes and rights that are asked for: a field that has a scope may be asked for by that as well.
pub(super) fn asked(dossier: &Dossier, catalogue: &Catalogue) -> (Scopes, Vec<EvidenceRight>) {
    let mut purposes: Vec<PurposeId> = Vec::new();
    for purpose in dossier.purposes.iter().filter_map(|it| it.parse().ok()) {
        if !purposes.contains(&purpose) {
            purposes.push(purpose);
        }
    }
    let mut scopes: Vec<Scope> = Vec::new();
    let identity = dossier.scopes.iter().map(|it| it.scope.as_str());
    scopes.extend(
        std::iter::once("openid")
            .chain(identity)
            .filter_map(|it| it.parse().ok()),
    );
    let mut rights: Vec<EvidenceRight> = Vec::new();
    for asked in &dossier.evidence {
        let Some(field) = field(catalogue, &asked.evidence_type, &asked.field) else {
            continue;
        };
        scopes.extend(field.scope().cloned());
        let Ok(evidence_type) = asked.evidence_type.parse() else {
            continue;
        };
        let known = rights
            .iter_mut()
            .find(|it| it.evidence_type == evidence_type);
        if let Some(right) = known {
            if !right.fields.contains(field.name()) {
                right.fields.push(field.name().clone());
            }
        } else {
            rights.push(EvidenceRight {
                evidence_type,
                fields: vec![field.name().clone()],
                purposes: purposes.clone(),
                until: None,
            });
        }
    }
    (scopes.into_iter().collect(), rights)
}
