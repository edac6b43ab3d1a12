//! A Redis and a PostgreSQL for this run: in a folder under /tmp, reached by a socket, gone with this
//! process however it ends (each is watched over by a shell that waits for our end of a pipe).

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use guichet_store::{Durable, DurableSettings};
use sqlx::{Connection as _, SqliteConnection};
use tempfile::TempDir;

/// The address of the shared Redis.
pub(crate) fn redis() -> &'static str {
    static SERVER: OnceLock<Server> = OnceLock::new();
    &SERVER.get_or_init(start_redis).address
}

/// A fresh database on the shared PostgreSQL.
pub(crate) async fn postgres_database() -> String {
    static SERVER: OnceLock<Server> = OnceLock::new();
    static DATABASES: AtomicU32 = AtomicU32::new(0);
    let address = &SERVER.get_or_init(start_postgres).address;
    let name = format!("t{}", DATABASES.fetch_add(1, Ordering::Relaxed));
    let admin = format!("{address}/postgres");
    let mut connection = <sqlx::PgConnection as sqlx::Connection>::connect(&admin)
        .await
        .unwrap();
    sqlx::query(sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}")))
        .execute(&mut connection)
        .await
        .unwrap();
    format!("{address}/{name}")
}

/// A fresh database in a file, without a schema: the store over it, and a connection past the store.
pub(crate) async fn sqlite() -> (TempDir, Durable, SqliteConnection) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("guichet.db");
    let store = Durable::sqlite(&path, DurableSettings::default()).await;
    let address = format!("sqlite://{}", path.display());
    let raw = SqliteConnection::connect(&address).await.unwrap();
    (folder, store.unwrap(), raw)
}

/// A server, and the shell that watches over it.
pub(crate) struct Server {
    pub(crate) address: String,
    watch: Child,
}

impl Server {
    /// Ends the server now.
    pub(crate) fn stop(mut self) {
        drop(self.watch.stdin.take());
        self.watch.wait().unwrap();
    }
}

pub(crate) fn start_redis() -> Server {
    let (watch, folder) = start(
        REDIS,
        "redis-server (Debian: apt-get install redis-server)",
        "",
    );
    Server {
        address: format!("redis+unix://{folder}/socket"),
        watch,
    }
}

/// A Redis of one's own in this folder: one that was stopped starts again where it was.
pub(crate) fn start_redis_in(folder: &std::path::Path, more: &str) -> Server {
    let folder = folder.to_str().unwrap();
    let arguments = format!("{folder} {more}");
    let (watch, folder) = start(REDIS, "redis-server", &arguments);
    Server {
        address: format!("redis+unix://{folder}/socket"),
        watch,
    }
}

fn start_postgres() -> Server {
    start_postgres_in("")
}

/// A PostgreSQL of one's own in this folder, or in a fresh one.
pub(crate) fn start_postgres_in(folder: &str) -> Server {
    let (watch, folder) = start(
        POSTGRES,
        "PostgreSQL 13 or later (Debian: apt-get install postgresql)",
        folder,
    );
    let folder = folder.replace('/', "%2F");
    Server {
        address: format!("postgres://postgres@{folder}"),
        watch,
    }
}

/// Runs a script that prints its folder once its server answers.
fn start(script: &str, needed: &str, arguments: &str) -> (Child, String) {
    let mut watch = Command::new("sh")
        .arg("-euc")
        .arg(script)
        .arg("watch")
        .args(arguments.split_whitespace())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(watch.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    assert!(
        line.ends_with('\n'),
        "these tests need {needed}: it is missing or did not start, see above"
    );
    (watch, line.trim().to_owned())
}

const REDIS: &str = r#"
given="${1:-}"; [ $# = 0 ] || shift
dir="${given:-$(mktemp -d)}"
redis-server --port 0 --unixsocket "$dir/socket" --dir "$dir" --save '' --appendonly no "$@" >"$dir/log" &
pid=$!
trap 'kill -9 $pid 2>/dev/null; wait $pid 2>/dev/null || true; [ -n "$given" ] || rm -rf "$dir"' EXIT
until redis-cli -s "$dir/socket" ping 2>/dev/null | grep -q PONG; do kill -0 $pid; sleep 0.02; done
echo "$dir"
exec >&2
cat >/dev/null
"#;

const POSTGRES: &str = r#"
given="${1:-}"
dir="${given:-$(mktemp -d)}"
bin="$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)"
[ -n "$bin" ] || bin="$(dirname "$(command -v initdb)")"
as=""
if [ "$(id -u)" = 0 ]; then
  chown postgres "$dir"
  as="setpriv --reuid postgres --regid postgres --clear-groups"
fi
cd "$dir"
pid=""
trap '[ -z "$pid" ] || { kill -QUIT $pid; wait $pid || true; }; [ -n "$given" ] || rm -rf "$dir"' EXIT
[ -d data ] || $as "$bin/initdb" -D data -U postgres -A trust -E UTF8 --locale C --no-sync >log 2>&1 || { cat log >&2; exit 1; }
$as "$bin/postgres" -D data -k "$dir" -c listen_addresses= -c fsync=off -c max_connections=400 >>log 2>&1 &
pid=$!
until "$bin/pg_isready" -q -h "$dir"; do kill -0 $pid; sleep 0.05; done
echo "$dir"
exec >&2
cat >/dev/null
"#;
