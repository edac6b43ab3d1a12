//! In which stretches of the ledger something is named. A page of the ledger is taken in as a whole, by one node.
//! What is looked up is found along the primary key, from the rarest of what is looked for.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use guichet_domain::Timestamp;

use super::lots::{lots, of_rows};
use super::{Sql, read, signed, transact, unsigned};
use crate::Fault;
use crate::durable::audit_index::{AuditEntry, AuditIndex, AuditLookup, AuditTerm, Stretch};

const READ_TO: &str = "SELECT COALESCE(MAX(next), 0) FROM audit_reading WHERE id = 0";
// There is no row before the first reading, nor where somebody emptied the table.
const READ_ON: &str = "INSERT INTO audit_reading (id, next) SELECT 0, $2 \
     WHERE $1 = (SELECT COALESCE(MAX(next), 0) FROM audit_reading WHERE id = 0) \
     ON CONFLICT (id) DO UPDATE SET next = excluded.next WHERE audit_reading.next = $1";
const FOUND_BY: &str = "INSERT INTO audit_stretch (term, stretch)";
const ONCE: &str = "ON CONFLICT DO NOTHING";
const IN_HOUR: &str = "INSERT INTO audit_hour (hour, first, last) VALUES ($1, $2, $3) \
     ON CONFLICT (hour) DO UPDATE SET \
     first = CASE WHEN excluded.first < audit_hour.first THEN excluded.first ELSE audit_hour.first END, \
     last = CASE WHEN excluded.last > audit_hour.last THEN excluded.last ELSE audit_hour.last END";
const OF_HOURS: &str =
    "SELECT MIN(first), MAX(last) FROM audit_hour WHERE hour >= $1 AND hour <= $2";
// Counted no further than what says which of two things is the rarer.
const HOW_OFTEN: &str = "SELECT COUNT(*) FROM \
     (SELECT 1 FROM audit_stretch WHERE term = $1 LIMIT 1000) few";
const STRETCHES: &str = "SELECT rare.stretch FROM audit_stretch rare \
     WHERE rare.term = $1 AND rare.stretch >= $4 AND rare.stretch <= $5 \
     AND EXISTS (SELECT 1 FROM audit_stretch o WHERE o.term = $2 AND o.stretch = rare.stretch) \
     AND EXISTS (SELECT 1 FROM audit_stretch o WHERE o.term = $3 AND o.stretch = rare.stretch) \
     ORDER BY rare.stretch DESC LIMIT CAST($6 AS BIGINT)";

/// What is asked of the index: planned in `plans`.
#[cfg(test)]
pub(super) const LOOKED_UP: &[&str] = &[HOW_OFTEN, STRETCHES];

/// What is named where, and what was written when, of some entries.
#[derive(Default)]
struct Said {
    /// In the order of the table, so that neighbours are written together.
    terms: BTreeSet<(i64, i64)>,
    /// The first and the last stretch of each hour.
    hours: BTreeMap<i64, (i64, i64)>,
}

#[async_trait]
impl AuditIndex for Sql {
    async fn read_to(&self) -> Result<u64, Fault> {
        let next: i64 =
            read!(&self.db, |c| sqlx::query_scalar(READ_TO).fetch_one(c).await).map_err(reading)?;
        unsigned(next)
    }

    async fn read_on(&self, from: u64, to: u64, said: &[AuditEntry]) -> Result<bool, Fault> {
        let (from, to) = (signed(from)?, signed(to)?);
        let said = Said::of(said)?;
        let terms: Vec<(i64, i64)> = said.terms.into_iter().collect();
        transact!(&self.db, |c| {
            let first = sqlx::query(READ_ON).bind(from).bind(to);
            if first.execute(&mut *c).await?.rows_affected() == 0 {
                return Ok(false);
            }
            for lot in lots(&terms) {
                let mut query = sqlx::query(of_rows(FOUND_BY, lot.len(), 2, ONCE));
                for (term, stretch) in lot {
                    query = query.bind(*term).bind(*stretch);
                }
                query.execute(&mut *c).await?;
            }
            for (hour, (first, last)) in &said.hours {
                let query = sqlx::query(IN_HOUR).bind(*hour).bind(*first).bind(*last);
                query.execute(&mut *c).await?;
            }
            Ok(true)
        })
        .map_err(writing)
    }

