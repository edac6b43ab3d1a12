//! Four layers made one: defaults, file, environment, flags, each over the one before.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use crate::Settings;
use crate::schema::{Kind, Schema, UnknownKey};
use crate::secret::REDACTED;

/// Where settings come from.
#[derive(Clone, Default)]
pub struct Sources {
    /// The file's path (for messages) and its TOML text.
    pub file: Option<(PathBuf, String)>,
    /// Environment variables; those that start with `GUICHET__` count.
    pub environment: Vec<(String, String)>,
    /// Flags, as `section.key` and a value.
    pub flags: Vec<(String, String)>,
}

/// Where one value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Nobody said anything.
    Default,
    /// The settings file.
    File(PathBuf),
    /// An environment variable.
    Environment(String),
    /// A flag.
    Flag,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::Flag => f.write_str("flag"),
        }
    }
}

/// Settings that hold, and where each value came from.
pub struct Loaded {
    /// The settings; large, so that whoever waits with them in hand does not grow by them.
    pub settings: Box<Settings>,
    values: BTreeMap<String, (Value, Source)>,
}

/// Why there are no settings. Each says which key and what to do.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{path}: cannot be read: {reason}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The file is not TOML.
    #[error("{path}: {reason}")]
    Syntax {
        /// The file.
        path: PathBuf,
        /// What the parser says, with line and column.
        reason: String,
    },
    /// A key nobody knows.
    #[error("{source_name}: unknown key `{key}`{}", nearest.as_ref().map(|key| format!("; did you mean `{key}`?")).unwrap_or_default())]
    UnknownKey {
        /// Which layer.
        source_name: String,
        /// The key.
        key: String,
        /// The known key most like it.
        nearest: Option<String>,
    },
    /// A value of the wrong type or shape.
    #[error("{0}")]
    Value(String),
    /// Values that cannot stand together.
    #[error("{}", .0.iter().map(|(key, what)| format!("{key}: {what}")).collect::<Vec<_>>().join("\n"))]
    Faults(Vec<(String, String)>),
}

impl Sources {
    /// From this process: `file` is read, the environment taken as it is, `flags` added.
    #[expect(
        clippy::disallowed_methods,
        reason = "this room reads files and environment so that no other must"
    )]
    pub fn of_process(
        file: Option<&Path>,
        flags: Vec<(String, String)>,
    ) -> Result<Self, ConfigError> {
        let file = file
            .map(|path| {
                std::fs::read_to_string(path)
                    .map(|text| (path.to_owned(), text))
                    .map_err(|error| ConfigError::Unreadable {
                        path: path.to_owned(),
                        reason: error.to_string(),
                    })
            })
            .transpose()?;
        let mut environment = Vec::new();
        for (name, value) in std::env::vars() {
            if !name.starts_with(PREFIX) {
                continue;
            }
            // `..._FILE` names a file that holds the value: how container platforms hand out secrets.
            if let Some(plain) = name.strip_suffix("_FILE") {
                let path = PathBuf::from(&value);
                let content =
                    std::fs::read_to_string(&path).map_err(|error| ConfigError::Unreadable {
                        path,
                        reason: error.to_string(),
                    })?;
                environment.push((
                    plain.to_owned(),
                    content.trim_end_matches(['\r', '\n']).to_owned(),
                ));
            } else {
                environment.push((name, value));
            }
        }
        Ok(Self {
            file,
            environment,
            flags,
        })
    }

    /// The settings these sources make, checked.
    pub fn load(self) -> Result<Loaded, ConfigError> {
        let schema = Schema::of::<Settings>();
        let mut layers = Layers {
            schema,
            values: BTreeMap::new(),
        };
        let defaults = serde_json::to_value(DefaultsInClear::default())
            .map_err(|error| ConfigError::Value(error.to_string()))?;
        layers.lay(&defaults, &Source::Default);
        if let Some((path, text)) = self.file {
            let table: toml::Table =
                toml::from_str(&text).map_err(|error| ConfigError::Syntax {
                    path: path.clone(),
                    reason: error.to_string(),
                })?;
            let value = serde_json::to_value(table)
                .map_err(|error| ConfigError::Value(error.to_string()))?;
            if let Some(unknown) = layers.schema.first_unknown(&value) {
                return Err(unknown_key(path.display().to_string(), unknown));
            }
            layers.lay(&value, &Source::File(path));
        }
        for (name, text) in self.environment {
            let Some(rest) = name.strip_prefix(PREFIX) else {
                continue;
            };
            let key = rest.to_ascii_lowercase().replace("__", ".");
            layers.set(&key, &text, Source::Environment(name))?;
        }
        for (key, text) in self.flags {
            layers.set(&key, &text, Source::Flag)?;
        }
        layers.finish()
    }
}

