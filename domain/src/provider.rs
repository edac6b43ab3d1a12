//! Providers: upstream identity providers that the hub is a client of.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::{Acr, ProviderId, Sealed};

/// Whether an identity this provider asserts is checked against the civil register.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum CivilRegisterPolicy {
    /// Asked at every sign-in; the register's version of the identity is used.
    #[default]
    Required,
    /// Not asked; the provider's word counts.
    Skip,
}

/// How the hub proves itself to the provider.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ProviderAuthentication {
    /// HTTP Basic with a secret.
    #[default]
    ClientSecretBasic,
    /// A secret in the form body.
    ClientSecretPost,
    /// An assertion signed with the hub's client keys (`/client/jwks`).
    PrivateKeyJwt,
}

/// A registered provider, checked.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provider {
    /// Its short name: part of its redirect URI, `/callback/{id}`.
    pub id: ProviderId,
    /// The name citizens see.
    pub name: String,
    /// Its issuer, exactly as it states it.
    pub issuer: String,
    /// The hub's identifier there.
    pub client_id: String,
    /// The hub's secret there, sealed.
    pub client_secret: Option<Sealed>,
    /// How the hub authenticates there.
    pub authentication: ProviderAuthentication,
    /// Scopes to ask for, separated by spaces.
    pub scope: String,
    /// The levels it may assert, lowest first; at least one.
    pub levels: Vec<Acr>,
    /// Its own `acr` values and what they stand for here. A value not listed, or none, counts as the
    /// lowest of `levels`.
    pub acr_map: BTreeMap<String, Acr>,
    /// Whether the civil register is asked.
    pub civil_register: CivilRegisterPolicy,
    /// Whether it can be used at all.
    pub active: bool,
    /// Its place on the page, lowest first; equal places by name.
    pub order: i64,
}

impl Provider {
    /// The highest level it may assert.
    pub fn highest(&self) -> Acr {
        self.levels.iter().copied().max().unwrap_or(Acr::Eidas1)
    }

    /// The level that an `acr` it sent stands for. What it may not assert counts as its lowest.
    pub fn level_of(&self, acr: Option<&str>) -> Acr {
        let lowest = self.levels.iter().copied().min().unwrap_or(Acr::Eidas1);
        acr.and_then(|value| self.acr_map.get(value).copied())
            .filter(|level| self.levels.contains(level))
            .unwrap_or(lowest)
    }

    /// The `acr` values to ask it for so that it reaches `required`: all of its values for that level
    /// or a higher one, lowest first.
    pub fn acr_values_for(&self, required: Acr) -> Vec<&str> {
        let mut values: Vec<(Acr, &str)> = self
            .acr_map
            .iter()
            .filter(|(_, level)| **level >= required && self.levels.contains(level))
            .map(|(value, level)| (*level, value.as_str()))
            .collect();
        values.sort_unstable();
        values.into_iter().map(|(_, value)| value).collect()
    }
}

/// A provider as it is declared: in a file, by the API or on the command line.
#[derive(Clone, Deserialize, schemars::JsonSchema, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderMetadata {
    /// Its short name.
    pub id: String,
    /// The name citizens see; the short name when there is none.
    #[serde(default)]
    pub name: Option<String>,
    /// Its issuer.
    pub issuer: String,
    /// The hub's identifier there.
    pub client_id: String,
    /// The hub's secret there, in clear: only ever on the way in.
    #[serde(default, skip_serializing)]
    pub client_secret: Option<String>,
    /// How the hub authenticates there.
    #[serde(default)]
    pub token_endpoint_auth_method: Option<ProviderAuthentication>,
    /// Scopes to ask for.
    #[serde(default)]
    pub scope: Option<String>,
    /// The levels it may assert (default: `eidas1`).
    #[serde(default)]
    pub levels: Option<Vec<Acr>>,
    /// Its `acr` values (default: ours, as far as `levels` go).
    #[serde(default)]
    pub acr_map: Option<BTreeMap<String, Acr>>,
    /// Whether the civil register is asked.
    #[serde(default)]
    pub civil_register: Option<CivilRegisterPolicy>,
    /// Whether it can be used (default: yes).
    #[serde(default)]
    pub active: Option<bool>,
    /// Its place on the page (default: 100).
    #[serde(default)]
    pub order: Option<i64>,
}

/// Why metadata describes no provider. Names the member at fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{member}: {reason}")]
pub struct ProviderMetadataError {
    /// The member.
    pub member: &'static str,
    /// What is wrong and what may stand there.
    pub reason: String,
}

