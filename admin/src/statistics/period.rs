//! Years, months, days and hours of metropolitan France, as text: `2027`, `2027-01`, `2027-01-31`,
//! `2027-01-31T14`. Text sorts as time goes.

use std::fmt;
use std::str::FromStr;

use guichet_domain::Timestamp;

/// A year, a month or a day.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period(String);

/// What is no year, month or day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a period is a year, a month or a day: 2027, 2027-01, 2027-01-31")]
pub struct NoPeriod;

impl Period {
    /// The month of an instant.
    pub fn month_of(at: Timestamp) -> Self {
        Self(guichet_web::day_of(at.millis()).chars().take(7).collect())
    }

    /// The year of an instant.
    pub fn year_of(at: Timestamp) -> Self {
        Self(guichet_web::day_of(at.millis()).chars().take(4).collect())
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What it consists of: months, days, or hours.
    pub fn parts(&self) -> Vec<String> {
        let all = |range: std::ops::RangeInclusive<u32>, sign: char| {
            range.map(|it| format!("{}{sign}{it:02}", self.0)).collect()
        };
        match self.numbers() {
            (_, None, _) => all(1..=12, '-'),
            (year, Some(month), None) => all(1..=days_in(year, month), '-'),
            (_, _, Some(_)) => all(0..=23, 'T'),
        }
    }

    /// What it is a part of.
    pub fn whole(&self) -> Option<Self> {
        let (whole, _) = self.0.rsplit_once('-')?;
        Some(Self(whole.to_owned()))
    }

    /// The one before.
    pub fn before(&self) -> Option<Self> {
        match self.numbers() {
            (year, None, _) => Self::checked(year.checked_sub(1)?, None, None),
            (year, Some(1), None) => Self::checked(year.checked_sub(1)?, Some(12), None),
            (year, Some(month), None) => Self::checked(year, Some(month - 1), None),
            (year, Some(month), Some(1)) => {
                let month = Self::checked(year, Some(month), None)?.before()?;
                let (year, month, _) = month.numbers();
                let month = month?;
                Self::checked(year, Some(month), Some(days_in(year, month)))
            }
            (year, month, Some(day)) => Self::checked(year, month, Some(day - 1)),
        }
    }

    /// The one after.
    pub fn after(&self) -> Option<Self> {
        match self.numbers() {
            (year, None, _) => Self::checked(year + 1, None, None),
            (year, Some(12), None) => Self::checked(year + 1, Some(1), None),
            (year, Some(month), None) => Self::checked(year, Some(month + 1), None),
            (year, Some(month), Some(day)) if day == days_in(year, month) => {
                let month = Self::checked(year, Some(month), None)?.after()?;
                Some(Self(format!("{month}-01")))
            }
            (year, month, Some(day)) => Self::checked(year, month, Some(day + 1)),
        }
    }

    /// How many of its days are over or under way at `now`.
    pub fn days_until(&self, now: Timestamp) -> u32 {
        let today = guichet_web::day_of(now.millis());
        let over = |days: &[String]| {
            let over = days.iter().filter(|day| **day <= today).count();
            u32::try_from(over).unwrap_or(0)
        };
        match self.numbers() {
            (_, None, _) => {
                let months = self.parts();
                let days = months.iter().map(|month| Self(month.clone()).parts());
                days.map(|days| over(&days)).sum()
            }
            (_, Some(_), None) => over(&self.parts()),
            (_, _, Some(_)) => over(std::slice::from_ref(&self.0)),
        }
    }

    fn checked(year: u32, month: Option<u32>, day: Option<u32>) -> Option<Self> {
        let text = match (month, day) {
            (Some(month), Some(day)) => format!("{year:04}-{month:02}-{day:02}"),
            (Some(month), None) => format!("{year:04}-{month:02}"),
            _ => format!("{year:04}"),
        };
        text.parse().ok()
    }

    /// Year, month and day; it was checked when it was made.
    fn numbers(&self) -> (u32, Option<u32>, Option<u32>) {
        let mut parts = self.0.split('-').map(|part| part.parse().ok());
        let year = parts.next().flatten().unwrap_or_default();
        (year, parts.next().flatten(), parts.next().flatten())
    }
}

impl FromStr for Period {
    type Err = NoPeriod;

    fn from_str(text: &str) -> Result<Self, NoPeriod> {
        let has_shape = matches!(text.len(), 4 | 7 | 10)
            && text.bytes().enumerate().all(|(at, byte)| match at {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        let period = Self(text.to_owned());
        let (year, month, day) = period.numbers();
        let is_one = has_shape
            && (1970..=9999).contains(&year)
            && month.is_none_or(|month| (1..=12).contains(&month))
            && day.is_none_or(|day| (1..=days_in(year, month.unwrap_or(1))).contains(&day));
        is_one.then_some(period).ok_or(NoPeriod)
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The hour, its day, its month and its year.
pub(super) fn spans_of_hour(hour: &str) -> impl Iterator<Item = String> {
    let ends = [13, 10, 7, 4];
    ends.into_iter()
        .filter_map(|end| hour.get(..end).map(str::to_owned))
}

const fn days_in(year: u32, month: u32) -> u32 {
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

    fn period(text: &str) -> Period {
        text.parse().unwrap()
    }

    #[test]
    fn a_period_has_its_parts_and_neighbours() {
        assert_eq!(period("2027").parts().len(), 12);
        assert_eq!(period("2028-02").parts().last().unwrap(), "2028-02-29");
        assert_eq!(period("2027-01-31").parts()[14], "2027-01-31T14");
        for (before, after) in [
            ("2026", "2027"),
            ("2026-12", "2027-01"),
            ("2026-12-31", "2027-01-01"),
            ("2028-02-28", "2028-02-29"),
            ("2027-02-28", "2027-03-01"),
        ] {
            assert_eq!(period(before).after(), Some(period(after)));
            assert_eq!(period(after).before(), Some(period(before)));
        }
        assert_eq!(period("1970").before(), None);
        assert_eq!(period("9999-12").after(), None);
        assert_eq!(period("2027-01-31").whole(), Some(period("2027-01")));
        assert_eq!(period("2027").whole(), None);
    }

    #[test]
    fn what_is_none_is_refused() {
        for text in [
            "",
            "27",
            "2027-13",
            "2027-00",
            "2027-02-29",
            "2027-1",
            "2027-01-31T14",
            "2027_01",
            "20270101",
            "1969",
            "２０２７",
        ] {
            assert!(text.parse::<Period>().is_err(), "{text}");
        }
    }

    #[test]
    fn days_are_counted_until_now() {
        let now: Timestamp = "2027-02-03T12:00:00Z".parse().unwrap();
        assert_eq!(period("2027").days_until(now), 34);
        assert_eq!(period("2027-01").days_until(now), 31);
        assert_eq!(period("2027-02").days_until(now), 3);
        assert_eq!(period("2027-02-04").days_until(now), 0);
    }

    proptest! {
        #[test]
        fn whatever_is_one_is_written_as_it_was(text in "\\PC{0,12}", year in 1970u32..9999, month in 1u32..13) {
            if let Ok(period) = text.parse::<Period>() {
                prop_assert_eq!(period.as_str(), text.as_str());
            }
            let text = format!("{year}-{month:02}");
            prop_assert_eq!(period(&text).after().and_then(|it| it.before()), Some(period(&text)));
        }
    }
}
