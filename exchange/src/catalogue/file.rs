//! The catalogue's file: its shape, and what is refused.

use std::collections::HashMap;
use std::time::Duration;

use guichet_domain::Scope;
use guichet_domain::scope::ScopeError;
use serde::Deserialize;

use super::{Catalogue, EvidenceHolder, EvidenceType, Label};

/// Why a text is no catalogue. Names the entry at fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CatalogueError {
    /// Not TOML, or not with these keys.
    #[error("the catalogue does not read: {0}")]
    Shape(String),
    /// A scope's name is none.
    #[error("`{name}`: {source}")]
    Scope {
        /// The name.
        name: String,
        /// What is wrong with it.
        source: ScopeError,
    },
    /// A scope of the identity cannot stand for evidence too.
    #[error("`{0}` is a scope of the identity")]
    Identity(String),
    /// A scope or a data provider stands there twice.
    #[error("`{0}` stands there twice")]
    Twice(String),
    /// A text is blank, longer than 160 characters, or has control characters in it.
    #[error("`{0}`: a text is 1 to 160 printable characters in every language")]
    Text(String),
    /// A data provider's id is not 1 to 32 lower-case letters, digits and hyphens.
    #[error("`{0}`: an id is 1 to 32 lower-case letters, digits and hyphens")]
    ProviderId(String),
    /// Evidence of a data provider that is not in the file.
    #[error("`{scope}`: nobody is called `{provider}`")]
    Nobody {
        /// The scope.
        scope: String,
        /// The missing provider.
        provider: String,
    },
    /// A data provider without evidence.
    #[error("`{0}` holds nothing")]
    Nothing(String),
    /// Freshness out of range.
    #[error("`{0}`: fresh_for_days is 1 to 3660")]
    Freshness(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: String,
    #[serde(rename = "provider")]
    providers: Vec<ProviderEntry>,
    evidence: Vec<EvidenceEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProviderEntry {
    id: String,
    name: Texts,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EvidenceEntry {
    scope: String,
    provider: String,
    label: Texts,
    fresh_for_days: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Texts {
    fr: String,
    en: String,
}

pub(super) fn read(toml: &str) -> Result<Catalogue, CatalogueError> {
    let file: File =
        toml::from_str(toml).map_err(|error| CatalogueError::Shape(error.to_string()))?;
    if !is_text(&file.version) {
        return Err(CatalogueError::Text("version".to_owned()));
    }
    let holders = holders(file.providers)?;
    let mut evidence = Vec::with_capacity(file.evidence.len());
    let mut by_scope = HashMap::with_capacity(file.evidence.len());
    for entry in file.evidence {
        let name = entry.scope.clone();
        let one = evidence_type(entry, &holders)?;
        if by_scope.insert(one.scope.clone(), evidence.len()).is_some() {
            return Err(CatalogueError::Twice(name));
        }
        evidence.push(one);
    }
    let idle = (0..holders.len()).find(|index| evidence.iter().all(|one| one.holder != *index));
    if let Some(index) = idle {
        return Err(CatalogueError::Nothing(holders[index].id.clone()));
    }
    Ok(Catalogue {
        version: file.version,
        holders,
        evidence,
        by_scope,
    })
}

fn holders(entries: Vec<ProviderEntry>) -> Result<Vec<EvidenceHolder>, CatalogueError> {
    let mut holders: Vec<EvidenceHolder> = Vec::with_capacity(entries.len());
    for entry in entries {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if !(1..=32).contains(&entry.id.len()) || !entry.id.bytes().all(plain) {
            return Err(CatalogueError::ProviderId(entry.id));
        }
        if holders.iter().any(|known| known.id == entry.id) {
            return Err(CatalogueError::Twice(entry.id));
        }
        let name = label(&entry.id, entry.name)?;
        holders.push(EvidenceHolder { id: entry.id, name });
    }
    Ok(holders)
}

fn evidence_type(
    entry: EvidenceEntry,
    holders: &[EvidenceHolder],
) -> Result<EvidenceType, CatalogueError> {
    let name = entry.scope;
    let scope: Scope = match name.parse() {
        Ok(scope) => scope,
        Err(source) => return Err(CatalogueError::Scope { name, source }),
    };
    if !scope.claims().is_empty() || OF_THE_PROTOCOL.contains(&scope.as_str()) {
        return Err(CatalogueError::Identity(name));
    }
    let Some(holder) = holders
        .iter()
        .position(|holder| holder.id == entry.provider)
    else {
        return Err(CatalogueError::Nobody {
            scope: name,
            provider: entry.provider,
        });
    };
    if !(1..=3660).contains(&entry.fresh_for_days) {
        return Err(CatalogueError::Freshness(name));
    }
    let fresh_for = Duration::from_hours(24 * u64::from(entry.fresh_for_days));
    Ok(EvidenceType {
        scope,
        label: label(&name, entry.label)?,
        holder,
        fresh_for,
    })
}

/// Scopes with a meaning of their own besides those that stand for claims.
const OF_THE_PROTOCOL: [&str; 5] = ["openid", "offline_access", "address", "amr", "idp_id"];

fn label(of: &str, texts: Texts) -> Result<Label, CatalogueError> {
    if is_text(&texts.fr) && is_text(&texts.en) {
        Ok(Label {
            fr: texts.fr,
            en: texts.en,
        })
    } else {
        Err(CatalogueError::Text(of.to_owned()))
    }
}

fn is_text(text: &str) -> bool {
    (1..=160).contains(&text.chars().count())
        && text.trim() == text
        && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GOOD: &str = r#"
        version = "1"
        [[provider]]
        id = "impots"
        name = { fr = "Impôts", en = "Taxes" }
        [[evidence]]
        scope = "dgfip_rfr"
        provider = "impots"
        label = { fr = "Revenu", en = "Income" }
        fresh_for_days = 365
    "#;

    fn with(good: &str, bad: &str) -> Result<(), CatalogueError> {
        assert!(GOOD.contains(good), "{good}");
        read(&GOOD.replace(good, bad)).map(|_| ())
    }

    #[test]
    fn an_entry_is_read_whole() {
        let catalogue = read(GOOD).unwrap();
        let scope = "dgfip_rfr".parse().unwrap();
        assert_eq!(catalogue.version(), "1");
        assert_eq!(catalogue.data_provider(&scope).unwrap().id(), "impots");
        let evidence = catalogue.evidence(&scope).unwrap();
        assert_eq!(evidence.fresh_for(), Duration::from_hours(365 * 24));
        assert_eq!(evidence.label().in_language("en"), "Income");
    }

    #[test]
    fn each_fault_is_refused_by_name() {
        let name = |name: &str| name.to_owned();
        assert_eq!(
            with("dgfip_rfr", "profile"),
            Err(CatalogueError::Identity(name("profile")))
        );
        assert_eq!(
            with("dgfip_rfr", "openid"),
            Err(CatalogueError::Identity(name("openid")))
        );
        assert_eq!(
            with("\"impots\"\n        name", "\"Impôts\"\n        name"),
            Err(CatalogueError::ProviderId(name("Impôts")))
        );
        assert_eq!(
            with("365", "0"),
            Err(CatalogueError::Freshness(name("dgfip_rfr")))
        );
        assert_eq!(
            with("Revenu", " "),
            Err(CatalogueError::Text(name("dgfip_rfr")))
        );
        assert_eq!(
            with("Taxes", "a\\u0007"),
            Err(CatalogueError::Text(name("impots")))
        );
        assert!(matches!(
            with("dgfip_rfr", "a b"),
            Err(CatalogueError::Scope { .. })
        ));
        let other = "provider = \"autre\"";
        assert!(matches!(
            with("provider = \"impots\"", other),
            Err(CatalogueError::Nobody { .. })
        ));
        for (good, bad) in [
            (", en = \"Income\"", ""),
            ("fresh_for_days", "fresh_for"),
            ("version", "versions"),
        ] {
            assert!(
                matches!(with(good, bad), Err(CatalogueError::Shape(_))),
                "{bad}"
            );
        }
    }

    #[test]
    fn nothing_stands_there_twice_and_nobody_for_nothing() {
        let again = |marker: &str| {
            let start = GOOD.find(marker).unwrap();
            let end = GOOD[start + 2..]
                .find("[[")
                .map_or(GOOD.len(), |end| start + 2 + end);
            format!("{GOOD}\n{}", &GOOD[start..end])
        };
        let twice = |text: String| read(&text).map(|_| ());
        assert_eq!(
            twice(again("[[evidence]]")),
            Err(CatalogueError::Twice("dgfip_rfr".into()))
        );
        assert_eq!(
            twice(again("[[provider]]")),
            Err(CatalogueError::Twice("impots".into()))
        );
        let idle = again("[[provider]]").replacen("\"impots\"", "\"autre\"", 1);
        assert_eq!(twice(idle), Err(CatalogueError::Nothing("autre".into())));
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_fall_over(text in ".{0,80}", value in "\\PC{0,20}") {
            let _ = read(&text);
            let value = toml::Value::String(value).to_string();
            if let Ok(catalogue) = read(&GOOD.replace("\"dgfip_rfr\"", &value)) {
                prop_assert!(catalogue.data_scopes().iter().all(|scope| scope.claims().is_empty()));
            }
        }
    }
}