impl ProviderMetadata {
    /// Checks the metadata. `seal` seals the secret; `register` is the policy when none is stated.
    pub fn check(
        &self,
        seal: impl FnMut(&str) -> Sealed,
        register: CivilRegisterPolicy,
    ) -> Result<Provider, ProviderMetadataError> {
        let id: ProviderId = self.id.parse().map_err(|error| invalid("id", error))?;
        let issuer = Url::parse(&self.issuer).map_err(|error| invalid("issuer", error))?;
        // OIDC Discovery §3: https, no query, no fragment; http is left to loopback by the egress policy.
        let is_issuer = matches!(issuer.scheme(), "https" | "http")
            && issuer.has_host()
            && issuer.query().is_none()
            && issuer.fragment().is_none();
        if !is_issuer {
            return Err(invalid(
                "issuer",
                "an https URL without query or fragment is needed",
            ));
        }
        if self.client_id.is_empty() {
            return Err(invalid(
                "client_id",
                "the provider gives one at registration",
            ));
        }
        let authentication = self.token_endpoint_auth_method.unwrap_or_default();
        if authentication != ProviderAuthentication::PrivateKeyJwt
            && self.client_secret.as_deref().unwrap_or_default().is_empty()
        {
            return Err(invalid(
                "client_secret",
                "this token_endpoint_auth_method needs one",
            ));
        }
        let mut levels = self.levels.clone().unwrap_or_else(|| vec![Acr::Eidas1]);
        levels.sort_unstable();
        levels.dedup();
        if levels.is_empty() {
            return Err(invalid(
                "levels",
                "at least one of eidas1, eidas2, eidas3 is needed",
            ));
        }
        let acr_map = self.acr_map.clone().unwrap_or_else(|| {
            levels
                .iter()
                .map(|level| (level.as_str().to_owned(), *level))
                .collect()
        });
        if let Some(level) = acr_map.values().find(|level| !levels.contains(level)) {
            return Err(invalid("acr_map", format!("{level} is not among levels")));
        }
        Ok(Provider {
            name: self.name.clone().unwrap_or_else(|| self.id.clone()),
            issuer: self.issuer.clone(),
            client_id: self.client_id.clone(),
            client_secret: self.client_secret.as_deref().map(seal),
            authentication,
            scope: self
                .scope
                .clone()
                .unwrap_or_else(|| "openid profile birth email".to_owned()),
            levels,
            acr_map,
            civil_register: self.civil_register.unwrap_or(register),
            active: self.active.unwrap_or(true),
            order: self.order.unwrap_or(100),
            id,
        })
    }
}

fn invalid(member: &'static str, reason: impl std::fmt::Display) -> ProviderMetadataError {
    ProviderMetadataError {
        member,
        reason: reason.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: serde_json::Value) -> Result<Provider, ProviderMetadataError> {
        let metadata: ProviderMetadata = serde_json::from_value(json).unwrap();
        metadata.check(
            |secret| Sealed::from_bytes(secret.as_bytes().to_vec()),
            CivilRegisterPolicy::Skip,
        )
    }

    fn declared() -> serde_json::Value {
        serde_json::json!({
            "id": "postale", "issuer": "https://idp.example", "client_id": "hub", "client_secret": "s",
            "levels": ["eidas2", "eidas1"],
            "acr_map": {"low": "eidas1", "substantial": "eidas2"},
        })
    }

    #[test]
    fn an_acr_nobody_mapped_counts_as_the_lowest() {
        let provider = check(declared()).unwrap();
        assert_eq!(provider.level_of(Some("substantial")), Acr::Eidas2);
        assert_eq!(provider.level_of(Some("eidas3")), Acr::Eidas1);
        assert_eq!(provider.level_of(None), Acr::Eidas1);
        assert_eq!(provider.acr_values_for(Acr::Eidas2), ["substantial"]);
        assert_eq!(provider.acr_values_for(Acr::Eidas1), ["low", "substantial"]);
    }

    #[test]
    fn a_level_that_may_not_be_asserted_cannot_be_mapped() {
        let mut json = declared();
        json["acr_map"] = serde_json::json!({"high": "eidas3"});
        assert_eq!(check(json).err().unwrap().member, "acr_map");
    }

    #[test]
    fn each_fault_names_its_member() {
        for (member, value) in [
            ("id", serde_json::json!("A/B")),
            ("issuer", serde_json::json!("https://idp.example?x=1")),
            ("client_id", serde_json::json!("")),
            ("client_secret", serde_json::json!("")),
            ("levels", serde_json::json!([])),
        ] {
            let mut json = declared();
            json[member] = value;
            assert_eq!(check(json).err().map(|error| error.member), Some(member));
        }
    }
}
