//! The JSON Schema of an evidence: what its `fields` hold.

use serde_json::{Map, Value, json};

use super::{EvidenceType, Field, FieldType, LONGEST_VALUE};

impl EvidenceType {
    /// The schema (2020-12) of the member `fields` of an evidence of this type; `id` is where it is
    /// published. No field is required: which ones leave is for the citizen to say.
    pub fn schema(&self, id: &str) -> Value {
        let fields = self.fields().iter();
        let properties: Map<String, Value> = fields
            .map(|field| (field.name().to_string(), field.schema()))
            .collect();
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": id,
            "title": self.label().in_language("fr"),
            "type": "object",
            "properties": properties,
            "minProperties": 1,
            "additionalProperties": false,
        })
    }
}

impl Field {
    fn schema(&self) -> Value {
        let mut schema = json!({
            "type": self.kind(),
            "title": self.label().in_language("fr"),
            "description": self.label().in_language("en"),
        });
        if self.kind() == FieldType::String {
            schema["maxLength"] = LONGEST_VALUE.into();
        }
        if let Some(from) = self.derived_from() {
            schema["$comment"] = format!("says less than {from}").into();
        }
        schema
    }
}
