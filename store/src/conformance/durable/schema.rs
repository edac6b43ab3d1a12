//! The schema.

use crate::Fault;
use crate::conformance::Books;
use crate::durable::{MigrationState, MigrationStatus};

/// However many nodes do so at once.
pub async fn the_schema_is_brought_up_to_date_once(books: Books) -> Result<(), Fault> {
    let before = books.here.migrate_status().await?;
    let (one, other) = tokio::join!(books.here.migrate_up(), books.there.migrate_up());
    one.and(other)?;
    let after = books.here.migrate_status().await?;
    assert_eq!(before, after);
    let is_applied = |migration: &MigrationStatus| migration.state == MigrationState::Applied;
    assert!(!after.is_empty() && after.iter().all(is_applied));
    Ok(())
}