/// The values laid so far, by dotted key; lists are one value.
struct Layers {
    schema: Schema,
    values: BTreeMap<String, (Value, Source)>,
}

impl Layers {
    fn lay(&mut self, value: &Value, source: &Source) {
        flatten(value, &mut Vec::new(), &mut |key, leaf| {
            self.values.insert(key, (leaf.clone(), source.clone()));
        });
    }

    fn set(&mut self, key: &str, text: &str, source: Source) -> Result<(), ConfigError> {
        let path: Vec<&str> = key.split('.').collect();
        let kind = self
            .schema
            .kind_of(&path)
            .map_err(|unknown| unknown_key(source.to_string(), unknown))?;
        let value = match kind {
            Kind::Text => Value::String(text.to_owned()),
            Kind::Literal => serde_json::from_str(text).map_err(|_| {
                ConfigError::Value(format!(
                    "{source}: {key}: a number, true or false is needed"
                ))
            })?,
            Kind::List if text.trim_start().starts_with('[') => serde_json::from_str(text)
                .map_err(|error| ConfigError::Value(format!("{source}: {key}: {error}")))?,
            Kind::List => text
                .split(',')
                .map(str::trim)
                .filter(|item| !item.is_empty())
                .map(|item| Value::String(item.to_owned()))
                .collect(),
        };
        self.values.insert(key.to_owned(), (value, source));
        Ok(())
    }

    fn finish(self) -> Result<Loaded, ConfigError> {
        let mut root = Map::new();
        for (key, (value, _)) in &self.values {
            insert(&mut root, key, value.clone());
        }
        let settings: Settings = serde_json::from_value(Value::Object(root)).map_err(|error| {
            // serde names the value but not the key: find the key whose value alone does not fit.
            let culprit = self
                .values
                .iter()
                .find(|(key, (value, _))| !fits(key, value));
            match culprit {
                Some((key, (_, source))) => ConfigError::Value(format!("{source}: {key}: {error}")),
                None => ConfigError::Value(error.to_string()),
            }
        })?;
        let faults = settings.faults();
        if faults.is_empty() {
            Ok(Loaded {
                settings: Box::new(settings),
                values: self.values,
            })
        } else {
            Err(ConfigError::Faults(faults))
        }
    }
}

impl Loaded {
    /// Every key with its value, secrets redacted, and where it came from; in order of keys.
    pub fn explain(&self) -> Vec<(String, Value, Source)> {
        let shown = serde_json::to_value(&self.settings).unwrap_or_default();
        self.values
            .iter()
            .map(|(key, (value, source))| {
                // What the types do not write out (secrets) is not shown.
                let visible = lookup(&shown, key)
                    .cloned()
                    .unwrap_or_else(|| REDACTED.into());
                let visible = if value.is_null() {
                    Value::Null
                } else {
                    visible
                };
                (key.clone(), visible, source.clone())
            })
            .collect()
    }
}

/// Defaults with their secrets readable: the default store addresses are no secrets.
#[derive(Default)]
struct DefaultsInClear(Settings);

impl serde::Serialize for DefaultsInClear {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut value = serde_json::to_value(&self.0).map_err(serde::ser::Error::custom)?;
        value["store"]["durable"] = self.0.store.durable.expose().into();
        value["store"]["short_lived"] = self.0.store.short_lived.expose().into();
        value.serialize(serializer)
    }
}

pub(crate) fn unknown_key(source_name: String, unknown: UnknownKey) -> ConfigError {
    ConfigError::UnknownKey {
        source_name,
        key: unknown.key,
        nearest: unknown.nearest,
    }
}

fn flatten(value: &Value, path: &mut Vec<String>, leaf: &mut impl FnMut(String, &Value)) {
    match value {
        Value::Object(members) => {
            for (key, inner) in members {
                path.push(key.clone());
                flatten(inner, path, leaf);
                path.pop();
            }
        }
        _ => leaf(path.join("."), value),
    }
}

fn insert(root: &mut Map<String, Value>, key: &str, value: Value) {
    match key.split_once('.') {
        Some((first, rest)) => {
            let inner = root
                .entry(first)
                .or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(members) = inner {
                insert(members, rest, value);
            }
        }
        None => {
            root.insert(key.to_owned(), value);
        }
    }
}

fn lookup<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    key.split('.')
        .try_fold(value, |inner, part| inner.get(part))
}

/// Whether a value at `key`, with defaults around it, makes settings.
fn fits(key: &str, value: &Value) -> bool {
    let mut root = Map::new();
    insert(&mut root, key, value.clone());
    serde_json::from_value::<Settings>(Value::Object(root)).is_ok()
}

const PREFIX: &str = "GUICHET__";

#[cfg(test)]
mod tests;
