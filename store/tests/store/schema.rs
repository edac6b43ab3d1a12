//! A database whose schema is missing, or another than its number says.

use guichet_store::durable::MigrationState;

use crate::servers;

#[tokio::test]
async fn a_database_without_a_schema_is_a_fault() {
    let (_folder, store, _) = servers::sqlite().await;
    assert!(store.check().await.is_err());
    let status = store.migrate_status().await.unwrap();
    assert!(
        status
            .iter()
            .all(|migration| migration.state == MigrationState::Pending)
    );
    store.migrate_up().await.unwrap();
    store.check().await.unwrap();
}

#[tokio::test]
async fn a_database_with_another_schema_of_the_same_number_is_told_apart() {
    let (_folder, store, mut raw) = servers::sqlite().await;
    store.migrate_up().await.unwrap();
    sqlx::query("UPDATE _sqlx_migrations SET checksum = x'00' WHERE version = 2")
        .execute(&mut raw)
        .await
        .unwrap();
    for migration in store.migrate_status().await.unwrap() {
        let expected = match migration.version {
            2 => MigrationState::Changed,
            _ => MigrationState::Applied,
        };
        assert_eq!(migration.state, expected, "{}", migration.version);
    }
    let refused = store.migrate_up().await.unwrap_err();
    let cause = std::error::Error::source(&refused).unwrap().to_string();
    assert!(cause.contains("migration 2"), "{cause}");
}
