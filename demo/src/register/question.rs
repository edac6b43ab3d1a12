//! The question the hub asks, read strictly: every parameter once, each in its own shape.

use guichet_domain::{Gender, PartialDate};
use guichet_web::parse_strictly;
use serde::Deserialize;

/// Whom the hub asks about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Question {
    pub(super) family_name: String,
    pub(super) given_names: String,
    pub(super) birthdate: PartialDate,
    pub(super) gender: Gender,
    /// COG code of the place, or of the country for a birth abroad.
    pub(super) place: String,
}

/// The question cannot be understood; the register says so by a code of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NotAQuestion;

#[derive(Deserialize)]
struct Parameters {
    #[serde(rename = "rechercheType")]
    kind: String,
    nom: String,
    prenoms: String,
    #[serde(rename = "dateNaissance")]
    birthdate: String,
    sexe: String,
    #[serde(rename = "codeLieuNaissance")]
    place: String,
}

impl Question {
    pub(super) fn parse(query: &str) -> Result<Self, NotAQuestion> {
        let read: Parameters = parse_strictly(query.as_bytes()).map_err(|_| NotAQuestion)?;
        let names = [&read.nom, &read.prenoms];
        let is_place =
            read.place.len() == 5 && read.place.bytes().all(|b| b.is_ascii_alphanumeric());
        if read.kind != "S" || names.iter().any(|name| name.trim().is_empty()) || !is_place {
            return Err(NotAQuestion);
        }
        Ok(Self {
            family_name: read.nom,
            given_names: read.prenoms,
            birthdate: birthdate(&read.birthdate).ok_or(NotAQuestion)?,
            gender: match read.sexe.as_str() {
                "F" => Gender::Female,
                "M" => Gender::Male,
                "I" => Gender::Unspecified,
                _ => return Err(NotAQuestion),
            },
            place: read.place,
        })
    }
}

/// `19780300`, with zeros for what is presumed.
fn birthdate(text: &str) -> Option<PartialDate> {
    if text.len() != 8 || !text.is_ascii() {
        return None;
    }
    format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..])
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GOOD: &str = "rechercheType=S&nom=MARTIN&prenoms=Camille+Aim%C3%A9e&dateNaissance=19900412\
        &sexe=F&codeLieuNaissance=69383";

    #[test]
    fn a_question_is_read_whole() {
        let question = Question::parse(GOOD).unwrap();
        assert_eq!(question.given_names, "Camille Aimée");
        assert_eq!(question.birthdate.to_string(), "1990-04-12");
        assert_eq!(question.gender, Gender::Female);
    }

    #[test]
    fn what_is_no_question_is_refused() {
        for (good, bad) in [
            ("rechercheType=S", "rechercheType=L"),
            ("nom=MARTIN", "nom=+"),
            ("19900412", "1990041"),
            ("19900412", "19901312"),
            ("19900412", "1990-4-12"),
            ("sexe=F", "sexe=f"),
            ("69383", "6938"),
            ("&sexe=F", ""),
            ("&sexe=F", "&sexe=F&sexe=M"),
        ] {
            assert_eq!(
                Question::parse(&GOOD.replace(good, bad)),
                Err(NotAQuestion),
                "{bad}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_query_makes_the_register_fall_over(query in ".{0,120}", date in ".{0,10}") {
            let _ = Question::parse(&query);
            prop_assert!(birthdate(&date).is_none_or(|found| found.to_string().len() == 10));
        }
    }
}
