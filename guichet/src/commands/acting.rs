//! Who acts: an operator of the settings who proves it.

use anyhow::{Context as _, Result};
use guichet_broker::{Operator, Operators};
use guichet_config::Settings;
use guichet_domain::SecretHash;

use crate::cli::{Acting, BadSetting};
use crate::node::foundation;

/// The operator of this name, when the file holds their credential.
pub(super) fn prove(settings: &Settings, acting: &Acting) -> Result<Operator> {
    let known = settings.operators.iter().filter_map(|operator| {
        let hash = operator.credential_hash()?;
        Some((operator.name.clone(), SecretHash::from_bytes(hash)))
    });
    let credential = foundation::read(&acting.credential_file, "--credential-file")?;
    let credential = String::from_utf8(credential).map_err(|_| BadSetting {
        key: "--credential-file".to_owned(),
        problem: "not text".to_owned(),
    })?;
    Operators::new(known.collect())
        .prove(&acting.operator, credential.trim_end())
        .context("no operator has this name and this credential; see [[operators]] in the settings")
}
