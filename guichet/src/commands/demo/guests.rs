//! Clients and providers that somebody brings along, from two JSON files.

use std::path::Path;

use guichet_domain::{ClientMetadata, ProviderMetadata};
use serde::de::DeserializeOwned;

use crate::cli::{BadSetting, DemoArguments};
use crate::node::foundation;

/// Clients and providers that somebody brings along.
pub(super) struct Guests {
    pub(super) clients: Vec<ClientMetadata>,
    pub(super) providers: Vec<ProviderMetadata>,
}

impl Guests {
    pub(super) fn read(arguments: &DemoArguments) -> Result<Self, BadSetting> {
        Ok(Self {
            clients: read_list("--clients", arguments.clients.as_deref())?,
            providers: read_list("--providers", arguments.providers.as_deref())?,
        })
    }
}

fn read_list<T: DeserializeOwned>(flag: &str, path: Option<&Path>) -> Result<Vec<T>, BadSetting> {
    let Some(path) = path else {
        return Ok(Vec::new());
    };
    serde_json::from_slice(&foundation::read(path, flag)?).map_err(|error| BadSetting {
        key: flag.to_owned(),
        problem: format!("{}: {error}", path.display()),
    })
}
