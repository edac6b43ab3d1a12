//! How a node is put together: the foundation (keys, stores, ledger), then the houses on it, then
//! the listeners.

mod account;
pub(crate) mod declared;
pub(crate) mod documents;
pub(crate) mod foundation;
pub(crate) mod houses;
pub(crate) mod mail;
pub(crate) mod own_clients;
pub(crate) mod registration;
pub(crate) mod siem;
pub(crate) mod stop;
pub(crate) mod tokens;
pub(crate) mod upkeep;

pub(crate) use foundation::{Foundation, Ground, Opening};

use std::sync::Arc;

use anyhow::{Context as _, Result};
use guichet_config::Settings;
use guichet_web::Outgoing;

use crate::clock::SystemClock;
use crate::tls::Tls;

/// Checks settings as far as it goes without opening a store: everything that would stop a start.
pub(crate) async fn check(settings: &Settings) -> Result<()> {
    crate::observe::filter(&settings.log)?;
    Tls::of(settings, Arc::new(SystemClock))?;
    let ground = Ground::of(settings)?;
    let outgoing = Outgoing::new(ground.egress).context("egress")?;
    foundation::certified(&outgoing, ground.certificate.as_ref())?;
    declared::check(settings, outgoing).await?;
    houses::check_pages(&houses::HubOptions::of(settings)?)
}
