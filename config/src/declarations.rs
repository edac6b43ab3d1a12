//! Records declared in files of their own, apart from the settings: what `guichet config apply` makes the
//! registry be.

use std::path::{Component, Path, PathBuf};

use guichet_domain::{ClientMetadata, DataProviderMetadata, ProviderMetadata, told};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ConfigError;
use crate::layers::unknown_key;
use crate::schema::Schema;

/// What files declare. A kind that no file names is left alone; one that is there and empty declares that
/// there are none.
#[derive(Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Declarations {
    /// Services that may sign citizens in. Members are those of RFC 7591.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clients: Option<Vec<ClientMetadata>>,
    /// Upstream identity providers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub providers: Option<Vec<ProviderMetadata>>,
    /// Administrations that hand out evidence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_providers: Option<Vec<DataProviderMetadata>>,
}

impl Declarations {
    /// What these files declare together: TOML (`.toml`) or JSON (`.json`); of a folder every such file in it,
    /// by name. A `client_secret` of the form `@FILE` is what stands in that file, beside the one that names
    /// it.
    #[expect(
        clippy::disallowed_methods,
        reason = "this room reads files so that no other must"
    )]
    pub fn read(paths: &[PathBuf]) -> Result<Self, ConfigError> {
        let mut all = Self::default();
        for path in files(paths)? {
            let text = std::fs::read_to_string(&path).map_err(|error| unreadable(&path, &error))?;
            let mut value = parse(&path, &text)?;
            secrets(&path, &mut value)?;
            all.join(declared(&path, value)?);
        }
        Ok(all)
    }

    fn join(&mut self, other: Self) {
        append(&mut self.clients, other.clients);
        append(&mut self.providers, other.providers);
        append(&mut self.data_providers, other.data_providers);
    }
}

fn append<T>(list: &mut Option<Vec<T>>, more: Option<Vec<T>>) {
    if let Some(more) = more {
        list.get_or_insert_default().extend(more);
    }
}

/// Each file, and of each folder its files in the order of their names.
#[expect(
    clippy::disallowed_methods,
    reason = "this room reads files so that no other must"
)]
fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, ConfigError> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let entries = std::fs::read_dir(path).map_err(|error| unreadable(path, &error))?;
        let mut inside = Vec::new();
        for entry in entries {
            inside.push(entry.map_err(|error| unreadable(path, &error))?.path());
        }
        inside.retain(|file| matches!(extension(file), Some("toml" | "json")));
        inside.sort();
        files.extend(inside);
    }
    Ok(files)
}

fn parse(path: &Path, text: &str) -> Result<Value, ConfigError> {
    // What a parser shows of the text around a fault may be a secret: the place is enough.
    let broken = |reason: String| ConfigError::Syntax {
        path: path.to_owned(),
        reason,
    };
    match extension(path) {
        Some("toml") => toml::from_str(text).map_err(|error: toml::de::Error| {
            let at = error.span().map_or(0, |span| span.start).min(text.len());
            let line = text
                .get(..at)
                .map_or(0, |before| before.matches('\n').count());
            broken(format!("line {}: {}", line + 1, error.message()))
        }),
        Some("json") => serde_json::from_str(text).map_err(|error| broken(told(&error))),
        _ => Err(broken(
            "a name ending in .toml or .json is needed".to_owned(),
        )),
    }
}

/// Puts what stands in a file in the place of `@FILE`.
#[expect(
    clippy::disallowed_methods,
    reason = "this room reads files so that no other must"
)]
fn secrets(path: &Path, value: &mut Value) -> Result<(), ConfigError> {
    let lists = value
        .as_object_mut()
        .into_iter()
        .flat_map(|kinds| kinds.values_mut());
    let records = lists.filter_map(Value::as_array_mut).flatten();
    for secret in records.filter_map(|record| record.get_mut("client_secret")) {
        let Some(named) = secret.as_str().and_then(|text| text.strip_prefix('@')) else {
            continue;
        };
        // A file of records may come from elsewhere: it names nothing that lies elsewhere.
        let is_beside =
            |part: Component<'_>| matches!(part, Component::Normal(_) | Component::CurDir);
        if !Path::new(named).components().all(is_beside) {
            let text = format!(
                "{}: @{named}: a file beside this one is needed",
                path.display()
            );
            return Err(ConfigError::Value(text));
        }
        let file = path.parent().unwrap_or(Path::new("")).join(named);
        let text = std::fs::read_to_string(&file).map_err(|error| unreadable(&file, &error))?;
        *secret = Value::String(text.trim_end_matches(['\r', '\n']).to_owned());
    }
    Ok(())
}

