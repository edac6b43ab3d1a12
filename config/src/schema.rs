//! What the JSON Schema of the settings knows: which keys there are, and of which type.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

use crate::Settings;

/// The JSON Schema (2020-12) of the settings file.
pub fn json_schema() -> Value {
    schema_of::<Settings>()
}

fn schema_of<T: JsonSchema>() -> Value {
    SchemaSettings::draft2020_12()
        .into_generator()
        .into_root_schema_for::<T>()
        .to_value()
}

/// A schema, ready to be asked about keys.
pub(crate) struct Schema {
    root: Value,
}

/// How a text from the environment or a flag is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// As it is: `0012` stays `0012`.
    Text,
    /// As a JSON number or boolean.
    Literal,
    /// As a JSON array, or items separated by commas.
    List,
}

impl Schema {
    /// Of what files of this type may hold.
    pub(crate) fn of<T: JsonSchema>() -> Self {
        Self {
            root: schema_of::<T>(),
        }
    }

    /// How the value at `path` is to be read, or why there is no such key.
    pub(crate) fn kind_of(&self, path: &[&str]) -> Result<Kind, UnknownKey> {
        let mut node = &self.root;
        for (depth, key) in path.iter().enumerate() {
            node = self
                .member(node, key)
                .ok_or_else(|| self.unknown(node, &path[..depth], key))?;
        }
        Ok(self.kind(node))
    }

    /// The first key in `value` that the schema does not know, however deep.
    pub(crate) fn first_unknown(&self, value: &Value) -> Option<UnknownKey> {
        self.unknown_in(&self.root, value, &mut Vec::new())
    }

    fn unknown_in(
        &self,
        node: &Value,
        value: &Value,
        path: &mut Vec<String>,
    ) -> Option<UnknownKey> {
        let node = self.resolve(node);
        match value {
            Value::Object(members) if node.get("properties").is_some() => {
                members.iter().find_map(|(key, inner)| {
                    let Some(known) = self.member(node, key) else {
                        let parents: Vec<&str> = path.iter().map(String::as_str).collect();
                        return Some(self.unknown(node, &parents, key));
                    };
                    path.push(key.clone());
                    let found = self.unknown_in(known, inner, path);
                    path.pop();
                    found
                })
            }
            Value::Array(items) => {
                let item = node.get("items")?;
                items.iter().enumerate().find_map(|(place, inner)| {
                    path.push(place.to_string());
                    let found = self.unknown_in(item, inner, path);
                    path.pop();
                    found
                })
            }
            _ => None,
        }
    }

    fn member<'a>(&'a self, node: &'a Value, key: &str) -> Option<&'a Value> {
        self.resolve(node).get("properties")?.get(key)
    }

    /// Follows `$ref`, and steps into the one alternative of an optional value.
    fn resolve<'a>(&'a self, mut node: &'a Value) -> &'a Value {
        loop {
            let next = if let Some(reference) = node.get("$ref").and_then(Value::as_str) {
                self.root.pointer(reference.trim_start_matches('#'))
            } else {
                node.get("anyOf")
                    .and_then(Value::as_array)
                    .and_then(|options| {
                        options
                            .iter()
                            .find(|option| option.get("type") != Some(&"null".into()))
                    })
            };
            match next {
                Some(next) => node = next,
                None => return node,
            }
        }
    }

    fn kind(&self, node: &Value) -> Kind {
        let node = self.resolve(node);
        let is = |name: &str| match node.get("type") {
            Some(Value::String(only)) => only == name,
            Some(Value::Array(several)) => several.iter().any(|one| one == name),
            _ => false,
        };
        if is("array") {
            Kind::List
        } else if is("integer") || is("number") || is("boolean") {
            Kind::Literal
        } else {
            Kind::Text
        }
    }

    fn unknown(&self, node: &Value, parents: &[&str], key: &str) -> UnknownKey {
        let node = self.resolve(node);
        let known = node.get("properties").and_then(Value::as_object);
        let nearest = known
            .into_iter()
            .flat_map(|members| members.keys())
            .map(|name| (strsim::damerau_levenshtein(name, key), name))
            .min()
            .map(|(_, name)| join(parents, name));
        UnknownKey {
            key: join(parents, key),
            nearest,
        }
    }
}

/// A key the settings do not have.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct UnknownKey {
    /// The key, with its parents.
    pub(crate) key: String,
    /// The known key most like it.
    pub(crate) nearest: Option<String>,
}

fn join(parents: &[&str], key: &str) -> String {
    let mut path = parents.to_vec();
    path.push(key);
    path.join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_decides_how_a_text_is_read() {
        let schema = Schema::of::<Settings>();
        assert_eq!(schema.kind_of(&["hub", "issuer"]), Ok(Kind::Text));
        assert_eq!(schema.kind_of(&["hub", "listen"]), Ok(Kind::Text));
        assert_eq!(schema.kind_of(&["store", "connections"]), Ok(Kind::Literal));
        assert_eq!(schema.kind_of(&["keys", "algorithms"]), Ok(Kind::List));
        assert_eq!(schema.kind_of(&["lifetimes", "code"]), Ok(Kind::Text));
    }

    #[test]
    fn a_misspelt_key_is_named_with_its_nearest_neighbour() {
        let schema = Schema::of::<Settings>();
        let unknown = schema.kind_of(&["lifetimes", "acess_token"]).unwrap_err();
        assert_eq!(unknown.nearest.as_deref(), Some("lifetimes.access_token"));
        let unknown = schema
            .first_unknown(
                &serde_json::json!({"clients": [{"client_id": "a", "redirect_uri": []}]}),
            )
            .unwrap();
        assert_eq!(unknown.key, "clients.0.redirect_uri");
        assert_eq!(unknown.nearest.as_deref(), Some("clients.0.redirect_uris"));
    }
}
