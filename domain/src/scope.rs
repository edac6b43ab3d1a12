//! Scopes: what a client asks for, and which identity claims each stands for.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Claim;

/// One scope name: visible ASCII without `"` and `\` (RFC 6749 §3.3), at most 128 characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope(Box<str>);

/// Several scopes, each once, in the order first named; at most 100.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scopes(Vec<Scope>);

/// Why a text is not a scope list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScopeError {
    /// A character or a length RFC 6749 §3.3 or this hub does not allow.
    #[error("a scope is 1 to 128 visible ASCII characters other than \" and \\")]
    NotScope,
    /// More than 100 scopes.
    #[error("at most 100 scopes may be asked for at once")]
    TooMany,
}

impl Scope {
    /// The scope's name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The identity claims this scope stands for (OIDC Core §5.4 and FranceConnect's aliases);
    /// empty for `openid` and for scopes of data providers.
    pub fn claims(&self) -> &'static [Claim] {
        use Claim::{
            Birthcountry, Birthdate, Birthplace, Email, EmailVerified, FamilyName, Gender,
            GivenName, GivenNameArray, IdpBirthdate, IdpId, PhoneNumber, PreferredUsername,
        };
        match self.as_str() {
            "profile" => &[
                FamilyName,
                PreferredUsername,
                GivenName,
                GivenNameArray,
                Gender,
                Birthdate,
            ],
            "birth" => &[Birthplace, Birthcountry],
            "identite_pivot" => &[
                FamilyName,
                GivenName,
                GivenNameArray,
                Gender,
                Birthdate,
                Birthplace,
                Birthcountry,
            ],
            "email" => &[Email, EmailVerified],
            "phone" => &[PhoneNumber],
            "given_name" => &[GivenName, GivenNameArray],
            "family_name" => &[FamilyName],
            "preferred_username" => &[PreferredUsername],
            "gender" => &[Gender],
            "birthdate" => &[Birthdate],
            "birthplace" => &[Birthplace],
            "birthcountry" => &[Birthcountry],
            "idp_birthdate" => &[IdpBirthdate],
            "idp_id" => &[IdpId],
            _ => &[],
        }
    }
}

impl FromStr for Scope {
    type Err = ScopeError;

    fn from_str(text: &str) -> Result<Self, ScopeError> {
        let is_scope = (1..=128).contains(&text.len())
            && text
                .bytes()
                .all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e));
        if is_scope {
            Ok(Self(text.into()))
        } else {
            Err(ScopeError::NotScope)
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scope({})", self.0)
    }
}

impl Scopes {
    /// Every scope, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Scope> {
        self.0.iter()
    }

    /// Whether `name` is among them.
    pub fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|scope| scope.as_str() == name)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those also in `other`, in this order.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self(
            self.0
                .iter()
                .filter(|scope| other.0.contains(scope))
                .cloned()
                .collect(),
        )
    }

    /// Those not in `other`, in this order.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        Self(
            self.0
                .iter()
                .filter(|scope| !other.0.contains(scope))
                .cloned()
                .collect(),
        )
    }

    /// Every identity claim they stand for, each once, in page order.
    pub fn claims(&self) -> Vec<Claim> {
        let mut claims: Vec<Claim> = self
            .0
            .iter()
            .flat_map(|scope| scope.claims().iter().copied())
            .collect();
        claims.sort_unstable();
        claims.dedup();
        claims
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        let mut list: Vec<Scope> = Vec::new();
        for scope in scopes {
            if !list.contains(&scope) {
                list.push(scope);
            }
        }
        Self(list)
    }
}

impl FromStr for Scopes {
    type Err = ScopeError;

    /// Scopes separated by spaces; several spaces count as one, the empty text is no scope.
    fn from_str(text: &str) -> Result<Self, ScopeError> {
        let mut scopes = Vec::new();
        for name in text.split(' ').filter(|name| !name.is_empty()) {
            if scopes.len() == 100 {
                return Err(ScopeError::TooMany);
            }
            scopes.push(name.parse()?);
        }
        Ok(scopes.into_iter().collect())
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, scope) in self.0.iter().enumerate() {
            if position > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope.as_str())?;
        }
        Ok(())
    }
}

impl Serialize for Scopes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Scopes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_scope_named_twice_counts_once() {
        let scopes: Scopes = "openid  profile openid".parse().unwrap();
        assert_eq!(scopes.to_string(), "openid profile");
    }

    #[test]
    fn claims_come_once_and_in_page_order() {
        let scopes: Scopes = "openid given_name profile".parse().unwrap();
        assert_eq!(
            scopes.claims(),
            [
                Claim::FamilyName,
                Claim::PreferredUsername,
                Claim::GivenName,
                Claim::GivenNameArray,
                Claim::Gender,
                Claim::Birthdate
            ]
        );
    }

    #[test]
    fn ten_thousand_scopes_are_refused_early() {
        let text = vec!["scope"; 10_000].join(" ");
        assert_eq!(text.parse::<Scopes>(), Err(ScopeError::TooMany));
    }

    #[test]
    fn quotes_and_controls_are_no_scope() {
        for text in ["a\"b", "a\\b", "a\tb", "é", &"a".repeat(129)] {
            assert_eq!(text.parse::<Scope>(), Err(ScopeError::NotScope), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_parses_is_written_so_that_it_parses_again(text in ".{0,200}") {
            if let Ok(scopes) = text.parse::<Scopes>() {
                prop_assert_eq!(scopes.to_string().parse::<Scopes>(), Ok(scopes));
            }
        }
    }
}
