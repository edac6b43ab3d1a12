//! The pivot identity: the six facts of civil status by which a citizen is recognized.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::claim::IdentityClaims;
use crate::{CountryCode, PartialDate, PlaceCode};

/// Who a person is by civil status. Personal data: it has no `Debug` and no `Display`, so that it
/// cannot slip into a log.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PivotIdentity {
    given_names: String,
    /// The same, one by one: never empty.
    #[serde(default)]
    given_name_array: Vec<String>,
    family_name: String,
    birthdate: PartialDate,
    gender: Gender,
    birthplace: Birthplace,
}

/// Gender as civil status has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Gender {
    /// Female.
    Female,
    /// Male.
    Male,
    /// Not stated.
    Unspecified,
}

/// Where a person was born: a French place has a code, abroad only the country does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Birthplace {
    /// In France.
    France(PlaceCode),
    /// Elsewhere.
    Abroad(CountryCode),
}

/// Which claim of a provider is missing or wrong. Names the claim, never its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the claim {claim} is {fault}")]
pub struct PivotError {
    /// The claim at fault.
    pub claim: &'static str,
    /// What is wrong with it.
    pub fault: PivotFault,
}

/// What can be wrong with a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PivotFault {
    /// Not there.
    Missing,
    /// There, but not as the claim must be.
    Malformed,
}

impl fmt::Display for PivotFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "missing",
            Self::Malformed => "malformed",
        })
    }
}

impl PivotIdentity {
    /// The identity that a provider's claims state, checked to the letter.
    ///
    /// Names are 1 to 256 characters without control characters; `birthdate` may be partial;
    /// `birthplace` is required for `birthcountry` 99100 and ignored otherwise.
    pub fn from_claims(claims: &IdentityClaims) -> Result<Self, PivotError> {
        let birthcountry: CountryCode = parsed(claims.birthcountry.as_deref(), "birthcountry")?;
        let birthplace = if birthcountry.is_france() {
            Birthplace::France(parsed(claims.birthplace.as_deref(), "birthplace")?)
        } else {
            Birthplace::Abroad(birthcountry)
        };
        let given_names = name(claims.given_name.as_deref(), "given_name")?;
        Ok(Self {
            given_name_array: one_by_one(&given_names, claims.given_name_array.as_deref()),
            given_names,
            family_name: name(claims.family_name.as_deref(), "family_name")?,
            birthdate: parsed(claims.birthdate.as_deref(), "birthdate")?,
            gender: parsed(claims.gender.as_deref(), "gender")?,
            birthplace,
        })
    }

    /// Every given name, in order, separated by single spaces; a compound name keeps its hyphen.
    pub fn given_names(&self) -> &str {
        &self.given_names
    }

    /// The name at birth.
    pub fn family_name(&self) -> &str {
        &self.family_name
    }

    /// The date of birth, perhaps partial.
    pub const fn birthdate(&self) -> PartialDate {
        self.birthdate
    }

    /// Gender.
    pub const fn gender(&self) -> Gender {
        self.gender
    }

    /// Where born.
    pub const fn birthplace(&self) -> Birthplace {
        self.birthplace
    }

    /// The country of birth: France for a French place.
    pub const fn birthcountry(&self) -> CountryCode {
        match self.birthplace {
            Birthplace::France(_) => CountryCode::FRANCE,
            Birthplace::Abroad(country) => country,
        }
    }

    /// Writes this identity's claims over those in `claims`; others stay.
    ///
    /// Clients get a complete `birthdate` (unknown parts become the first) and an empty `birthplace`
    /// for a person born abroad, as services written for FranceConnect expect.
    pub fn write_claims(&self, claims: &mut IdentityClaims) {
        claims.given_name = Some(self.given_names.clone());
        claims.given_name_array = Some(self.given_name_array.clone());
        claims.family_name = Some(self.family_name.clone());
        claims.birthdate = Some(self.birthdate.presumed().to_string());
        claims.gender = Some(self.gender.as_str().to_owned());
        claims.birthcountry = Some(self.birthcountry().to_string());
        claims.birthplace = Some(match self.birthplace {
            Birthplace::France(place) => place.to_string(),
            Birthplace::Abroad(_) => String::new(),
        });
    }
}

impl Gender {
    /// The value as it stands in the `gender` claim.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Female => "female",
            Self::Male => "male",
            Self::Unspecified => "unspecified",
        }
    }
}

/// The text is no gender.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("gender is female, male or unspecified")]
pub struct UnknownGender;

impl FromStr for Gender {
    type Err = UnknownGender;

    fn from_str(text: &str) -> Result<Self, UnknownGender> {
        [Self::Female, Self::Male, Self::Unspecified]
            .into_iter()
            .find(|gender| gender.as_str() == text)
            .ok_or(UnknownGender)
    }
}

fn parsed<T: FromStr>(value: Option<&str>, claim: &'static str) -> Result<T, PivotError> {
    let text = value.ok_or(PivotError {
        claim,
        fault: PivotFault::Missing,
    })?;
    text.parse().map_err(|_| PivotError {
        claim,
        fault: PivotFault::Malformed,
    })
}

