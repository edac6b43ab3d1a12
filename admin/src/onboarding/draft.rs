//! A draft, written part by part: whatever is typed is kept, whether it can stand or not.

use std::collections::HashMap;

use guichet_domain::habilitation::{AskedField, AskedScope, Dossier};
use guichet_exchange::Catalogue;

use super::{CONTACTS, Contacts, SCOPES};

/// The parts of the form, each a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// The service.
    Service,
    /// Whom to write to.
    Contacts,
    /// What for, and on which ground.
    Purposes,
    /// Which data, each with its reason.
    Data,
    /// Retention, level, alternative, privacy notice.
    Guarantees,
    /// What was tested.
    Tests,
}

impl Part {
    /// All of them, in order.
    pub(crate) const ALL: [Self; 6] = [
        Self::Service,
        Self::Contacts,
        Self::Purposes,
        Self::Data,
        Self::Guarantees,
        Self::Tests,
    ];

    /// Its segment in addresses.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Contacts => "contacts",
            Self::Purposes => "purposes",
            Self::Data => "data",
            Self::Guarantees => "guarantees",
            Self::Tests => "tests",
        }
    }

    /// The part of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.as_str() == name)
    }

    /// The next, where there is one.
    pub(crate) fn next(self) -> Option<Self> {
        let at = Self::ALL.iter().position(|part| *part == self)?;
        Self::ALL.get(at + 1).copied()
    }

    /// Whether a member stands on its page.
    pub(crate) fn holds(self, member: &str) -> bool {
        let first = member.split('.').next().unwrap_or_default();
        match self {
            Self::Service => matches!(first, "service" | "description" | "kind"),
            Self::Contacts => CONTACTS.contains(&first),
            Self::Purposes => {
                matches!(first, "basis" | "legal_reference" | "purposes" | "purpose")
            }
            Self::Data => matches!(first, "scope" | "scopes" | "evidence"),
            Self::Guarantees => matches!(
                first,
                "retention_months"
                    | "retention_reason"
                    | "level"
                    | "alternative"
                    | "privacy_notice"
            ),
            Self::Tests => first == "test_report",
        }
    }

    /// Takes what was typed on its page.
    pub(crate) fn write(
        self,
        typed: &HashMap<String, String>,
        catalogue: &Catalogue,
        (dossier, contacts): (&mut Dossier, &mut Contacts),
    ) {
        let text = |name: &str| cut(typed.get(name).map_or("", String::as_str));
        match self {
            Self::Service => {
                dossier.service = text("service");
                dossier.description = text("description");
                dossier.kind = text("kind");
            }
            Self::Contacts => {
                for role in CONTACTS {
                    if let Some(contact) = contacts.of(role) {
                        contact.name = text(&format!("{role}.name"));
                        contact.address = text(&format!("{role}.address"));
                    }
                }
            }
            Self::Purposes => {
                dossier.basis = text("basis");
                dossier.legal_reference = text("legal_reference");
                dossier.purpose = text("purpose");
                let all = catalogue.purposes().iter().map(|it| it.id().to_string());
                let chosen = all.filter(|it| typed.contains_key(&format!("purposes.{it}")));
                dossier.purposes = chosen.collect();
            }
            Self::Data => {
                dossier.scopes = scopes(typed);
                dossier.evidence = evidence(typed, catalogue);
            }
            Self::Guarantees => {
                dossier.retention_months = text("retention_months");
                dossier.retention_reason = text("retention_reason");
                dossier.level = text("level");
                dossier.alternative = text("alternative");
                dossier.privacy_notice = text("privacy_notice");
            }
            Self::Tests => dossier.test_report = text("test_report"),
        }
    }
}

/// What is typed in the fields of a draft, by their names: every field there is, empty where nothing is.
pub(crate) fn fields(
    dossier: &Dossier,
    contacts: &Contacts,
    catalogue: &Catalogue,
) -> HashMap<String, String> {
    let mut all: HashMap<String, String> = SINGLE
        .iter()
        .map(|name| ((*name).to_owned(), String::new()))
        .collect();
    let lines = dossier.lines().into_iter();
    all.extend(lines.filter(|(name, _)| !name.contains(' ')));
    for (role, contact) in contacts.each() {
        all.insert(format!("{role}.name"), contact.name.clone());
        all.insert(format!("{role}.address"), contact.address.clone());
    }
    for purpose in catalogue.purposes() {
        let is_chosen = dossier
            .purposes
            .iter()
            .any(|it| it == purpose.id().as_str());
        all.insert(format!("purposes.{}", purpose.id()), ticked(is_chosen));
    }
    for scope in SCOPES {
        let asked = dossier.scopes.iter().find(|it| it.scope == scope);
        insert(
            &mut all,
            &format!("scope.{scope}"),
            asked.map(|it| &it.justification),
        );
    }
    for evidence in catalogue.all_evidence() {
        for field in evidence.fields() {
            let asked = dossier.evidence.iter().find(|it| {
                it.evidence_type == evidence.id().as_str() && it.field == field.name().as_str()
            });
            let name = format!("evidence.{}.{}", evidence.id(), field.name());
            insert(&mut all, &name, asked.map(|it| &it.justification));
        }
    }
    all
}

/// The fields that stand for themselves.
const SINGLE: [&str; 12] = [
    "service",
    "description",
    "kind",
    "basis",
    "legal_reference",
    "purpose",
    "retention_months",
    "retention_reason",
    "level",
    "alternative",
    "privacy_notice",
    "test_report",
];

fn insert(all: &mut HashMap<String, String>, name: &str, asked: Option<&String>) {
    all.insert(name.to_owned(), ticked(asked.is_some()));
    all.insert(format!("why.{name}"), asked.cloned().unwrap_or_default());
}

fn ticked(is: bool) -> String {
    if is { "yes".to_owned() } else { String::new() }
}

/// What has its box ticked, or a reason beside it: a reason alone says as much.
fn asked(typed: &HashMap<String, String>, name: &str) -> Option<String> {
    let why = typed.get(&format!("why.{name}")).map_or("", String::as_str);
    let is_asked = typed.contains_key(name) || !why.trim().is_empty();
    is_asked.then(|| cut(why))
}

fn scopes(typed: &HashMap<String, String>) -> Vec<AskedScope> {
    let one = |scope: &str| {
        Some(AskedScope {
            justification: asked(typed, &format!("scope.{scope}"))?,
            scope: scope.to_owned(),
        })
    };
    SCOPES.into_iter().filter_map(one).collect()
}

fn evidence(typed: &HashMap<String, String>, catalogue: &Catalogue) -> Vec<AskedField> {
    let mut all = Vec::new();
    for evidence in catalogue.all_evidence() {
        for field in evidence.fields() {
            let name = format!("evidence.{}.{}", evidence.id(), field.name());
            if let Some(justification) = asked(typed, &name) {
                all.push(AskedField {
                    evidence_type: evidence.id().to_string(),
                    field: field.name().to_string(),
                    justification,
                });
            }
        }
    }
    all
}

/// No field is near it; a form is 64 KiB at most anyway.
fn cut(text: &str) -> String {
    text.chars().take(5000).collect()
}
