//! Counts of sign-ins and marks of clients. A page of the ledger is taken in as a whole, by one node.

use async_trait::async_trait;
use guichet_domain::{ClientId, LoginId, Timestamp};
use sqlx::{AssertSqlSafe, SqlSafeStr as _, SqlStr};

use super::{Sql, execute, fixed, parsed, read, signed, time, transact, unsigned};
use crate::Fault;
use crate::durable::statistics::{
    ClientMark, Known, SignInCount, SignInKind, SignInOutcome, SignInWay, Statistics, Tally,
    UnderWay,
};

const READ_TO: &str = "SELECT next FROM statistic_reading WHERE id = 0";
const READ_ON: &str = "UPDATE statistic_reading SET next = $2 WHERE id = 0 AND next = $1";
const UNDER_WAY: &str = "INSERT INTO statistic_login \
     (login, began, client, provider, level, way, step) VALUES ($1, $2, $3, $4, $5, $6, $7) \
     ON CONFLICT (login) DO UPDATE SET client = excluded.client, provider = excluded.provider, \
     level = excluded.level, way = excluded.way, step = excluded.step";
const OVER: &str = "DELETE FROM statistic_login WHERE login = $1";
const ADD: &str = "INSERT INTO statistic \
     (period, client, provider, level, way, outcome, step, times) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
     ON CONFLICT (period, client, provider, level, way, outcome, step) \
     DO UPDATE SET times = statistic.times + excluded.times";
const MARK: &str = "INSERT INTO client_mark (client, mark, month, times, last_at) \
     VALUES ($1, $2, $3, $4, $5) ON CONFLICT (client, mark, month) \
     DO UPDATE SET times = client_mark.times + excluded.times, \
     last_at = CASE WHEN excluded.last_at > client_mark.last_at \
     THEN excluded.last_at ELSE client_mark.last_at END";
macro_rules! logins {
    ($which:literal) => {
        concat!(
            "SELECT login, began, client, provider, level, way, step FROM statistic_login WHERE ",
            $which
        )
    };
}
const ONE: &str = logins!("login = $1");
const BEGUN_BEFORE: &str = logins!("began < $1 ORDER BY began LIMIT $2");
const OF_PERIOD: &str = "SELECT period, client, provider, level, way, outcome, step, times \
     FROM statistic WHERE period = $1 AND client <> ''";
const MARKS: &str = "SELECT mark, month, times, last_at FROM client_mark \
     WHERE client = $1 AND month >= $2 ORDER BY mark, month";
// An hour is the only period of thirteen characters; the index statistic_hours holds them alone, by this term.
const FORGET_HOURS: &str = "DELETE FROM statistic WHERE LENGTH(period) = 13 AND period < $1";

#[async_trait]
impl Statistics for Sql {
    async fn read_to(&self) -> Result<u64, Fault> {
        let next: i64 =
            read!(&self.db, |c| sqlx::query_scalar(READ_TO).fetch_one(c).await).map_err(reading)?;
        unsigned(next)
    }

    async fn under_way(&self, logins: &[LoginId]) -> Result<Vec<UnderWay>, Fault> {
        let mut found = Vec::new();
        for login in logins {
            let row: Option<LoginRow> = read!(&self.db, |c| sqlx::query_as(ONE)
                .bind(&login.as_bytes()[..])
                .fetch_optional(c)
                .await)
            .map_err(reading)?;
            found.extend(row);
        }
        found.into_iter().map(under_way).collect()
    }

    async fn begun_before(&self, before: Timestamp, limit: u32) -> Result<Vec<UnderWay>, Fault> {
        let rows: Vec<LoginRow> = read!(&self.db, |c| sqlx::query_as(BEGUN_BEFORE)
            .bind(before.millis())
            .bind(i64::from(limit))
            .fetch_all(c)
            .await)
        .map_err(reading)?;
        rows.into_iter().map(under_way).collect()
    }

