//! The register's answers and their XML.

use serde::Serialize;

use super::records::Record;

/// An answer; the numbers are those of `TypeReponse`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// 2: found, as asked.
    Identical(&'static Record),
    /// 3: found, spelled otherwise.
    Corrected(&'static Record),
    /// 4.
    OneNearMatch,
    /// 6.
    SeveralNearMatches,
    /// 7: the name asked for is the one in use, not the one at birth.
    MarriedNameOnly,
    /// 8.
    NotFound,
    /// 9: no question.
    Rejected,
}

impl Answer {
    /// The document.
    pub(super) fn to_xml(self) -> String {
        let (kind, record) = match self {
            Self::Identical(record) => (2, Some(record)),
            Self::Corrected(record) => (3, Some(record)),
            Self::OneNearMatch => (4, None),
            Self::SeveralNearMatches => (6, None),
            Self::MarriedNameOnly => (7, None),
            Self::NotFound => (8, None),
            Self::Rejected => (9, None),
        };
        let document = Document {
            kind,
            situation: record.map(Situation::of),
        };
        // These shapes always serialize; were it not so, the empty document is no answer.
        let body = quick_xml::se::to_string(&document).unwrap_or_default();
        format!("{DECLARATION}{body}")
    }
}

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

#[derive(Serialize)]
#[serde(rename = "ReponseRNIPP")]
struct Document {
    #[serde(rename = "TypeReponse")]
    kind: u8,
    #[serde(rename = "SituationActuelle", skip_serializing_if = "Option::is_none")]
    situation: Option<Situation>,
}

#[derive(Serialize)]
struct Situation {
    #[serde(rename = "Sexe")]
    sex: &'static str,
    #[serde(rename = "Nom")]
    family_name: &'static str,
    #[serde(rename = "Prenoms")]
    given_names: GivenNames,
    #[serde(rename = "DateNaissance")]
    birthdate: &'static str,
    #[serde(rename = "LieuNaissance")]
    place: Place,
    #[serde(rename = "Deces")]
    died: &'static str,
}

#[derive(Serialize)]
struct GivenNames {
    #[serde(rename = "Prenom")]
    each: &'static [&'static str],
}

#[derive(Serialize)]
struct Place {
    #[serde(rename = "CodeLocalite")]
    place: &'static str,
    #[serde(rename = "CodePays")]
    country: &'static str,
}

impl Situation {
    fn of(record: &'static Record) -> Self {
        Self {
            sex: record.sex,
            family_name: record.family_name,
            given_names: GivenNames {
                each: record.given_names,
            },
            birthdate: known_part(record.birthdate),
            place: Place {
                place: record.place,
                country: record.country,
            },
            died: record.died.unwrap_or_default(),
        }
    }
}

/// What is unknown is left out rather than written as zeros.
fn known_part(birthdate: &'static str) -> &'static str {
    let without_day = birthdate.strip_suffix("-00").unwrap_or(birthdate);
    without_day.strip_suffix("-00").unwrap_or(without_day)
}
