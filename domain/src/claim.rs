//! Claims about a citizen: which there are, and the values a session holds of them.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A claim about a citizen that the hub can pass on, in the order pages list them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Claim {
    /// Name at birth.
    FamilyName,
    /// Name in use.
    PreferredUsername,
    /// Given names.
    GivenName,
    /// Given names one by one, so that one with a space in it is told from two.
    GivenNameArray,
    /// Gender.
    Gender,
    /// Date of birth.
    Birthdate,
    /// Date of birth as the provider stated it, unknown parts and all (FranceConnect v2).
    IdpBirthdate,
    /// Place of birth, a COG code.
    Birthplace,
    /// Country of birth, a COG code.
    Birthcountry,
    /// E-mail address.
    Email,
    /// Whether whoever gave the address has verified it.
    EmailVerified,
    /// Telephone number.
    PhoneNumber,
    /// The provider the person signed in with (FranceConnect v2).
    IdpId,
}

impl Claim {
    /// Every claim, in page order.
    pub const ALL: [Self; 13] = [
        Self::FamilyName,
        Self::PreferredUsername,
        Self::GivenName,
        Self::GivenNameArray,
        Self::Gender,
        Self::Birthdate,
        Self::IdpBirthdate,
        Self::Birthplace,
        Self::Birthcountry,
        Self::Email,
        Self::EmailVerified,
        Self::PhoneNumber,
        Self::IdpId,
    ];

    /// Whether a provider may assert it; the others are the hub's own to say.
    pub const fn is_a_providers(self) -> bool {
        !matches!(self, Self::IdpBirthdate | Self::IdpId)
    }

    /// The claim's name in tokens.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FamilyName => "family_name",
            Self::PreferredUsername => "preferred_username",
            Self::GivenName => "given_name",
            Self::GivenNameArray => "given_name_array",
            Self::Gender => "gender",
            Self::Birthdate => "birthdate",
            Self::IdpBirthdate => "idp_birthdate",
            Self::Birthplace => "birthplace",
            Self::Birthcountry => "birthcountry",
            Self::Email => "email",
            Self::EmailVerified => "email_verified",
            Self::PhoneNumber => "phone_number",
            Self::IdpId => "idp_id",
        }
    }
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no claim known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a claim known here")]
pub struct UnknownClaim;

impl FromStr for Claim {
    type Err = UnknownClaim;

    fn from_str(text: &str) -> Result<Self, UnknownClaim> {
        Self::ALL
            .into_iter()
            .find(|claim| claim.as_str() == text)
            .ok_or(UnknownClaim)
    }
}

/// Values of claims about one citizen, as read from a provider or as given to a client.
///
/// Personal data: no `Debug`. Members nobody here knows are dropped when read, so that a provider
/// cannot assert `acr`, `groups` or anything else unasked (threat N-17).
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityClaims {
    /// Given names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_name: Option<String>,
    /// Given names one by one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_name_array: Option<Vec<String>>,
    /// Name at birth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub family_name: Option<String>,
    /// Name in use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferred_username: Option<String>,
    /// Gender.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gender: Option<String>,
    /// Date of birth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birthdate: Option<String>,
    /// Date of birth as the provider stated it. The hub writes it, whatever a provider says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idp_birthdate: Option<String>,
    /// Place of birth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birthplace: Option<String>,
    /// Country of birth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birthcountry: Option<String>,
    /// E-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Whether the address was verified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email_verified: Option<bool>,
    /// Telephone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
    /// The provider. The hub writes it, whatever a provider says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idp_id: Option<String>,
}

impl IdentityClaims {
    /// Only the claims in `wanted`: what one client was granted.
    #[must_use]
    pub fn only(&self, wanted: &[Claim]) -> Self {
        fn kept<T: Clone>(is_wanted: bool, value: Option<&T>) -> Option<T> {
            value.filter(|_| is_wanted).cloned()
        }
        let text =
            |claim: Claim, value: &Option<String>| kept(wanted.contains(&claim), value.as_ref());
        Self {
            given_name: text(Claim::GivenName, &self.given_name),
            given_name_array: kept(
                wanted.contains(&Claim::GivenNameArray),
                self.given_name_array.as_ref(),
            ),
            family_name: text(Claim::FamilyName, &self.family_name),
            preferred_username: text(Claim::PreferredUsername, &self.preferred_username),
            gender: text(Claim::Gender, &self.gender),
            birthdate: text(Claim::Birthdate, &self.birthdate),
            idp_birthdate: text(Claim::IdpBirthdate, &self.idp_birthdate),
            birthplace: text(Claim::Birthplace, &self.birthplace),
            birthcountry: text(Claim::Birthcountry, &self.birthcountry),
            email: text(Claim::Email, &self.email),
            email_verified: kept(
                wanted.contains(&Claim::EmailVerified),
                self.email_verified.as_ref(),
            ),
            phone_number: text(Claim::PhoneNumber, &self.phone_number),
            idp_id: text(Claim::IdpId, &self.idp_id),
        }
    }

    /// Whether there is a value of this claim, one that is not shown included.
    pub fn has(&self, claim: Claim) -> bool {
        match claim {
            Claim::EmailVerified => self.email_verified.is_some(),
            other => self.shown(other).is_some(),
        }
    }

    /// The claims there are values of.
    pub fn names(&self) -> Vec<Claim> {
        let mut names = Claim::ALL.to_vec();
        names.retain(|claim| self.has(*claim));
        names
    }

    /// The value of one claim as a page shows it; `None` where there is none to show.
    pub fn shown(&self, claim: Claim) -> Option<Cow<'_, str>> {
        let value = match claim {
            Claim::GivenNameArray => {
                let names = self.given_name_array.as_ref()?;
                return Some(Cow::Owned(names.join(", ")));
            }
            Claim::GivenName => &self.given_name,
            Claim::FamilyName => &self.family_name,
            Claim::PreferredUsername => &self.preferred_username,
            Claim::Gender => &self.gender,
            Claim::Birthdate => &self.birthdate,
            Claim::IdpBirthdate => &self.idp_birthdate,
            Claim::Birthplace => &self.birthplace,
            Claim::Birthcountry => &self.birthcountry,
            Claim::Email => &self.email,
            Claim::PhoneNumber => &self.phone_number,
            Claim::IdpId => &self.idp_id,
            Claim::EmailVerified => &None,
        };
        value
            .as_deref()
            .filter(|text| !text.is_empty())
            .map(Cow::Borrowed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_granted_is_left() {
        let claims = IdentityClaims {
            given_name: Some("Camille".into()),
            email: Some("camille@example.org".into()),
            email_verified: Some(true),
            ..IdentityClaims::default()
        };
        let granted = claims.only(&[Claim::GivenName]);
        assert_eq!(
            serde_json::to_string(&granted).unwrap(),
            r#"{"given_name":"Camille"}"#
        );
    }

    #[test]
    fn members_nobody_knows_are_dropped() {
        let claims: IdentityClaims =
            serde_json::from_str(r#"{"given_name":"A","acr":"eidas3","groups":["admin"]}"#)
                .unwrap();
        assert_eq!(
            serde_json::to_string(&claims).unwrap(),
            r#"{"given_name":"A"}"#
        );
    }

    #[test]
    fn every_claim_has_one_name() {
        for claim in Claim::ALL {
            assert_eq!(claim.as_str().parse(), Ok(claim));
            assert_eq!(
                serde_json::to_string(&claim).unwrap(),
                format!("\"{claim}\"")
            );
        }
    }
}
