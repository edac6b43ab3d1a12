//! What a record points to, looked at before it is written: whether addresses answer, keys can be read, a
//! sector's document lists what it must, a provider says of itself what its record says.
//!
//! Nothing here keeps a record from being written: an address may be there tomorrow. What must hold is the
//! record's own check. Everything goes out by [`Outside`], and so by the egress policy: an address that the hub
//! may not call is not called (threat N-250).

mod client;
mod provider;

use async_trait::async_trait;
use guichet_domain::{Client, DataProvider, KeySource, Provider};
use guichet_exchange::Catalogue;
use serde::Serialize;
use serde_json::Value;
use url::Url;

use crate::api::Api;
use crate::api::shelf::Shelf;
use crate::console::confirm::Caution;
use crate::{ClientRecords, DataProviderRecords, ProviderRecords};
use client::client;
use provider::provider;

/// The way out.
#[async_trait]
pub trait Outside: Send + Sync {
    /// What `url` answers to GET: status and body, both as far as the egress policy lets it.
    async fn get(&self, url: &Url) -> Result<(u16, Vec<u8>), Unreached>;
}

/// Why an address gave no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreached {
    /// The hub may not call it: private, or not https.
    Refused,
    /// It answered more than is read.
    TooLarge,
    /// Nobody answered in time, or not by HTTP.
    Silent,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Finding {
    /// The member it is about.
    pub member: &'static str,
    /// What was looked at.
    pub about: String,
    /// What was found, by a word of ours.
    pub found: &'static str,
    /// Whether somebody should do something about it.
    pub is_wrong: bool,
}

impl Finding {
    fn wrong(member: &'static str, about: impl Into<String>, found: &'static str) -> Self {
        Self {
            member,
            about: about.into(),
            found,
            is_wrong: true,
        }
    }

    fn well(member: &'static str, about: impl Into<String>) -> Self {
        Self {
            member,
            about: about.into(),
            found: "well",
            is_wrong: false,
        }
    }

    /// The same, for whoever is about to confirm.
    pub(crate) fn into_caution(self) -> Caution {
        Caution {
            text: format!("check-{}", self.found),
            name: format!("{} ({})", self.about, self.member),
        }
    }
}

/// What is the matter with what a client points to, asked by `outside`.
pub async fn look_at_client(outside: &dyn Outside, record: &Client) -> Vec<Finding> {
    client(outside, record).await
}

/// A kind of records that point to something.
#[async_trait]
pub(crate) trait Looked: Shelf {
    /// What is the matter with a record outside of it: what it points to is asked.
    async fn look(api: &Api, record: &Self::Record) -> Vec<Finding>;
}

#[async_trait]
impl Looked for ClientRecords {
    async fn look(api: &Api, record: &Client) -> Vec<Finding> {
        look_at_client(&*api.outside, record).await
    }
}

#[async_trait]
impl Looked for ProviderRecords {
    async fn look(api: &Api, record: &Provider) -> Vec<Finding> {
        provider(&*api.outside, record).await
    }
}

#[async_trait]
impl Looked for DataProviderRecords {
    async fn look(api: &Api, record: &DataProvider) -> Vec<Finding> {
        data_provider(&*api.outside, &api.catalogue, record).await
    }
}

/// Looks at a data provider.
async fn data_provider(
    outside: &dyn Outside,
    catalogue: &Catalogue,
    record: &DataProvider,
) -> Vec<Finding> {
    let mut found = vec![reached(outside, "evidence_endpoint", &record.evidence_endpoint).await];
    let unknown = record
        .evidence
        .iter()
        .filter(|it| catalogue.evidence(it).is_none());
    found.extend(unknown.map(|it| Finding::wrong("evidence", it.as_str(), "no-such-evidence")));
    found
}

/// Whether anybody answers at an address. What it answers to a bare GET says little, unless nothing is there or
/// it fails.
async fn reached(outside: &dyn Outside, member: &'static str, url: &Url) -> Finding {
    match outside.get(url).await {
        Ok((404 | 410, _)) => Finding::wrong(member, url.as_str(), "nothing-there"),
        Ok((500.., _)) => Finding::wrong(member, url.as_str(), "fails"),
        Ok(_) | Err(Unreached::TooLarge) => Finding::well(member, url.as_str()),
        Err(unreached) => Finding::wrong(member, url.as_str(), word(unreached)),
    }
}

/// The JSON at an address.
async fn json(outside: &dyn Outside, url: &Url) -> Result<Value, &'static str> {
    match outside.get(url).await {
        Ok((200, body)) => serde_json::from_slice(&body).map_err(|_| "no-json"),
        Ok((404 | 410, _)) => Err("nothing-there"),
        Ok(_) => Err("fails"),
        Err(unreached) => Err(word(unreached)),
    }
}

const fn word(unreached: Unreached) -> &'static str {
    match unreached {
        Unreached::Refused => "may-not",
        Unreached::TooLarge => "too-large",
        Unreached::Silent => "silent",
    }
}

/// The keys of a set (RFC 7517 §5): those for `purpose`, `sig` or `enc`, or for no purpose in particular.
async fn keys_for(
    outside: &dyn Outside,
    keys: &KeySource,
    purpose: &str,
) -> Result<usize, &'static str> {
    let set = match keys {
        KeySource::JwksUri(url) => json(outside, url).await?,
        KeySource::Jwks(set) => set.clone(),
    };
    let all = set["keys"].as_array().ok_or("no-keys")?;
    let fits =
        |key: &&Value| key["use"].as_str().is_none_or(|it| it == purpose) && key["kty"] != "oct";
    Ok(all.iter().filter(fits).count())
}

#[cfg(test)]
mod tests;
