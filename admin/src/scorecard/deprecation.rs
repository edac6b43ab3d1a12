//! When weaker options end: a table, as data.

use std::sync::LazyLock;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The end of an option.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Deprecation {
    /// Which option: `client_secret_post`.
    pub option: String,
    /// Its last day: `2027-12-31`.
    pub ends: String,
    /// Where the standards say why.
    pub standard: String,
}

/// The end of this option, if there is one.
pub(super) fn end_of(option: &str) -> Option<Deprecation> {
    TABLE.iter().find(|it| it.option == option).cloned()
}

/// The table is part of the program, and a test reads it.
static TABLE: LazyLock<Vec<Deprecation>> =
    LazyLock::new(|| serde_json::from_str(TEXT).unwrap_or_default());
const TEXT: &str = include_str!("deprecations.json");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::Period;

    #[test]
    fn every_line_of_the_table_is_an_option_and_a_day() {
        let table: Vec<Deprecation> = serde_json::from_str(TEXT).unwrap();
        assert!(table.len() >= 9);
        for line in &table {
            assert!(line.ends.len() == 10 && line.ends.parse::<Period>().is_ok());
            assert!(!line.standard.is_empty());
            assert_eq!(end_of(&line.option).as_ref(), Some(line), "twice");
        }
    }
}
