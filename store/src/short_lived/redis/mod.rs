//! Cells in Redis (6.2 or later, or Valkey), shared by all nodes of a house.
//!
//! Each verb is one command or one script, so that it happens as a whole. A value is the expiry in
//! sixteen digits, the mark's length in one byte, the mark, the body: the scripts read the first three.
//! Redis drops what expired by itself; the digits let a node's own clock decide, too. Nothing is sent
//! twice: when an answer is lost the caller gets a fault and does not go on.
//!
//! One Redis, or a primary with replicas; not Redis Cluster, because a script touches several keys.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use guichet_domain::{Clock, Timestamp};
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, RedisResult, Script, Value, cmd};

mod scripts;
mod value;

use self::scripts::{
    COUNT, GET_UNLESS, GUARD, HOLD, REMOVE_MARKED, REPLACE_OVER, SINCE, SPEND, SWAP,
};
use self::value::{live, read, write};
use super::cells::{Cell, Cells, Mark, Space, Spending, read_count};
use crate::Fault;

/// How long Redis may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RedisSettings {
    /// For one answer.
    pub response_timeout: Duration,
    /// For a new connection.
    pub connect_timeout: Duration,
}

impl Default for RedisSettings {
    fn default() -> Self {
        Self {
            response_timeout: Duration::from_millis(500),
            connect_timeout: Duration::from_secs(1),
        }
    }
}

/// The Redis backend.
pub(crate) struct RedisCells {
    connection: ConnectionManager,
    clock: Arc<dyn Clock>,
    /// `guichet:1:<namespace>:`, before the space's word and the name.
    prefix: String,
    /// No command takes longer, reconnecting included.
    patience: Duration,
    /// See [`Cells::remembers_since`].
    since: AtomicI64,
}

