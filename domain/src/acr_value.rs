//! What stands in `acr` and may be asked for by it: a level, and whether two different providers vouched
//! for the same person.
//!
//! Not one scale: two providers' word at a low level is neither less nor more than one provider's at a
//! high one, so these values are compared by [`AcrValue::satisfies`] alone.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Acr;

/// A level; with `corroborated`, one that two different providers each reached for the same person in one
/// session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AcrValue {
    /// The level; of the two providers' the lower one.
    pub level: Acr,
    /// Whether two providers vouched.
    pub corroborated: bool,
}

impl AcrValue {
    /// Every value.
    pub const ALL: [Self; 6] = [
        Self::alone(Acr::Eidas1),
        Self::alone(Acr::Eidas2),
        Self::alone(Acr::Eidas3),
        Self::corroborated(Acr::Eidas1),
        Self::corroborated(Acr::Eidas2),
        Self::corroborated(Acr::Eidas3),
    ];

    /// `level` by the word of one provider.
    pub const fn alone(level: Acr) -> Self {
        Self {
            level,
            corroborated: false,
        }
    }

    /// `level` by the word of two.
    pub const fn corroborated(level: Acr) -> Self {
        Self {
            level,
            corroborated: true,
        }
    }

    /// The value as it stands in `acr` and `acr_values`.
    pub const fn as_str(self) -> &'static str {
        match (self.level, self.corroborated) {
            (level, false) => level.as_str(),
            (Acr::Eidas1, true) => "eidas1-corroborated",
            (Acr::Eidas2, true) => "eidas2-corroborated",
            (Acr::Eidas3, true) => "eidas3-corroborated",
        }
    }

    /// Whether whoever asked for `required` gets it with this.
    pub fn satisfies(self, required: Self) -> bool {
        self.level >= required.level && (self.corroborated || !required.corroborated)
    }

    /// The least that satisfies both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            level: self.level.max(other.level),
            corroborated: self.corroborated || other.corroborated,
        }
    }

    /// The most among `values` that this satisfies; itself where it satisfies none.
    #[must_use]
    pub fn at_most(self, values: &[Self]) -> Self {
        let within = values
            .iter()
            .copied()
            .filter(|value| self.satisfies(*value));
        let most = within.max_by_key(|value| (value.corroborated, value.level));
        most.unwrap_or(self)
    }

    /// As much of this as a hub states that offers `offered`: nothing above the highest.
    #[must_use]
    pub fn within(self, offered: &[Self]) -> Self {
        let corroborated = self.corroborated && offered.iter().any(|value| value.corroborated);
        let alike = offered
            .iter()
            .filter(|value| value.corroborated || !corroborated);
        let highest = alike.map(|value| value.level).max();
        Self {
            level: highest.map_or(self.level, |highest| self.level.min(highest)),
            corroborated,
        }
    }

    /// Of several values any of which will do, the one that asks least; between two of which neither asks
    /// less, the one named first. `None` when there is none.
    pub fn least_of(values: impl IntoIterator<Item = Self>) -> Option<Self> {
        let asks_less = |least: Self, next: Self| if least.satisfies(next) { next } else { least };
        values.into_iter().reduce(asks_less)
    }

    /// The values known here in a list such as `acr_values`, in its order.
    pub fn known_in(acr_values: &str) -> impl Iterator<Item = Self> {
        acr_values.split(' ').filter_map(|value| value.parse().ok())
    }
}

impl From<Acr> for AcrValue {
    fn from(level: Acr) -> Self {
        Self::alone(level)
    }
}

impl PartialEq<Acr> for AcrValue {
    /// A level is the value of one provider's word.
    fn eq(&self, level: &Acr) -> bool {
        *self == Self::alone(*level)
    }
}

impl fmt::Display for AcrValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is no value known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("known values are eidas1, eidas2 and eidas3, each also with -corroborated")]
pub struct UnknownAcrValue;

impl FromStr for AcrValue {
    type Err = UnknownAcrValue;

