//! What the hub publishes: its endpoints, its keys, its catalogue; fetched at the first need, then kept.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use guichet_keys::JwkSet;
use http::header::ACCEPT;
use http::{Request, StatusCode};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::{Hub, HubError};

/// The endpoints an exchange needs (RFC 8414 §2).
#[derive(Deserialize)]
pub(crate) struct Endpoints {
    issuer: String,
    jwks_uri: Url,
    pub(crate) authorization_endpoint: Url,
    pub(crate) token_endpoint: Url,
    pub(crate) introspection_endpoint: Url,
    pub(crate) pushed_authorization_request_endpoint: Url,
    pub(crate) userinfo_endpoint: Url,
}

impl Hub {
    /// Its endpoints.
    pub(crate) async fn endpoints(&self) -> Result<Arc<Endpoints>, HubError> {
        if let Some(kept) = self.0.endpoints.get(self.now(), GOOD_FOR) {
            return Ok(kept);
        }
        let url = format!("{}/.well-known/openid-configuration", self.issuer());
        let found: Endpoints = serde_json::from_slice(&self.fetch(&url).await?)
            .map_err(|_| HubError::Answer("metadata"))?;
        if found.issuer != self.issuer() {
            return Err(HubError::Answer("its metadata names another issuer"));
        }
        Ok(self.0.endpoints.put(found, self.now()))
    }

    /// Its keys, no older than `good_for`.
    pub(super) async fn keys(&self, good_for: Duration) -> Result<Arc<JwkSet>, HubError> {
        if let Some(kept) = self.0.keys.get(self.now(), good_for) {
            return Ok(kept);
        }
        let url = self.endpoints().await?.jwks_uri.clone();
        let found = self.fetch(url.as_str()).await?;
        let keys = JwkSet::parse(&found).map_err(|_| HubError::Answer("keys"))?;
        Ok(self.0.keys.put(keys, self.now()))
    }

    /// The keys of a data provider, as the catalogue has them.
    pub(crate) async fn keys_of(&self, data_provider: &str) -> Result<JwkSet, HubError> {
        let catalogue = self.catalogue().await?;
        let known = catalogue["data_providers"]
            .as_array()
            .and_then(|all| all.iter().find(|one| one["id"] == data_provider))
            .ok_or(HubError::Answer("no such data provider in its catalogue"))?;
        let keys = match (known.get("jwks"), known["jwks_uri"].as_str()) {
            (Some(keys), _) => JwkSet::from_value(keys),
            (None, Some(url)) => JwkSet::parse(&self.fetch(url).await?),
            (None, None) => return Err(HubError::Answer("a data provider without keys")),
        };
        keys.map_err(|_| HubError::Answer("keys of a data provider"))
    }

    async fn catalogue(&self) -> Result<Arc<Value>, HubError> {
        if let Some(kept) = self.0.catalogue.get(self.now(), GOOD_FOR) {
            return Ok(kept);
        }
        let url = format!("{}/exchange/catalogue", self.issuer());
        let found = serde_json::from_slice(&self.fetch(&url).await?)
            .map_err(|_| HubError::Answer("catalogue"))?;
        Ok(self.0.catalogue.put(found, self.now()))
    }

    async fn fetch(&self, url: &str) -> Result<Bytes, HubError> {
        let request = Request::get(url)
            .header(ACCEPT, "application/json")
            .body(Vec::new())
            .map_err(|_| HubError::Answer("an address"))?;
        let sent = self.means().line.send(request).await;
        let answer = sent.map_err(|_| HubError::Unreachable)?;
        if answer.status() == StatusCode::OK {
            Ok(answer.into_body())
        } else {
            Err(HubError::Unreachable)
        }
    }
}

/// How long what was fetched is good enough: a key the hub took out is believed no longer than this.
pub(super) const GOOD_FOR: Duration = Duration::from_mins(5);
/// Whoever invents keys cannot make us flood the hub.
pub(super) const BETWEEN_LOOKS: Duration = Duration::from_secs(10);
