//! What the form of the ways in says: what was chosen, against what the page showed. What was left as it was is
//! not asked for, so that an old page undoes nothing that was chosen since.

use std::collections::BTreeMap;

use super::Preferences;

/// What the fields begin with that say what the page showed.
const WAS: &str = "was-";
const PROVIDER: &str = "provider-";

/// What somebody changed on the page; `None` where a field says what none can.
pub(super) fn read(fields: &BTreeMap<String, String>) -> Option<Preferences> {
    let mut said = Preferences::default();
    for (name, value) in fields {
        if fields.get(&format!("{WAS}{name}")) == Some(value) {
            continue;
        }
        match (name.strip_prefix(PROVIDER), name.as_str()) {
            (Some(id), _) => {
                let id = id.parse().ok()?;
                said.providers.insert(id, either(value, "open", "close")?);
            }
            (None, "others") => said.others_open = Some(either(value, "open", "close")?),
            (None, "alerts") => said.tells_all = Some(either(value, "all", "unusual")?),
            // The token, and what was shown.
            (None, _) => {}
        }
    }
    Some(said)
}

/// Which of two was chosen; anything else is no choice.
pub(super) fn either(value: &str, one: &str, other: &str) -> Option<bool> {
    (value == one || value == other).then_some(value == one)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn posted(fields: &[(&str, &str)]) -> Option<Preferences> {
        let fields = fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        read(&fields.collect())
    }

    #[test]
    fn what_is_as_the_page_showed_it_is_not_asked_for() {
        let same = posted(&[
            ("csrf", "x"),
            ("was-provider-one", "open"),
            ("provider-one", "open"),
            ("was-alerts", "unusual"),
            ("alerts", "unusual"),
        ]);
        assert_eq!(same, Some(Preferences::default()));
        let one = posted(&[
            ("was-provider-one", "open"),
            ("provider-one", "close"),
            ("was-provider-two", "close"),
            ("provider-two", "close"),
            ("was-others", "close"),
            ("others", "open"),
            ("alerts", "all"),
        ])
        .unwrap();
        assert_eq!(one.providers, [("one".parse().unwrap(), false)].into());
        assert_eq!((one.others_open, one.tells_all), (Some(true), Some(true)));
    }

    #[test]
    fn a_value_that_is_no_choice_is_refused() {
        assert_eq!(posted(&[("alerts", "open")]), None);
        assert_eq!(posted(&[("provider-one", "")]), None);
        assert_eq!(posted(&[("provider-", "open")]), None);
    }
}
