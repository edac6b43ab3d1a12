//! What the examples of this room measure on: records and an audit log on SQLite, as a node would have them.

use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use guichet_domain::{EventKind, Timestamp};
use guichet_keys::{Keys, MemoryCustody, SystemEntropy};
use guichet_ledger::{Ledger, LedgerSettings};
use guichet_store::{Durable, DurableSettings};

/// Both, empty, in this folder.
pub(crate) async fn open(
    folder: &Path,
    now: Timestamp,
) -> Result<(Durable, Ledger), Box<dyn Error>> {
    let path = folder.join("guichet.db");
    let durable = Durable::sqlite(path, DurableSettings::default()).await?;
    durable.migrate_up().await?;
    let custody = Arc::new(MemoryCustody::new());
    let keys = Keys::open(custody, Arc::new(SystemEntropy), now, &[])?;
    let records = Arc::clone(&durable.ledger);
    let settings = LedgerSettings::default();
    let ledger = Ledger::open(records, keys.ledger_signer(), "bench", settings).await?;
    Ok((durable, ledger))
}

/// What the audit log says of one sign-in.
pub(crate) const STEPS: &[EventKind] = &[
    EventKind::LoginStarted,
    EventKind::ProviderShown,
    EventKind::ProviderChosen,
    EventKind::ProviderReturned,
    EventKind::RegisterAsked,
    EventKind::IdentityVerified,
    EventKind::ConsentShown,
    EventKind::ConsentGiven,
    EventKind::ServiceReturned,
    EventKind::TokenIssued,
];
