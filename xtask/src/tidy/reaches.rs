//! Who reads files and environment: `config`, `guichet` and `keys::custody`; the rest is handed what it needs.

use super::{Findings, is_rust, room_of, shipped_lines};

/// Rooms, or parts of rooms, that may; the last two are no part of the product.
const MAY: &[&str] = &[
    "config/",
    "guichet/",
    "keys/src/custody",
    // The deployer's theme folder is handed to `web`, which reads the files inside it.
    "web/src/theme",
    "integration-tests/",
    "xtask/",
];

const REACHES: &[&str] = &["std::env", "std::fs", "tokio::fs"];

/// Finds shipped lines that name the environment or the file system elsewhere.
pub(super) fn only_some_rooms_touch_files_and_environment(texts: &[(String, String)]) -> Findings {
    texts
        .iter()
        .filter(|(path, _)| is_product(path))
        .flat_map(|(path, content)| check(path, content))
        .collect()
}

fn is_product(path: &str) -> bool {
    let in_tests = path.contains("/tests/") || path.ends_with("/tests.rs");
    is_rust(path) && !in_tests && !MAY.iter().any(|prefix| path.starts_with(prefix))
}

fn check(path: &str, content: &str) -> Findings {
    let reaching =
        shipped_lines(content).filter(|(_, line)| REACHES.iter().any(|name| line.contains(name)));
    reaching
        .map(|(number, _)| {
            format!(
                "{path}:{number}: `{}` may not touch files or environment",
                room_of(path)
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_one(path: &str, content: &str) -> Findings {
        only_some_rooms_touch_files_and_environment(&[(path.to_owned(), content.to_owned())])
    }

    #[test]
    fn a_room_that_reads_a_file_is_found_unless_it_may() {
        let source = "//! x\nlet text = std::fs::read(\"a\");\n";
        assert_eq!(
            check_one("broker/src/lib.rs", source),
            ["broker/src/lib.rs:2: `broker` may not touch files or environment"]
        );
        assert_eq!(check_one("keys/src/ring.rs", source).len(), 1);
        assert_eq!(
            check_one("keys/src/custody/file.rs", source),
            Findings::new()
        );
        assert_eq!(check_one("broker/tests/it.rs", source), Findings::new());
    }

    #[test]
    fn unit_tests_may() {
        let source = "//! x\n#[cfg(test)]\nmod tests { use std::fs; }\n";
        assert_eq!(check_one("broker/src/lib.rs", source), Findings::new());
    }
}
