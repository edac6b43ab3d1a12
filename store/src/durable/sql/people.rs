//! Citizens: an index row decides who made the person.

use async_trait::async_trait;
use guichet_domain::{PersonId, Timestamp};

use super::{Sql, change, fixed, read, transact};
use crate::Fault;
use crate::durable::People;

const FIND: &str = "SELECT person FROM person_index WHERE matching_index = $1";
const TAKE_INDEX: &str = "INSERT INTO person_index (matching_index, person, added_at) \
     VALUES ($1, $2, $3) ON CONFLICT (matching_index) DO NOTHING";
// Of a person there is: a row of nobody would fail at the commit, and take others' rows with it.
const ADD_INDEX: &str = "INSERT INTO person_index (matching_index, person, added_at) \
     SELECT $1, id, $3 FROM person WHERE id = $2 ON CONFLICT (matching_index) DO NOTHING";
const MAKE: &str = "INSERT INTO person (id, made_at) VALUES ($1, $2)";

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
        let made = transact!(&self.db, |c| {
            let take = sqlx::query(TAKE_INDEX)
                .bind(&index[..])
                .bind(&fresh.as_bytes()[..])
                .bind(now.millis());
            let first = take.execute(&mut *c).await?.rows_affected() > 0;
            if first {
                let make = sqlx::query(MAKE)
                    .bind(&fresh.as_bytes()[..])
                    .bind(now.millis());
                make.execute(&mut *c).await?;
            }
            Ok(first)
        })
        .map_err(|error| Fault::new("writing a person", error))?;
        if made {
            return Ok(fresh);
        }
        self.find(index)
            .await?
            .ok_or(Fault::bare("a person's index vanished"))
    }

    async fn add_index(
        &self,
        person: PersonId,
        index: &[u8; 32],
        now: Timestamp,
    ) -> Result<bool, Fault> {
        change!(&self.db, |c| sqlx::query(ADD_INDEX)
            .bind(&index[..])
            .bind(&person.as_bytes()[..])
            .bind(now.millis())
            .execute(c)
            .await
            .map(drop))
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