    fn from_str(text: &str) -> Result<Self, UnknownAcrValue> {
        Self::ALL
            .into_iter()
            .find(|value| value.as_str() == text)
            .ok_or(UnknownAcrValue)
    }
}

impl Serialize for AcrValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for AcrValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for AcrValue {
    fn schema_name() -> Cow<'static, str> {
        "AcrValue".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let values = Self::ALL.map(Self::as_str);
        schemars::json_schema!({
            "description": "A level, or one that two different providers each reached for the same person.",
            "type": "string",
            "enum": values,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO_LOW: AcrValue = AcrValue::corroborated(Acr::Eidas1);
    const HIGH: AcrValue = AcrValue::alone(Acr::Eidas3);

    #[test]
    fn two_low_words_are_no_high_one_and_a_high_word_is_not_two() {
        assert!(!TWO_LOW.satisfies(Acr::Eidas2.into()));
        assert!(!HIGH.satisfies(TWO_LOW));
        assert!(TWO_LOW.satisfies(Acr::Eidas1.into()) && TWO_LOW.satisfies(TWO_LOW));
        assert!(!TWO_LOW.satisfies(AcrValue::corroborated(Acr::Eidas2)));
        assert!(AcrValue::corroborated(Acr::Eidas3).satisfies(HIGH));
    }

    #[test]
    fn what_satisfies_two_demands_satisfies_each_and_nothing_less_does() {
        let values = AcrValue::ALL;
        for (one, other) in values
            .iter()
            .flat_map(|one| values.map(|other| (*one, other)))
        {
            let both = one.and(other);
            for value in values {
                let each = value.satisfies(one) && value.satisfies(other);
                assert_eq!(value.satisfies(both), each, "{value}: {one} and {other}");
            }
        }
    }

    #[test]
    fn what_is_stated_is_the_most_that_was_asked_for_or_is_offered() {
        let reached = AcrValue::corroborated(Acr::Eidas2);
        let asked = |values: &[AcrValue]| reached.at_most(values);
        assert_eq!(asked(&[Acr::Eidas2.into(), TWO_LOW, HIGH]), TWO_LOW);
        assert_eq!(asked(&[Acr::Eidas1.into(), HIGH]), Acr::Eidas1);
        assert_eq!(asked(&[HIGH]), reached);
        assert_eq!(reached.within(&[HIGH]), Acr::Eidas2);
        assert_eq!(reached.within(&[HIGH, TWO_LOW]), TWO_LOW);
        assert_eq!(HIGH.within(&[Acr::Eidas1.into(), TWO_LOW]), Acr::Eidas1);
        assert_eq!(HIGH.within(&[HIGH, Acr::Eidas1.into()]), HIGH);
    }

    #[test]
    fn of_several_the_least_is_asked_for_and_else_the_first() {
        let least = |text: &str| AcrValue::least_of(AcrValue::known_in(text)).map(AcrValue::as_str);
        assert_eq!(least("eidas3 eidas2"), Some("eidas2"));
        assert_eq!(least("eidas2-corroborated eidas1"), Some("eidas1"));
        let incomparable = "eidas1-corroborated eidas3";
        assert_eq!(least(incomparable), Some("eidas1-corroborated"));
        assert_eq!(least("eidas3 eidas1-corroborated"), Some("eidas3"));
        assert_eq!(least("urn:other eidas3"), Some("eidas3"));
        assert_eq!(least("urn:other "), None);
    }

    #[test]
    fn a_value_is_written_as_it_is_read() {
        for value in AcrValue::ALL {
            assert_eq!(value.as_str().parse(), Ok(value));
            let json = serde_json::to_string(&value).unwrap();
            assert_eq!(serde_json::from_str::<AcrValue>(&json).unwrap(), value);
        }
        for text in ["EIDAS1", " eidas1", "eidas4", "corroborated", "eidas1-"] {
            assert_eq!(text.parse::<AcrValue>(), Err(UnknownAcrValue), "{text}");
        }
    }
}
