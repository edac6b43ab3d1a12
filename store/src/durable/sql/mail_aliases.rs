//! Addresses that stand for citizens': one for each person and service, by the unique index.

use async_trait::async_trait;
use guichet_domain::{ClientId, PersonId, Sealed, Timestamp};

use super::{Sql, execute, fixed, parsed, read, time, with_kin};
use crate::Fault;
use crate::durable::mail_aliases::{MailAlias, MailAliases};

const KEEP: &str = "INSERT INTO mail_alias (digest, person, client, sealed, made_at) \
     VALUES ($1, $2, $3, $4, $5) ON CONFLICT (person, client) DO NOTHING";
const ALIAS: &str = "SELECT digest, person, client, sealed, made_at, cut_at FROM mail_alias \
     WHERE digest = $1";
const AT: &str = with_kin!(
    "SELECT digest, person, client, sealed, made_at, cut_at FROM mail_alias \
     WHERE person IN (SELECT person FROM kin) AND client = $2 ORDER BY made_at, digest LIMIT 1"
);
const OF: &str = with_kin!(
    "SELECT digest, person, client, sealed, made_at, cut_at FROM mail_alias \
     WHERE person IN (SELECT person FROM kin) ORDER BY made_at DESC, digest"
);
const LEAD: &str = "UPDATE mail_alias SET sealed = $2 WHERE digest = $1 AND sealed = $3";
const CUT: &str = "UPDATE mail_alias SET cut_at = $2 WHERE digest = $1 AND cut_at IS NULL";
const JOIN: &str = "UPDATE mail_alias SET cut_at = NULL WHERE digest = $1 AND cut_at IS NOT NULL";

type Row = (Vec<u8>, Vec<u8>, String, Vec<u8>, i64, Option<i64>);

/// What is asked of one person: planned in `plans`.
#[cfg(test)]
pub(super) const OF_A_PERSON: &[&str] = &[AT, OF];

#[async_trait]
impl MailAliases for Sql {
    async fn keep(&self, alias: &MailAlias) -> Result<MailAlias, Fault> {
        execute!(
            &self.db,
            sqlx::query(KEEP)
                .bind(&alias.digest[..])
                .bind(&alias.person.as_bytes()[..])
                .bind(alias.client.as_str())
                .bind(alias.sealed.as_bytes())
                .bind(alias.made.millis())
        )
        .map_err(|error| Fault::new("writing a mail alias", error))?;
        let kept = self.alias_at(alias.person, &alias.client).await?;
        kept.ok_or(Fault::bare("a mail alias that was there is not"))
    }

    async fn alias(&self, digest: &[u8; 32]) -> Result<Option<MailAlias>, Fault> {
        let row: Option<Row> = read!(&self.db, |c| sqlx::query_as(ALIAS)
            .bind(&digest[..])
            .fetch_optional(c)
            .await)
        .map_err(|error| Fault::new("looking for a mail alias", error))?;
        row.map(alias).transpose()
    }

    async fn alias_at(
        &self,
        person: PersonId,
        client: &ClientId,
    ) -> Result<Option<MailAlias>, Fault> {
        let row: Option<Row> = read!(&self.db, |c| sqlx::query_as(AT)
            .bind(&person.as_bytes()[..])
            .bind(client.as_str())
            .fetch_optional(c)
            .await)
        .map_err(|error| Fault::new("reading a mail alias", error))?;
        row.map(alias).transpose()
    }

    async fn aliases_of(&self, person: PersonId) -> Result<Vec<MailAlias>, Fault> {
        let rows: Vec<Row> = read!(&self.db, |c| sqlx::query_as(OF)
            .bind(&person.as_bytes()[..])
            .fetch_all(c)
            .await)
        .map_err(|error| Fault::new("reading mail aliases", error))?;
        rows.into_iter().map(alias).collect()
    }

    async fn lead(
        &self,
        digest: &[u8; 32],
        before: &Sealed,
        after: &Sealed,
    ) -> Result<bool, Fault> {
        execute!(
            &self.db,
            sqlx::query(LEAD)
                .bind(&digest[..])
                .bind(after.as_bytes())
                .bind(before.as_bytes())
        )
        .map(|led| led > 0)
        .map_err(|error| Fault::new("leading a mail alias", error))
    }

    async fn cut(&self, digest: &[u8; 32], at: Option<Timestamp>) -> Result<bool, Fault> {
        let changed = match at {
            Some(at) => execute!(
                &self.db,
                sqlx::query(CUT).bind(&digest[..]).bind(at.millis())
            ),
            None => execute!(&self.db, sqlx::query(JOIN).bind(&digest[..])),
        };
        changed
            .map(|changed| changed > 0)
            .map_err(|error| Fault::new("cutting a mail alias", error))
    }
}

fn alias((digest, person, client, sealed, made, cut): Row) -> Result<MailAlias, Fault> {
    Ok(MailAlias {
        digest: fixed(digest)?,
        person: PersonId::from_bytes(fixed(person)?),
        client: parsed(&client)?,
        sealed: Sealed::from_bytes(sealed),
        made: time(made),
        cut: cut.map(time),
    })
}