    async fn read_on(&self, from: u64, to: u64, tally: &Tally) -> Result<bool, Fault> {
        let (from, to) = (signed(from)?, signed(to)?);
        let times = |times: u64| signed(times);
        let counted: Result<Vec<i64>, Fault> =
            tally.counts.iter().map(|it| times(it.times)).collect();
        let marked: Result<Vec<i64>, Fault> =
            tally.marks.iter().map(|it| times(it.times)).collect();
        let (counted, marked) = (counted?, marked?);
        transact!(&self.db, |c| {
            let first = sqlx::query(READ_ON).bind(from).bind(to);
            if first.execute(&mut *c).await?.rows_affected() == 0 {
                return Ok(false);
            }
            for one in &tally.under_way {
                let Columns(client, provider, level) = Columns::of(&one.known);
                let kept = sqlx::query(UNDER_WAY)
                    .bind(&one.login.as_bytes()[..])
                    .bind(one.began.millis())
                    .bind(client)
                    .bind(provider)
                    .bind(level);
                kept.bind(one.known.way.as_str())
                    .bind(i64::from(one.known.step))
                    .execute(&mut *c)
                    .await?;
            }
            for login in &tally.over {
                let over = sqlx::query(OVER).bind(&login.as_bytes()[..]);
                over.execute(&mut *c).await?;
            }
            for (one, times) in tally.counts.iter().zip(counted) {
                let known = &one.kind.known;
                let Columns(client, provider, level) = Columns::of(known);
                let added = sqlx::query(ADD)
                    .bind(&one.period)
                    .bind(client)
                    .bind(provider)
                    .bind(level)
                    .bind(known.way.as_str());
                added
                    .bind(one.kind.outcome.as_str())
                    .bind(i64::from(known.step))
                    .bind(times)
                    .execute(&mut *c)
                    .await?;
            }
            for (one, times) in tally.marks.iter().zip(marked) {
                let marked = sqlx::query(MARK)
                    .bind(one.client.as_str())
                    .bind(&one.mark)
                    .bind(&one.month);
                let marked = marked.bind(times).bind(one.last.millis());
                marked.execute(&mut *c).await?;
            }
            Ok(true)
        })
        .map_err(writing)
    }

    async fn of_period(&self, period: &str) -> Result<Vec<SignInCount>, Fault> {
        let rows: Vec<CountRow> = read!(&self.db, |c| sqlx::query_as(OF_PERIOD)
            .bind(period)
            .fetch_all(c)
            .await)
        .map_err(reading)?;
        rows.into_iter().map(count).collect()
    }

    async fn of_client(
        &self,
        periods: &[String],
        client: Option<&ClientId>,
    ) -> Result<Vec<SignInCount>, Fault> {
        self.counts(periods, &[client.map_or("", ClientId::as_str)])
            .await
    }

    async fn of_clients(
        &self,
        periods: &[String],
        clients: &[ClientId],
    ) -> Result<Vec<SignInCount>, Fault> {
        let clients: Vec<&str> = clients.iter().map(ClientId::as_str).collect();
        let mut all = Vec::new();
        for lot in clients.chunks(MOST_CLIENTS) {
            all.extend(self.counts(periods, lot).await?);
        }
        Ok(all)
    }

    async fn marks(&self, client: &ClientId, since: &str) -> Result<Vec<ClientMark>, Fault> {
        let rows: Vec<(String, String, i64, i64)> = read!(&self.db, |c| sqlx::query_as(MARKS)
            .bind(client.as_str())
            .bind(since)
            .fetch_all(c)
            .await)
        .map_err(reading)?;
        let mark = |(mark, month, times, last)| {
            Ok(ClientMark {
                client: client.clone(),
                mark,
                month,
                times: unsigned(times)?,
                last: time(last),
            })
        };
        rows.into_iter().map(mark).collect()
    }

    async fn forget_hours(&self, before: &str) -> Result<u64, Fault> {
        execute!(&self.db, sqlx::query(FORGET_HOURS).bind(before.to_owned())).map_err(writing)
    }
}

