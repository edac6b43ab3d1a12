//! Reading the register's XML (`protocol.md`): small, without entities of its own, or not at all.

use std::fmt;

use guichet_domain::{IdentityClaims, PivotIdentity};
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{Confirmed, RegisterRefusal, Verdict};

/// The answer is not what `protocol.md` says. Says no more: the text is personal data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// It is no answer.
    Garbled,
    /// It is one of a type the protocol does not have, or with an identity that is none.
    Unknown,
}

/// What the answer says.
pub(super) fn read(xml: &[u8]) -> Result<Verdict, Unreadable> {
    let text = std::str::from_utf8(xml).map_err(|_| Unreadable::Garbled)?;
    // A declaration of entities has no place in it, in whatever case it is written.
    if text.len() > LARGEST || has_doctype(text) {
        return Err(Unreadable::Garbled);
    }
    let answer: Answer = quick_xml::de::from_str(text).map_err(|_| Unreadable::Garbled)?;
    let refused = |refusal| Ok(Verdict::Refused(refusal));
    match answer.kind.trim() {
        "2" | "3" => situation(
            answer.situation.ok_or(Unreadable::Garbled)?,
            answer.kind.trim() == "3",
        ),
        "4" => refused(RegisterRefusal::OneNearMatch),
        "6" => refused(RegisterRefusal::SeveralNearMatches),
        "7" => refused(RegisterRefusal::MarriedNameOnly),
        "8" => refused(RegisterRefusal::NotFound),
        "9" => refused(RegisterRefusal::Rejected),
        _ => Err(Unreadable::Unknown),
    }
}

fn has_doctype(text: &str) -> bool {
    let declaration = b"<!doctype";
    text.as_bytes()
        .windows(declaration.len())
        .any(|window| window.eq_ignore_ascii_case(declaration))
}

/// An answer is a few hundred bytes; a larger one is not read.
const LARGEST: usize = 64 * 1024;

#[derive(Deserialize)]
#[serde(rename = "ReponseRNIPP")]
struct Answer {
    #[serde(rename = "TypeReponse")]
    kind: String,
    #[serde(rename = "SituationActuelle")]
    situation: Option<Situation>,
}

#[derive(Deserialize)]
struct Situation {
    #[serde(rename = "Sexe")]
    gender: String,
    #[serde(rename = "Nom")]
    family_name: String,
    #[serde(rename = "Prenoms")]
    given_names: GivenNames,
    #[serde(rename = "DateNaissance")]
    birthdate: String,
    #[serde(rename = "LieuNaissance")]
    birthplace: Place,
    #[serde(rename = "Deces")]
    death: Option<Death>,
}

#[derive(Deserialize)]
struct GivenNames {
    #[serde(rename = "Prenom", default)]
    names: Vec<String>,
}

#[derive(Deserialize)]
struct Place {
    #[serde(rename = "CodeLocalite", default)]
    place: String,
    #[serde(rename = "CodePays")]
    country: String,
}

/// Only whether there is something in it counts, be it text, an attribute or an element. What it is, is
/// passed over however deep it goes.
struct Death {
    is_empty: bool,
}

impl<'de> Deserialize<'de> for Death {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Inside;
        impl<'de> Visitor<'de> for Inside {
            type Value = Death;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an element, empty or not")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Death, A::Error> {
                let mut is_empty = true;
                while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
                    is_empty = false;
                }
                Ok(Death { is_empty })
            }
        }
        deserializer.deserialize_map(Inside)
    }
}

fn situation(situation: Situation, corrected: bool) -> Result<Verdict, Unreadable> {
    if situation.death.is_some_and(|death| !death.is_empty) {
        return Ok(Verdict::Refused(RegisterRefusal::Deceased));
    }
    let claims = IdentityClaims {
        given_name: Some(situation.given_names.names.join(" ")),
        given_name_array: Some(situation.given_names.names),
        family_name: Some(situation.family_name),
        birthdate: Some(full_date(situation.birthdate.trim())),
        gender: Some(
            gender(situation.gender.trim())
                .ok_or(Unreadable::Unknown)?
                .to_owned(),
        ),
        birthplace: Some(situation.birthplace.place.trim().to_owned()),
        birthcountry: Some(situation.birthplace.country.trim().to_owned()),
        ..IdentityClaims::default()
    };
    let identity = PivotIdentity::from_claims(&claims).map_err(|_| Unreadable::Unknown)?;
    Ok(Verdict::Found(Confirmed {
        identity,
        corrected,
    }))
}

fn gender(letter: &str) -> Option<&'static str> {
    match letter {
        "F" => Some("female"),
        "M" => Some("male"),
        "I" => Some("unspecified"),
        _ => None,
    }
}

