//! How a claim is said to a citizen: its label, and its value in words rather than codes.

mod places;

use guichet_domain::Claim;
use guichet_web::{Locale, Pages};

/// A value as a page says it.
pub(crate) struct Said {
    /// In words.
    pub(crate) value: String,
    /// The code that is sent, where the words are not what is sent.
    pub(crate) hint: Option<String>,
}

/// The text that names a claim.
pub(crate) const fn label(claim: Claim) -> &'static str {
    match claim {
        Claim::FamilyName => "claim-family-name",
        Claim::PreferredUsername => "claim-preferred-username",
        Claim::GivenName | Claim::GivenNameArray => "claim-given-name",
        Claim::Gender => "claim-gender",
        Claim::Birthdate => "claim-birthdate",
        Claim::IdpBirthdate => "claim-idp-birthdate",
        Claim::Birthplace => "claim-birthplace",
        Claim::Birthcountry => "claim-birthcountry",
        Claim::Email => "claim-email",
        Claim::EmailVerified => "claim-email-verified",
        Claim::PhoneNumber => "claim-phone-number",
        Claim::IdpId => "claim-idp-id",
    }
}

/// The text that stands in for a value there is none of.
pub(crate) const fn absent(claim: Claim) -> &'static str {
    match claim {
        Claim::Birthplace => "claim-birthplace-abroad",
        _ => "claim-absent",
    }
}

/// The text that says whether an address was verified.
pub(crate) const fn email_verified(known: Option<bool>) -> &'static str {
    match known {
        Some(true) => "claim-verified-yes",
        Some(false) => "claim-verified-no",
        None => absent(Claim::EmailVerified),
    }
}

/// A value in words.
pub(crate) fn say(pages: &Pages, locale: Locale, claim: Claim, value: &str) -> Said {
    let plain = |value: String| Said { value, hint: None };
    match claim {
        Claim::Gender => plain(pages.text(locale, gender(value), &[])),
        Claim::Birthdate | Claim::IdpBirthdate => plain(guichet_web::partial_date(locale, value)),
        Claim::Birthplace => coded(pages, locale, places::place(value), value),
        Claim::Birthcountry => coded(pages, locale, places::country(value, locale), value),
        _ => plain(value.to_owned()),
    }
}

/// A name where we know one, the code beside it; otherwise the code.
fn coded(pages: &Pages, locale: Locale, name: Option<&str>, code: &str) -> Said {
    match name {
        Some(name) => Said {
            value: name.to_owned(),
            hint: Some(pages.text(locale, "claim-code", &[("code", code)])),
        },
        None => Said {
            value: pages.text(locale, "claim-code", &[("code", code)]),
            hint: None,
        },
    }
}

fn gender(value: &str) -> &'static str {
    match value {
        "female" => "gender-female",
        "male" => "gender-male",
        _ => "gender-unspecified",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::login::tests::pages;

    fn said(locale: Locale, claim: Claim, value: &str) -> (String, Option<String>) {
        let said = say(&pages(), locale, claim, value);
        (said.value, said.hint)
    }

    #[test]
    fn dates_genders_and_places_are_said_in_words() {
        assert_eq!(
            said(Locale::French, Claim::Birthdate, "1990-04-12").0,
            "12 avril 1990"
        );
        assert_eq!(said(Locale::English, Claim::Gender, "female").0, "Female");
        let lyon = said(Locale::French, Claim::Birthplace, "69383");
        assert_eq!(lyon, ("Lyon 3e".into(), Some("code 69383".into())));
        let vietnam = said(Locale::French, Claim::Birthcountry, "99243");
        assert_eq!(vietnam.0, "Viêt Nam");
        assert_eq!(
            said(Locale::English, Claim::Birthplace, "01001").0,
            "code 01001"
        );
    }

    #[test]
    fn every_claim_has_a_label_in_every_language() {
        let pages = pages();
        for claim in Claim::ALL {
            for locale in Locale::ALL {
                assert_ne!(pages.text(locale, label(claim), &[]), label(claim));
            }
        }
    }
}
