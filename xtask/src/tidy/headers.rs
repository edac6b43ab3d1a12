//! Every source file opens by saying what it is for.

use super::{Findings, is_rust};

/// The first line of each `.rs` file is a `//!` with words on it.
pub(super) fn every_source_says_what_it_is_for(texts: &[(String, String)]) -> Findings {
    let sources = texts.iter().filter(|(path, _)| is_rust(path));
    let silent = sources.filter(|(_, content)| !opens_with_words(content));
    silent
        .map(|(path, _)| format!("{path}: must open with `//!` and what the file is for"))
        .collect()
}

fn opens_with_words(content: &str) -> bool {
    let first = content.lines().next().unwrap_or_default();
    first
        .strip_prefix("//!")
        .is_some_and(|words| words.split_whitespace().count() > 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_needs_words() {
        assert!(opens_with_words("//! Step 5 of a login.\n"));
        assert!(!opens_with_words("//!\nuse std;\n"));
        assert!(!opens_with_words("//! broker\n"));
        assert!(!opens_with_words("use std;\n//! too late"));
        assert!(!opens_with_words(""));
    }
}