/// `1978-03` and `1969` with zeros for what is unknown; anything else as it is, to be judged later.
fn full_date(text: &str) -> String {
    match text.len() {
        7 => format!("{text}-00"),
        4 => format!("{text}-00-00"),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn answer(kind: &str, date: &str, death: &str) -> String {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ReponseRNIPP><TypeReponse>{kind}</TypeReponse>\
             <SituationActuelle><Sexe>F</Sexe><Nom>MARTIN</Nom><Prenoms><Prenom>Camille</Prenom>\
             <Prenom>Aimée</Prenom></Prenoms><DateNaissance>{date}</DateNaissance><LieuNaissance>\
             <CodeLocalite>69383</CodeLocalite><CodePays>99100</CodePays></LieuNaissance>{death}\
             <Autre>x</Autre></SituationActuelle></ReponseRNIPP>"
        )
    }

    fn confirmed(xml: &str) -> Confirmed {
        match read(xml.as_bytes()) {
            Ok(Verdict::Found(confirmed)) => confirmed,
            Ok(Verdict::Refused(refusal)) => panic!("{refusal:?}"),
            Err(unreadable) => panic!("{unreadable:?}"),
        }
    }

    fn refusal(xml: &str) -> Option<RegisterRefusal> {
        match read(xml.as_bytes()) {
            Ok(Verdict::Refused(refusal)) => Some(refusal),
            _ => None,
        }
    }

    #[test]
    fn a_living_person_is_confirmed_as_the_register_has_them() {
        let found = confirmed(&answer("2", "1990-04-12", "<Deces/>"));
        assert_eq!(found.identity.given_names(), "Camille Aimée");
        assert_eq!(found.identity.birthdate().to_string(), "1990-04-12");
        assert!(!found.corrected);
        assert!(confirmed(&answer("3", "1990-04-12", "")).corrected);
    }

    #[test]
    fn short_dates_have_unknown_parts() {
        let date = |text| {
            confirmed(&answer("2", text, ""))
                .identity
                .birthdate()
                .to_string()
        };
        assert_eq!(date("1978-03"), "1978-03-00");
        assert_eq!(date("1969"), "1969-00-00");
    }

    #[test]
    fn anything_inside_the_death_element_means_deceased() {
        for death in [
            "<Deces>2019-01-02</Deces>",
            "<Deces><Date>2019</Date></Deces>",
            "<Deces date=\"2019\"/>",
        ] {
            let xml = answer("2", "1990-04-12", death);
            assert_eq!(refusal(&xml), Some(RegisterRefusal::Deceased), "{death}");
        }
    }

    #[test]
    fn each_other_type_is_a_refusal_of_its_own() {
        for (kind, expected) in [
            ("4", RegisterRefusal::OneNearMatch),
            ("6", RegisterRefusal::SeveralNearMatches),
            ("7", RegisterRefusal::MarriedNameOnly),
            ("8", RegisterRefusal::NotFound),
            ("9", RegisterRefusal::Rejected),
        ] {
            let xml = format!("<ReponseRNIPP><TypeReponse>{kind}</TypeReponse></ReponseRNIPP>");
            assert_eq!(refusal(&xml), Some(expected));
        }
    }

    #[test]
    fn what_cannot_be_understood_confirms_nobody() {
        for xml in [
            "",
            "<html/>",
            "<ReponseRNIPP><TypeReponse>2</TypeReponse></ReponseRNIPP>",
            "<ReponseRNIPP><TypeReponse>2</TypeReponse>",
            "<!DOCTYPE a [<!ENTITY x \"2\">]><ReponseRNIPP><TypeReponse>&x;</TypeReponse></ReponseRNIPP>",
            "<!doctype a [<!ENTITY x \"2\">]><ReponseRNIPP><TypeReponse>2</TypeReponse></ReponseRNIPP>",
            &answer("2", "1990-04-12", "").replace("MARTIN", "&x;"),
        ] {
            assert!(read(xml.as_bytes()) == Err(Unreadable::Garbled), "{xml}");
        }
    }

    #[test]
    fn an_answer_the_protocol_does_not_have_confirms_nobody() {
        for xml in [
            "<ReponseRNIPP><TypeReponse>5</TypeReponse></ReponseRNIPP>",
            "<ReponseRNIPP><TypeReponse/></ReponseRNIPP>",
            &answer("22", "1990-04-12", ""),
            &answer("2", "1990-13-12", ""),
            &answer("2", "1990-00-12", ""),
            &answer("2", "19900412", ""),
            &answer("2", "1990-04-12", "").replace("<Sexe>F", "<Sexe>X"),
            &answer("2", "1990-04-12", "").replace("99100", "FR"),
            &answer("2", "1990-04-12", "").replace("69383", ""),
        ] {
            assert!(read(xml.as_bytes()) == Err(Unreadable::Unknown), "{xml}");
        }
    }

    /// Elements within elements, as many as an answer can hold: on a thread of the size a runtime gives.
    #[test]
    fn an_answer_as_deep_as_it_is_long_makes_nobody_fall_over() {
        for inside in ["Deces", "Autre", "Nom"] {
            let depth = LARGEST / 8;
            let deep = format!(
                "<{inside}>{}{}</{inside}>",
                "<a>".repeat(depth),
                "</a>".repeat(depth)
            );
            let xml = answer("2", "1990-04-12", &deep);
            assert!(xml.len() <= LARGEST);
            let reading = std::thread::Builder::new().stack_size(2 << 20);
            let read = reading.spawn(move || read(xml.as_bytes())).unwrap().join();
            let confirmed = matches!(read, Ok(Ok(Verdict::Found(_))));
            assert_eq!(confirmed, inside == "Autre", "{inside}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_fall_over(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = read(&bytes);
        }

        #[test]
        fn an_answer_cut_short_confirms_nobody(cut in 0_usize..400) {
            let xml = answer("2", "1990-04-12", "");
            let cut = cut.min(xml.len() - 1);
            if xml.is_char_boundary(cut) {
                prop_assert!(read(&xml.as_bytes()[..cut]) == Err(Unreadable::Garbled));
            }
        }
    }
}
