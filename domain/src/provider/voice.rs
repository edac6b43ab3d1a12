//! Who speaks when a provider vouches for somebody: where the word of two is needed, two records of one
//! issuer are one, and so are two providers that one operator runs.

use serde::{Deserialize, Serialize};
use url::Url;

use super::Provider;

/// Whose word a provider's is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voice {
    issuer: String,
    operator: String,
}

impl Voice {
    /// Whether `other` is the same one's word.
    pub fn is_also(&self, other: &Self) -> bool {
        self.issuer == other.issuer || self.operator == other.operator
    }
}

impl Provider {
    /// Whose word its is. Where its record names no operator, all that answers at one origin is one's: the
    /// realms and tenants of a server share its people more often than not.
    pub fn voice(&self) -> Voice {
        let origin = || match Url::parse(&self.issuer) {
            Ok(issuer) => issuer.origin().ascii_serialization(),
            Err(_) => self.issuer.clone(),
        };
        Voice {
            issuer: self.issuer.clone(),
            operator: self.operator.clone().unwrap_or_else(origin),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn voice(issuer: &str, operator: Option<&str>) -> Voice {
        let record: Provider = serde_json::from_value(json!({
            "id": "postale", "name": "Postale", "issuer": issuer, "operator": operator,
            "client_id": "hub", "client_secret": null, "authentication": "private_key_jwt",
            "scope": "openid", "levels": ["eidas1"], "acr_map": {}, "civil_register": "skip",
            "active": true, "order": 1,
        }))
        .unwrap();
        record.voice()
    }

    #[test]
    fn one_issuer_or_one_operator_is_one_voice() {
        let realm = voice("https://id.example/realms/a", None);
        assert!(realm.is_also(&voice("https://id.example/realms/b", None)));
        assert!(!realm.is_also(&voice("https://id.example:8443/realms/b", None)));
        let said = |operator| voice("https://id.example/realms/b", Some(operator));
        assert!(!realm.is_also(&said("another body")));
        assert!(voice("https://x.example", Some("a body")).is_also(&said("a body")));
        let renamed = voice("https://id.example/realms/a", Some("another name"));
        assert!(realm.is_also(&renamed), "whoever is said to run it");
    }
}