impl RedisCells {
    /// Connects, and makes sure that this Redis never drops what has not expired.
    pub(crate) async fn connect(
        url: &str,
        namespace: &str,
        settings: RedisSettings,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Fault> {
        if !is_namespace(namespace) {
            return Err(Fault::bare(
                "a namespace is 1 to 64 lower-case letters, digits and hyphens",
            ));
        }
        let client =
            Client::open(url).map_err(|error| Fault::new("the address of Redis", error))?;
        let config = ConnectionManagerConfig::new()
            .set_response_timeout(Some(settings.response_timeout))
            .set_connection_timeout(Some(settings.connect_timeout))
            .set_min_delay(Duration::from_millis(20))
            .set_max_delay(Duration::from_millis(500))
            // A reconnection that gives up is begun again by the next command.
            .set_number_of_retries(2);
        let connection = client
            .get_connection_manager_lazy(config)
            .map_err(|error| Fault::new("connecting to Redis", error))?;
        let cells = Self {
            connection,
            prefix: format!("guichet:{KEY_VERSION}:{namespace}:"),
            patience: settings.connect_timeout + settings.response_timeout,
            since: AtomicI64::new(clock.now().millis()),
            clock,
        };
        cells.refuse_eviction().await?;
        cells.learn_since().await?;
        Ok(cells)
    }

    /// Whether Redis answers.
    pub(crate) async fn ping(&self) -> Result<(), Fault> {
        let mut connection = self.connection.clone();
        self.bounded("asking Redis", async move {
            cmd("PING").query_async(&mut connection).await
        })
        .await
    }

    /// A Redis that may drop a replay guard under memory pressure guards nothing.
    async fn refuse_eviction(&self) -> Result<(), Fault> {
        let mut connection = self.connection.clone();
        let info: String = self
            .bounded("reading the memory policy of Redis", async move {
                cmd("INFO").arg("memory").query_async(&mut connection).await
            })
            .await?;
        let member = |name: &str| {
            info.lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
                .map(str::trim)
        };
        let bounded = member("maxmemory").is_some_and(|bytes| bytes != "0");
        if bounded && member("maxmemory_policy") != Some("noeviction") {
            return Err(Fault::bare(
                "Redis may drop records that guard against replay: set maxmemory-policy noeviction",
            ));
        }
        Ok(())
    }

    async fn learn_since(&self) -> Result<(), Fault> {
        let mut connection = self.connection.clone();
        let key = self.since_key();
        let now = self.clock.now().millis();
        let since: i64 = self
            .bounded("asking Redis since when it remembers", async move {
                SINCE.key(key).arg(now).invoke_async(&mut connection).await
            })
            .await?;
        self.since.store(since, Ordering::Relaxed);
        Ok(())
    }

    fn key(&self, space: Space, name: &[u8]) -> Vec<u8> {
        let mut key = self.space_prefix(space);
        key.extend_from_slice(name);
        key
    }

    fn space_prefix(&self, space: Space) -> Vec<u8> {
        let word = space.word();
        let mut key = Vec::with_capacity(self.prefix.len() + word.len() + 1 + 64);
        key.extend_from_slice(self.prefix.as_bytes());
        key.extend_from_slice(word.as_bytes());
        key.push(b':');
        key
    }

    fn since_key(&self) -> String {
        format!("{}since", self.prefix)
    }

    /// Milliseconds from now until `expires`; `None` when that is past.
    fn ttl(&self, expires: Timestamp) -> Option<i64> {
        let left = expires.millis() - self.clock.now().millis();
        (left > 0).then_some(left)
    }

    async fn bounded<T>(
        &self,
        what: &'static str,
        command: impl Future<Output = RedisResult<T>> + Send,
    ) -> Result<T, Fault> {
        tokio::time::timeout(self.patience, command)
            .await
            .map_err(|elapsed| Fault::new(what, elapsed))?
            .map_err(|error| Fault::new(what, error))
    }

    /// Runs a script over `keys` and `args`.
    async fn run<T: redis::FromRedisValue + Send>(
        &self,
        what: &'static str,
        script: &Script,
        keys: &[&[u8]],
        args: &[&[u8]],
    ) -> Result<T, Fault> {
        let mut invocation = script.prepare_invoke();
        for key in keys {
            invocation.key(*key);
        }
        for arg in args {
            invocation.arg(*arg);
        }
        let mut connection = self.connection.clone();
        self.bounded(what, async move {
            invocation.invoke_async(&mut connection).await
        })
        .await
    }
}

impl Cells for RedisCells {
    async fn insert(&self, space: Space, name: &[u8], cell: Cell) -> Result<bool, Fault> {
        let Some(ttl) = self.ttl(cell.expires) else {
            return Ok(true);
        };
        let mut connection = self.connection.clone();
        let mut set = cmd("SET");
        set.arg(self.key(space, name))
            .arg(write(&cell))
            .arg("NX")
            .arg("PX")
            .arg(ttl);
        let done: Value = self
            .bounded("writing to Redis", async move {
                set.query_async(&mut connection).await
            })
            .await?;
        if done != Value::Nil {
            return Ok(true);
        }
        // What is in the way may be over by this node's clock, and not yet by that of Redis.
        self.run(
            "writing to Redis",
            &REPLACE_OVER,
            &[&self.key(space, name)],
            &[
                &decimal(self.clock.now()),
                &write(&cell),
                ttl.to_string().as_bytes(),
            ],
        )
        .await
    }

    async fn set(&self, space: Space, name: &[u8], cell: Cell) -> Result<(), Fault> {
        let mut connection = self.connection.clone();
        let mut set = cmd("SET");
        set.arg(self.key(space, name))
            .arg(write(&cell))
            .arg("PX")
            // What expired already replaces what was there, and goes.
            .arg(self.ttl(cell.expires).unwrap_or(1));
        self.bounded("writing to Redis", async move {
            set.query_async(&mut connection).await
        })
        .await
    }

    async fn guard(&self, space: Space, name: &[u8], until: Timestamp) -> Result<bool, Fault> {
        let Some(ttl) = self.ttl(until) else {
            return Ok(false);
        };
        let (first, since): (bool, i64) = self
            .run(
                "guarding against replay in Redis",
                &GUARD,
                &[&self.key(space, name), self.since_key().as_bytes()],
                &[
                    &decimal(self.clock.now()),
                    &write(&Cell::trace(Mark::NONE, until)),
                    ttl.to_string().as_bytes(),
                ],
            )
            .await?;
        self.since.store(since, Ordering::Relaxed);
        Ok(first)
    }

    async fn hold(&self, space: Space, name: &[u8], until: Timestamp) -> Result<(), Fault> {
        let Some(ttl) = self.ttl(until) else {
            return Ok(());
        };
        self.run(
            "revoking in Redis",
            &HOLD,
            &[&self.key(space, name)],
            &[
                &write(&Cell::trace(Mark::NONE, until)),
                ttl.to_string().as_bytes(),
            ],
        )
        .await
    }

