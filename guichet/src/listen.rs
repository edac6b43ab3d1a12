//! Serving a router on a socket: bounds on slow and idle connections, and an end that lets what is
//! in flight finish.

use std::convert::Infallible;
use std::fmt::Display;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use guichet_oidc::PresentedCertificate;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use crate::tls::Tls;

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
    serve_over(listener, None, router, stop, grace).await;
}

/// The same over TLS.
pub(crate) async fn serve_tls(
    (listener, tls): (TcpListener, Tls),
    router: Router,
    stop: CancellationToken,
    grace: Duration,
) {
    serve_over(listener, Some(tls), router, stop, grace).await;
}

async fn serve_over(
    listener: TcpListener,
    tls: Option<Tls>,
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
        let (builder, router, tls) = (builder.clone(), router.clone(), tls.clone());
        tokio::spawn(async move {
            // A browser that goes away, a port scanner: not worth more than a trace.
            let ended = |error: &dyn Display| tracing::trace!(%error, "a connection ended early");
            // Answers are small and complete: waiting to fill packets only costs time.
            if let Err(error) = stream.set_nodelay(true) {
                tracing::trace!(%error, "TCP_NODELAY could not be set");
            }
            let Some(tls) = tls else {
                let service = routed(router, peer, None);
                let connection = builder.serve_connection(TokioIo::new(stream), service);
                let served = watched.watch(connection.into_owned()).await;
                return served.unwrap_or_else(|error| ended(&error));
            };
            match tokio::time::timeout(HEADERS_WITHIN, tls.accept(stream)).await {
                Ok(Ok((stream, certificate))) => {
                    let service = routed(router, peer, certificate);
                    let connection = builder.serve_connection(TokioIo::new(stream), service);
                    let served = watched.watch(connection.into_owned()).await;
                    served.unwrap_or_else(|error| ended(&error));
                }
                Ok(Err(error)) => ended(&error),
                Err(elapsed) => ended(&elapsed),
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

/// The router as a service of one connection: each request is told who is at the other end.
fn routed(
    router: Router,
    peer: SocketAddr,
    certificate: Option<PresentedCertificate>,
) -> impl hyper::service::Service<
    http::Request<Incoming>,
    Response = http::Response<Body>,
    Error = Infallible,
    Future: Send + 'static,
> + use<> {
    service_fn(move |mut request: http::Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        if let Some(certificate) = &certificate {
            request.extensions_mut().insert(certificate.clone());
        }
        router.clone().oneshot(request.map(Body::new))
    })
}

/// How long a client may take to send its request's head: slower ones only hold the connection open.
const HEADERS_WITHIN: Duration = Duration::from_secs(10);

/// The largest request head over HTTP/1, in bytes: room for the largest `/authorize` that is read.
const MAX_HEAD: usize = 64 * 1024;

/// The same over HTTP/2.
const MAX_HEADER_LIST: u32 = 64 * 1024;