/// Given names one by one: as they were stated apart, if that is what was stated together; otherwise
/// each word is one.
fn one_by_one(together: &str, apart: Option<&[String]>) -> Vec<String> {
    let apart: Vec<String> = apart
        .unwrap_or_default()
        .iter()
        .map(|name| folded(name))
        .filter(|name| !name.is_empty())
        .collect();
    if apart.join(" ") == together {
        apart
    } else {
        together.split(' ').map(str::to_owned).collect()
    }
}

/// Every run of white space as one space, none at the ends.
fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Controls, and what turns the direction of text: a name of such would not be the one that is shown.
fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

fn name(value: Option<&str>, claim: &'static str) -> Result<String, PivotError> {
    let text = value.ok_or(PivotError {
        claim,
        fault: PivotFault::Missing,
    })?;
    let folded = folded(text);
    let is_name = (1..=256).contains(&folded.chars().count())
        && folded.chars().any(char::is_alphabetic)
        && !folded
            .chars()
            .any(|character| is_invisible(character) || "<>&\"".contains(character));
    if is_name {
        Ok(folded)
    } else {
        Err(PivotError {
            claim,
            fault: PivotFault::Malformed,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims() -> IdentityClaims {
        IdentityClaims {
            given_name: Some("Camille  Aimée".into()),
            family_name: Some("MARTIN".into()),
            birthdate: Some("1990-04-12".into()),
            gender: Some("female".into()),
            birthcountry: Some("99100".into()),
            birthplace: Some("69383".into()),
            ..IdentityClaims::default()
        }
    }

    #[test]
    fn claims_to_the_letter_make_an_identity() {
        let identity = PivotIdentity::from_claims(&claims()).unwrap();
        assert_eq!(identity.given_names(), "Camille Aimée");
        assert_eq!(identity.birthcountry(), CountryCode::FRANCE);
    }

    #[test]
    fn each_missing_claim_is_named() {
        type Remove = fn(&mut IdentityClaims);
        let cases: [(&str, Remove); 6] = [
            ("given_name", |claims| claims.given_name = None),
            ("family_name", |claims| claims.family_name = None),
            ("birthdate", |claims| claims.birthdate = None),
            ("gender", |claims| claims.gender = None),
            ("birthcountry", |claims| claims.birthcountry = None),
            ("birthplace", |claims| claims.birthplace = None),
        ];
        for (claim, remove) in cases {
            let mut claims = claims();
            remove(&mut claims);
            let error = PivotIdentity::from_claims(&claims).err();
            assert_eq!(
                error,
                Some(PivotError {
                    claim,
                    fault: PivotFault::Missing
                })
            );
        }
    }

    #[test]
    fn a_name_of_control_characters_or_markup_is_refused() {
        for text in [
            "",
            " ",
            "A\u{7}",
            "\u{202e}NITRAM",
            "<b>",
            "123",
            &"A".repeat(257),
        ] {
            let mut claims = claims();
            claims.family_name = Some((*text).to_owned());
            let error = PivotIdentity::from_claims(&claims).err();
            assert_eq!(
                error,
                Some(PivotError {
                    claim: "family_name",
                    fault: PivotFault::Malformed
                }),
                "{text}"
            );
        }
    }

    #[test]
    fn born_abroad_the_place_does_not_count() {
        let mut claims = claims();
        claims.birthcountry = Some("99243".into());
        claims.birthplace = Some("Hà Nội".into());
        let identity = PivotIdentity::from_claims(&claims).unwrap();
        let mut out = IdentityClaims::default();
        identity.write_claims(&mut out);
        assert_eq!(out.birthplace.as_deref(), Some(""));
        assert_eq!(out.birthcountry.as_deref(), Some("99243"));
    }

    #[test]
    fn a_given_name_with_a_space_stays_one_where_the_names_were_stated_apart() {
        let names = |apart: Option<&[&str]>| {
            let mut claims = claims();
            claims.given_name = Some("Anne Sophie Zoé".into());
            claims.given_name_array =
                apart.map(|names| names.iter().map(|name| (*name).to_owned()).collect());
            let mut out = IdentityClaims::default();
            PivotIdentity::from_claims(&claims)
                .unwrap()
                .write_claims(&mut out);
            out.given_name_array.unwrap()
        };
        assert_eq!(
            names(Some(&["Anne  Sophie", "", "Zoé"])),
            ["Anne Sophie", "Zoé"]
        );
        assert_eq!(names(None), ["Anne", "Sophie", "Zoé"]);
        assert_eq!(names(Some(&["Camille"])), ["Anne", "Sophie", "Zoé"]);
    }

    #[test]
    fn clients_get_a_complete_date() {
        let mut claims = claims();
        claims.birthdate = Some("1969-00-00".into());
        let mut out = IdentityClaims::default();
        PivotIdentity::from_claims(&claims)
            .unwrap()
            .write_claims(&mut out);
        assert_eq!(out.birthdate.as_deref(), Some("1969-01-01"));
    }
}
