//! Digests of shown values: what was shown is what is sent.

use std::collections::BTreeMap;
use std::str::FromStr;

use guichet_domain::FieldName;
use guichet_keys::TextDigest;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// For each field, the digest of the value that the citizen saw.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Digests(BTreeMap<FieldName, FieldDigest>);

/// The digest of one value: made here, or by the data provider under a key that it alone has. What that one is
/// of nobody here can tell, however few the values are that it could be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct FieldDigest {
    is_keyed: bool,
    digest: TextDigest,
}

impl From<TextDigest> for FieldDigest {
    fn from(digest: TextDigest) -> Self {
        Self {
            is_keyed: false,
            digest,
        }
    }
}

impl From<FieldDigest> for String {
    fn from(one: FieldDigest) -> Self {
        let keyed = if one.is_keyed { KEYED } else { "" };
        format!("{keyed}{}", one.digest)
    }
}

impl TryFrom<String> for FieldDigest {
    type Error = <TextDigest as FromStr>::Err;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let keyed = text.strip_prefix(KEYED);
        Ok(Self {
            is_keyed: keyed.is_some(),
            digest: keyed.unwrap_or(&text).parse()?,
        })
    }
}

/// Before `sha-256:` where a key went in.
const KEYED: &str = "hmac-";

impl Digests {
    /// Of values at hand.
    pub fn of<'a>(values: impl IntoIterator<Item = (&'a FieldName, &'a Value)>) -> Self {
        let all = values.into_iter();
        Self(
            all.map(|(field, value)| (field.clone(), digest(field, value).into()))
                .collect(),
        )
    }

    /// As a data provider states them: `None` when one is of a field that `asked` lacks, or when a field has
    /// none.
    pub fn stated(stated: BTreeMap<FieldName, FieldDigest>, asked: &[FieldName]) -> Option<Self> {
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
            (asked[0].clone(), TextDigest::of(b"").into()),
            (field("c"), TextDigest::of(b"").into()),
        ];
        assert_eq!(Digests::stated(other.into(), &asked), None);
        assert_eq!(Digests::stated(BTreeMap::new(), &asked), None);
        assert_eq!(good.only(&asked[..1]).0.len(), 1);
    }
    #[test]
    fn a_digest_under_a_key_of_the_data_provider_is_kept_as_it_is_and_nothing_else_is() {
        let plain = TextDigest::of(b"").to_string();
        for text in [plain.clone(), format!("hmac-{plain}")] {
            let json = Value::from(text);
            let read: FieldDigest = serde_json::from_value(json.clone()).unwrap();
            assert_eq!(serde_json::to_value(read).unwrap(), json);
        }
        for text in ["", "hmac-", "hmac-hmac-", "sha-512:", "620"] {
            let text = format!("{text}{}", &plain["sha-256:".len()..]);
            assert!(FieldDigest::try_from(text.clone()).is_err(), "{text}");
        }
    }
}
