//! How SQLite means to carry out what is asked of one person. In a hub of millions, a statement that reads a
//! table from end to end answers as it should in every other test.

use std::time::Duration;

use sqlx::{AssertSqlSafe, SqlSafeStr as _};

use super::{Db, Sqlite, leased, migrate};

#[tokio::test]
async fn nothing_that_is_asked_of_one_person_or_entry_reads_what_is_of_all() {
    are_narrow(&of_a_person(), &[]).await;
    are_narrow(super::audit_index::LOOKED_UP, &[]).await;
}

/// Every few seconds, on every node, while on SQLite nobody else writes.
#[tokio::test]
async fn nothing_that_upkeep_looks_for_reads_what_is_of_all() {
    let of_upkeep = [
        super::cases::OF_UPKEEP,
        super::refresh_tokens::OF_UPKEEP,
        super::ways::OF_UPKEEP,
    ];
    // An index over nothing but what is looked for may be read whole.
    let of_few = ["person_case USING INDEX person_case_left"];
    are_narrow(&of_upkeep.concat(), &of_few).await;
}

/// A new one is in the list of its file, and its file here: `cargo xtask tidy` looks.
fn of_a_person() -> Vec<&'static str> {
    [
        super::cases::OF_A_PERSON,
        super::consents::OF_A_PERSON,
        super::corrections::OF_A_PERSON,
        super::erasures::OF_A_PERSON,
        super::evidence_grants::OF_A_PERSON,
        super::histories::OF_A_PERSON,
        super::mail_aliases::OF_A_PERSON,
        super::messages::OF_A_PERSON,
        super::people::OF_A_PERSON,
        super::refresh_tokens::OF_A_PERSON,
        super::rights_requests::OF_A_PERSON,
        super::subjects::OF_A_PERSON,
        super::support_requests::OF_A_PERSON,
        super::traces::OF_A_VISIT,
        super::ways::OF_A_PERSON,
    ]
    .concat()
}

async fn are_narrow(statements: &[&str], of_few: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plans.db");
    let sqlite = Sqlite::open(&path, 1, Duration::from_secs(5))
        .await
        .unwrap();
    let db = Db::Sqlite(sqlite);
    migrate(&db).await.unwrap();
    let Db::Sqlite(sqlite) = &db else {
        unreachable!("opened as SQLite");
    };
    for statement in statements {
        let explained = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}")).into_sql_str();
        let steps: Vec<(i64, i64, i64, String)> = leased!(sqlite.readers(), |c| {
            sqlx::query_as(explained).fetch_all(c).await
        })
        .unwrap();
        let mut steps = steps.into_iter().map(|(.., step)| step);
        // A page of the ledger is read in its order: sorted, it would be read whole.
        let is_sorted = |step: &str| step.contains("TEMP B-TREE");
        let of_ledger = super::audit_index::LOOKED_UP.contains(statement);
        let wrong = steps.find(|step| !is_narrow(step, of_few) || of_ledger && is_sorted(step));
        assert_eq!(wrong, None, "{statement}");
    }
}

/// Whether a step of a plan reads by an index, what the statement itself made, or what is of few.
fn is_narrow(step: &str, of_few: &[&str]) -> bool {
    let read_whole = step.strip_prefix("SCAN ");
    let of_its_own = ["kin", "up", "chain", "few", "CONSTANT ROW"];
    read_whole.is_none_or(|what| of_its_own.contains(&what) || of_few.contains(&what))
        && !step.contains("AUTOMATIC")
}
