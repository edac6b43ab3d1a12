//! Links between our documents lead somewhere.

use std::path::{Component, Path, PathBuf};

use super::{Findings, has_extension};

/// Every relative link of a markdown file names a file or folder of the tree.
pub(super) fn every_local_link_leads_somewhere(
    texts: &[(String, String)],
    root: &Path,
) -> Findings {
    let documents = texts.iter().filter(|(path, _)| has_extension(path, "md"));
    let links =
        documents.flat_map(|(path, content)| targets(content).map(move |target| (path, target)));
    let dead = links.filter(|(path, target)| !root.join(resolve(path, target)).exists());
    dead.map(|(path, target)| format!("{path}: dead link to `{target}`"))
        .collect()
}

/// What stands between `](` and `)`, less anchors and addresses of other hosts.
fn targets(markdown: &str) -> impl Iterator<Item = &str> {
    markdown.split("](").skip(1).filter_map(|rest| {
        let target = rest.split(')').next()?.split('#').next()?.trim();
        (!target.is_empty() && !target.contains(':')).then_some(target)
    })
}

fn resolve(document: &str, target: &str) -> PathBuf {
    let mut resolved = Path::new(document)
        .parent()
        .map(Path::to_path_buf)
        .unwrap_or_default();
    for part in Path::new(target).components() {
        match part {
            Component::ParentDir => {
                resolved.pop();
            }
            Component::Normal(name) => resolved.push(name),
            Component::Prefix(_) | Component::RootDir | Component::CurDir => {}
        }
    }
    resolved
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_local_targets_are_followed() {
        let markdown = "[a](docs/a.md#part) [b](https://example.org) [c](#here) ![d](../d.png)";
        assert_eq!(
            targets(markdown).collect::<Vec<_>>(),
            ["docs/a.md", "../d.png"]
        );
    }

    #[test]
    fn targets_are_resolved_from_their_document() {
        assert_eq!(
            resolve("docs/threats.md", "../web/src"),
            Path::new("web/src")
        );
        assert_eq!(resolve("README.md", "./docs"), Path::new("docs"));
    }
}
