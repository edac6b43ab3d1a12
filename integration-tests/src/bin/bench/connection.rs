//! One kept-alive HTTP/1.1 connection, as lean as it gets: the load shares the cores with what it measures.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A connection to one address, made at the first request and again when the other side closed it.
pub(crate) struct Connection {
    authority: String,
    stream: Option<TcpStream>,
    buffer: Vec<u8>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The `Location` header.
    pub(crate) location: Option<String>,
    /// Cookies set, with their values.
    pub(crate) cookies: Vec<(String, String)>,
    /// The body.
    pub(crate) body: String,
}

/// No answer on loopback takes longer, however busy the machine.
const PATIENCE: Duration = Duration::from_secs(30);

impl Connection {
    /// To `host:port`.
    pub(crate) fn to(authority: &str) -> Self {
        Self {
            authority: authority.to_owned(),
            stream: None,
            buffer: Vec::with_capacity(16 * 1024),
        }
    }

    /// Sends a request and reads the whole answer. `headers` are lines that each end in CRLF.
    pub(crate) async fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &str,
        body: &str,
    ) -> Result<Answer> {
        let length = if method == "GET" {
            String::new()
        } else {
            format!("content-length: {}\r\n", body.len())
        };
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\n{headers}{length}\r\n{body}",
            self.authority
        );
        let was_open = self.stream.is_some();
        let exchanged = tokio::time::timeout(PATIENCE, self.exchange(request.as_bytes())).await;
        let exchanged = match exchanged.context("no answer in time")? {
            // The other side may close what idles.
            Err(_) if was_open => {
                self.stream = None;
                tokio::time::timeout(PATIENCE, self.exchange(request.as_bytes())).await?
            }
            exchanged => exchanged,
        };
        exchanged.with_context(|| format!("{method} http://{}{path}", self.authority))
    }

    async fn exchange(&mut self, request: &[u8]) -> Result<Answer> {
        let stream = match &mut self.stream {
            Some(stream) => stream,
            none => {
                // `localhost` is this machine; the name would be looked up each time.
                let stream =
                    TcpStream::connect(self.authority.replace("localhost", "127.0.0.1")).await?;
                stream.set_nodelay(true)?;
                none.insert(stream)
            }
        };
        stream.write_all(request).await?;
        self.buffer.clear();
        let head = loop {
            if let Some(end) = self
                .buffer
                .windows(4)
                .position(|window| window == b"\r\n\r\n")
            {
                break end;
            }
            ensure!(
                stream.read_buf(&mut self.buffer).await? > 0,
                "the connection was closed"
            );
        };
        let head_text = std::str::from_utf8(&self.buffer[..head])?;
        let (mut answer, length, closes) = read_head(head_text)?;
        let end = head + 4 + length;
        while self.buffer.len() < end {
            ensure!(
                stream.read_buf(&mut self.buffer).await? > 0,
                "the answer was cut off"
            );
        }
        std::str::from_utf8(&self.buffer[head + 4..end])?.clone_into(&mut answer.body);
        if closes {
            self.stream = None;
        }
        Ok(answer)
    }
}

/// The status and the few headers that matter; how long the body is; whether the connection ends with it.
fn read_head(head: &str) -> Result<(Answer, usize, bool)> {
    let mut lines = head.split("\r\n");
    let status = lines
        .next()
        .and_then(|line| line.split(' ').nth(1))
        .context("not HTTP")?
        .parse()?;
    let mut answer = Answer {
        status,
        location: None,
        cookies: Vec::new(),
        body: String::new(),
    };
    let (mut length, mut closes) = (0, false);
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        let value = value.trim();
        if name.eq_ignore_ascii_case("content-length") {
            length = value.parse()?;
        } else if name.eq_ignore_ascii_case("location") {
            answer.location = Some(value.to_owned());
        } else if name.eq_ignore_ascii_case("set-cookie") {
            let pair = value
                .split(';')
                .next()
                .and_then(|pair| pair.split_once('='));
            answer
                .cookies
                .extend(pair.map(|(name, value)| (name.to_owned(), value.to_owned())));
        } else if name.eq_ignore_ascii_case("connection") {
            closes = value.eq_ignore_ascii_case("close");
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            bail!("an answer in pieces: the servers here know their lengths");
        }
    }
    Ok((answer, length, closes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_of_an_answer_is_read() {
        let head = "HTTP/1.1 303 See Other\r\nLocation: /login/1\r\nset-cookie: a=1; Path=/\r\nContent-Length: 12";
        let (answer, length, closes) = read_head(head).unwrap();
        assert_eq!(answer.status, 303);
        assert_eq!(answer.location.as_deref(), Some("/login/1"));
        assert_eq!(answer.cookies, [("a".to_owned(), "1".to_owned())]);
        assert_eq!((length, closes), (12, false));
        assert!(read_head("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked").is_err());
    }
}
