//! Pairwise subjects: written once, and kept at hand for a moment.

use async_trait::async_trait;
use guichet_domain::{PersonId, Sealed, Sector, SubjectIdentifier, Timestamp};

use super::{Sql, change, execute, fixed, parsed, read, with_kin};
use crate::Fault;
use crate::durable::Subjects;

const SECTOR_KEY: &str = "SELECT sealed_key FROM sector WHERE sector = $1";
// The update changes nothing; it makes the row that was there come back.
const MAKE_SECTOR_KEY: &str = "INSERT INTO sector (sector, sealed_key, made_at) \
     VALUES ($1, $2, $3) ON CONFLICT (sector) DO UPDATE SET sector = excluded.sector \
     RETURNING sealed_key";
// Of the names of all who were merged into one, the oldest counts.
const SUBJECT: &str = with_kin!(
    "SELECT subject FROM subject WHERE sector = $2 AND person IN (SELECT person FROM kin) \
     ORDER BY assigned_at, subject LIMIT 1"
);
const PERSON: &str = "WITH RECURSIVE chain(person) AS (\
     SELECT person FROM subject WHERE sector = $1 AND subject = $2 \
     UNION SELECT l.kept FROM person_link l JOIN chain ON l.absorbed = chain.person) \
     SELECT person FROM chain \
     WHERE NOT EXISTS (SELECT 1 FROM person_link WHERE absorbed = chain.person)";
const ASSIGN: &str = "INSERT INTO subject (sector, person, subject, assigned_at) \
     VALUES ($1, $2, $3, $4) ON CONFLICT (sector, person) DO NOTHING";

/// What is asked of one person: planned in `plans`.
#[cfg(test)]
pub(super) const OF_A_PERSON: &[&str] = &[SUBJECT, PERSON];

#[async_trait]
impl Subjects for Sql {
    async fn sector_key(
        &self,
        sector: &Sector,
        fresh: Sealed,
        now: Timestamp,
    ) -> Result<Sealed, Fault> {
        if let Some(key) = self.sector_keys.get(sector) {
            return Ok(key);
        }
        let known: Option<Vec<u8>> = read!(&self.db, |c| sqlx::query_scalar(SECTOR_KEY)
            .bind(sector.as_str())
            .fetch_optional(c)
            .await)
        .map_err(|error| Fault::new("reading a sector's key", error))?;
        let key = match known {
            Some(key) => key,
            None => self.make_sector_key(sector, &fresh, now).await?,
        };
        let key = Sealed::from_bytes(key);
        self.sector_keys.insert(sector.clone(), key.clone());
        Ok(key)
    }

    async fn subject(
        &self,
        sector: &Sector,
        person: PersonId,
    ) -> Result<Option<SubjectIdentifier>, Fault> {
        let at_hand = (sector.clone(), person);
        if let Some(subject) = self.subjects.get(&at_hand) {
            return Ok(Some(subject));
        }
        let subject: Option<String> = read!(&self.db, |c| sqlx::query_scalar(SUBJECT)
            .bind(&person.as_bytes()[..])
            .bind(sector.as_str())
            .fetch_optional(c)
            .await)
        .map_err(|error| Fault::new("reading a subject", error))?;
        let Some(subject) = subject else {
            return Ok(None);
        };
        let subject: SubjectIdentifier = parsed(&subject)?;
        self.subjects.insert(at_hand, subject.clone());
        Ok(Some(subject))
    }

    async fn person(
        &self,
        sector: &Sector,
        subject: &SubjectIdentifier,
    ) -> Result<Option<PersonId>, Fault> {
        let person: Option<Vec<u8>> = read!(&self.db, |c| sqlx::query_scalar(PERSON)
            .bind(sector.as_str())
            .bind(subject.as_str())
            .fetch_optional(c)
            .await)
        .map_err(|error| Fault::new("reading a subject's person", error))?;
        person
            .map(|person| fixed(person).map(PersonId::from_bytes))
            .transpose()
    }

    async fn assign(
        &self,
        sector: &Sector,
        person: PersonId,
        subject: SubjectIdentifier,
        now: Timestamp,
    ) -> Result<SubjectIdentifier, Fault> {
        let assigned = execute!(
            &self.db,
            sqlx::query(ASSIGN)
                .bind(sector.as_str())
                .bind(&person.as_bytes()[..])
                .bind(subject.as_str())
                .bind(now.millis())
        )
        .map_err(|error| Fault::new("writing a subject", error))?;
        if assigned > 0 {
            self.subjects
                .insert((sector.clone(), person), subject.clone());
            return Ok(subject);
        }
        // Another one was first, and is durable by now.
        self.subject(sector, person)
            .await?
            .ok_or(Fault::bare("a subject that was there is not"))
    }
}

impl Sql {
    /// The key of a sector: this one, unless another was there first.
    async fn make_sector_key(
        &self,
        sector: &Sector,
        fresh: &Sealed,
        now: Timestamp,
    ) -> Result<Vec<u8>, Fault> {
        let made: Vec<(Vec<u8>,)> = change!(
            &self.db,
            sqlx::query(MAKE_SECTOR_KEY)
                .bind(sector.as_str())
                .bind(fresh.as_bytes())
                .bind(now.millis())
        )
        .map_err(|error| Fault::new("writing a sector's key", error))?;
        let (key,) = made
            .into_iter()
            .next()
            .ok_or(Fault::bare("a sector's key that was written is not there"))?;
        Ok(key)
    }
}
