//! Citizens: the identifiers that indexes lead to. The row of an index decides who made the person;
//! links lead from whoever was merged to whoever was kept.

use async_trait::async_trait;
use guichet_domain::{PersonId, Timestamp};

use super::{Sql, execute, fixed, parsed, read, time};
use crate::Fault;
use crate::durable::people::{
    IndexRow, NameRow, People, PersonFile, Recognition, Recognized, Sighting,
};

// `UNION`, not `UNION ALL`, wherever links are followed: even links in a circle, which no correction
// makes (`corrections.rs`), come to an end.
const FIND: &str = "WITH RECURSIVE chain(person, vouched) AS (\
     SELECT person, vouched FROM person_index WHERE matching_index = $1 \
     UNION SELECT l.kept, chain.vouched FROM person_link l JOIN chain ON l.absorbed = chain.person) \
     SELECT person, vouched FROM chain \
     WHERE NOT EXISTS (SELECT 1 FROM person_link WHERE absorbed = chain.person)";
const STANDING: &str = "WITH RECURSIVE chain(person) AS (SELECT $1 \
     UNION SELECT l.kept FROM person_link l JOIN chain ON l.absorbed = chain.person) \
     SELECT person FROM chain \
     WHERE NOT EXISTS (SELECT 1 FROM person_link WHERE absorbed = chain.person)";
const LEAD: &str = "INSERT INTO person_index (matching_index, person, added_at, vouched) \
     VALUES ($1, $2, $3, $4) ON CONFLICT (matching_index) DO NOTHING";
const VOUCH: &str =
    "UPDATE person_index SET vouched = TRUE WHERE matching_index = $1 AND NOT vouched";
const ROWS: &str = "WITH RECURSIVE kin(person) AS (SELECT $1 \
     UNION SELECT l.absorbed FROM person_link l JOIN kin ON l.kept = kin.person) \
     SELECT matching_index, person, added_at, vouched FROM person_index \
     WHERE person IN (SELECT person FROM kin) ORDER BY added_at, matching_index";
const NAMES: &str = "WITH RECURSIVE kin(person) AS (SELECT $1 \
     UNION SELECT l.absorbed FROM person_link l JOIN kin ON l.kept = kin.person) \
     SELECT sector, subject, person, assigned_at FROM subject \
     WHERE person IN (SELECT person FROM kin) ORDER BY sector, assigned_at, subject";

/// What is asked of one person: planned in `plans`.
#[cfg(test)]
pub(super) const OF_A_PERSON: &[&str] = &[FIND, STANDING, ROWS, NAMES];

#[async_trait]
impl People for Sql {
    async fn recognize(
        &self,
        sighting: Sighting<'_>,
        fresh: PersonId,
        now: Timestamp,
    ) -> Result<Recognized, Fault> {
        if let Some(found) = self.find(sighting.index).await? {
            if sighting.vouched && !found.vouched {
                self.vouch(sighting.index).await?;
            }
            return self.known(found.person, sighting, now).await;
        }
        let before = self.before(sighting).await?;
        let vouched_before = before.filter(|before| before.vouched && sighting.vouched);
        let (person, how) = match vouched_before {
            Some(before) => (before.person, Recognition::Renamed),
            None => (fresh, Recognition::Made),
        };
        let vouched = sighting.vouched;
        if self.lead(sighting.index, person, vouched, now).await? {
            if let (Some(stated), None) = (sighting.stated, before) {
                self.lead(stated, person, vouched, now).await?;
            }
            let other = None;
            return Ok(Recognized { person, how, other });
        }
        // Somebody else was first, and theirs is durable by now.
        let found = self.find(sighting.index).await?;
        let found = found.ok_or(Fault::bare("a person that was there is not"))?;
        self.known(found.person, sighting, now).await
    }

    async fn renamed(&self, sighting: Sighting<'_>) -> Result<Option<PersonId>, Fault> {
        if self.find(sighting.index).await?.is_some() {
            return Ok(None);
        }
        let before = self.before(sighting).await?;
        let vouched = before.filter(|before| before.vouched && sighting.vouched);
        Ok(vouched.map(|before| before.person))
    }

