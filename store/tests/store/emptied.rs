//! What is read off the ledger is read off it anew where it was lost.

use guichet_domain::Timestamp;
use guichet_store::durable::audit_index::{AuditEntry, AuditLookup, AuditTerm};

use crate::servers;

#[tokio::test]
async fn what_the_ledger_is_looked_up_by_is_there_again_after_it_was_emptied() {
    let (_folder, store, mut raw) = servers::sqlite().await;
    store.migrate_up().await.unwrap();
    let term = AuditTerm::of_digest([7; 32]);
    let at = Timestamp::from_seconds(1_795_000_000);
    let said = [AuditEntry {
        sequence: 0,
        at,
        terms: vec![term],
    }];
    let lookup = AuditLookup {
        terms: vec![term],
        since: Some(at),
        until: Some(at),
        before: 1,
        limit: 10,
    };
    let index = &store.audit_index;
    assert!(index.read_on(0, 1, &said).await.unwrap());
    let found = index.stretches(&lookup).await.unwrap();
    for table in ["audit_stretch", "audit_hour", "audit_reading"] {
        let emptied = sqlx::AssertSqlSafe(format!("DELETE FROM {table}"));
        sqlx::query(emptied).execute(&mut raw).await.unwrap();
    }
    assert_eq!(index.read_to().await.unwrap(), 0);
    assert!(index.stretches(&lookup).await.unwrap().is_empty());
    assert!(index.read_on(0, 1, &said).await.unwrap());
    assert_eq!(index.stretches(&lookup).await.unwrap(), found);
    assert_eq!(found.len(), 1);
}
