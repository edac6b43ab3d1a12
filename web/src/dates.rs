//! Dates as people read them, in the time of metropolitan France.

use time::{Date, Month, OffsetDateTime, UtcOffset, Weekday};

use crate::Locale;

/// `21 novembre 2026`, `21 November 2026`.
pub fn date(locale: Locale, millis: i64) -> String {
    let moment = in_paris(millis);
    full_date(locale, moment.date())
}

/// `21 novembre 2026 à 21 h 06`, `21 November 2026 at 21:06`.
pub fn date_and_time(locale: Locale, millis: i64) -> String {
    let moment = in_paris(millis);
    let day = full_date(locale, moment.date());
    let (hour, minute) = (moment.hour(), moment.minute());
    match locale {
        Locale::French => format!("{day} à {hour} h {minute:02}"),
        Locale::English => format!("{day} at {hour}:{minute:02}"),
    }
}

/// The same for a page: a day stays with its month, an hour with its minutes, however narrow the screen.
pub(crate) fn kept_together(date: &str) -> String {
    let day = date.replacen(' ', "\u{a0}", 1);
    day.replace(" h ", "\u{a0}h\u{a0}")
}

/// `21 h 06`, `21:06`.
pub fn time_of_day(locale: Locale, millis: i64) -> String {
    let moment = in_paris(millis);
    let (hour, minute) = (moment.hour(), moment.minute());
    match locale {
        Locale::French => format!("{hour} h {minute:02}"),
        Locale::English => format!("{hour}:{minute:02}"),
    }
}

/// The day of an instant as a date field has it, `YYYY-MM-DD`.
pub fn day_of(millis: i64) -> String {
    let day = in_paris(millis).date();
    format!(
        "{:04}-{:02}-{:02}",
        day.year(),
        u8::from(day.month()),
        day.day()
    )
}

/// The hour of an instant as `YYYY-MM-DDTHH`. Of the two that go by one name in autumn, both.
pub fn hour_of(millis: i64) -> String {
    format!("{}T{:02}", day_of(millis), in_paris(millis).hour())
}

/// When the day begins that a date field says, in milliseconds; `None` when it says none.
pub fn start_of_day(day: &str) -> Option<i64> {
    let mut parts = day.splitn(3, '-');
    let year: i32 = parts.next()?.parse().ok()?;
    let month = Month::try_from(parts.next()?.parse::<u8>().ok()?).ok()?;
    let day = Date::from_calendar_date(year, month, parts.next()?.parse().ok()?).ok()?;
    let utc = day.midnight().assume_utc();
    // Clocks turn long after midnight: the hour before has the day's first offset.
    let hours = if is_summer(utc - time::Duration::hours(1)) {
        2
    } else {
        1
    };
    let start = utc - time::Duration::hours(hours);
    (start >= OffsetDateTime::UNIX_EPOCH).then(|| start.unix_timestamp() * 1000)
}

/// A date of birth `YYYY-MM-DD` whose month or day may be unknown (`00`): `mars 1978`, `1969`.
/// What is no such date is shown as it is.
pub fn partial(locale: Locale, text: &str) -> String {
    parse_partial(locale, text).unwrap_or_else(|| text.to_owned())
}

fn parse_partial(locale: Locale, text: &str) -> Option<String> {
    let mut parts = text.splitn(3, '-');
    let year: u16 = parts.next()?.parse().ok()?;
    let month: u8 = parts.next()?.parse().ok()?;
    let day: u8 = parts.next()?.parse().ok()?;
    if month == 0 {
        return Some(year.to_string());
    }
    let month = month_name(locale, Month::try_from(month).ok()?);
    match day {
        0 => Some(format!("{month} {year}")),
        1..=31 => Some(format!("{} {month} {year}", day_number(locale, day))),
        _ => None,
    }
}

fn full_date(locale: Locale, date: Date) -> String {
    let day = day_number(locale, date.day());
    format!("{day} {} {}", month_name(locale, date.month()), date.year())
}

fn day_number(locale: Locale, day: u8) -> String {
    match (locale, day) {
        (Locale::French, 1) => "1er".to_owned(),
        _ => day.to_string(),
    }
}

fn month_name(locale: Locale, month: Month) -> &'static str {
    let names = match locale {
        Locale::French => &FRENCH,
        Locale::English => &ENGLISH,
    };
    names[usize::from(u8::from(month)) - 1]
}