    async fn standing(&self, person: PersonId) -> Result<PersonId, Fault> {
        let standing: Option<Vec<u8>> = read!(&self.db, |c| sqlx::query_scalar(STANDING)
            .bind(&person.as_bytes()[..])
            .fetch_optional(c)
            .await)
        .map_err(|error| Fault::new("reading whom a person counts as", error))?;
        let standing = standing.ok_or(Fault::bare("persons merged in a circle"))?;
        fixed(standing).map(PersonId::from_bytes)
    }

    async fn file(&self, person: PersonId) -> Result<Option<PersonFile>, Fault> {
        let person = self.standing(person).await?;
        let rows: Vec<(Vec<u8>, Vec<u8>, i64, bool)> = read!(&self.db, |c| sqlx::query_as(ROWS)
            .bind(&person.as_bytes()[..])
            .fetch_all(c)
            .await)
        .map_err(|error| Fault::new("reading a person's rows", error))?;
        let names: Vec<(String, String, Vec<u8>, i64)> = read!(&self.db, |c| sqlx::query_as(NAMES)
            .bind(&person.as_bytes()[..])
            .fetch_all(c)
            .await)
        .map_err(|error| Fault::new("reading a person's names", error))?;
        if rows.is_empty() && names.is_empty() {
            return Ok(None);
        }
        let rows = rows.into_iter().map(index_row).collect::<Result<_, _>>()?;
        let names = names.into_iter().map(name_row).collect::<Result<_, _>>()?;
        Ok(Some(PersonFile {
            person,
            rows,
            names,
        }))
    }
}

/// Where an index leads.
#[derive(Clone, Copy)]
struct Lead {
    person: PersonId,
    vouched: bool,
}

impl Sql {
    async fn find(&self, index: &[u8; 32]) -> Result<Option<Lead>, Fault> {
        let row: Option<(Vec<u8>, bool)> = read!(&self.db, |c| sqlx::query_as(FIND)
            .bind(&index[..])
            .fetch_optional(c)
            .await)
        .map_err(|error| Fault::new("reading a person", error))?;
        row.map(|(person, vouched)| {
            let person = PersonId::from_bytes(fixed(person)?);
            Ok(Lead { person, vouched })
        })
        .transpose()
    }

    /// Where what the provider stated leads.
    async fn before(&self, sighting: Sighting<'_>) -> Result<Option<Lead>, Fault> {
        match sighting.stated {
            Some(stated) => self.find(stated).await,
            None => Ok(None),
        }
    }

    /// A person found by their identity, and where what the provider stated leads.
    async fn known(
        &self,
        person: PersonId,
        sighting: Sighting<'_>,
        now: Timestamp,
    ) -> Result<Recognized, Fault> {
        let mut other = None;
        if let Some(stated) = sighting.stated.filter(|_| sighting.vouched) {
            match self.find(stated).await? {
                Some(lead) if lead.person != person && lead.vouched => other = Some(lead.person),
                Some(_) => {}
                None => {
                    self.lead(stated, person, true, now).await?;
                }
            }
        }
        Ok(Recognized {
            person,
            how: Recognition::Known,
            other,
        })
    }

    /// Makes an index lead to a person, if it leads to nobody.
    async fn lead(
        &self,
        index: &[u8; 32],
        person: PersonId,
        vouched: bool,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        execute!(
            &self.db,
            sqlx::query(LEAD)
                .bind(&index[..])
                .bind(&person.as_bytes()[..])
                .bind(now.millis())
                .bind(vouched)
        )
        .map(|made| made > 0)
        .map_err(|error| Fault::new("writing a person", error))
    }

    async fn vouch(&self, index: &[u8; 32]) -> Result<(), Fault> {
        execute!(&self.db, sqlx::query(VOUCH).bind(&index[..]))
            .map(drop)
            .map_err(|error| Fault::new("vouching for a person's row", error))
    }
}

fn index_row(
    (index, person, added, vouched): (Vec<u8>, Vec<u8>, i64, bool),
) -> Result<IndexRow, Fault> {
    Ok(IndexRow {
        index: fixed(index)?,
        person: PersonId::from_bytes(fixed(person)?),
        added: time(added),
        vouched,
    })
}

fn name_row(
    (sector, subject, person, assigned): (String, String, Vec<u8>, i64),
) -> Result<NameRow, Fault> {
    Ok(NameRow {
        sector: parsed(&sector)?,
        subject: parsed(&subject)?,
        person: PersonId::from_bytes(fixed(person)?),
        assigned: time(assigned),
    })
}