    async fn get(&self, space: Space, name: &[u8]) -> Result<Option<Cell>, Fault> {
        let mut connection = self.connection.clone();
        let mut get = cmd("GET");
        get.arg(self.key(space, name));
        let value: Option<Vec<u8>> = self
            .bounded("reading from Redis", async move {
                get.query_async(&mut connection).await
            })
            .await?;
        live(value, self.clock.now())
    }

    async fn swap(
        &self,
        space: Space,
        name: &[u8],
        from: Mark,
        to: Mark,
        body: Vec<u8>,
        expires: Option<Timestamp>,
    ) -> Result<bool, Fault> {
        let now = self.clock.now();
        let cell = Cell {
            mark: to,
            body,
            expires: expires.unwrap_or(now),
        };
        let value = write(&cell);
        let ttl = expires.map_or(0, |expires| self.ttl(expires).unwrap_or(1));
        self.run(
            "moving a record in Redis",
            &SWAP,
            &[&self.key(space, name)],
            &[
                &decimal(now),
                from.as_bytes(),
                &value,
                ttl.to_string().as_bytes(),
            ],
        )
        .await
    }

    async fn remove_marked(&self, space: Space, name: &[u8], mark: Mark) -> Result<bool, Fault> {
        self.run(
            "removing a record from Redis",
            &REMOVE_MARKED,
            &[&self.key(space, name)],
            &[&decimal(self.clock.now()), mark.as_bytes()],
        )
        .await
    }

    async fn take(&self, space: Space, name: &[u8]) -> Result<Option<Cell>, Fault> {
        let mut connection = self.connection.clone();
        let mut take = cmd("GETDEL");
        take.arg(self.key(space, name));
        let value: Option<Vec<u8>> = self
            .bounded("taking from Redis", async move {
                take.query_async(&mut connection).await
            })
            .await?;
        live(value, self.clock.now())
    }

    async fn spend(
        &self,
        space: Space,
        traces: Space,
        name: &[u8],
        now: Timestamp,
    ) -> Result<Spending, Fault> {
        let (state, value): (String, Option<Vec<u8>>) = self
            .run(
                "spending a code in Redis",
                &SPEND,
                &[&self.key(space, name), &self.key(traces, name)],
                &[&decimal(now)],
            )
            .await?;
        match (state.as_str(), value) {
            ("fresh", Some(value)) => Ok(Spending::Fresh(read(value)?)),
            ("spent", Some(value)) => Ok(Spending::Spent(read(value)?.mark)),
            ("unknown", _) => Ok(Spending::Unknown),
            _ => Err(Fault::bare("an answer of Redis that is none")),
        }
    }

    async fn get_unless(
        &self,
        space: Space,
        blockers: [Space; 2],
        name: &[u8],
        now: Timestamp,
    ) -> Result<Option<Cell>, Fault> {
        let [first, second] = blockers;
        let value: Option<Vec<u8>> = self
            .run(
                "reading a token from Redis",
                &GET_UNLESS,
                &[&self.key(space, name)],
                &[
                    &decimal(now),
                    &self.space_prefix(first),
                    &self.space_prefix(second),
                ],
            )
            .await?;
        live(value, now)
    }

    async fn count(&self, space: Space, name: &[u8], expires: Timestamp) -> Result<u64, Fault> {
        let Some(ttl) = self.ttl(expires) else {
            return Ok(1);
        };
        let first = Cell {
            mark: Mark::NONE,
            body: b"1".to_vec(),
            expires,
        };
        self.run(
            "counting in Redis",
            &COUNT,
            &[&self.key(space, name)],
            &[
                &decimal(self.clock.now()),
                &write(&first),
                ttl.to_string().as_bytes(),
            ],
        )
        .await
    }

    async fn counted(&self, space: Space, name: &[u8]) -> Result<u64, Fault> {
        let cell = self.get(space, name).await?;
        cell.map_or(Ok(0), |cell| read_count(&cell.body))
    }

    fn remembers_since(&self) -> Timestamp {
        Timestamp::from_millis(self.since.load(Ordering::Relaxed))
    }
}

/// Grows when the meaning of a key or a value changes: old and new nodes then never share one.
const KEY_VERSION: u32 = 1;

/// Without a colon, so that no namespace reaches into another.
fn is_namespace(namespace: &str) -> bool {
    (1..=64).contains(&namespace.len())
        && namespace
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

fn decimal(at: Timestamp) -> Vec<u8> {
    at.millis().to_string().into_bytes()
}
