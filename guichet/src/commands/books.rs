//! What a command opens of a hub while nothing is served: its settings, its keys, its records and its audit log.

use anyhow::Result;
use guichet_broker::Operator;
use guichet_config::Settings;
use guichet_keys::Keys;
use guichet_ledger::Ledger;
use guichet_store::Durable;

use super::{acting, config};
use crate::cli::{Acting, ConfigArguments};
use crate::node::{Ground, Opening};

/// They, open; whoever opens them closes them.
pub(super) struct Books {
    pub(super) settings: Box<Settings>,
    pub(super) ground: Ground,
    pub(super) keys: Keys,
    pub(super) durable: Durable,
    pub(super) ledger: Ledger,
}

impl Books {
    pub(super) async fn open(arguments: &ConfigArguments) -> Result<Self> {
        Self::of(config::load(arguments)?.settings).await
    }

    /// For an operator, once they proved who they are.
    pub(super) async fn open_for(acting: &Acting) -> Result<(Operator, Self)> {
        let settings = config::load(&acting.config)?.settings;
        let operator = acting::prove(&settings, acting)?;
        Ok((operator, Self::of(settings).await?))
    }

    async fn of(settings: Box<Settings>) -> Result<Self> {
        let ground = Ground::of(&settings)?;
        let keys = ground.keys(Opening::Existing)?;
        let durable = ground.durable(Opening::Existing).await?;
        let ledger = ground.ledger(&keys, &durable).await?;
        Ok(Self {
            settings,
            ground,
            keys,
            durable,
            ledger,
        })
    }

    /// Once all that was noted is in the log.
    pub(super) async fn close(self) -> Result<()> {
        self.ledger.flush().await?;
        self.durable.close().await;
        Ok(())
    }
}
