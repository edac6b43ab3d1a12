//! What changed between two versions, line by line, for those who review.

use serde::Serialize;

/// One line that is not the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Which: the name of a member, or of one of those asked.
    pub name: String,
    /// What stood there; nothing where the line is new.
    pub before: Option<String>,
    /// What stands there; nothing where it is gone.
    pub after: Option<String>,
}

/// How a line became another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It was not there.
    Added,
    /// It is not there any more.
    Removed,
    /// It says something else.
    Reworded,
}

/// A line of a text of several, beside the same text of another version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Passage {
    /// What it says.
    pub text: String,
    /// Whether the other version does not say it.
    pub differs: bool,
}

impl Difference {
    /// How it became another.
    pub const fn change(&self) -> Change {
        match (&self.before, &self.after) {
            (None, _) => Change::Added,
            (_, None) => Change::Removed,
            (Some(_), Some(_)) => Change::Reworded,
        }
    }

    /// What stood there and what stands there, line by line. Of a text of several lines those are told apart that
    /// the other version does not have; of anything else, the whole differs.
    pub fn passages(&self) -> (Vec<Passage>, Vec<Passage>) {
        let lines = |text: &Option<String>| -> Vec<String> {
            let lines = text.as_deref().unwrap_or_default().lines();
            lines.map(str::to_owned).collect()
        };
        let (before, after) = (lines(&self.before), lines(&self.after));
        let beside = |lines: &[String], other: &[String]| {
            let passage = |text: &String| Passage {
                text: text.clone(),
                differs: !other.contains(text),
            };
            lines.iter().map(passage).collect()
        };
        (beside(&before, &after), beside(&after, &before))
    }
}

/// What differs between the lines of two versions, in the order of the later one; what is gone comes last.
pub fn differences(before: &[(String, String)], after: &[(String, String)]) -> Vec<Difference> {
    let value = |lines: &[(String, String)], name: &str| {
        let mut lines = lines.iter();
        lines
            .find(|(it, _)| it == name)
            .map(|(_, value)| value.clone())
    };
    let stands = after.iter().map(|(name, text)| Difference {
        name: name.clone(),
        before: value(before, name),
        after: Some(text.clone()),
    });
    let gone = before
        .iter()
        .filter(|(name, _)| value(after, name).is_none());
    let gone = gone.map(|(name, text)| Difference {
        name: name.clone(),
        before: Some(text.clone()),
        after: None,
    });
    stands
        .chain(gone)
        .filter(|it| it.before != it.after)
        .collect()
}
