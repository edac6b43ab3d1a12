//! `guichet ledger export`: the audit log for a SIEM, on standard output or to a collector, from where it ended.
//!
//! At least once: the cursor is written after what it stands for has left. Whoever receives an entry twice knows
//! it by its place in the log.

use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use guichet_admin::siem;
use guichet_store::durable::EntryRecord;
use guichet_web::Outgoing;
use http::HeaderMap;

use super::{config, print};
use crate::cli::{ConfigArguments, Exit, ExportFormat};
use crate::node::siem::post;
use crate::node::{Ground, Opening, foundation};

/// What is exported, and where to.
pub(super) struct Export {
    pub(super) format: ExportFormat,
    pub(super) from: Option<u64>,
    pub(super) cursor: Option<PathBuf>,
    pub(super) to: Option<String>,
    pub(super) follow: bool,
    pub(super) config: ConfigArguments,
}

/// How many entries leave at once.
const PAGE: u32 = 500;
/// How often the log is looked at for more.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long a collector that does not answer is left alone.
const PAUSE: Duration = Duration::from_secs(5);

/// Runs the command.
pub(super) async fn run(export: &Export) -> Result<Exit> {
    if export.to.is_some() && export.format == ExportFormat::Cef {
        bail!("--to: a collector takes otlp-json");
    }
    let ground = Ground::of(&config::load(&export.config)?.settings)?;
    let outgoing = Outgoing::new(ground.egress.clone()).context("egress")?;
    let durable = ground.durable(Opening::Existing).await?;
    let mut next = export.start()?;
    loop {
        let page = durable.ledger.read(next, PAGE).await?;
        if let Some(last) = page.last() {
            let is_sent = export.send(&outgoing, &page).await?;
            if is_sent {
                next = last.sequence + 1;
                export.remember(next)?;
                continue;
            }
            tokio::time::sleep(PAUSE).await;
        } else if export.follow {
            tokio::time::sleep(LOOK_EVERY).await;
        } else {
            break;
        }
    }
    durable.close().await;
    Ok(Exit::Done)
}

impl Export {
    /// Where to begin: as told, or where the cursor stands, or at the beginning.
    fn start(&self) -> Result<u64> {
        if let Some(from) = self.from {
            return Ok(from);
        }
        let Some(cursor) = self.cursor.as_deref().filter(|path| path.exists()) else {
            return Ok(0);
        };
        let text = String::from_utf8(foundation::read(cursor, "--cursor")?);
        let text = text.context("--cursor: not text")?;
        let number = text.trim().parse::<u64>();
        number.context("--cursor: not a number")
    }

    /// Written beside and moved into place, so that a power cut leaves the one before.
    #[expect(
        clippy::disallowed_methods,
        reason = "a command writes where it is told"
    )]
    fn remember(&self, next: u64) -> Result<()> {
        let Some(cursor) = &self.cursor else {
            return Ok(());
        };
        // Beside two cursors of one name, as of `guichet.cef` and `guichet.otlp`, stand two files.
        let mut beside = cursor.clone().into_os_string();
        beside.push(".new");
        let mut file = std::fs::File::create(&beside).context("--cursor")?;
        file.write_all(format!("{next}\n").as_bytes())
            .context("--cursor")?;
        file.sync_all().context("--cursor")?;
        std::fs::rename(&beside, cursor).context("--cursor")
    }

    /// Whether it left. Without `--follow` a collector that does not take it ends the command.
    async fn send(&self, outgoing: &Outgoing, page: &[EntryRecord]) -> Result<bool> {
        match (&self.to, self.format) {
            (Some(to), _) => {
                let sent = post(outgoing, (to, &HeaderMap::new()), page)
                    .await
                    .context("--to");
                match sent {
                    Ok(()) => Ok(true),
                    Err(error) if self.follow => {
                        tracing::warn!(%error, "the collector did not take it; trying again");
                        Ok(false)
                    }
                    Err(error) => Err(error),
                }
            }
            (None, ExportFormat::Cef) => {
                for entry in page {
                    print::line(&siem::line(entry))?;
                }
                Ok(true)
            }
            (None, ExportFormat::OtlpJson) => {
                print::line(&siem::export(page).to_string())?;
                Ok(true)
            }
        }
    }
}