impl Sql {
    /// The counts of these periods of these clients, by one statement.
    async fn counts(
        &self,
        periods: &[String],
        clients: &[&str],
    ) -> Result<Vec<SignInCount>, Fault> {
        let (Some(period), Some(client)) = (periods.last(), clients.last()) else {
            return Ok(Vec::new());
        };
        // One of them again: few lengths, so that few statements are prepared.
        let places = (
            periods.len().next_power_of_two(),
            clients.len().next_power_of_two(),
        );
        let periods = periods.iter().chain(std::iter::repeat(period));
        let clients = clients.iter().chain(std::iter::repeat(client));
        let rows: Vec<CountRow> = read!(&self.db, |c| {
            let mut query = sqlx::query_as(of_places(places));
            for period in periods.take(places.0) {
                query = query.bind(period);
            }
            for client in clients.take(places.1) {
                query = query.bind(*client);
            }
            query.fetch_all(c).await
        })
        .map_err(reading)?;
        rows.into_iter().map(count).collect()
    }
}

/// The statement for so many periods and so many clients.
fn of_places((periods, clients): (usize, usize)) -> SqlStr {
    let places = |first: usize, count: usize| {
        let all = (first..first + count).map(|place| format!("${place}"));
        all.collect::<Vec<_>>().join(", ")
    };
    let (periods, clients) = (places(1, periods), places(periods + 1, clients));
    let statement = format!(
        "SELECT period, client, provider, level, way, outcome, step, times FROM statistic \
         WHERE period IN ({periods}) AND client IN ({clients}) \
         ORDER BY client, period, provider, level, way, outcome, step"
    );
    // Safe: placeholders, and words of ours.
    AssertSqlSafe(statement).into_sql_str()
}

/// How many clients are asked for by one statement: a database takes only so many values at once.
const MOST_CLIENTS: usize = 8192;

/// Login, when it began, client, provider, level, way, step.
type LoginRow = (Vec<u8>, i64, String, String, String, String, i64);
/// Period, client, provider, level, way, outcome, step, times.
type CountRow = (String, String, String, String, String, String, i64, i64);

/// Client, provider and level as they rest: empty when there is none.
struct Columns(String, String, String);

impl Columns {
    fn of(known: &Known) -> Self {
        fn text(it: Option<&impl ToString>) -> String {
            it.map_or_else(String::new, ToString::to_string)
        }
        Self(
            text(known.client.as_ref()),
            text(known.provider.as_ref()),
            text(known.level.as_ref()),
        )
    }
}

fn under_way(
    (login, began, client, provider, level, way, step): LoginRow,
) -> Result<UnderWay, Fault> {
    Ok(UnderWay {
        login: LoginId::from_bytes(fixed(login)?),
        began: time(began),
        known: known((&client, &provider, &level), &way, step)?,
    })
}

fn count(
    (period, client, provider, level, way, outcome, step, times): CountRow,
) -> Result<SignInCount, Fault> {
    Ok(SignInCount {
        period,
        kind: SignInKind {
            known: known((&client, &provider, &level), &way, step)?,
            outcome: SignInOutcome::of_word(&outcome).ok_or(MALFORMED)?,
        },
        times: unsigned(times)?,
    })
}

fn known(
    (client, provider, level): (&str, &str, &str),
    way: &str,
    step: i64,
) -> Result<Known, Fault> {
    Ok(Known {
        client: some(client)?,
        provider: some(provider)?,
        level: some(level)?,
        way: SignInWay::of_word(way).ok_or(MALFORMED)?,
        step: u8::try_from(step).map_err(|_| MALFORMED)?,
    })
}

fn some<T>(text: &str) -> Result<Option<T>, Fault>
where
    T: std::str::FromStr,
    T::Err: std::error::Error + Send + Sync + 'static,
{
    if text.is_empty() {
        Ok(None)
    } else {
        parsed(text).map(Some)
    }
}

const MALFORMED: Fault = Fault::bare("a malformed count in the database");

fn reading(error: sqlx::Error) -> Fault {
    Fault::new("reading what was counted of the ledger", error)
}

fn writing(error: sqlx::Error) -> Fault {
    Fault::new("writing what was counted of the ledger", error)
}
