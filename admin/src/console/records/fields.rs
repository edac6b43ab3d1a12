//! The fields of a form, from the JSON Schema of the records it is for: a member that is added to a record's
//! metadata is in its form, on its page and in its differences without another line. What a schema cannot say
//! stands in a table of groups: in which order members come, and which texts may stand in them.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

/// A heading and what comes under it.
pub(crate) struct Group {
    /// The end of the text that names it.
    pub(crate) name: &'static str,
    /// Its members, in order.
    pub(crate) members: &'static [&'static str],
}

/// What may stand in members whose type is text.
pub(crate) type Choices = fn(&str) -> Option<Vec<&'static str>>;

/// One field of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    /// The member; `member.part` for a part of one.
    pub(crate) name: String,
    /// What it takes.
    pub(crate) kind: FieldKind,
    /// Whether it must be there.
    pub(crate) required: bool,
    /// Its group.
    pub(crate) group: &'static str,
    /// What the record's type says of it, in English.
    pub(crate) doc: String,
}

/// What a field takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FieldKind {
    /// A line of text.
    Line,
    /// Text that never comes out again.
    Secret,
    /// Several lines, each a text.
    Lines,
    /// Yes, no, or the default.
    Flag,
    /// A whole number.
    Number,
    /// One of these texts, or the default.
    Choice(Vec<String>),
    /// Lines such as `name = value`.
    Pairs,
    /// Anything else, as JSON.
    Json,
}

impl Field {
    /// The member it belongs to.
    pub(crate) fn member(&self) -> &str {
        self.name.split('.').next().unwrap_or_default()
    }
}

/// The fields of records of type `T`, in the order of `groups`; what stands in none comes last.
pub(crate) fn of<T: JsonSchema>(groups: &'static [Group], choices: Choices) -> Vec<Field> {
    let settings =
        SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    let schema = settings.into_generator().into_root_schema_for::<T>();
    let schema = schema.to_value();
    let none = Map::new();
    let members = schema["properties"].as_object().unwrap_or(&none);
    let required: BTreeSet<&str> = texts(&schema["required"]).collect();
    let of_member = |name: &str, group: &'static str| {
        let Some(schema) = members.get(name) else {
            return Vec::new();
        };
        let doc = schema["description"].as_str().unwrap_or_default();
        let choices = choices(name);
        let base = Field {
            name: name.to_owned(),
            kind: FieldKind::Line,
            required: required.contains(name),
            group,
            doc: doc.to_owned(),
        };
        fields_of(&base, schema, choices.as_deref())
    };
    let grouped = groups
        .iter()
        .flat_map(|group| group.members.iter().map(|name| (*name, group.name)));
    let named: BTreeSet<&str> = grouped.clone().map(|(name, _)| name).collect();
    let rest = members.keys().filter(|name| !named.contains(name.as_str()));
    let rest = rest.map(|name| (name.as_str(), OTHERS));
    grouped
        .chain(rest)
        .flat_map(|(name, group)| of_member(name, group))
        .collect()
}

/// The group of what stands in none.
pub(crate) const OTHERS: &str = "others";

