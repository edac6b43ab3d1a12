//! The catalogue's file: its shape, and what is refused.

use std::collections::HashMap;
use std::time::Duration;

use guichet_domain::scope::ScopeError;
use guichet_domain::{Acr, FieldName, Scope};
use serde::Deserialize;

use super::{Basis, Catalogue, EvidenceHolder, EvidenceType, Field, FieldType, Label, Purpose};

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
    /// The name of an evidence, a field or a purpose is none.
    #[error("`{0}`: a name is 1 to 64 lower-case letters, digits, hyphens and underscores")]
    Name(String),
    /// A scope of the identity cannot stand for evidence too.
    #[error("`{0}` is a scope of the identity")]
    Identity(String),
    /// A scope, a field, an evidence, a purpose or a data provider stands there twice.
    #[error("`{0}` stands there twice")]
    Twice(String),
    /// A text is blank, longer than 160 characters (a purpose's sentence: 120), or has control characters
    /// in it.
    #[error(
        "`{0}`: a text is 1 to 160 printable characters in every language, a sentence 120 at most"
    )]
    Text(String),
    /// A data provider's id is not 1 to 32 lower-case letters, digits and hyphens.
    #[error("`{0}`: an id is 1 to 32 lower-case letters, digits and hyphens")]
    ProviderId(String),
    /// Evidence of a data provider that is not in the file.
    #[error("`{evidence}`: nobody is called `{provider}`")]
    Nobody {
        /// The evidence.
        evidence: String,
        /// The missing provider.
        provider: String,
    },
    /// A data provider without evidence, or evidence without a field.
    #[error("`{0}` holds nothing")]
    Nothing(String),
    /// Freshness or retention out of range.
    #[error("`{0}`: days are 1 to 3660")]
    Days(String),
    /// A field that says less than one that is not in the same evidence, or than itself.
    #[error("`{0}` is derived from a field that is not there")]
    Derived(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: String,
    #[serde(rename = "provider")]
    providers: Vec<ProviderEntry>,
    #[serde(rename = "purpose", default)]
    purposes: Vec<PurposeEntry>,
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
struct PurposeEntry {
    id: String,
    sentence: Texts,
    legal: Texts,
    basis: Basis,
    retention_days: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EvidenceEntry {
    id: String,
    provider: String,
    label: Texts,
    fresh_for_days: u32,
    minimum_acr: Option<Acr>,
    #[serde(rename = "field", default)]
    fields: Vec<FieldEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldEntry {
    name: String,
    scope: Option<String>,
    #[serde(rename = "type")]
    kind: FieldType,
    label: Texts,
    derived_from: Option<String>,
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
    if !is_text(&file.version, LONGEST_TEXT) {
        return Err(CatalogueError::Text("version".to_owned()));
    }
    let holders = each_once(file.providers, holder, |it| it.id.clone())?;
    let purposes = each_once(file.purposes, purpose, |it| it.id.to_string())?;
    let one = |entry| evidence_type(entry, &holders);
    let evidence = each_once(file.evidence, one, |it| it.id.to_string())?;
    let mut held = holders.iter().filter(|holder| {
        let mut all = evidence.iter();
        !all.any(|one| one.holder == holder.id)
    });
    if let Some(idle) = held.next() {
        return Err(CatalogueError::Nothing(idle.id.clone()));
    }
    let by_scope = by_scope(&evidence)?;
    Ok(Catalogue {
        version: file.version,
        holders,
        purposes,
        evidence,
        by_scope,
    })
}

/// Reads entry after entry; none may have the name of an earlier one.
fn each_once<E, T>(
    entries: Vec<E>,
    read: impl Fn(E) -> Result<T, CatalogueError>,
    name: impl Fn(&T) -> String,
) -> Result<Vec<T>, CatalogueError> {
    let mut all: Vec<T> = Vec::with_capacity(entries.len());
    for entry in entries {
        let one = read(entry)?;
        if all.iter().any(|known| name(known) == name(&one)) {
            return Err(CatalogueError::Twice(name(&one)));
        }
        all.push(one);
    }
    Ok(all)
}

fn holder(entry: ProviderEntry) -> Result<EvidenceHolder, CatalogueError> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if !(1..=32).contains(&entry.id.len()) || !entry.id.bytes().all(plain) {
        return Err(CatalogueError::ProviderId(entry.id));
    }
    let name = label(&entry.id, entry.name, LONGEST_TEXT)?;
    Ok(EvidenceHolder { id: entry.id, name })
}

fn purpose(entry: PurposeEntry) -> Result<Purpose, CatalogueError> {
    let name = entry.id;
    Ok(Purpose {
        sentence: label(&name, entry.sentence, LONGEST_SENTENCE)?,
        legal: label(&name, entry.legal, LONGEST_TEXT)?,
        basis: entry.basis,
        retention_days: days(&name, entry.retention_days)?,
        id: name.parse().map_err(|_| CatalogueError::Name(name))?,
    })
}

fn evidence_type(
    entry: EvidenceEntry,
    holders: &[EvidenceHolder],
) -> Result<EvidenceType, CatalogueError> {
    let name = entry.id;
    if !holders.iter().any(|holder| holder.id == entry.provider) {
        return Err(CatalogueError::Nobody {
            evidence: name,
            provider: entry.provider,
        });
    }
    let fields = each_once(entry.fields, field, |it| it.name.to_string())?;
    if fields.is_empty() {
        return Err(CatalogueError::Nothing(name));
    }
    for field in &fields {
        let is_known = |from: &FieldName| {
            *from != field.name && fields.iter().any(|other| other.name == *from)
        };
        if !field.derived_from.as_ref().is_none_or(is_known) {
            return Err(CatalogueError::Derived(field.name.to_string()));
        }
    }
    let fresh_for = days(&name, entry.fresh_for_days)?;
    Ok(EvidenceType {
        label: label(&name, entry.label, LONGEST_TEXT)?,
        holder: entry.provider,
        fresh_for: Duration::from_hours(24 * u64::from(fresh_for)),
        minimum_acr: entry.minimum_acr,
        fields,
        id: name.parse().map_err(|_| CatalogueError::Name(name))?,
    })
}

fn field(entry: FieldEntry) -> Result<Field, CatalogueError> {
    let name = entry.name;
    let read = |text: String| text.parse().map_err(|_| CatalogueError::Name(text));
    Ok(Field {
        label: label(&name, entry.label, LONGEST_TEXT)?,
        kind: entry.kind,
        scope: entry.scope.map(scope).transpose()?,
        derived_from: entry.derived_from.map(read).transpose()?,
        name: read(name)?,
    })
}

fn scope(name: String) -> Result<Scope, CatalogueError> {
    let scope: Scope = match name.parse() {
        Ok(scope) => scope,
        Err(source) => return Err(CatalogueError::Scope { name, source }),
    };
    if !scope.claims().is_empty() || OF_THE_PROTOCOL.contains(&scope.as_str()) {
        return Err(CatalogueError::Identity(name));
    }
    Ok(scope)
}

/// Scopes with a meaning of their own besides those that stand for claims.
const OF_THE_PROTOCOL: [&str; 5] = ["openid", "offline_access", "address", "amr", "idp_id"];

fn by_scope(evidence: &[EvidenceType]) -> Result<HashMap<Scope, (usize, usize)>, CatalogueError> {
    let mut places = HashMap::new();
    for (at, one) in evidence.iter().enumerate() {
        for (place, field) in one.fields.iter().enumerate() {
            let Some(scope) = &field.scope else { continue };
            if places.insert(scope.clone(), (at, place)).is_some() {
                return Err(CatalogueError::Twice(scope.to_string()));
            }
        }
    }
    Ok(places)
}

fn days(of: &str, days: u32) -> Result<u32, CatalogueError> {
    let is_bearable = (1..=3660).contains(&days);
    let error = || CatalogueError::Days(of.to_owned());
    is_bearable.then_some(days).ok_or_else(error)
}

fn label(of: &str, texts: Texts, longest: usize) -> Result<Label, CatalogueError> {
    if is_text(&texts.fr, longest) && is_text(&texts.en, longest) {
        Ok(Label {
            fr: texts.fr,
            en: texts.en,
        })
    } else {
        Err(CatalogueError::Text(of.to_owned()))
    }
}

/// The most characters of a text, and of a purpose's sentence.
const LONGEST_TEXT: usize = 160;
const LONGEST_SENTENCE: usize = 120;

fn is_text(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.chars().count())
        && text.trim() == text
        && !text.chars().any(char::is_control)
}