fn in_paris(millis: i64) -> OffsetDateTime {
    let utc = OffsetDateTime::from_unix_timestamp(millis.div_euclid(1000))
        .unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let hours = if is_summer(utc) { 2 } else { 1 };
    utc.to_offset(UtcOffset::from_hms(hours, 0, 0).unwrap_or(UtcOffset::UTC))
}

/// From the last Sunday of March to the last Sunday of October, at 01:00 UTC (Directive 2000/84/EC).
fn is_summer(utc: OffsetDateTime) -> bool {
    let turn = |month| last_sunday(utc.year(), month).and_then(|day| day.with_hms(1, 0, 0).ok());
    match (turn(Month::March), turn(Month::October)) {
        (Some(start), Some(end)) => start.assume_utc() <= utc && utc < end.assume_utc(),
        _ => false,
    }
}

fn last_sunday(year: i32, month: Month) -> Option<Date> {
    let last = Date::from_calendar_date(year, month, 31).ok()?;
    let back = last.weekday().number_days_from_sunday();
    debug_assert!(last.weekday() != Weekday::Sunday || back == 0);
    last.checked_sub(time::Duration::days(i64::from(back)))
}

const FRENCH: [&str; 12] = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
];
const ENGLISH: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_ends_in_the_middle_of_a_day_or_an_hour() {
        let french = date_and_time(Locale::French, 1_795_291_560_000);
        assert_eq!(
            kept_together(&french),
            "21\u{a0}novembre 2026 à 21\u{a0}h\u{a0}06"
        );
        assert_eq!(kept_together("21 November 2026"), "21\u{a0}November 2026");
    }

    #[test]
    fn a_day_begins_at_midnight_in_france() {
        let start = |day: &str| start_of_day(day).map(|at| date_and_time(Locale::English, at));
        let midnight = |day: &str| Some(format!("{day} at 0:00"));
        assert_eq!(start("2026-11-21"), midnight("21 November 2026"));
        assert_eq!(start("2026-06-30"), midnight("30 June 2026"));
        // The days on which clocks turn, and those after.
        assert_eq!(start("2026-03-29"), midnight("29 March 2026"));
        assert_eq!(start("2026-03-30"), midnight("30 March 2026"));
        assert_eq!(start("2026-10-25"), midnight("25 October 2026"));
        assert_eq!(start("2026-10-26"), midnight("26 October 2026"));
        for none in [
            "",
            "2026-13-01",
            "2026-02-30",
            "1969-12-31",
            "21/11/2026",
            "2026-1",
        ] {
            assert_eq!(start_of_day(none), None, "{none}");
        }
        assert_eq!(day_of(1_782_856_800_000), "2026-07-01");
        assert_eq!(time_of_day(Locale::French, 1_795_291_560_000), "21 h 06");
    }

    #[test]
    fn an_instant_is_told_in_french_time_in_winter_and_in_summer() {
        let winter = 1_795_291_560_000; // 2026-11-21T20:06:00Z
        assert_eq!(
            date_and_time(Locale::French, winter),
            "21 novembre 2026 à 21 h 06"
        );
        let summer = 1_782_856_800_000; // 2026-06-30T22:00:00Z
        assert_eq!(
            date_and_time(Locale::English, summer),
            "1 July 2026 at 0:00"
        );
        assert_eq!(date(Locale::French, summer), "1er juillet 2026");
    }

    #[test]
    fn the_clocks_change_on_the_last_sunday_at_one_utc() {
        let turn = 1_774_746_000; // 2026-03-29T01:00:00Z
        assert_eq!(
            date_and_time(Locale::English, (turn - 1) * 1000),
            "29 March 2026 at 1:59"
        );
        assert_eq!(
            date_and_time(Locale::English, turn * 1000),
            "29 March 2026 at 3:00"
        );
    }

    #[test]
    fn unknown_parts_of_a_birth_date_are_left_out() {
        assert_eq!(partial(Locale::French, "1978-03-00"), "mars 1978");
        assert_eq!(partial(Locale::French, "1969-00-00"), "1969");
        assert_eq!(partial(Locale::English, "1990-12-01"), "1 December 1990");
        assert_eq!(partial(Locale::French, "1990-13-01"), "1990-13-01");
    }
}