    async fn stretches(&self, lookup: &AuditLookup) -> Result<Vec<Stretch>, Fault> {
        let terms = self.the_rarest_first(&lookup.terms).await?;
        let [rarest, ..] = *terms else {
            return Ok(Vec::new());
        };
        let Some((first, last)) = self.range(lookup).await? else {
            return Ok(Vec::new());
        };
        let nth = |nth: usize| terms.get(nth).copied().unwrap_or(rarest);
        let rows: Vec<i64> = read!(&self.db, |c| sqlx::query_scalar(STRETCHES)
            .bind(rarest)
            .bind(nth(1))
            .bind(nth(2))
            .bind(first)
            .bind(last)
            .bind(i64::from(lookup.limit))
            .fetch_all(c)
            .await)
        .map_err(reading)?;
        let stretch = |number| Ok(Stretch::of_number(unsigned(number)?));
        rows.into_iter().map(stretch).collect()
    }
}

impl Sql {
    /// One alone is not counted.
    async fn the_rarest_first(&self, terms: &[AuditTerm]) -> Result<Vec<i64>, Fault> {
        if let [only] = terms {
            return Ok(vec![only.number()]);
        }
        let mut counted = Vec::with_capacity(terms.len());
        for term in terms.iter().map(|term| term.number()) {
            let count: i64 = read!(&self.db, |c| sqlx::query_scalar(HOW_OFTEN)
                .bind(term)
                .fetch_one(c)
                .await)
            .map_err(reading)?;
            counted.push((count, term));
        }
        counted.sort_unstable();
        Ok(counted.into_iter().map(|(_, term)| term).collect())
    }

    /// Between which stretches to look, both of them included.
    async fn range(&self, lookup: &AuditLookup) -> Result<Option<(i64, i64)>, Fault> {
        let Some(last) = lookup.before.checked_sub(1) else {
            return Ok(None);
        };
        let last = signed(Stretch::of(last).number())?;
        if lookup.since.is_none() && lookup.until.is_none() {
            return Ok(Some((0, last)));
        }
        let from = lookup.since.map_or(i64::MIN, hour);
        let to = lookup.until.map_or(i64::MAX, hour);
        let (Some(begin), Some(end)): (Option<i64>, Option<i64>) =
            read!(&self.db, |c| sqlx::query_as(OF_HOURS)
                .bind(from)
                .bind(to)
                .fetch_one(c)
                .await)
            .map_err(reading)?
        else {
            return Ok(None);
        };
        Ok(Some((begin, end.min(last))))
    }
}

impl Said {
    fn of(entries: &[AuditEntry]) -> Result<Self, Fault> {
        let mut said = Self::default();
        for entry in entries {
            let stretch = signed(Stretch::of(entry.sequence).number())?;
            let terms = entry.terms.iter().map(|term| (term.number(), stretch));
            said.terms.extend(terms);
            let bounds = said
                .hours
                .entry(hour(entry.at))
                .or_insert((stretch, stretch));
            *bounds = (bounds.0.min(stretch), bounds.1.max(stretch));
        }
        Ok(said)
    }
}

/// Which hour since 1970.
const fn hour(at: Timestamp) -> i64 {
    at.millis().div_euclid(3_600_000)
}

fn reading(error: sqlx::Error) -> Fault {
    Fault::new("looking something up in the ledger", error)
}

fn writing(error: sqlx::Error) -> Fault {
    Fault::new("writing what the ledger is looked up by", error)
}
