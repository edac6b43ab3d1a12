//! Serving a router on a socket: bounds on slow and idle connections, and an end that lets what is
//! in flight finish.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

/// Binds a socket, or says who probably has it.
pub(crate) async fn bind(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!("{address} cannot be listened on; is another program using the port?")
    })
}

/// Serves `router` until `stop`, then finishes what is in flight, for `grace` at most.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    stop: CancellationToken,
    grace: Duration,
) {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_WITHIN)
        .max_buf_size(MAX_HEAD);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(100)
        .max_header_list_size(MAX_HEADER_LIST)
        .keep_alive_interval(Some(Duration::from_secs(20)));
    let connections = GracefulShutdown::new();
    loop {
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                // Out of file descriptors, or the peer gave up: either way others must be served.
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    continue;
                }
            },
            () = stop.cancelled() => break,
        };
        let watched = connections.watcher();
        let (builder, router) = (builder.clone(), router.clone());
        tokio::spawn(async move {
            let connection = connection(&builder, stream, peer, router);
            if let Err(error) = watched.watch(connection).await {
                // A browser that goes away, a port scanner: not worth more than a trace.
                tracing::trace!(error = %error, "a connection ended early");
            }
        });
    }
    drop(listener);
    if tokio::time::timeout(grace, connections.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("connections were cut off: they did not finish within the grace period");
    }
}

fn connection(
    builder: &Builder<TokioExecutor>,
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
) -> hyper_util::server::conn::auto::Connection<
    'static,
    TokioIo<TcpStream>,
    impl hyper::service::Service<
        http::Request<Incoming>,
        Response = http::Response<Body>,
        Error = Infallible,
        Future: Send + 'static,
    > + use<>,
    TokioExecutor,
> {
    // Answers are small and complete: waiting to fill packets only costs time.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::trace!(%error, "TCP_NODELAY could not be set");
    }
    let service = service_fn(move |mut request: http::Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request.map(Body::new))
    });
    builder
        .serve_connection(TokioIo::new(stream), service)
        .into_owned()
}

/// How long a client may take to send its request's head: slower ones only hold the connection open.
const HEADERS_WITHIN: Duration = Duration::from_secs(10);

/// The largest request head over HTTP/1, in bytes: room for the largest `/authorize` that is read.
const MAX_HEAD: usize = 64 * 1024;

/// The same over HTTP/2.
const MAX_HEADER_LIST: u32 = 64 * 1024;
