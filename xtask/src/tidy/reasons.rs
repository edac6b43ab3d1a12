//! What needs a reason beside it: a dependency, and anything put off for later.

use super::{Findings, has_extension};

/// Words that put something off; written apart so that this file does not find itself.
const POSTPONEMENTS: &[&str] = &[
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X:"),
];

/// Each outside crate in the root `Cargo.toml` has a `# reason` on its line.
pub(super) fn every_dependency_has_a_reason(manifest: &str) -> Findings {
    let lines = manifest
        .lines()
        .enumerate()
        .skip_while(|(_, line)| *line != "[workspace.dependencies]")
        .skip(1);
    let dependencies = lines
        .take_while(|(_, line)| !line.starts_with('['))
        .filter(|(_, line)| is_outside(line));
    let silent = dependencies.filter(|(_, line)| !line.contains(" # "));
    silent
        .map(|(index, line)| {
            format!(
                "Cargo.toml:{}: why `{}`? (`# reason`)",
                index + 1,
                name(line)
            )
        })
        .collect()
}

fn is_outside(line: &str) -> bool {
    line.contains(" = ") && !line.starts_with('#') && !line.starts_with("guichet-")
}

fn name(line: &str) -> &str {
    line.split(' ').next().unwrap_or_default()
}

/// A postponement says why in parentheses, right after the word.
pub(super) fn every_postponement_has_a_reason(texts: &[(String, String)]) -> Findings {
    let sources = texts
        .iter()
        .filter(|(path, _)| !has_extension(path, "lock") && !has_extension(path, "json"));
    let lines = sources.flat_map(|(path, content)| {
        content
            .lines()
            .enumerate()
            .map(move |(index, line)| (path, index, line))
    });
    let bare = lines.filter(|(_, _, line)| POSTPONEMENTS.iter().any(|word| is_bare(line, word)));
    bare.map(|(path, index, _)| {
        format!(
            "{path}:{}: put off without a reason in parentheses",
            index + 1
        )
    })
    .collect()
}

fn is_bare(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let starts_a_word = !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let rest = &line[at + word.len()..];
        let ends_a_word = !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        starts_a_word && ends_a_word && !rest.starts_with('(')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dependency_without_a_reason_is_found() {
        let manifest = "[workspace.dependencies]\n# --- web\nguichet-web = { path = \"web\" }\naxum = \"1\" # the server\nserde = \"1\"\n[profile.dev]\ndebug = false";
        assert_eq!(
            every_dependency_has_a_reason(manifest),
            ["Cargo.toml:5: why `serde`? (`# reason`)"]
        );
    }

    #[test]
    fn a_bare_postponement_is_found() {
        let word = POSTPONEMENTS[0];
        assert!(is_bare(&format!("// {word}: later"), word));
        assert!(!is_bare(
            &format!("// {word}(needs the register): later"),
            word
        ));
        assert!(!is_bare(&format!("let METHOD_{word} = 1;"), word));
    }
}
