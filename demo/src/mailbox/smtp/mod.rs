//! A small SMTP server (RFC 5321): enough to take the product's mails from `lettre`, strict enough
//! not to be fooled, and unable to send anything on.
//!
//! `dialogue.rs` is the protocol without any I/O; this file is the I/O without any protocol.

mod command;
mod dialogue;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use guichet_domain::Clock;
use tokio::io::{
    AsyncBufRead, AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite,
    AsyncWriteExt as _, BufReader,
};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::Inbox;
use dialogue::{Dialogue, Step};

/// What one connection may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of one message.
    pub message: usize,
    /// Recipients of one message.
    pub recipients: usize,
    /// Connections at a time; the next ones wait.
    pub connections: usize,
    /// How long a line may take.
    pub idle: Duration,
}

impl Default for Limits {
    /// 1 MiB, 100 recipients (RFC 5321 §4.5.3.1.8), 64 connections, a minute.
    fn default() -> Self {
        Self {
            message: 1024 * 1024,
            recipients: 100,
            connections: 64,
            idle: Duration::from_mins(1),
        }
    }
}

/// Takes mails on `listener` into `inbox` until it is dropped. Ends only when the listener breaks.
pub async fn serve(
    listener: TcpListener,
    inbox: Inbox,
    clock: Arc<dyn Clock>,
    limits: Limits,
) -> io::Result<()> {
    let room = Arc::new(Semaphore::new(limits.connections));
    loop {
        let Ok(place) = Arc::clone(&room).acquire_owned().await else {
            return Ok(());
        };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            // The peer was gone before we came to it.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => continue,
            Err(error) => return Err(error),
        };
        let (inbox, clock) = (inbox.clone(), Arc::clone(&clock));
        tokio::spawn(async move {
            let _place = place;
            if let Err(error) = converse(stream, &inbox, &*clock, limits).await {
                tracing::debug!(%error, "an SMTP connection broke");
            }
        });
    }
}

/// One connection from greeting to end.
async fn converse(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    inbox: &Inbox,
    clock: &dyn Clock,
    limits: Limits,
) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut dialogue = Dialogue::new(limits);
    stream.write_all(dialogue::GREETING.as_bytes()).await?;
    loop {
        let Ok(line) = timeout(limits.idle, read_line(&mut stream)).await else {
            return stream.write_all(b"421 4.4.2 Too slow\r\n").await;
        };
        let Some(line) = line? else { return Ok(()) };
        match dialogue.line(&line) {
            Step::Silent => {}
            Step::Reply(reply) => stream.write_all(reply.as_bytes()).await?,
            Step::Deliver(envelope, content) => {
                inbox.deliver(&envelope, &content, clock.now());
                stream.write_all(dialogue::ACCEPTED.as_bytes()).await?;
            }
            Step::Close(reply) => {
                stream.write_all(reply.as_bytes()).await?;
                return stream.shutdown().await;
            }
        }
    }
}

/// The next line with its end, or as much of it as a line may have; `None` at the end.
async fn read_line(stream: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    let longest = u64::try_from(dialogue::LONGEST_LINE).unwrap_or(u64::MAX);
    stream.take(longest).read_until(b'\n', &mut line).await?;
    Ok((!line.is_empty()).then_some(line))
}
