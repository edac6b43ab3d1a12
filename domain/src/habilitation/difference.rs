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
