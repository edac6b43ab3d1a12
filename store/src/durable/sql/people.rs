//! Citizens: the identifiers that indexes lead to. The row of an index decides who made the person.

use async_trait::async_trait;
use guichet_domain::{PersonId, Timestamp};

use super::{Sql, execute, fixed, read};
use crate::Fault;
use crate::durable::People;

const FIND: &str = "SELECT person FROM person_index WHERE matching_index = $1";
const MAKE: &str = "INSERT INTO person_index (matching_index, person, added_at) \
     VALUES ($1, $2, $3) ON CONFLICT (matching_index) DO NOTHING";
const ADD_INDEX: &str = "INSERT INTO person_index (matching_index, person, added_at) \
     SELECT $1, person, $3 FROM person_index WHERE person = $2 LIMIT 1 \
     ON CONFLICT (matching_index) DO NOTHING";

#[async_trait]
impl People for Sql {
    async fn find_or_make(
        &self,
        index: &[u8; 32],
        fresh: PersonId,
        now: Timestamp,
    ) -> Result<PersonId, Fault> {
        if let Some(person) = self.find(index).await? {
            return Ok(person);
        }
        let made = execute!(
            &self.db,
            sqlx::query(MAKE)
                .bind(&index[..])
                .bind(&fresh.as_bytes()[..])
                .bind(now.millis())
        )
        .map_err(|error| Fault::new("writing a person", error))?;
        if made > 0 {
            return Ok(fresh);
        }
        // Somebody else was first, and theirs is durable by now.
        self.find(index)
            .await?
            .ok_or(Fault::bare("a person that was there is not"))
    }

    async fn add_index(
        &self,
        person: PersonId,
        index: &[u8; 32],
        now: Timestamp,
    ) -> Result<bool, Fault> {
        execute!(
            &self.db,
            sqlx::query(ADD_INDEX)
                .bind(&index[..])
                .bind(&person.as_bytes()[..])
                .bind(now.millis())
        )
        .map(drop)
        .map_err(|error| Fault::new("writing a person's index", error))?;
        self.find(index)
            .await?
            .map(|owner| owner == person)
            .ok_or(Fault::bare("an index for a person there is not"))
    }
}

impl Sql {
    async fn find(&self, index: &[u8; 32]) -> Result<Option<PersonId>, Fault> {
        let person: Option<Vec<u8>> = read!(&self.db, |c| sqlx::query_scalar(FIND)
            .bind(&index[..])
            .fetch_optional(c)
            .await)
        .map_err(|error| Fault::new("reading a person", error))?;
        person
            .map(|id| fixed(id).map(PersonId::from_bytes))
            .transpose()
    }
}
