//! A login tried out before anybody makes it: which request, which provider, which citizen. Who answers is wired
//! by the binary; what is asked is put together here, the same for page, API and command.

use std::collections::BTreeMap;

use guichet_domain::simulation::{Rehearsal, Simulation, somebody};
use guichet_domain::{Acr, Client, InvalidMember, RedirectUri, Rule};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::form_urlencoded::Serializer;

/// Whoever knows what would happen: the hub.
pub trait Simulate: Send + Sync {
    /// Walks the rules; keeps nothing, asks nobody.
    fn simulate(&self, rehearsal: &Rehearsal) -> Simulation;
}

/// What is to be tried out.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SimulationMetadata {
    /// The service.
    pub client_id: String,
    /// The provider that the citizen would choose, by its identifier.
    pub provider: String,
    /// The level that the provider would reach for somebody made up; `eidas1` where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// What the provider would say instead: `id_token` and `userinfo`, each an object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claims: Option<Value>,
    /// Parameters of the authorization request. Those that say nothing are as the service's record has them:
    /// its first redirect URI, all of its scopes.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, String>,
}

impl SimulationMetadata {
    /// The request and the citizen in it; `client` is the service, where it is registered.
    pub fn rehearsal(&self, client: Option<&Client>) -> Result<Rehearsal, InvalidMember> {
        let level = match self.level.as_deref().filter(|text| !text.is_empty()) {
            None => Acr::Eidas1,
            Some(level) => level
                .parse()
                .map_err(|_| InvalidMember::new("level", Rule::ThreeLevels))?,
        };
        let claims = match &self.claims {
            None => somebody(level),
            Some(claims) if claims.is_object() => claims.clone(),
            Some(_) => return Err(InvalidMember::new("claims", Rule::AnObject)),
        };
        Ok(Rehearsal {
            parameters: self.parameters(client),
            provider: self.provider.clone(),
            claims,
        })
    }

    /// The parameters, form encoded; an empty text leaves one out.
    fn parameters(&self, client: Option<&Client>) -> String {
        let redirect_uri = client.and_then(|client| client.redirect_uris.first());
        let mut all = BTreeMap::from([
            ("client_id", self.client_id.clone()),
            ("response_type", "code".to_owned()),
            ("state", TEXT.to_owned()),
            ("nonce", TEXT.to_owned()),
            ("code_challenge", CHALLENGE.to_owned()),
            ("code_challenge_method", "S256".to_owned()),
        ]);
        if let Some(client) = client {
            all.insert("scope", client.scopes.to_string());
            all.insert("acr_values", client.default_acr.to_string());
        }
        if let Some(uri) = redirect_uri.map(RedirectUri::as_str) {
            all.insert("redirect_uri", uri.to_owned());
        }
        for (name, value) in &self.parameters {
            all.insert(name, value.clone());
        }
        let said = all.into_iter().filter(|(_, value)| !value.is_empty());
        Serializer::new(String::new()).extend_pairs(said).finish()
    }
}

/// A `state` and a `nonce` of nobody's: as long as FranceConnect wants them.
const TEXT: &str = "simulation-simulation-simulation";
/// A PKCE challenge of nobody's.
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata() -> SimulationMetadata {
        SimulationMetadata {
            client_id: "town".to_owned(),
            provider: "postale".to_owned(),
            ..SimulationMetadata::default()
        }
    }

    #[test]
    fn what_is_said_takes_the_place_of_what_the_record_has_and_nothing_leaves_it_out() {
        let mut wanted = metadata();
        wanted.parameters = BTreeMap::from([
            ("scope".to_owned(), "openid email".to_owned()),
            ("code_challenge".to_owned(), String::new()),
        ]);
        let asked = wanted.rehearsal(None).unwrap().parameters;
        assert!(asked.contains("scope=openid+email"), "{asked}");
        assert!(!asked.contains("code_challenge="), "{asked}");
        assert!(asked.contains("client_id=town"));
    }

    #[test]
    fn a_citizen_is_an_object_or_somebody_of_a_level() {
        let at_two = SimulationMetadata {
            level: Some("eidas2".to_owned()),
            ..metadata()
        };
        let claims = at_two.rehearsal(None).unwrap().claims;
        assert_eq!(claims["id_token"]["acr"], "eidas2");
        for (wrong, member) in [
            (
                SimulationMetadata {
                    level: Some("gold".to_owned()),
                    ..metadata()
                },
                "level",
            ),
            (
                SimulationMetadata {
                    claims: Some(Value::Bool(true)),
                    ..metadata()
                },
                "claims",
            ),
        ] {
            assert_eq!(wrong.rehearsal(None).unwrap_err().member, member);
        }
    }
}
