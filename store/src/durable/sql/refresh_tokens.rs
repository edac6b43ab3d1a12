//! Families of refresh tokens. A presented generation moves the family, repeats, or revokes it, in one
//! statement, so that no two callers ever see it between two states.

use std::time::Duration;

use async_trait::async_trait;
use guichet_domain::{ClientId, GrantId, PersonId, Sealed, SessionId, Timestamp};

use super::{Sql, change, execute, fixed, parsed, read, time};
use crate::Fault;
use crate::durable::{FamilyState, RefreshFamily, RefreshTokens, Rotation};

const START: &str = "INSERT INTO refresh_family \
     (grant_id, client, person, session, sealed, expires, generation, rotated_at, repeats, revoked) \
     VALUES ($1, $2, $3, $4, $5, $6, 1, 0, 0, FALSE) ON CONFLICT (grant_id) DO NOTHING";
// `repeats` tells the caller who rotated (0) from those who came after. On PostgreSQL a caller that
// waited for the row evaluates all of this again on what the one before it left.
const ROTATE: &str = "UPDATE refresh_family SET \
     generation = CASE WHEN generation = $2 THEN generation + 1 ELSE generation END, \
     rotated_at = CASE WHEN generation = $2 THEN $4 ELSE rotated_at END, \
     repeats = CASE WHEN generation = $2 THEN 0 ELSE repeats + 1 END, \
     revoked = NOT (generation = $2 OR (generation - 1 = $2 AND rotated_at > $3)) \
     WHERE grant_id = $1 AND $2 BETWEEN 1 AND generation AND expires > $4 AND NOT revoked \
     RETURNING generation, repeats, revoked";
const FAMILY: &str = "SELECT client, person, session, sealed, expires, generation \
     FROM refresh_family WHERE grant_id = $1 AND expires > $2 AND NOT revoked";
// Generation 0 is the mark of a grant that was revoked before its family began.
const REVOKE: &str = "INSERT INTO refresh_family \
     (grant_id, client, person, session, sealed, expires, generation, rotated_at, repeats, revoked) \
     VALUES ($1, '', NULL, NULL, $2, $3, 0, 0, 0, TRUE) \
     ON CONFLICT (grant_id) DO UPDATE SET revoked = TRUE WHERE NOT refresh_family.revoked \
     RETURNING generation";
const REVOKE_OF: &str = "UPDATE refresh_family SET revoked = TRUE \
     WHERE person = $1 AND client = $2 AND NOT revoked";
const REVOKE_OF_SESSION: &str =
    "UPDATE refresh_family SET revoked = TRUE WHERE session = $1 AND NOT revoked";
const PRUNE: &str = "DELETE FROM refresh_family WHERE grant_id IN \
     (SELECT grant_id FROM refresh_family WHERE expires <= $1 ORDER BY expires LIMIT 1000)";

/// What is asked of one person: planned in `plans`.
#[cfg(test)]
pub(super) const OF_A_PERSON: &[&str] = &[REVOKE_OF, REVOKE_OF_SESSION];
/// What is asked every few minutes: planned in `plans`.
#[cfg(test)]
pub(super) const OF_UPKEEP: &[&str] = &[PRUNE];

/// How long a grant that was revoked before its family began stays so: longer than any request that
/// could begin it takes.
const BEFORE_IT_BEGAN: Duration = Duration::from_hours(1);

type Row = (String, Option<Vec<u8>>, Option<Vec<u8>>, Vec<u8>, i64, i64);

#[async_trait]
impl RefreshTokens for Sql {
    async fn start(&self, family: &RefreshFamily) -> Result<bool, Fault> {
        execute!(
            &self.db,
            sqlx::query(START)
                .bind(&family.grant.as_bytes()[..])
                .bind(family.client.as_str())
                .bind(family.person.as_ref().map(|person| &person.as_bytes()[..]))
                .bind(
                    family
                        .session
                        .as_ref()
                        .map(|session| &session.as_bytes()[..])
                )
                .bind(family.sealed.as_bytes())
                .bind(family.expires.millis())
        )
        .map(|changed| changed > 0)
        .map_err(|error| Fault::new("beginning a family of refresh tokens", error))
    }

    async fn rotate(
        &self,
        grant: GrantId,
        presented: i64,
        window: Duration,
        now: Timestamp,
    ) -> Result<Rotation, Fault> {
        let rotated: Vec<(i64, i64, bool)> = change!(
            &self.db,
            sqlx::query(ROTATE)
                .bind(&grant.as_bytes()[..])
                .bind(presented)
                .bind(now.before(window).millis())
                .bind(now.millis())
        )
        .map_err(|error| Fault::new("rotating a refresh token", error))?;
        Ok(rotated.into_iter().next().map_or(Rotation::Over, rotation))
    }

    async fn family(&self, grant: GrantId, now: Timestamp) -> Result<Option<FamilyState>, Fault> {
        let row: Option<Row> = read!(&self.db, |c| sqlx::query_as(FAMILY)
            .bind(&grant.as_bytes()[..])
            .bind(now.millis())
            .fetch_optional(c)
            .await)
        .map_err(|error| Fault::new("reading a family of refresh tokens", error))?;
        row.map(family).transpose()
    }

    async fn revoke(&self, grant: GrantId, now: Timestamp) -> Result<bool, Fault> {
        let revoked: Vec<(i64,)> = change!(
            &self.db,
            sqlx::query(REVOKE)
                .bind(&grant.as_bytes()[..])
                .bind(&[][..] as &[u8])
                .bind(now.after(BEFORE_IT_BEGAN).millis())
        )
        .map_err(|error| Fault::new("revoking a family of refresh tokens", error))?;
        let had_begun = |&(generation,): &(i64,)| generation >= RefreshFamily::FIRST;
        Ok(revoked.first().is_some_and(had_begun))
    }

    async fn revoke_of(&self, person: PersonId, client: &ClientId) -> Result<u64, Fault> {
        execute!(
            &self.db,
            sqlx::query(REVOKE_OF)
                .bind(&person.as_bytes()[..])
                .bind(client.as_str())
        )
        .map_err(|error| Fault::new("revoking a person's refresh tokens", error))
    }

    async fn revoke_of_session(&self, session: SessionId) -> Result<u64, Fault> {
        execute!(
            &self.db,
            sqlx::query(REVOKE_OF_SESSION).bind(&session.as_bytes()[..])
        )
        .map_err(|error| Fault::new("revoking a session's refresh tokens", error))
    }

    async fn prune(&self, now: Timestamp) -> Result<u64, Fault> {
        execute!(&self.db, sqlx::query(PRUNE).bind(now.millis()))
            .map_err(|error| Fault::new("forgetting families of refresh tokens", error))
    }
}

fn rotation((generation, repeats, revoked): (i64, i64, bool)) -> Rotation {
    match (revoked, repeats) {
        (true, _) => Rotation::Reused,
        (false, 0) => Rotation::Rotated { generation },
        (false, _) => Rotation::Repeated { generation },
    }
}

fn family(row: Row) -> Result<FamilyState, Fault> {
    let (client, person, session, sealed, expires, generation) = row;
    Ok(FamilyState {
        client: parsed(&client)?,
        person: person.map(fixed).transpose()?.map(PersonId::from_bytes),
        session: session.map(fixed).transpose()?.map(SessionId::from_bytes),
        sealed: Sealed::from_bytes(sealed),
        expires: time(expires),
        generation,
    })
}
