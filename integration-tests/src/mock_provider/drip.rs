//! Connections over which an answer comes byte by byte: no server sends its head like that by itself.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::serve::Listener;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, Sleep, sleep};

use super::mischief::BETWEEN_DROPS;
use super::{Inner, lock};

/// Accepts connections that drip where the provider is told to.
pub(super) struct Taps {
    pub(super) listener: TcpListener,
    pub(super) inner: Arc<Inner>,
}

impl Listener for Taps {
    type Io = Tap;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Tap, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.listener).await;
        let tap = Tap {
            stream,
            inner: Arc::clone(&self.inner),
            line: Vec::new(),
            drips: false,
            next: Box::pin(sleep(BETWEEN_DROPS)),
        };
        (tap, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// A connection.
pub(super) struct Tap {
    stream: TcpStream,
    inner: Arc<Inner>,
    /// The request line at hand, as far as it was read: the server looks at the first bytes alone first.
    line: Vec<u8>,
    /// Whether the answer to it drips.
    drips: bool,
    next: Pin<Box<Sleep>>,
}

impl AsyncRead for Tap {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        let read = &buffer.filled()[before..];
        if self.line.contains(&b'\r') {
            self.line.clear();
        }
        self.line.extend_from_slice(read);
        if let Some(path) = asked(&self.line) {
            let drips = lock(&self.inner.mischief).drips_at(path);
            self.drips = drips;
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Tap {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if !self.drips {
            return Pin::new(&mut self.stream).poll_write(context, bytes);
        }
        ready!(self.next.as_mut().poll(context));
        self.next.as_mut().reset(Instant::now() + BETWEEN_DROPS);
        let drop = &bytes[..bytes.len().min(1)];
        Pin::new(&mut self.stream).poll_write(context, drop)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// The path of a request whose line is whole.
fn asked(bytes: &[u8]) -> Option<&str> {
    let end = bytes.iter().position(|byte| *byte == b'\r')?;
    let mut words = std::str::from_utf8(&bytes[..end]).ok()?.split(' ');
    let is_request = matches!(words.next(), Some("GET" | "POST"));
    words.next().filter(|_| is_request)
}
