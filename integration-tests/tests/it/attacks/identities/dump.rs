//! What an attacker has: every byte of the stores, and the values in them one by one.

use std::collections::HashSet;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use guichet_integration_tests::servers::Redis;
use url::Url;

use crate::faults::records::python;

/// A dump.
#[derive(Clone, Default)]
pub(super) struct Dump {
    bytes: Vec<u8>,
    rows: Vec<Vec<u8>>,
    /// Every sixteen bytes in a row, to look things up in.
    windows: HashSet<[u8; WINDOW]>,
}

/// As much of a hash as nobody has by chance.
pub(super) const WINDOW: usize = 16;

impl Dump {
    /// Every key and value.
    pub(super) fn of_redis(redis: &Redis) -> Result<Self> {
        let url = Url::parse(&redis.url())?;
        let address = (
            url.host_str().context("no host")?,
            url.port().context("no port")?,
        );
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        let mut dump = Self::default();
        for key in replies(&mut stream, &[b"KEYS", b"*"])? {
            for value in replies(&mut stream, &[b"GET", &key])? {
                dump.add_row(&value);
            }
            dump.add_row(&key);
        }
        Ok(dump)
    }

    /// The file as it is, and every value of every table.
    pub(super) fn add_sqlite(&mut self, database: &Path) -> Result<()> {
        let rows = python(EVERY_VALUE, database, &[])?;
        for row in rows.split_whitespace() {
            let row: Result<Vec<u8>, _> = (0..row.len())
                .step_by(2)
                .map(|at| u8::from_str_radix(&row[at..at + 2], 16))
                .collect();
            self.add_row(&row?);
        }
        let file = std::fs::read(database)?;
        self.add_bytes(&file);
        Ok(())
    }

    /// One value more.
    pub(super) fn add_row(&mut self, row: &[u8]) {
        self.add_bytes(row);
        self.rows.push(row.to_vec());
    }

    fn add_bytes(&mut self, bytes: &[u8]) {
        for window in bytes.windows(WINDOW) {
            self.windows.insert(window.try_into().unwrap_or_default());
        }
        self.bytes.extend_from_slice(bytes);
        self.bytes.push(0);
    }

    /// How many values there are.
    pub(super) fn records(&self) -> usize {
        self.rows.len()
    }

    /// Values that may be keys.
    pub(super) fn rows(&self) -> impl Iterator<Item = &[u8]> {
        self.rows.iter().map(Vec::as_slice)
    }

    /// Whether these bytes stand anywhere.
    pub(super) fn contains(&self, bytes: &[u8]) -> bool {
        self.bytes
            .windows(bytes.len())
            .any(|window| window == bytes)
    }

    /// Whether these sixteen bytes stand anywhere.
    pub(super) fn has(&self, window: &[u8]) -> bool {
        <&[u8; WINDOW]>::try_from(window).is_ok_and(|window| self.windows.contains(window))
    }
}

/// What Redis answers: one bulk string, or a list of them (RESP).
fn replies(stream: &mut TcpStream, command: &[&[u8]]) -> Result<Vec<Vec<u8>>> {
    let mut request = format!("*{}\r\n", command.len()).into_bytes();
    for part in command {
        request.extend_from_slice(format!("${}\r\n", part.len()).as_bytes());
        request.extend_from_slice(part);
        request.extend_from_slice(b"\r\n");
    }
    stream.write_all(&request)?;
    let first = line(stream)?;
    if let Some(count) = first.strip_prefix('*') {
        let count: usize = count.parse()?;
        return (0..count)
            .map(|_| {
                let length = line(stream)?;
                bulk(stream, &length)
            })
            .collect();
    }
    // A value of another kind than a string is an error here, and has no bytes to look at.
    Ok(first
        .starts_with('$')
        .then(|| bulk(stream, &first))
        .transpose()?
        .into_iter()
        .collect())
}

fn bulk(stream: &mut TcpStream, length: &str) -> Result<Vec<u8>> {
    let length: i64 = length.trim_start_matches('$').parse()?;
    let Ok(length) = usize::try_from(length) else {
        return Ok(Vec::new());
    };
    let mut bytes = vec![0; length + 2];
    stream.read_exact(&mut bytes)?;
    bytes.truncate(length);
    Ok(bytes)
}

fn line(stream: &mut TcpStream) -> Result<String> {
    let (mut line, mut byte) = (Vec::new(), [0]);
    while !line.ends_with(b"\r\n") {
        stream.read_exact(&mut byte)?;
        line.push(byte[0]);
    }
    Ok(String::from_utf8(line)?.trim_end().to_owned())
}

const EVERY_VALUE: &str = "
tables = [name for (name,) in db.execute(\"SELECT name FROM sqlite_master WHERE type = 'table'\")]
for table in tables:
    for row in db.execute(f'SELECT * FROM {table}'):
        for value in row:
            if isinstance(value, str):
                value = value.encode()
            if isinstance(value, bytes) and value:
                print(value.hex())
";
