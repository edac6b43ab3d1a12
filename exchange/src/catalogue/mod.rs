//! The catalogue of evidence, as data: which facts there are, field by field, who holds them, what they may
//! be asked for, and what citizens read of all that.
//!
//! The built-in one is `catalogue.toml` beside this room's `Cargo.toml`; a deployer may bring
//! another. Both are read with the same rules, and nothing that is doubtful is let in: what stands
//! here is what citizens are asked about.

mod file;
mod purpose;
mod schema;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::time::Duration;

use guichet_domain::{Acr, EvidenceTypeId, FieldName, PurposeId, Scope};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use file::CatalogueError;
pub use purpose::{Basis, Purpose};

/// Which facts there are. Immutable once read. Its JSON is what is published.
#[derive(Clone, Debug, Serialize)]
pub struct Catalogue {
    version: String,
    #[serde(rename = "holders")]
    holders: Vec<EvidenceHolder>,
    purposes: Vec<Purpose>,
    evidence: Vec<EvidenceType>,
    /// The place of a scope's field: of its evidence, and among its fields.
    #[serde(skip)]
    by_scope: HashMap<Scope, (usize, usize)>,
}

/// An administration as the catalogue knows it: who holds the facts, not where it is reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EvidenceHolder {
    id: String,
    name: Label,
}

/// One piece of evidence that can be asked for: what a paper would be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EvidenceType {
    id: EvidenceTypeId,
    label: Label,
    holder: String,
    #[serde(rename = "fresh_for_days", serialize_with = "days")]
    fresh_for: Duration,
    #[serde(skip_serializing_if = "Option::is_none")]
    minimum_acr: Option<Acr>,
    fields: Vec<Field>,
}

/// One value of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Field {
    name: FieldName,
    label: Label,
    #[serde(rename = "type")]
    kind: FieldType,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "name_of")]
    scope: Option<Scope>,
    #[serde(skip_serializing_if = "Option::is_none")]
    derived_from: Option<FieldName>,
}

/// What a value is, in the words of JSON Schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    /// Text, at most 2000 characters.
    String,
    /// A whole number.
    Integer,
    /// Yes or no.
    Boolean,
}

/// A text in every language of the pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Label {
    fr: String,
    en: String,
}

impl Catalogue {
    /// The catalogue that comes with Guichet.
    ///
    /// A test reads it, so that an error here is a fault of the build.
    pub fn builtin() -> Result<Self, CatalogueError> {
        Self::parse(include_str!("../../catalogue.toml"))
    }

    /// A catalogue from its TOML text. Refuses unknown keys, scopes that stand for identity claims,
    /// anything twice, texts missing in a language, evidence nobody holds, holders of nothing, and
    /// variants of a field that is not there.
    pub fn parse(toml: &str) -> Result<Self, CatalogueError> {
        file::read(toml)
    }

    /// Its version, as stated in the file.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The evidence with this name.
    pub fn evidence(&self, id: &EvidenceTypeId) -> Option<&EvidenceType> {
        self.evidence.iter().find(|evidence| evidence.id == *id)
    }

    /// All there is, in the order of the file.
    pub fn all_evidence(&self) -> &[EvidenceType] {
        &self.evidence
    }

    /// What `scope` stands for; `None` for identity scopes and unknown ones.
    pub fn of_scope(&self, scope: &Scope) -> Option<(&EvidenceType, &Field)> {
        let (evidence, field) = *self.by_scope.get(scope)?;
        let evidence = self.evidence.get(evidence)?;
        Some((evidence, evidence.fields.get(field)?))
    }

    /// What citizens read for `scope`, in the language with the BCP 47 tag `lang`; French when that
    /// is not one of the catalogue's.
    pub fn label(&self, scope: &Scope, lang: &str) -> Option<&str> {
        Some(self.of_scope(scope)?.1.label.in_language(lang))
    }

    /// Who holds `evidence`.
    pub fn holder(&self, evidence: &EvidenceType) -> Option<&EvidenceHolder> {
        self.holders.iter().find(|it| it.id == evidence.holder)
    }

    /// Every scope that stands for a fact, in the order of the file.
    pub fn data_scopes(&self) -> Vec<Scope> {
        let fields = self.evidence.iter().flat_map(|evidence| &evidence.fields);
        fields.filter_map(|field| field.scope.clone()).collect()
    }

    /// Every purpose, in the order of the file.
    pub fn purposes(&self) -> &[Purpose] {
        &self.purposes
    }

    /// The purpose with this name.
    pub fn purpose(&self, id: &PurposeId) -> Option<&Purpose> {
        self.purposes.iter().find(|purpose| purpose.id() == id)
    }
}

impl EvidenceHolder {
    /// Its short name: lower-case letters, digits and hyphens.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its name on pages.
    pub fn name(&self) -> &Label {
        &self.name
    }
}

impl EvidenceType {
    /// Its name in requests.
    pub fn id(&self) -> &EvidenceTypeId {
        &self.id
    }

    /// What citizens read.
    pub fn label(&self) -> &Label {
        &self.label
    }

    /// For how long a value once fetched may be relied on before it is asked for again.
    pub fn fresh_for(&self) -> Duration {
        self.fresh_for
    }

    /// The level below which nobody is shown it and nobody fetches it.
    pub fn minimum_acr(&self) -> Option<Acr> {
        self.minimum_acr
    }

    /// Its fields, one at least.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The field with this name.
    pub fn field(&self, name: &FieldName) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == *name)
    }
}

impl Field {
    /// Its name in requests and in evidence.
    pub fn name(&self) -> &FieldName {
        &self.name
    }

    /// What citizens read.
    pub fn label(&self) -> &Label {
        &self.label
    }

    /// What its values are.
    pub fn kind(&self) -> FieldType {
        self.kind
    }

    /// The scope by which services written for FranceConnect ask for it.
    pub fn scope(&self) -> Option<&Scope> {
        self.scope.as_ref()
    }

    /// The field it says less than: a bracket instead of an amount, yes or no instead of a date.
    pub fn derived_from(&self) -> Option<&FieldName> {
        self.derived_from.as_ref()
    }
}

impl FieldType {
    /// Whether `value` is one.
    pub fn takes(self, value: &Value) -> bool {
        match (self, value) {
            (Self::String, Value::String(text)) => text.chars().count() <= LONGEST_VALUE,
            (Self::Integer, Value::Number(number)) => number.is_i64(),
            (Self::Boolean, Value::Bool(_)) => true,
            _ => false,
        }
    }
}

/// The most characters of a value.
const LONGEST_VALUE: usize = 2000;

impl Label {
    /// The text in the language with the BCP 47 tag `lang`; French when there is none in it.
    pub fn in_language(&self, lang: &str) -> &str {
        let primary = lang.split(['-', '_']).next().unwrap_or_default();
        if primary.eq_ignore_ascii_case("en") {
            &self.en
        } else {
            &self.fr
        }
    }
}

fn days<S: serde::Serializer>(lifetime: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(lifetime.as_secs() / (24 * 60 * 60))
}

#[expect(clippy::ref_option, reason = "serde calls it so")]
fn name_of<S: serde::Serializer>(scope: &Option<Scope>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(scope.as_ref().map_or("", Scope::as_str))
}
