//! The image cannot be built on every machine; what can be read of it is held against the tree.

use std::path::Path;

use super::Findings;

/// What the Dockerfile copies is here, and its compiler is the workspace's.
pub(super) fn the_image_builds_from_what_is_here(
    dockerfile: &str,
    manifest: &str,
    root: &Path,
) -> Findings {
    let absent = sources(dockerfile).filter(|source| !root.join(source).exists());
    let mut findings: Findings = absent
        .map(|source| format!("Dockerfile: copies `{source}`, which is not here"))
        .collect();
    let (image, workspace) = (image_version(dockerfile), workspace_version(manifest));
    if image.is_none() || image != workspace {
        findings.push(format!(
            "Dockerfile: builds with Rust {image:?}, the workspace wants {workspace:?}"
        ));
    }
    findings
}

/// The sources of each `COPY` from the build context.
fn sources(dockerfile: &str) -> impl Iterator<Item = &str> {
    let copies = dockerfile
        .lines()
        .filter_map(|line| line.strip_prefix("COPY "))
        .filter(|rest| !rest.contains("--from="));
    copies.flat_map(|rest| {
        let words: Vec<&str> = rest
            .split_whitespace()
            .filter(|word| !word.starts_with("--"))
            .collect();
        let count = words.len().saturating_sub(1);
        words.into_iter().take(count)
    })
}

fn image_version(dockerfile: &str) -> Option<&str> {
    let tag = dockerfile
        .lines()
        .find_map(|line| line.strip_prefix("FROM rust:"))?;
    tag.split(['-', ' ']).next()
}

fn workspace_version(manifest: &str) -> Option<&str> {
    let line = manifest
        .lines()
        .find_map(|line| line.strip_prefix("rust-version = "))?;
    Some(line.trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCKERFILE: &str = "FROM rust:1.95-bookworm AS build\nCOPY --chown=1:1 Cargo.toml broker ./\nCOPY --from=build /a /b\n";

    #[test]
    fn copied_sources_are_listed_without_options_and_destination() {
        assert_eq!(
            sources(DOCKERFILE).collect::<Vec<_>>(),
            ["Cargo.toml", "broker"]
        );
    }

    #[test]
    fn the_compilers_must_agree() {
        assert_eq!(image_version(DOCKERFILE), Some("1.95"));
        assert_eq!(workspace_version("rust-version = \"1.95\"\n"), Some("1.95"));
        let findings = the_image_builds_from_what_is_here(
            "FROM rust:1.94\n",
            "rust-version = \"1.95\"",
            Path::new("."),
        );
        assert_eq!(findings.len(), 1);
    }
}
