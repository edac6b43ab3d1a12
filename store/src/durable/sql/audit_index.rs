//! Which entries of the ledger say what. A page of the ledger is taken in as a whole, by one node. What is found
//! is read back with its entry, in one statement: along the primary key, so that what lies outside of the page
//! costs nothing.

use async_trait::async_trait;
use guichet_domain::Timestamp;

use super::lots::{lots, of_rows};
use super::{Sql, read, signed, time, transact, unsigned};
use crate::Fault;
use crate::durable::audit_index::{AuditEntry, AuditIndex, AuditLookup, AuditPlace, AuditRow};

const READ_TO: &str = "SELECT COALESCE(MAX(next), 0) FROM audit_reading WHERE id = 0";
// There is no row before the first reading, nor where somebody emptied the table.
const READ_ON: &str = "INSERT INTO audit_reading (id, next) SELECT 0, $2 \
     WHERE $1 = (SELECT COALESCE(MAX(next), 0) FROM audit_reading WHERE id = 0) \
     ON CONFLICT (id) DO UPDATE SET next = excluded.next WHERE audit_reading.next = $1";
const FOUND_BY: &str = "INSERT INTO audit_index (term, at, sequence)";
const ONCE: &str = "ON CONFLICT DO NOTHING";
// The entries are looked up one by one, whatever a planner thinks of how many there are.
const PAGE: &str = "SELECT i.at, i.sequence, \
     (SELECT l.entry FROM ledger_entry l WHERE l.sequence = i.sequence) \
     FROM audit_index i WHERE i.term = $1 AND i.at >= $2 AND i.at <= $3 \
     AND (i.at < $4 OR i.sequence < $5) \
     ORDER BY i.at DESC, i.sequence DESC LIMIT CAST($6 AS BIGINT)";

/// What is asked of the index: planned in `plans`.
#[cfg(test)]
pub(super) const LOOKED_UP: &[&str] = &[PAGE];

#[async_trait]
impl AuditIndex for Sql {
    async fn read_to(&self) -> Result<u64, Fault> {
        let next: i64 =
            read!(&self.db, |c| sqlx::query_scalar(READ_TO).fetch_one(c).await).map_err(reading)?;
        unsigned(next)
    }

    async fn read_on(&self, from: u64, to: u64, said: &[AuditEntry]) -> Result<bool, Fault> {
        let (from, to) = (signed(from)?, signed(to)?);
        let rows = rows(said)?;
        transact!(&self.db, |c| {
            let first = sqlx::query(READ_ON).bind(from).bind(to);
            if first.execute(&mut *c).await?.rows_affected() == 0 {
                return Ok(false);
            }
            for lot in lots(&rows) {
                let mut query = sqlx::query(of_rows(FOUND_BY, lot.len(), 3, ONCE));
                for (term, at, sequence) in lot {
                    query = query.bind(*term).bind(*at).bind(*sequence);
                }
                query.execute(&mut *c).await?;
            }
            Ok(true)
        })
        .map_err(writing)
    }

    async fn page(&self, lookup: &AuditLookup) -> Result<Vec<AuditRow>, Fault> {
        let before = match lookup.before {
            Some(before) => (before.at.millis(), signed(before.sequence)?),
            None => (i64::MAX, i64::MAX),
        };
        let until = lookup.until.min(Timestamp::from_millis(before.0));
        let rows: Vec<(i64, i64, Option<Vec<u8>>)> = read!(&self.db, |c| sqlx::query_as(PAGE)
            .bind(lookup.term.number())
            .bind(lookup.since.millis())
            .bind(until.millis())
            .bind(before.0)
            .bind(before.1)
            .bind(i64::from(lookup.limit))
            .fetch_all(c)
            .await)
        .map_err(reading)?;
        let row = |(at, sequence, entry)| {
            let sequence = unsigned(sequence)?;
            let at = time(at);
            let place = AuditPlace { at, sequence };
            Ok(AuditRow { place, entry })
        };
        rows.into_iter().map(row).collect()
    }
}

/// In the order of the table, so that neighbours are written together.
fn rows(said: &[AuditEntry]) -> Result<Vec<(i64, i64, i64)>, Fault> {
    let mut rows = Vec::new();
    for entry in said {
        let (at, sequence) = (entry.place.at.millis(), signed(entry.place.sequence)?);
        rows.extend(entry.terms.iter().map(|term| (term.number(), at, sequence)));
    }
    rows.sort_unstable();
    rows.dedup();
    Ok(rows)
}

fn reading(error: sqlx::Error) -> Fault {
    Fault::new("looking something up in the ledger", error)
}

fn writing(error: sqlx::Error) -> Fault {
    Fault::new("writing what the ledger is looked up by", error)
}
