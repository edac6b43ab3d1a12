//! Reading what a process used, from `/proc`; and what to make of several readings.

use std::fs;

use anyhow::{Context, Result};

/// User and system time of every thread of `process`, those that ended included, in milliseconds.
///
/// The kernel counts exactly and rounds to 10 ms here: measure over many operations.
pub(crate) fn cpu_milliseconds(process: u32) -> Result<f64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    ticks(&stat)
        .map(|ticks| ticks * MILLISECONDS_PER_TICK)
        .context("/proc/PID/stat is not as it should be")
}

/// Linux reports in hundredths of a second on every architecture it is built for here.
const MILLISECONDS_PER_TICK: f64 = 10.0;

fn ticks(stat: &str) -> Option<f64> {
    // The name in parentheses may hold blanks; `utime` and `stime` are the 12th and 13th field after it.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let (user, system): (f64, f64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some(user + system)
}

/// Resident memory of `process`, in megabytes.
pub(crate) fn resident_megabytes(process: u32) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .context("no VmRSS")?;
    let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes / 1024.0)
}

/// Middle, least and most of some readings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spread {
    /// The middle one, or the mean of the two middle ones.
    pub(crate) median: f64,
    /// The least.
    pub(crate) min: f64,
    /// The most.
    pub(crate) max: f64,
}

impl Spread {
    /// Of at least one reading.
    pub(crate) fn of(readings: &[f64]) -> Option<Self> {
        let mut sorted = readings.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (min, max) = (*sorted.first()?, *sorted.last()?);
        let middle = sorted.len() / 2;
        let median = if sorted.len() % 2 == 1 {
            sorted[middle]
        } else {
            f64::midpoint(sorted[middle - 1], sorted[middle])
        };
        Some(Self { median, min, max })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_times_after_a_name_with_blanks_are_read() {
        let stat = "7 (a ) b) S 1 7 7 0 -1 4194304 101 0 0 0 250 31 0 0 20 0 1 0 283865";
        assert_eq!(ticks(stat), Some(281.0));
    }

    #[test]
    fn the_median_is_in_the_middle() {
        let spread = Spread::of(&[3.0, 1.0, 2.0]).unwrap();
        assert_eq!(
            spread,
            Spread {
                median: 2.0,
                min: 1.0,
                max: 3.0
            }
        );
        assert_eq!(
            Spread::of(&[1.0, 2.0]).unwrap().median.to_bits(),
            1.5_f64.to_bits()
        );
        assert_eq!(Spread::of(&[]), None);
    }
}
