//! Reading the register's XML (`protocol.md`): small, without entities of its own, or not at all.

use guichet_domain::{IdentityClaims, PivotIdentity};
use serde::Deserialize;

use super::{Confirmed, RegisterRefusal, Verdict};

/// The answer is not what `protocol.md` says. Says no more: the text is personal data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Garbled;

/// What the answer says.
pub(super) fn read(xml: &[u8]) -> Result<Verdict, Garbled> {
    let text = std::str::from_utf8(xml).map_err(|_| Garbled)?;
    if text.len() > LARGEST || text.contains("<!DOCTYPE") {
        return Err(Garbled);
    }
    let answer: Answer = quick_xml::de::from_str(text).map_err(|_| Garbled)?;
    let refused = |refusal| Ok(Verdict::Refused(refusal));
    match answer.kind.trim() {
        "2" | "3" => situation(answer.situation.ok_or(Garbled)?, answer.kind.trim() == "3"),
        "4" => refused(RegisterRefusal::OneNearMatch),
        "6" => refused(RegisterRefusal::SeveralNearMatches),
        "7" => refused(RegisterRefusal::MarriedNameOnly),
        "8" => refused(RegisterRefusal::NotFound),
        "9" => refused(RegisterRefusal::Rejected),
        _ => Err(Garbled),
    }
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

/// Only whether there is something in it counts, be it text, an attribute or an element.
#[derive(Deserialize)]
#[serde(transparent)]
struct Death(serde_json::Map<String, serde_json::Value>);

fn situation(situation: Situation, corrected: bool) -> Result<Verdict, Garbled> {
    if situation.death.is_some_and(|death| !death.0.is_empty()) {
        return Ok(Verdict::Refused(RegisterRefusal::Deceased));
    }
    let claims = IdentityClaims {
        given_name: Some(situation.given_names.names.join(" ")),
        given_name_array: Some(situation.given_names.names),
        family_name: Some(situation.family_name),
        birthdate: Some(full_date(situation.birthdate.trim())),
        gender: Some(gender(situation.gender.trim()).ok_or(Garbled)?.to_owned()),
        birthplace: Some(situation.birthplace.place.trim().to_owned()),
        birthcountry: Some(situation.birthplace.country.trim().to_owned()),
        ..IdentityClaims::default()
    };
    let identity = PivotIdentity::from_claims(&claims).map_err(|_| Garbled)?;
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
            Err(Garbled) => panic!("garbled"),
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
            "<ReponseRNIPP><TypeReponse>5</TypeReponse></ReponseRNIPP>",
            "<ReponseRNIPP><TypeReponse>2</TypeReponse>",
            "<!DOCTYPE a [<!ENTITY x \"2\">]><ReponseRNIPP><TypeReponse>&x;</TypeReponse></ReponseRNIPP>",
            &answer("2", "1990-13-12", ""),
            &answer("2", "19900412", ""),
            &answer("2", "1990-04-12", "").replace("<Sexe>F", "<Sexe>X"),
            &answer("2", "1990-04-12", "").replace("99100", "FR"),
        ] {
            assert!(read(xml.as_bytes()) == Err(Garbled), "{xml}");
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
                prop_assert!(read(&xml.as_bytes()[..cut]) == Err(Garbled));
            }
        }
    }
}
