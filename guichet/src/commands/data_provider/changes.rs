//! `guichet data-provider add|set|disable`.

use std::sync::Arc;

use anyhow::Result;
use guichet_admin::DataProviderDesk;
use guichet_domain::DataProviderMetadata;
use guichet_ledger::Ledger;
use guichet_store::durable::Durable;
use serde_json::json;

use crate::cli::{ConfigArguments, DataProviderChange, Exit, Output};
use crate::clock::SystemClock;
use crate::commands::providers::{changes, read};
use crate::commands::{config, print};
use crate::node::{Ground, Opening, declared};

/// Makes the change.
pub(super) async fn run(change: DataProviderChange) -> Result<Exit> {
    match change {
        DataProviderChange::Add { file, config } => {
            let metadata: DataProviderMetadata = read(&file)?;
            let office = Office::open(&config).await?;
            office.desk.add(&metadata).await?;
            office.tell(&metadata.id, "added").await
        }
        DataProviderChange::Set {
            id,
            members,
            config,
        } => {
            let office = Office::open(&config).await?;
            office.desk.set(&id, changes(members)?).await?;
            office.tell(&id, "changed").await
        }
        DataProviderChange::Disable { id, config } => {
            let office = Office::open(&config).await?;
            office.desk.disable(&id).await?;
            office.tell(&id, "disabled").await
        }
    }
}

/// The registry, open for changes.
struct Office {
    desk: DataProviderDesk,
    ledger: Ledger,
    durable: Durable,
    output: Output,
}

impl Office {
    async fn open(arguments: &ConfigArguments) -> Result<Self> {
        let settings = config::load(arguments)?.settings;
        let ground = Ground::of(&settings)?;
        let keys = ground.keys(Opening::Existing)?;
        let durable = ground.durable(Opening::Existing).await?;
        let ledger = ground.ledger(&keys, &durable).await?;
        let names = settings.data_providers.iter();
        Ok(Self {
            desk: DataProviderDesk {
                registry: Arc::clone(&durable.registry),
                ledger: ledger.clone(),
                fits: declared::is_its_own_client,
                declared: names.map(|known| known.id.clone()).collect(),
                clock: Arc::new(SystemClock),
            },
            ledger,
            durable,
            output: arguments.output,
        })
    }

    async fn tell(self, id: &str, what: &'static str) -> Result<Exit> {
        match self.output {
            Output::Json => print::json(&json!({ "id": id, "done": what }))?,
            Output::Text => print::line(&format!("{id}: {what}; running nodes follow"))?,
        }
        self.ledger.flush().await?;
        self.durable.close().await;
        Ok(Exit::Done)
    }
}
