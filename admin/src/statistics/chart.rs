//! A picture of some figures, as the server draws it: a bar for each, full for those who signed in and hatched
//! for those who did not, so that nothing is told by colour. Beside it stands the table it is made of.

use serde::Serialize;

use super::Share;

/// A chart, in the units of its view box.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Chart {
    /// How wide.
    pub(crate) width: u64,
    /// How high.
    pub(crate) height: u64,
    /// Where its bars stand.
    pub(crate) floor: u64,
    /// Where its bars begin.
    pub(crate) left: u64,
    pub(crate) bars: Vec<Bar>,
    /// Lines across, each with its number.
    pub(crate) lines: Vec<Line>,
}

/// One bar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Bar {
    pub(crate) x: u64,
    pub(crate) width: u64,
    /// Its upper end, and how high the full part is.
    pub(crate) full_y: u64,
    pub(crate) full_height: u64,
    /// The hatched part on top of it.
    pub(crate) other_y: u64,
    pub(crate) other_height: u64,
    /// What stands below it; nothing where there is no place.
    pub(crate) label: String,
    /// The middle, where its label stands.
    pub(crate) middle: u64,
}

/// A line across.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Line {
    pub(crate) y: u64,
    pub(crate) number: u64,
}

impl Chart {
    /// Of these, in this order, with what stands below each.
    pub(crate) fn of(shares: &[Share], labels: &[String]) -> Self {
        let count = shares.len().max(1) as u64;
        let highest = shares.iter().map(|it| it.signed_in + it.otherwise).max();
        let top = round_up(highest.unwrap_or(0));
        let scaled = |number: u64| scale(number, top);
        let slot = (WIDTH - LEFT) / count;
        let every = labels.len().div_ceil(LABELS).max(1);
        let bars = shares.iter().zip(labels).enumerate();
        let bars = bars.map(|(at, (share, label))| {
            let x = LEFT + at as u64 * slot + slot / 8;
            let (full, both) = (
                scaled(share.signed_in),
                scaled(share.signed_in + share.otherwise),
            );
            Bar {
                x,
                width: (slot * 3 / 4).max(1),
                full_y: FLOOR - full,
                full_height: full,
                other_y: FLOOR - both,
                other_height: both - full,
                label: if at % every == 0 {
                    label.clone()
                } else {
                    String::new()
                },
                middle: x + slot * 3 / 8,
            }
        });
        let lines = [0, top / 2, top].into_iter().map(|number| Line {
            y: FLOOR - scaled(number),
            number,
        });
        let mut lines: Vec<Line> = lines.collect();
        lines.dedup();
        Self {
            width: WIDTH,
            height: HEIGHT,
            floor: FLOOR,
            left: LEFT,
            bars: bars.collect(),
            lines,
        }
    }
}

/// The next number of one digit and noughts that can be halved.
fn round_up(number: u64) -> u64 {
    let mut unit = 1;
    while number.div_ceil(unit) > 10 {
        unit *= 10;
    }
    let digits = [2, 4, 6, 8, 10];
    let enough = digits.iter().map(|digit| digit * unit);
    enough
        .into_iter()
        .find(|it| *it >= number)
        .unwrap_or(10 * unit)
}

/// Whatever is there can be seen.
fn scale(number: u64, top: u64) -> u64 {
    let height = u128::from(number) * u128::from(FLOOR - TOP) / u128::from(top.max(1));
    let height = u64::try_from(height).unwrap_or(FLOOR - TOP);
    if number > 0 { height.max(1) } else { 0 }
}

const WIDTH: u64 = 720;
const HEIGHT: u64 = 260;
const LEFT: u64 = 64;
const TOP: u64 = 16;
const FLOOR: u64 = 226;
/// How many labels there is place for.
const LABELS: usize = 12;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn share(signed_in: u64, otherwise: u64) -> Share {
        Share {
            name: String::new(),
            signed_in,
            otherwise,
        }
    }

    #[test]
    fn a_bar_is_as_high_as_its_number() {
        let labels = ["a".to_owned(), "b".to_owned()];
        let chart = Chart::of(&[share(50, 50), share(0, 1)], &labels);
        assert_eq!(chart.lines.last().unwrap().number, 100);
        let [first, second] = &chart.bars[..] else {
            panic!("two bars")
        };
        assert_eq!((first.full_height, first.other_height), (105, 105));
        assert_eq!((second.full_height, second.other_height), (0, 2));
        assert_eq!(second.label, "b");
    }

    proptest! {
        #[test]
        fn no_bar_leaves_the_picture(numbers in proptest::collection::vec((0u64..u64::MAX / 4, 0u64..u64::MAX / 4), 0..40)) {
            let shares: Vec<Share> = numbers.iter().map(|(one, other)| share(*one, *other)).collect();
            let labels = vec!["x".to_owned(); shares.len()];
            let chart = Chart::of(&shares, &labels);
            for bar in &chart.bars {
                prop_assert!(bar.other_y >= TOP.saturating_sub(1) && bar.x + bar.width <= WIDTH);
                prop_assert!(bar.full_y + bar.full_height == FLOOR);
            }
            prop_assert!(chart.bars.iter().filter(|bar| !bar.label.is_empty()).count() <= LABELS);
        }
    }
}
