//! The workspace as cargo sees it: where it lies, where it builds, its rooms and what they import.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::run::{command, read};

/// The checked-out workspace.
pub(crate) struct Workspace {
    /// The folder of the root `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// Where cargo puts what it builds.
    pub(crate) target: PathBuf,
    /// The workspace's packages, in the order cargo lists them.
    pub(crate) rooms: Vec<Room>,
}

/// One package of the workspace.
pub(crate) struct Room {
    /// The package name, such as `guichet-broker`.
    pub(crate) package: String,
    /// The folder at the root, such as `broker`.
    pub(crate) folder: String,
    /// Every crate it asks for, for whatever kind of target (normal, build or test).
    pub(crate) dependencies: Vec<String>,
    /// Those of them that its tests alone ask for.
    pub(crate) only_in_tests: Vec<String>,
}

impl Workspace {
    /// Asks cargo about the workspace that this program was started in. Not the one it was built from: where
    /// two checkouts share a target folder, cargo takes the program of one for that of the other.
    pub(crate) fn open() -> Result<Self> {
        #[expect(clippy::disallowed_methods, reason = "cargo says so, not a setting")]
        let here = std::env::var_os("CARGO_MANIFEST_DIR").context("start this as `cargo xtask`")?;
        let line = "cargo metadata --format-version 1 --no-deps";
        Self::from_metadata(&read(&mut command(Path::new(&here), line))?)
    }

    fn from_metadata(metadata: &str) -> Result<Self> {
        let metadata: Value = serde_json::from_str(metadata)?;
        let root = PathBuf::from(text(&metadata, "workspace_root")?);
        let target = PathBuf::from(text(&metadata, "target_directory")?);
        let packages = metadata["packages"]
            .as_array()
            .context("no packages in cargo metadata")?;
        let rooms = packages
            .iter()
            .map(|package| Room::from_metadata(package, &root))
            .collect::<Result<_>>()?;
        Ok(Self {
            root,
            target,
            rooms,
        })
    }

    /// Every file of the tree that git knows or would take, as (path from the root, content); binary files are left out.
    pub(crate) fn texts(&self) -> Result<Vec<(String, String)>> {
        let line = "git ls-files --cached --others --exclude-standard";
        let listed = read(&mut command(&self.root, line))?;
        let mut paths: Vec<&str> = listed.lines().collect();
        paths.sort_unstable();
        paths.dedup();
        let texts = paths.into_iter().filter_map(|path| {
            let content = fs::read_to_string(self.root.join(path)).ok()?;
            Some((path.to_owned(), content))
        });
        Ok(texts.collect())
    }
}

impl Room {
    fn from_metadata(package: &Value, root: &Path) -> Result<Self> {
        let manifest = PathBuf::from(text(package, "manifest_path")?);
        let folder = manifest
            .parent()
            .and_then(|folder| folder.strip_prefix(root).ok());
        let folder = folder.context("a package lies outside the workspace")?;
        let dependencies = package["dependencies"]
            .as_array()
            .context("a package without dependencies")?;
        let named = |is_meant: fn(&Value) -> bool| -> Result<Vec<String>> {
            let meant = dependencies
                .iter()
                .filter(|dependency| is_meant(dependency));
            meant.map(|dependency| text(dependency, "name")).collect()
        };
        let in_the_product = named(|dependency| dependency["kind"] != "dev")?;
        let dependencies = named(|_| true)?;
        Ok(Self {
            package: text(package, "name")?,
            folder: folder.to_string_lossy().into_owned(),
            only_in_tests: dependencies
                .iter()
                .filter(|name| !in_the_product.contains(name))
                .cloned()
                .collect(),
            dependencies,
        })
    }
}

fn text(value: &Value, key: &str) -> Result<String> {
    let text = value[key]
        .as_str()
        .with_context(|| format!("no `{key}` in cargo metadata"))?;
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rooms_and_their_imports_are_read_from_cargo_metadata() {
        let metadata = r#"{"workspace_root": "/w", "target_directory": "/t", "packages": [
            {"name": "guichet-keys", "manifest_path": "/w/keys/Cargo.toml",
             "dependencies": [{"name": "guichet-domain", "kind": null}, {"name": "subtle", "kind": null},
                              {"name": "subtle", "kind": "dev"}, {"name": "proptest", "kind": "dev"}]}]}"#;
        let workspace = Workspace::from_metadata(metadata).unwrap();
        assert_eq!(workspace.target, Path::new("/t"));
        assert_eq!(workspace.rooms[0].package, "guichet-keys");
        assert_eq!(workspace.rooms[0].folder, "keys");
        assert_eq!(
            workspace.rooms[0].dependencies,
            ["guichet-domain", "subtle", "subtle", "proptest"]
        );
        assert_eq!(workspace.rooms[0].only_in_tests, ["proptest"]);
    }
}