fn declared(path: &Path, value: Value) -> Result<Declarations, ConfigError> {
    let schema = Schema::of::<Declarations>();
    if let Some(unknown) = schema.first_unknown(&value) {
        return Err(unknown_key(path.display().to_string(), unknown));
    }
    let Value::Object(mut kinds) = value else {
        let text = format!("{}: lists by name are needed", path.display());
        return Err(ConfigError::Value(text));
    };
    Ok(Declarations {
        clients: records(path, "clients", kinds.remove("clients"))?,
        providers: records(path, "providers", kinds.remove("providers"))?,
        data_providers: records(path, "data_providers", kinds.remove("data_providers"))?,
    })
}

/// The records of one kind; what is wrong names the record.
fn records<T: DeserializeOwned>(
    path: &Path,
    kind: &str,
    list: Option<Value>,
) -> Result<Option<Vec<T>>, ConfigError> {
    let wrong = |place: String, reason: String| {
        ConfigError::Value(format!("{}: {kind}{place}: {reason}", path.display()))
    };
    let Some(list) = list else { return Ok(None) };
    let Value::Array(list) = list else {
        return Err(wrong(String::new(), "a list is needed".to_owned()));
    };
    let read = |(place, record): (usize, Value)| {
        serde_path_to_error::deserialize(record).map_err(|error| {
            let member = error.path().to_string();
            wrong(format!(".{place}.{member}"), told(error.inner()))
        })
    };
    list.into_iter()
        .enumerate()
        .map(read)
        .collect::<Result<_, _>>()
        .map(Some)
}

fn extension(path: &Path) -> Option<&str> {
    path.extension().and_then(|extension| extension.to_str())
}

fn unreadable(path: &Path, error: &std::io::Error) -> ConfigError {
    ConfigError::Unreadable {
        path: path.to_owned(),
        reason: error.to_string(),
    }
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "stands for the operator's editor"
)]
mod tests {
    use super::*;

    struct Folder(tempfile::TempDir);

    impl Folder {
        fn with(files: &[(&str, &str)]) -> Self {
            let folder = tempfile::tempdir().unwrap();
            for (name, text) in files {
                std::fs::write(folder.path().join(name), text).unwrap();
            }
            Self(folder)
        }

        fn read(&self) -> Result<Declarations, ConfigError> {
            Declarations::read(&[self.0.path().to_owned()])
        }

        fn wrong(&self) -> String {
            self.read().err().unwrap().to_string()
        }
    }

    #[test]
    fn the_files_of_a_folder_declare_together() {
        let folder = Folder::with(&[
            (
                "a.toml",
                "[[clients]]\nclient_id = \"one\"\nclient_secret = \"@one.secret\"\n",
            ),
            (
                "b.json",
                r#"{"clients": [{"client_id": "two"}], "providers": []}"#,
            ),
            ("one.secret", "s3cret\n"),
            ("notes.md", "not read"),
        ]);
        let declared = folder.read().unwrap();
        let clients = declared.clients.unwrap();
        assert_eq!(clients[0].client_id, "one");
        assert_eq!(clients[0].client_secret.as_deref(), Some("s3cret"));
        assert_eq!(clients[1].client_id, "two");
        assert_eq!(declared.providers.map(|list| list.len()), Some(0));
        assert!(declared.data_providers.is_none());
    }

    #[test]
    fn what_is_wrong_is_named_and_no_secret_is_told() {
        let secret = "hunter2hunter2hunter2";
        for (name, text, expected) in [
            (
                "a.json",
                r#"{"client": []}"#.to_owned(),
                "did you mean `clients`",
            ),
            (
                "a.toml",
                "[[clients]]\nclient_id = \"one\"\nredirect_uri = []\n".to_owned(),
                "did you mean `clients.0.redirect_uris`",
            ),
            (
                "a.json",
                format!(r#"{{"clients": [{{"client_id": "one", "redirect_uris": "{secret}"}}]}}"#),
                "clients.0.redirect_uris: invalid type",
            ),
            (
                "a.toml",
                format!("[[clients]]\nclient_secret = {secret}\n"),
                "line 2",
            ),
            (
                "a.json",
                format!(r#"{{"clients": [{{"client_secret": "{secret}}}"#),
                "a.json",
            ),
            (
                "a.json",
                r#"{"clients": {}}"#.to_owned(),
                "clients: a list is needed",
            ),
            (
                "a.json",
                r#"{"clients": [{"client_secret": "@nowhere"}]}"#.to_owned(),
                "nowhere: cannot be read",
            ),
            (
                "a.json",
                r#"{"clients": [{"client_secret": "@/etc/hostname"}]}"#.to_owned(),
                "@/etc/hostname: a file beside this one is needed",
            ),
            (
                "a.json",
                r#"{"clients": [{"client_secret": "@secrets/../../key"}]}"#.to_owned(),
                "a file beside this one is needed",
            ),
        ] {
            let told = Folder::with(&[(name, &text)]).wrong();
            assert!(told.contains(expected) && !told.contains(secret), "{told}");
        }
    }
}
