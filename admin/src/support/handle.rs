//! What a citizen reads out: the reference of an error page (`ABCD-2345`) or the identification code of a visit
//! (`ABCD-2345-WXYZ`), however somebody types it.

use std::fmt;

/// What was read out, as the hub writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handle(String);

/// Eight characters are a reference, twelve a code.
const LENGTHS: [usize; 2] = [8, 12];
/// The letters and digits of either (`guichet_domain::CaseReference`).
const READABLE: &str = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

impl Handle {
    /// As it was typed: in any case, with or without spaces and hyphens. `None` when it is neither.
    pub fn parse(text: &str) -> Option<Self> {
        let mut letters = String::new();
        for letter in text.trim().chars() {
            match letter {
                ' ' | '-' | '\u{a0}' | '\u{2011}' => {}
                _ if letters.len() >= 12 => return None,
                _ => letters.push(letter.to_ascii_uppercase()),
            }
        }
        let is_ours = letters.chars().all(|letter| READABLE.contains(letter));
        if !is_ours || !LENGTHS.contains(&letters.len()) {
            return None;
        }
        // All of it is ASCII: a byte is a letter.
        let groups = [letters.get(..4), letters.get(4..8), letters.get(8..)];
        let groups: Vec<&str> = groups.into_iter().flatten().collect();
        let groups = groups.into_iter().filter(|group| !group.is_empty());
        Some(Self(groups.collect::<Vec<_>>().join("-")))
    }

    /// As the hub writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_read_out_is_understood_however_it_is_typed() {
        let read = |text| Handle::parse(text).map(|it| it.to_string());
        assert_eq!(read("ABCD-2345").as_deref(), Some("ABCD-2345"));
        assert_eq!(read(" abcd 2345 ").as_deref(), Some("ABCD-2345"));
        assert_eq!(read("abcd2345wxyz").as_deref(), Some("ABCD-2345-WXYZ"));
        for other in [
            "",
            "ABCD",
            "ABCD-234",
            "ABCD-2345-WXYZ-2",
            "ABCO-2345",
            "é".repeat(8).as_str(),
        ] {
            assert_eq!(read(other), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_fall_over_and_what_is_read_is_read_again(text in "\\PC{0,40}") {
            if let Some(handle) = Handle::parse(&text) {
                prop_assert_eq!(Handle::parse(handle.as_str()), Some(handle.clone()));
            }
        }
    }
}
