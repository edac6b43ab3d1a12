//! Digests of shown values: what was shown is what is sent.

use std::collections::BTreeMap;

use guichet_domain::FieldName;
use guichet_keys::TextDigest;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// For each field, the digest of the value that the citizen saw.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digests(BTreeMap<FieldName, TextDigest>);

impl Digests {
    /// Of values at hand.
    pub fn of<'a>(values: impl IntoIterator<Item = (&'a FieldName, &'a Value)>) -> Self {
        let all = values.into_iter();
        Self(
            all.map(|(field, value)| (field.clone(), digest(field, value)))
                .collect(),
        )
    }

    /// As a data provider states them: `None` when one is of a field that `asked` lacks, or when a field has
    /// none.
    pub fn stated(stated: BTreeMap<FieldName, TextDigest>, asked: &[FieldName]) -> Option<Self> {
        let is_whole =
            stated.len() == asked.len() && asked.iter().all(|field| stated.contains_key(field));
        is_whole.then_some(Self(stated))
    }

    /// Those of `fields` alone.
    #[must_use]
    pub fn only(&self, fields: &[FieldName]) -> Self {
        let kept = self.0.iter().filter(|(field, _)| fields.contains(field));
        Self(
            kept.map(|(field, digest)| (field.clone(), *digest))
                .collect(),
        )
    }

    /// Whether the value of this field was shown.
    pub fn has(&self, field: &FieldName) -> bool {
        self.0.contains_key(field)
    }

    /// Whether nothing was shown.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Of the JSON text `["<field>",<value>]` without spaces.
fn digest(field: &FieldName, value: &Value) -> TextDigest {
    let text = Value::from(vec![Value::from(field.as_str()), value.clone()]).to_string();
    TextDigest::of(text.as_bytes())
}

/// A hash as it is written.
pub(crate) fn digest_text(hash: &[u8; 32]) -> String {
    TextDigest::from(*hash).to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn field(name: &str) -> FieldName {
        name.parse().unwrap()
    }

    #[test]
    fn a_digest_is_of_the_field_and_its_value() {
        let name = field("quotient");
        let of = |name: &FieldName, value: &Value| Digests::of([(name, value)]);
        // printf '["quotient",850]' | openssl dgst -sha256 -binary | basenc --base64url
        let known = json!({"quotient": "sha-256:N5Qgjz7iUol26zMR2nGYPrVYNMnXx4I-fVSwFLMMjTA"});
        assert_eq!(serde_json::to_value(of(&name, &json!(850))).unwrap(), known);
        assert_ne!(of(&name, &json!(850)), of(&name, &json!(851)));
        assert_ne!(of(&name, &json!(850)), of(&name, &json!("850")));
    }

    #[test]
    fn what_a_data_provider_states_is_whole_or_nothing() {
        let asked = [field("a"), field("b")];
        let good = Digests::of([(&asked[0], &json!(1)), (&asked[1], &json!(2))]);
        let Digests(all) = good.clone();
        assert_eq!(Digests::stated(all.clone(), &asked), Some(good.clone()));
        assert_eq!(Digests::stated(all.clone(), &asked[..1]), None);
        let other = [
            (asked[0].clone(), TextDigest::of(b"")),
            (field("c"), TextDigest::of(b"")),
        ];
        assert_eq!(Digests::stated(other.into(), &asked), None);
        assert_eq!(Digests::stated(BTreeMap::new(), &asked), None);
        assert_eq!(good.only(&asked[..1]).0.len(), 1);
    }
}