/// A member's field, or those of its parts.
fn fields_of(base: &Field, schema: &Value, choices: Option<&[&'static str]>) -> Vec<Field> {
    if base.name == "client_secret" {
        return vec![Field {
            kind: FieldKind::Secret,
            ..base.clone()
        }];
    }
    if let Some(choices) = choices {
        let choices = choices.iter().map(|text| (*text).to_owned());
        return vec![Field {
            kind: FieldKind::Choice(choices.collect()),
            ..base.clone()
        }];
    }
    let schema = without_null(schema);
    let parts = parts(schema);
    if parts.is_empty() {
        return vec![Field {
            kind: kind(schema),
            ..base.clone()
        }];
    }
    let parts = parts.into_iter().map(|(part, schema)| Field {
        name: format!("{}.{part}", base.name),
        kind: kind(without_null(schema)),
        required: false,
        ..base.clone()
    });
    parts.collect()
}

/// The members of a group of members: those of an object, or of each way in which it can be one.
fn parts(schema: &Value) -> Vec<(&String, &Value)> {
    let properties = |schema: &'_ Value| schema["properties"].as_object().is_some();
    if let Some(members) = schema["properties"].as_object() {
        return members.iter().collect();
    }
    let ways = schema["oneOf"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    if ways.iter().all(properties) {
        let members = ways.iter().filter_map(|way| way["properties"].as_object());
        return members.flatten().collect();
    }
    Vec::new()
}

fn kind(schema: &Value) -> FieldKind {
    if let Some(choices) = constants(schema) {
        return FieldKind::Choice(choices);
    }
    if is_of(schema, "string") {
        FieldKind::Line
    } else if is_of(schema, "boolean") {
        FieldKind::Flag
    } else if is_of(schema, "integer") {
        FieldKind::Number
    } else if is_of(schema, "array") && is_text(&schema["items"]) {
        FieldKind::Lines
    } else if is_text(&schema["additionalProperties"]) {
        FieldKind::Pairs
    } else {
        FieldKind::Json
    }
}

fn is_text(schema: &Value) -> bool {
    is_of(schema, "string") || constants(schema).is_some()
}

fn is_of(schema: &Value, kind: &str) -> bool {
    match &schema["type"] {
        Value::String(text) => text == kind,
        Value::Array(all) => all.iter().any(|text| text == kind),
        _ => false,
    }
}

/// The texts that may stand there, where they are listed.
fn constants(schema: &Value) -> Option<Vec<String>> {
    if let Some(all) = schema["enum"].as_array() {
        let all = all.iter().filter_map(Value::as_str);
        return Some(all.map(str::to_owned).collect());
    }
    let ways = schema["oneOf"].as_array()?.iter();
    let texts = ways.map(|way| {
        let one = way["const"].as_str().map(|text| vec![text.to_owned()]);
        one.or_else(|| constants(way))
    });
    let texts: Option<Vec<Vec<String>>> = texts.collect();
    texts.map(|texts| texts.concat())
}

/// The schema of what may be there, apart from that it need not be.
fn without_null(schema: &Value) -> &Value {
    let ways = schema["anyOf"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let other = ways.iter().find(|way| way["type"] != "null");
    other.unwrap_or(schema)
}

fn texts(value: &Value) -> impl Iterator<Item = &str> {
    let all = value.as_array().map(Vec::as_slice).unwrap_or_default();
    all.iter().filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use guichet_domain::{ClientMetadata, ProviderMetadata};

    use super::*;

    fn kinds<T: JsonSchema>(names: &[&str]) -> Vec<FieldKind> {
        let fields = of::<T>(&[], |_| None);
        let kind = |name: &&str| {
            let field = fields.iter().find(|field| field.name == **name);
            field.unwrap_or_else(|| panic!("no {name}")).kind.clone()
        };
        names.iter().map(kind).collect()
    }

    #[test]
    fn the_kind_of_a_field_is_that_of_its_member() {
        use FieldKind::{Flag, Json, Line, Lines, Number, Pairs, Secret};
        let names = [
            "client_name",
            "client_secret",
            "redirect_uris",
            "contacts",
            "active",
            "default_max_age",
            "jwks",
            "evidence_rights",
        ];
        let expected = [Line, Secret, Lines, Lines, Flag, Number, Json, Json];
        assert_eq!(kinds::<ClientMetadata>(&names), expected);
        let names = [
            "acr_map",
            "claims_mapping",
            "claims",
            "maintenance.fr",
            "clients.only",
            "clients.except",
            "amr.asserted",
            "amr.declared",
            "levels",
            "order",
        ];
        let expected = [
            Pairs, Pairs, Json, Line, Lines, Lines, Flag, Lines, Lines, Number,
        ];
        assert_eq!(kinds::<ProviderMetadata>(&names), expected);
    }

    #[test]
    fn what_is_one_of_a_few_is_chosen() {
        let choice =
            |all: &[&str]| FieldKind::Choice(all.iter().map(|text| (*text).to_owned()).collect());
        let kinds = kinds::<ClientMetadata>(&["profile", "sso"]);
        assert_eq!(kinds[0], choice(&["standard", "franceconnect", "fapi2"]));
        assert_eq!(kinds[1], choice(&["all", "own_sector", "never"]));
    }
}
