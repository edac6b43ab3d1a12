//! Dates of birth, of which the day or the day and month may be unknown ("presumed").

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A date of birth: `1978-03-14`, `1978-03-00` (day presumed) or `1978-00-00` (day and month
/// presumed). Years 1800 to 2199. The order puts unknown parts first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartialDate {
    year: u16,
    month: u8,
    day: u8,
}

/// Why a text is not a date of birth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PartialDateError {
    /// Not `YYYY-MM-DD` in ASCII digits.
    #[error("a date of birth is written YYYY-MM-DD")]
    Shape,
    /// A year outside 1800..=2199, a thirteenth month, a 30th of February, a day without its month.
    #[error("no such date of birth")]
    NoSuchDate,
}

impl PartialDate {
    /// A date from its parts; `0` for an unknown month or day.
    pub fn new(year: u16, month: u8, day: u8) -> Result<Self, PartialDateError> {
        let exists = (1800..=2199).contains(&year)
            && match (month, day) {
                (0..=12, 0) => true,
                (1..=12, day) => day <= days_in(year, month),
                _ => false,
            };
        if exists {
            Ok(Self { year, month, day })
        } else {
            Err(PartialDateError::NoSuchDate)
        }
    }

    /// The year, 1800 to 2199.
    pub const fn year(self) -> u16 {
        self.year
    }

    /// The month, 1 to 12, when known.
    pub const fn month(self) -> Option<u8> {
        if self.month == 0 {
            None
        } else {
            Some(self.month)
        }
    }

    /// The day of the month, 1 to 31, when known.
    pub const fn day(self) -> Option<u8> {
        if self.day == 0 { None } else { Some(self.day) }
    }

    /// Whether day and month are both known.
    pub const fn is_complete(self) -> bool {
        self.day != 0
    }

    /// The date with its unknown parts filled by the first, as clients that want a full date get it.
    #[must_use]
    pub const fn presumed(self) -> Self {
        Self {
            year: self.year,
            month: if self.month == 0 { 1 } else { self.month },
            day: if self.day == 0 { 1 } else { self.day },
        }
    }
}

impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl fmt::Debug for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PartialDate({self})")
    }
}

impl FromStr for PartialDate {
    type Err = PartialDateError;

    fn from_str(text: &str) -> Result<Self, PartialDateError> {
        let bytes: &[u8; 10] = text
            .as_bytes()
            .try_into()
            .map_err(|_| PartialDateError::Shape)?;
        if bytes[4] != b'-' || bytes[7] != b'-' {
            return Err(PartialDateError::Shape);
        }
        let year = number(&bytes[..4])?;
        let month = u8::try_from(number(&bytes[5..7])?).map_err(|_| PartialDateError::Shape)?;
        let day = u8::try_from(number(&bytes[8..])?).map_err(|_| PartialDateError::Shape)?;
        Self::new(year, month, day)
    }
}

impl Serialize for PartialDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PartialDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

fn number(digits: &[u8]) -> Result<u16, PartialDateError> {
    digits.iter().try_fold(0_u16, |value, digit| {
        if digit.is_ascii_digit() {
            Ok(value * 10 + u16::from(digit - b'0'))
        } else {
            Err(PartialDateError::Shape)
        }
    })
}

fn days_in(year: u16, month: u8) -> u8 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn unknown_days_and_months_are_kept() {
        for text in ["1978-03-14", "1978-03-00", "1969-00-00", "2000-02-29"] {
            assert_eq!(
                text.parse::<PartialDate>().map(|date| date.to_string()),
                Ok(text.to_owned())
            );
        }
    }

    #[test]
    fn a_day_without_its_month_is_no_date() {
        assert_eq!(
            "1978-00-14".parse::<PartialDate>(),
            Err(PartialDateError::NoSuchDate)
        );
    }

    #[test]
    fn dates_that_never_were_are_refused() {
        for text in [
            "1900-02-29",
            "1978-13-01",
            "1978-04-31",
            "1799-01-01",
            "2200-01-01",
            "0000-00-00",
        ] {
            assert_eq!(
                text.parse::<PartialDate>(),
                Err(PartialDateError::NoSuchDate),
                "{text}"
            );
        }
    }

    #[test]
    fn other_spellings_are_refused() {
        for text in [
            "",
            "1978-3-14",
            "14/03/1978",
            "1978-03-14T",
            "+978-03-14",
            "1978-03-1٤",
        ] {
            assert_eq!(
                text.parse::<PartialDate>(),
                Err(PartialDateError::Shape),
                "{text}"
            );
        }
    }

    #[test]
    fn a_presumed_date_is_complete() {
        let date: PartialDate = "1969-00-00".parse().unwrap();
        assert!(!date.is_complete());
        assert_eq!(date.presumed().to_string(), "1969-01-01");
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_never_changes_the_text(text in "[0-9-]{0,11}|.{0,12}") {
            if let Ok(date) = text.parse::<PartialDate>() {
                prop_assert_eq!(date.to_string(), text);
            }
        }
    }
}
