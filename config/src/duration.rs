//! Durations as people write them: `90s`, `15m`, `12h`, `30d`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How long something lives or may take: a whole number and one unit of `ms`, `s`, `m`, `h` or `d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, JsonSchema)]
#[schemars(with = "String", extend("pattern" = "^[0-9]+(ms|s|m|h|d)$"))]
pub struct Lifetime(Duration);

impl Lifetime {
    /// From whole seconds.
    pub const fn seconds(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }

    /// From whole minutes.
    pub const fn minutes(minutes: u64) -> Self {
        Self::seconds(minutes * 60)
    }

    /// As the standard library has it.
    pub const fn get(self) -> Duration {
        self.0
    }
}

/// Not a whole number followed by a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a duration is a whole number and a unit, such as 500ms, 90s, 15m, 12h or 30d")]
pub struct NotADuration;

impl FromStr for Lifetime {
    type Err = NotADuration;

    fn from_str(text: &str) -> Result<Self, NotADuration> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        let number: u64 = number.parse().map_err(|_| NotADuration)?;
        let millis_per_unit = UNITS
            .iter()
            .find(|(name, _)| *name == unit)
            .ok_or(NotADuration)?
            .1;
        let millis = number.checked_mul(millis_per_unit).ok_or(NotADuration)?;
        Ok(Self(Duration::from_millis(millis)))
    }
}

impl fmt::Display for Lifetime {
    /// In the largest unit that keeps the number whole.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = u64::try_from(self.0.as_millis()).unwrap_or(u64::MAX);
        let (unit, size) = UNITS
            .iter()
            .find(|(_, size)| millis > 0 && millis.is_multiple_of(*size))
            .unwrap_or(&("s", 1000));
        write!(f, "{}{unit}", millis / size)
    }
}

impl Serialize for Lifetime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Lifetime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// Units and their milliseconds, largest first.
const UNITS: [(&str, u64); 5] = [
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1000),
    ("ms", 1),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_and_written_alike() {
        for text in ["0s", "500ms", "90s", "15m", "12h", "30d"] {
            assert_eq!(
                text.parse::<Lifetime>()
                    .map(|lifetime| lifetime.to_string()),
                Ok(text.to_owned())
            );
        }
        assert_eq!("60s".parse::<Lifetime>().unwrap().to_string(), "1m");
    }

    #[test]
    fn what_has_no_unit_or_overflows_is_refused() {
        for text in [
            "",
            "90",
            "s",
            "1.5h",
            "-1s",
            "1 s",
            "1w",
            "99999999999999999999s",
            "18446744073709551615d",
        ] {
            assert_eq!(text.parse::<Lifetime>(), Err(NotADuration), "{text}");
        }
    }
}
