//! How long something waits, as forms say it: a number of hours or days.

use std::num::ParseIntError;
use std::time::Duration;

pub(super) const HOUR: Duration = Duration::from_hours(1);
pub(super) const DAY: Duration = Duration::from_hours(24);

/// So many of this unit, `most` at the most; nothing where the field is blank.
pub(super) fn wait(
    text: &str,
    (unit, most): (Duration, u32),
) -> Result<Option<Duration>, ParseIntError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let number = text.parse::<u64>()?.min(u64::from(most));
    Ok(Some(unit * u32::try_from(number).unwrap_or(most)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_a_number_that_is_bounded_or_nothing() {
        let read = |text| wait(text, (DAY, 30)).ok();
        assert_eq!(read(" "), Some(None));
        assert_eq!(read(" 7 "), Some(Some(DAY * 7)));
        assert_eq!(read("18446744073709551615"), Some(Some(DAY * 30)));
        assert_eq!((read("-1"), read("7 days")), (None, None));
    }
}
