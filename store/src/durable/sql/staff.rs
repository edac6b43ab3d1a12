//! Members, invitations, organisations and teams: a JSON body each. An invitation is spent by deleting it.

use async_trait::async_trait;
use guichet_domain::staff::{Invitation, Organisation, StaffMember, Team, Who};
use guichet_domain::{StaffId, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::registry::{from_json, to_json};
use super::{Db, Sql, execute, read, transact};
use crate::Fault;
use crate::durable::{Founded, Staff, Teams};

const MEMBERS: &str = "SELECT body FROM staff_member ORDER BY id";
const MEMBER: &str = "SELECT body FROM staff_member WHERE id = $1";
const RECOGNIZED: &str = "SELECT body FROM staff_member WHERE who = $1";
const ADD_MEMBER: &str = "INSERT INTO staff_member (id, who, body, changed_at) \
     VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
const REPLACE_MEMBER: &str = "UPDATE staff_member SET who = $2, body = $4, changed_at = $5 \
     WHERE id = $1 AND body = $3";
const REMOVE_MEMBER: &str = "DELETE FROM staff_member WHERE id = $1 AND body = $2";
const INVITE: &str = "INSERT INTO staff_invitation (id, hash, body, expires) \
     SELECT $1, $2, $3, $4 WHERE NOT EXISTS (SELECT 1 FROM staff_member WHERE id = $1) \
     ON CONFLICT DO NOTHING";
const INVITATIONS: &str = "SELECT body FROM staff_invitation ORDER BY id";
const WITHDRAW: &str = "DELETE FROM staff_invitation WHERE id = $1";
const INVITATION: &str = "SELECT body FROM staff_invitation WHERE hash = $1 AND expires > $2";
const SPEND: &str = "DELETE FROM staff_invitation WHERE hash = $1 AND expires > $2 RETURNING body";
const ORGANISATIONS: &str = "SELECT body FROM organisation ORDER BY id";
const ORGANISATION: &str = "SELECT body FROM organisation WHERE id = $1";
const ADD_ORGANISATION: &str = "INSERT INTO organisation (id, body, changed_at) \
     VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
const REPLACE_ORGANISATION: &str =
    "UPDATE organisation SET body = $3, changed_at = $4 WHERE id = $1 AND body = $2";
const TEAMS: &str = "SELECT body FROM team ORDER BY id";
const TEAM: &str = "SELECT body FROM team WHERE id = $1";
const ADD_TEAM: &str =
    "INSERT INTO team (id, body, changed_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
const REPLACE_TEAM: &str = "UPDATE team SET body = $3, changed_at = $4 WHERE id = $1 AND body = $2";

#[async_trait]
impl Staff for Sql {
    async fn members(&self) -> Result<Vec<StaffMember>, Fault> {
        self.bodies(MEMBERS).await
    }

    async fn recognized(&self, who: &Who) -> Result<Option<StaffMember>, Fault> {
        let body: Option<String> = read!(&self.db, |c| sqlx::query_scalar(RECOGNIZED)
            .bind(who.key())
            .fetch_optional(c)
            .await)
        .map_err(|error| Fault::new("reading a member of the staff", error))?;
        body.as_deref().map(from_json).transpose()
    }

    async fn replace_member(
        &self,
        known: Option<&StaffMember>,
        member: &StaffMember,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        if let Some(known) = known {
            return self.change_member(known, Some(member), now).await;
        }
        let body = to_json(member)?;
        let add = execute!(
            &self.db,
            sqlx::query(ADD_MEMBER)
                .bind(member.id.as_str())
                .bind(member.who.key())
                .bind(&body)
                .bind(now.millis())
        );
        add.map(|added| added > 0)
            .map_err(|error| Fault::new("writing a member of the staff", error))
    }

    async fn remove_member(&self, known: &StaffMember) -> Result<bool, Fault> {
        let whenever = Timestamp::from_millis(0);
        self.change_member(known, None, whenever).await
    }

    async fn invite(&self, invitation: &Invitation) -> Result<bool, Fault> {
        let body = to_json(invitation)?;
        execute!(
            &self.db,
            sqlx::query(INVITE)
                .bind(invitation.id.as_str())
                .bind(&invitation.hash[..])
                .bind(&body)
                .bind(invitation.expires.millis())
        )
        .map(|kept| kept > 0)
        .map_err(|error| Fault::new("keeping an invitation", error))
    }

    async fn invitations(&self) -> Result<Vec<Invitation>, Fault> {
        self.bodies(INVITATIONS).await
    }

    async fn withdraw(&self, id: &StaffId) -> Result<bool, Fault> {
        execute!(&self.db, sqlx::query(WITHDRAW).bind(id.as_str()))
            .map(|removed| removed > 0)
            .map_err(|error| Fault::new("withdrawing an invitation", error))
    }

    async fn invitation(
        &self,
        hash: [u8; 32],
        now: Timestamp,
    ) -> Result<Option<Invitation>, Fault> {
        let body: Option<String> = read!(&self.db, |c| sqlx::query_scalar(INVITATION)
            .bind(&hash[..])
            .bind(now.millis())
            .fetch_optional(c)
            .await)
        .map_err(|error| Fault::new("reading an invitation", error))?;
        body.as_deref().map(from_json).transpose()
    }

    async fn accept(
        &self,
        hash: [u8; 32],
        who: &Who,
        now: Timestamp,
    ) -> Result<Option<StaffMember>, Fault> {
        let key = who.key();
        transact!(&self.db, |c| {
            let statement = sqlx::query_scalar(SPEND).bind(&hash[..]).bind(now.millis());
            let Some(spent): Option<String> = statement.fetch_optional(&mut *c).await? else {
                return Ok(None);
            };
            let invitation: Invitation = decoded(&spent)?;
            let known = sqlx::query_scalar(RECOGNIZED).bind(&key);
            let known: Option<String> = known.fetch_optional(&mut *c).await?;
            let member = match &known {
                Some(body) => with_seats_of(decoded(body)?, invitation),
                None => made_of(invitation, who.clone(), now),
            };
            let body = serde_json::to_string(&member).map_err(undecodable)?;
            let write = match &known {
                Some(before) => sqlx::query(REPLACE_MEMBER)
                    .bind(member.id.as_str())
                    .bind(&key)
                    .bind(before)
                    .bind(&body)
                    .bind(now.millis()),
                None => sqlx::query(ADD_MEMBER)
                    .bind(member.id.as_str())
                    .bind(&key)
                    .bind(&body)
                    .bind(now.millis()),
            };
            let written = write.execute(&mut *c).await?.rows_affected() > 0;
            // Somebody else has the identifier by now: the invitation stays as it was.
            if written {
                Ok(Some(member))
            } else {
                Err(sqlx::Error::RowNotFound)
            }
        })
        .map_err(|error| Fault::new("accepting an invitation", error))
    }
}

#[async_trait]
impl Teams for Sql {
    async fn found(
        &self,
        (organisation, team): (&Organisation, &Team),
        owner: &StaffMember,
        now: Timestamp,
    ) -> Result<Founded, Fault> {
        let bodies = (to_json(organisation)?, to_json(team)?, to_json(owner)?);
        let number = organisation.number();
        let one_at_a_time = one_organisation_at_a_time(&self.db);
        let founded = transact!(&self.db, |c| {
            sqlx::query(one_at_a_time).execute(&mut *c).await?;
            let all: Vec<String> = sqlx::query_scalar(ORGANISATIONS).fetch_all(&mut *c).await?;
            let all: Result<Vec<Organisation>, _> = all.iter().map(|it| decoded(it)).collect();
            if number.is_some() && all?.iter().any(|it| it.number() == number) {
                return Ok(Founded::NumberTaken);
            }
            let add = sqlx::query(ADD_MEMBER)
                .bind(owner.id.as_str())
                .bind(owner.who.key())
                .bind(&bodies.2)
                .bind(now.millis());
            if add.execute(&mut *c).await?.rows_affected() == 0 {
                return Ok(Founded::OwnerKnown);
            }
            for (add, id, body) in [
                (ADD_ORGANISATION, organisation.id.as_str(), &bodies.0),
                (ADD_TEAM, team.id.as_str(), &bodies.1),
            ] {
                let add = sqlx::query(add).bind(id).bind(body).bind(now.millis());
                if add.execute(&mut *c).await?.rows_affected() == 0 {
                    return Err(sqlx::Error::RowNotFound);
                }
            }
            Ok(Founded::Done)
        });
        founded.map_err(|error| Fault::new("founding a team", error))
    }

    async fn organisations(&self) -> Result<Vec<Organisation>, Fault> {
        self.bodies(ORGANISATIONS).await
    }

    async fn replace_organisation(
        &self,
        known: Option<&Organisation>,
        organisation: &Organisation,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        let statements = (ORGANISATION, ADD_ORGANISATION, REPLACE_ORGANISATION);
        let id = organisation.id.as_str();
        self.replace_unit(statements, id, (known, organisation), now)
            .await
    }

    async fn teams(&self) -> Result<Vec<Team>, Fault> {
        self.bodies(TEAMS).await
    }

    async fn replace_team(
        &self,
        known: Option<&Team>,
        team: &Team,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        let statements = (TEAM, ADD_TEAM, REPLACE_TEAM);
        self.replace_unit(statements, team.id.as_str(), (known, team), now)
            .await
    }
}

impl Sql {
    /// Replaces a member who is still as `known`, or removes them. What would leave nobody to operate the hub is
    /// undone: two who take the role from each other at once wait for one another.
    async fn change_member(
        &self,
        known: &StaffMember,
        after: Option<&StaffMember>,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        let id = known.id.as_str();
        let Some(before) = self.still(MEMBER, id, known).await? else {
            return Ok(false);
        };
        let written = match after {
            Some(member) => Some((member.who.key(), to_json(member)?)),
            None => None,
        };
        let is_loss = known.operates() && !after.is_some_and(StaffMember::operates);
        let wait_for_others = wait_for_others(&self.db);
        let changed = transact!(&self.db, |c| {
            if is_loss {
                sqlx::query(wait_for_others).execute(&mut *c).await?;
            }
            let change = match &written {
                Some((who, body)) => sqlx::query(REPLACE_MEMBER)
                    .bind(id)
                    .bind(who)
                    .bind(&before)
                    .bind(body)
                    .bind(now.millis()),
                None => sqlx::query(REMOVE_MEMBER).bind(id).bind(&before),
            };
            let is_changed = change.execute(&mut *c).await?.rows_affected() > 0;
            if is_changed && is_loss {
                let left: Vec<String> = sqlx::query_scalar(MEMBERS).fetch_all(&mut *c).await?;
                let left: Result<Vec<StaffMember>, _> = left.iter().map(|it| decoded(it)).collect();
                if !left?.iter().any(StaffMember::operates) {
                    return Err(sqlx::Error::RowNotFound);
                }
            }
            Ok(is_changed)
        });
        match changed {
            Err(sqlx::Error::RowNotFound) => Ok(false),
            changed => changed.map_err(|error| Fault::new("changing a member of the staff", error)),
        }
    }

    pub(super) async fn bodies<T: DeserializeOwned>(
        &self,
        statement: &'static str,
    ) -> Result<Vec<T>, Fault> {
        let bodies: Vec<String> = read!(&self.db, |c| sqlx::query_scalar(statement)
            .fetch_all(c)
            .await)
        .map_err(|error| Fault::new("reading the staff's records", error))?;
        bodies.iter().map(|body| from_json(body)).collect()
    }

    pub(super) async fn replace_unit<T: Serialize + DeserializeOwned + PartialEq>(
        &self,
        (one, add, replace): (&'static str, &'static str, &'static str),
        id: &str,
        (known, unit): (Option<&T>, &T),
        now: Timestamp,
    ) -> Result<bool, Fault> {
        let body = to_json(unit)?;
        let written = match known {
            None => execute!(
                &self.db,
                sqlx::query(add).bind(id).bind(&body).bind(now.millis())
            ),
            Some(known) => {
                let Some(before) = self.still(one, id, known).await? else {
                    return Ok(false);
                };
                execute!(
                    &self.db,
                    sqlx::query(replace)
                        .bind(id)
                        .bind(&before)
                        .bind(&body)
                        .bind(now.millis())
                )
            }
        };
        written
            .map(|written| written > 0)
            .map_err(|error| Fault::new("writing the staff's records", error))
    }
}

/// Has those who take the role of an operator from one another wait. On SQLite every transaction waits for the
/// others.
const fn wait_for_others(db: &Db) -> &'static str {
    match db {
        Db::Sqlite(_) => "SELECT 1",
        Db::Pg(_) => "LOCK TABLE staff_member IN SHARE ROW EXCLUSIVE MODE",
    }
}

/// Has those who found organisations wait for one another, so that one number is one's.
const fn one_organisation_at_a_time(db: &Db) -> &'static str {
    match db {
        Db::Sqlite(_) => "SELECT 1",
        Db::Pg(_) => "LOCK TABLE organisation IN SHARE ROW EXCLUSIVE MODE",
    }
}

/// Whoever accepts and was nobody before.
fn made_of(invitation: Invitation, who: Who, now: Timestamp) -> StaffMember {
    StaffMember {
        id: invitation.id,
        who,
        card: invitation.card,
        seats: invitation.seats,
        since: now,
    }
}

/// Whoever accepts and was somebody: the seats that are not theirs already.
fn with_seats_of(mut member: StaffMember, invitation: Invitation) -> StaffMember {
    for seat in invitation.seats {
        if !member.seats.contains(&seat) {
            member.seats.push(seat);
        }
    }
    member
}

fn decoded<T: DeserializeOwned>(body: &str) -> Result<T, sqlx::Error> {
    serde_json::from_str(body).map_err(undecodable)
}

fn undecodable(error: serde_json::Error) -> sqlx::Error {
    sqlx::Error::Decode(error.into())
}
