//! A deployer's folder: templates, texts and assets that replace ours by name.
//!
//! Read once when the pages are built; what is not there stays ours.

use std::fs;
use std::path::Path;

use crate::{Locale, PagesError};

/// The files of a theme, by their path inside their part of the folder.
#[derive(Default)]
pub(crate) struct Theme {
    templates: Vec<(String, String)>,
    texts: Vec<(Locale, String, String)>,
    assets: Vec<(String, Vec<u8>)>,
}

impl Theme {
    /// Reads the folder; one that does not exist is a mistake in the settings, not an empty theme.
    pub(crate) fn read(folder: &Path) -> Result<Self, PagesError> {
        if !folder.is_dir() {
            return Err(unreadable(folder, "is not a folder"));
        }
        let mut theme = Self::default();
        for (name, bytes) in files(&folder.join("templates"), "")? {
            theme.templates.push((name.clone(), text(&name, bytes)?));
        }
        for locale in Locale::ALL {
            for (name, bytes) in files(&folder.join("texts").join(locale.tag()), "")? {
                theme
                    .texts
                    .push((locale, name.clone(), text(&name, bytes)?));
            }
        }
        theme.assets = files(&folder.join("assets"), "")?;
        Ok(theme)
    }

    pub(crate) fn templates(&self) -> impl Iterator<Item = (&str, &str)> {
        self.templates
            .iter()
            .map(|(name, source)| (name.as_str(), source.as_str()))
    }

    pub(crate) fn texts(&self, locale: Locale) -> impl Iterator<Item = (&str, &str)> {
        let of_locale = self.texts.iter().filter(move |(of, ..)| *of == locale);
        of_locale.map(|(_, name, source)| (name.as_str(), source.as_str()))
    }

    pub(crate) fn assets(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.assets
            .iter()
            .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
    }
}

/// The files below `folder`, in the order of their names, each as `prefix` and its relative path.
#[expect(
    clippy::disallowed_methods,
    reason = "the deployer's folder, read once at start"
)]
fn files(folder: &Path, prefix: &str) -> Result<Vec<(String, Vec<u8>)>, PagesError> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    let entries = fs::read_dir(folder).map_err(|error| unreadable(folder, error))?;
    for entry in entries {
        let path = entry.map_err(|error| unreadable(folder, error))?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            return Err(unreadable(&path, "is not named in UTF-8"));
        };
        if name.starts_with('.') {
            continue;
        }
        let name = format!("{prefix}{name}");
        if path.is_dir() {
            found.extend(files(&path, &format!("{name}/"))?);
        } else {
            let bytes = fs::read(&path).map_err(|error| unreadable(&path, error))?;
            found.push((name, bytes));
        }
    }
    found.sort();
    Ok(found)
}

fn text(name: &str, bytes: Vec<u8>) -> Result<String, PagesError> {
    String::from_utf8(bytes).map_err(|_| unreadable(Path::new(name), "is not UTF-8"))
}

fn unreadable(path: &Path, detail: impl std::fmt::Display) -> PagesError {
    PagesError::Theme {
        path: path.display().to_string(),
        detail: detail.to_string(),
    }
}
