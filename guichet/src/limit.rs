//! How many pages one address may ask a node for: a crowd is served, one machine that asks without
//! end is not (threat N-82).
//!
//! Only what browsers call counts: the token and userinfo endpoints see a whole service behind one
//! address; where anybody may push requests in the name of a public client, the engine counts those
//! itself, by the address that is noted here. Loopback does not count either: behind a proxy that is not
//! declared as trusted everybody would share it. Each node counts for itself; what must hold across nodes
//! (sign-in attempts) is counted in the store.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::extract::{MatchedPath, Request};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use guichet_oidc::CountedBy;
use guichet_web::{PageError, ThrottleKey, TrustedProxies};
use http::{HeaderValue, StatusCode, header};

/// Routes, by who calls what is there.
pub(crate) struct Routes {
    /// Browsers do, but for [`FOR_SERVERS`] among them.
    pub(crate) for_browsers: Router,
    /// Services and data providers do, from their own servers.
    pub(crate) for_servers: Router,
}

/// Puts the client's address on every request, as far as `proxies` are trusted, and answers 429 to an
/// address (for IPv6 a /64) whose browsers ask for more than `per_minute`.
pub(crate) fn limited(routes: Routes, proxies: TrustedProxies, per_minute: NonZeroU32) -> Router {
    let limiter = Arc::new(Limiter {
        proxies,
        rates: RateLimiter::keyed(Quota::per_minute(per_minute)),
        seen: AtomicU64::new(0),
    });
    let servers = Arc::clone(&limiter);
    let note = move |mut request: Request, next: Next| {
        servers.proxies.note(&mut request);
        next.run(request)
    };
    let limit = move |mut request: Request, next: Next| {
        let limiter = Arc::clone(&limiter);
        async move {
            if limiter.admits(&mut request) {
                next.run(request).await
            } else {
                too_many()
            }
        }
    };
    let for_browsers = routes.for_browsers.layer(middleware::from_fn(limit));
    let for_servers = routes.for_servers.layer(middleware::from_fn(note));
    for_browsers.merge(for_servers)
}

struct Limiter {
    proxies: TrustedProxies,
    rates: DefaultKeyedRateLimiter<ThrottleKey>,
    /// Requests that counted so far.
    seen: AtomicU64,
}

impl Limiter {
    fn admits(&self, request: &mut Request) -> bool {
        let address = self.proxies.note(request);
        if address.0.is_loopback() {
            return true;
        }
        // The route decides, not the text of the path: whoever asks writes part of that.
        let route = request.extensions().get::<MatchedPath>().cloned();
        let route = route.as_ref().map_or("", MatchedPath::as_str);
        if route.ends_with(COUNTED_THERE) {
            let counted_by = CountedBy(address.throttle_key().to_string());
            request.extensions_mut().insert(counted_by);
        }
        if !is_for_browsers(route) {
            return true;
        }
        if self
            .seen
            .fetch_add(1, Ordering::Relaxed)
            .is_multiple_of(BETWEEN_CLEANINGS)
        {
            forget_quiet(&self.rates);
        }
        self.rates.check_key(&address.throttle_key()).is_ok()
    }
}

/// Addresses that have been quiet need not be remembered: their full allowance is back.
fn forget_quiet(limiter: &DefaultKeyedRateLimiter<ThrottleKey>) {
    if limiter.len() > REMEMBERED {
        limiter.retain_recent();
    }
}

fn too_many() -> Response {
    let mut response =
        PageError::new(StatusCode::TOO_MANY_REQUESTS, "error-too-many").into_response();
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
    response
}

/// Whether browsers call what is at `route`; they also call what is nowhere.
fn is_for_browsers(route: &str) -> bool {
    !FOR_SERVERS.iter().any(|ending| route.ends_with(ending))
        && !route.contains("/.well-known/")
        && !route.contains("/assets/")
}

/// Endpoints beside pages that services and providers call from their own servers.
const FOR_SERVERS: [&str; 11] = [
    "/account/messages",
    "/checktoken",
    "/backchannel-logout",
    "/par",
    "/token",
    "/token/introspection",
    "/token/revocation",
    "/bc-authorize",
    "/userinfo",
    "/jwks",
    "/favicon.ico",
];

/// The endpoint that counts callers without proof by itself.
const COUNTED_THERE: &str = "/par";

/// How many addresses are remembered before quiet ones are forgotten.
const REMEMBERED: usize = 100_000;

/// How many requests pass between two looks at how many addresses are remembered.
const BETWEEN_CLEANINGS: u64 = 4096;

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr, SocketAddr};

    use axum::body::Body;
    use axum::extract::ConnectInfo;
    use axum::routing::get;
    use tower::ServiceExt as _;

    use super::*;

    async fn statuses(path: &'static str, from: IpAddr) -> Vec<u16> {
        statuses_of(path, path, from).await
    }

    async fn statuses_of(route: &'static str, path: &'static str, from: IpAddr) -> Vec<u16> {
        let both = Routes {
            for_browsers: Router::new().route(route, get(|| async { "ok" })),
            for_servers: Router::new().route("/exchange/deliveries", get(|| async { "ok" })),
        };
        let router = limited(both, TrustedProxies::default(), NonZeroU32::MIN);
        let mut statuses = Vec::new();
        for _ in 0..3 {
            let mut request = Request::get(path).body(Body::empty()).unwrap();
            let peer = SocketAddr::from((from, 443));
            request.extensions_mut().insert(ConnectInfo(peer));
            statuses.push(
                router
                    .clone()
                    .oneshot(request)
                    .await
                    .unwrap()
                    .status()
                    .as_u16(),
            );
        }
        statuses
    }

    #[tokio::test]
    async fn an_address_that_asks_without_end_is_told_to_wait() {
        let stranger = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 7));
        assert_eq!(statuses("/authorize", stranger).await, [200, 429, 429]);
    }

    #[tokio::test]
    async fn a_path_that_only_ends_like_one_for_servers_counts() {
        let stranger = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 7));
        for (route, path) in [
            ("/callback/{provider}", "/callback/token"),
            ("/callback/{provider}", "/callback/par"),
            ("/errors/{code}", "/errors/jwks"),
        ] {
            let statuses = statuses_of(route, path, stranger).await;
            assert_eq!(statuses, [200, 429, 429], "{path}");
        }
        let nested = statuses_of("/api/v2/token", "/api/v2/token", stranger).await;
        assert_eq!(nested, [200, 200, 200]);
    }

    #[tokio::test]
    async fn what_services_call_and_loopback_are_not_counted() {
        let stranger = IpAddr::V4(Ipv4Addr::new(203, 0, 113, 7));
        for path in ["/token", "/checktoken"] {
            assert_eq!(statuses(path, stranger).await, [200, 200, 200], "{path}");
        }
        let delivered = statuses_of("/authorize", "/exchange/deliveries", stranger).await;
        assert_eq!(delivered, [200, 200, 200], "a country behind one address");
        assert_eq!(
            statuses("/authorize", IpAddr::V4(Ipv4Addr::LOCALHOST)).await,
            [200, 200, 200]
        );
    }
}
