//! Places of birth by the code of the French statistics office (INSEE, Code officiel géographique).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Why a text is not a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CogError {
    /// Five characters: two digits or `2A`/`2B`, then three digits; not 99xxx.
    #[error(
        "a French place is five characters: two digits, 2A or 2B, then three digits, and not 99"
    )]
    NotPlace,
    /// `99` and three digits.
    #[error("a country is 99 and three digits")]
    NotCountry,
}

/// A French municipality or borough, in Corsica (`2A004`) and overseas (`97411`) too.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlaceCode([u8; 5]);

/// A country: `99100` is France, every other `99xxx` is abroad.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CountryCode([u8; 5]);

impl CountryCode {
    /// France.
    pub const FRANCE: Self = Self(*b"99100");

    /// Whether this is France, in which case a [`PlaceCode`] goes with it.
    pub fn is_france(self) -> bool {
        self == Self::FRANCE
    }
}

impl FromStr for PlaceCode {
    type Err = CogError;

    fn from_str(text: &str) -> Result<Self, CogError> {
        let code: [u8; 5] = text.as_bytes().try_into().map_err(|_| CogError::NotPlace)?;
        let department = (code[0], code[1]);
        let department_is_known = matches!(department, (b'2', b'A' | b'B'))
            || (department.0.is_ascii_digit() && department.1.is_ascii_digit());
        let is_place = department_is_known
            && department != (b'9', b'9')
            && department != (b'0', b'0')
            && code[2..].iter().all(u8::is_ascii_digit);
        if is_place {
            Ok(Self(code))
        } else {
            Err(CogError::NotPlace)
        }
    }
}

impl FromStr for CountryCode {
    type Err = CogError;

    fn from_str(text: &str) -> Result<Self, CogError> {
        let code: [u8; 5] = text
            .as_bytes()
            .try_into()
            .map_err(|_| CogError::NotCountry)?;
        let is_country = code.starts_with(b"99") && code[2..].iter().all(u8::is_ascii_digit);
        if is_country {
            Ok(Self(code))
        } else {
            Err(CogError::NotCountry)
        }
    }
}

macro_rules! as_text {
    ($name:ident) => {
        impl $name {
            /// The code as text.
            pub fn as_str(&self) -> &str {
                // Parsing let ASCII in only.
                std::str::from_utf8(&self.0).unwrap_or_default()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.as_str())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

as_text!(PlaceCode);
as_text!(CountryCode);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn corsica_and_overseas_are_places() {
        for text in ["75056", "69383", "2A004", "2B033", "97411", "01001"] {
            assert_eq!(
                text.parse::<PlaceCode>().map(|code| code.to_string()),
                Ok(text.to_owned())
            );
        }
    }

    #[test]
    fn what_is_not_a_place_is_refused() {
        for text in [
            "", "2C004", "2a004", "A2004", "7505", "750566", "99243", "00001", "75 56", "7505６",
        ] {
            assert_eq!(text.parse::<PlaceCode>(), Err(CogError::NotPlace), "{text}");
        }
    }

    #[test]
    fn only_99_is_a_country() {
        assert!(
            "99243"
                .parse::<CountryCode>()
                .is_ok_and(|country| !country.is_france())
        );
        assert!(
            "99100"
                .parse::<CountryCode>()
                .is_ok_and(CountryCode::is_france)
        );
        for text in ["", "FR", "9924", "75056", "99A43"] {
            assert_eq!(
                text.parse::<CountryCode>(),
                Err(CogError::NotCountry),
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_never_changes_the_text(text in ".{0,8}") {
            if let Ok(place) = text.parse::<PlaceCode>() {
                prop_assert_eq!(place.as_str(), text.as_str());
            }
            if let Ok(country) = text.parse::<CountryCode>() {
                prop_assert_eq!(country.as_str(), text.as_str());
            }
        }
    }
}
