//! The catalogue of evidence, as data: one scope stands for one fact, held by one data provider.
//!
//! The built-in one is `catalogue.toml` beside this room's `Cargo.toml`; a deployer may bring
//! another. Both are read with the same rules, and nothing that is doubtful is let in: what stands
//! here is what citizens are asked about.

mod file;

use std::collections::HashMap;
use std::time::Duration;

use guichet_domain::Scope;

pub use file::CatalogueError;

/// Which facts there are. Immutable once read.
#[derive(Clone, Debug)]
pub struct Catalogue {
    version: String,
    holders: Vec<EvidenceHolder>,
    evidence: Vec<EvidenceType>,
    by_scope: HashMap<Scope, usize>,
}

/// A data provider as the catalogue knows it: who holds the facts, not where it is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceHolder {
    id: String,
    name: Label,
}

/// One fact that can be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceType {
    scope: Scope,
    label: Label,
    holder: usize,
    fresh_for: Duration,
}

/// A text in every language of the pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    fr: String,
    en: String,
}

impl Catalogue {
    /// The catalogue that comes with Guichet.
    ///
    /// A test reads it, so that an error here is a fault of the build.
    pub fn builtin() -> Result<Self, CatalogueError> {
        Self::parse(include_str!("../catalogue.toml"))
    }

    /// A catalogue from its TOML text. Refuses unknown keys, scopes that stand for identity claims,
    /// anything twice, texts missing in a language, evidence nobody holds and holders of nothing.
    pub fn parse(toml: &str) -> Result<Self, CatalogueError> {
        file::read(toml)
    }

    /// Its version, as stated in the file.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What `scope` stands for; `None` for identity scopes and unknown ones.
    pub fn evidence(&self, scope: &Scope) -> Option<&EvidenceType> {
        self.evidence.get(*self.by_scope.get(scope)?)
    }

    /// What citizens read for `scope`, in the language with the BCP 47 tag `lang`; French when that
    /// is not one of the catalogue's.
    pub fn label(&self, scope: &Scope, lang: &str) -> Option<&str> {
        Some(self.evidence(scope)?.label.in_language(lang))
    }

    /// Who holds the fact that `scope` stands for.
    pub fn data_provider(&self, scope: &Scope) -> Option<&EvidenceHolder> {
        self.holders.get(self.evidence(scope)?.holder)
    }

    /// Every scope that stands for a fact, in the order of the file.
    pub fn data_scopes(&self) -> Vec<Scope> {
        self.evidence
            .iter()
            .map(|evidence| evidence.scope.clone())
            .collect()
    }

    /// Everyone who holds anything, in the order of the file.
    pub fn data_providers(&self) -> &[EvidenceHolder] {
        &self.holders
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
    /// Its scope.
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// What citizens read.
    pub fn label(&self) -> &Label {
        &self.label
    }

    /// For how long a value once fetched may be relied on before it is asked for again.
    pub fn fresh_for(&self) -> Duration {
        self.fresh_for
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(name: &str) -> Scope {
        name.parse().unwrap()
    }

    #[test]
    fn the_built_in_catalogue_is_whole() {
        let catalogue = Catalogue::builtin().unwrap();
        for name in ["cnaf_quotient_familial", "dgfip_rfr", "mi_siv_carte_grise"] {
            assert!(catalogue.data_provider(&scope(name)).is_some(), "{name}");
        }
        let scopes = catalogue.data_scopes();
        assert!(scopes.len() > 60, "{}", scopes.len());
        assert!(
            scopes
                .iter()
                .all(|scope| catalogue.label(scope, "en").is_some())
        );
    }

    #[test]
    fn a_label_is_read_in_the_language_of_the_page() {
        let catalogue = Catalogue::builtin().unwrap();
        let label = |lang| catalogue.label(&scope("dgfip_rfr"), lang);
        assert_eq!(label("fr"), Some("Revenu fiscal de référence"));
        assert_eq!(label("en-GB"), Some("Reference tax income"));
        assert_eq!(label("de"), label("fr"));
    }

    #[test]
    fn identity_is_not_evidence() {
        let catalogue = Catalogue::builtin().unwrap();
        for name in ["openid", "profile", "email", "nobody_knows"] {
            assert_eq!(catalogue.label(&scope(name), "fr"), None, "{name}");
            assert_eq!(catalogue.data_provider(&scope(name)), None, "{name}");
        }
    }
}
