//! The address a request comes from, for throttling and for the audit log (N-62).

use std::convert::Infallible;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::extract::{ConnectInfo, FromRequestParts, Request, State};
use axum::middleware::{self, Next};
use axum::response::Response;
use http::request::Parts;
use http::{HeaderMap, HeaderName};

use crate::Network;

/// The address of the client: the peer's, or what a trusted proxy says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientAddress(pub IpAddr);

/// The proxies whose `X-Forwarded-For` is believed. By default none.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies {
    networks: Arc<[Network]>,
    /// Headers that nobody else may send.
    theirs: Arc<[HeaderName]>,
}

impl ClientAddress {
    /// The key to count by: the address itself, or for IPv6 its /64, which is one household's.
    pub fn throttle_key(&self) -> ThrottleKey {
        ThrottleKey(match self.0.to_canonical() {
            IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
            v4 @ IpAddr::V4(_) => v4,
        })
    }
}

/// What a rate limit counts by; text form `203.0.113.7` or `2001:db8:1:2::/64`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ThrottleKey(IpAddr);

impl fmt::Display for ThrottleKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            IpAddr::V4(v4) => v4.fmt(f),
            IpAddr::V6(v6) => write!(f, "{v6}/64"),
        }
    }
}

impl TrustedProxies {
    /// Believes the proxies in these networks.
    pub fn new(networks: Vec<Network>) -> Self {
        Self {
            networks: networks.into(),
            theirs: Arc::default(),
        }
    }

    /// Takes these headers out of every request that does not come from one of the proxies, so that
    /// whoever reads them reads a proxy's word.
    #[must_use]
    pub fn alone_may_send(self, headers: Vec<HeaderName>) -> Self {
        Self {
            theirs: headers.into(),
            ..self
        }
    }

    /// [Notes](Self::note) the client's address on every request of `router`.
    pub fn wrap(&self, router: Router) -> Router {
        router.layer(middleware::from_fn_with_state(self.clone(), note_address))
    }

    /// Puts the client's address on `request`, for the [`ClientAddress`] extractor, and drops what
    /// nobody but a proxy may say.
    pub fn note(&self, request: &mut Request) -> ClientAddress {
        let peer = peer(request.extensions());
        if !self.trusts(peer) {
            for header in &*self.theirs {
                request.headers_mut().remove(header);
            }
        }
        let address = self.client(peer, request.headers());
        request.extensions_mut().insert(address);
        address
    }

    /// The client's address: walking back from the peer, the first address that is no trusted proxy.
    ///
    /// A chain that is too long or has anything in it that is no address is not believed at all:
    /// the peer's address counts, and with it the limits on that peer.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> ClientAddress {
        let peer = peer.to_canonical();
        if !self.trusts(peer) {
            return ClientAddress(peer);
        }
        let Some(chain) = forwarded_chain(headers) else {
            return ClientAddress(peer);
        };
        let client = chain.iter().rev().find(|address| !self.trusts(**address));
        ClientAddress(client.or(chain.first()).copied().unwrap_or(peer))
    }

    /// Whether this is the address of a trusted proxy.
    pub fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.networks
            .iter()
            .any(|network| network.contains(address))
    }
}

async fn note_address(
    State(proxies): State<TrustedProxies>,
    mut request: Request,
    next: Next,
) -> Response {
    proxies.note(&mut request);
    next.run(request).await
}

impl<S: Send + Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = Infallible;

    /// Without [`TrustedProxies::wrap`] it is the peer's address.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let noted = parts.extensions.get::<Self>().copied();
        Ok(noted.unwrap_or_else(|| Self(peer(&parts.extensions).to_canonical())))
    }
}

/// The peer as the listener knows it; in-process calls, which have none, share one address.
fn peer(extensions: &http::Extensions) -> IpAddr {
    let info = extensions.get::<ConnectInfo<SocketAddr>>();
    info.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip())
}

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const LONGEST_CHAIN: usize = 32;

fn forwarded_chain(headers: &HeaderMap) -> Option<Vec<IpAddr>> {
    let mut chain = Vec::new();
    for header in headers.get_all(FORWARDED_FOR) {
        for entry in header.to_str().ok()?.split(',') {
            let address: IpAddr = entry.trim().parse().ok()?;
            chain.push(address.to_canonical());
            if chain.len() > LONGEST_CHAIN {
                return None;
            }
        }
    }
    Some(chain)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROXY: &str = "10.0.0.1";

    fn client(peer: &str, forwarded: &[&str]) -> String {
        let proxies = TrustedProxies::new(vec!["10.0.0.0/8".parse().unwrap()]);
        let headers = forwarded
            .iter()
            .map(|value| (FORWARDED_FOR, value.parse().unwrap()));
        proxies
            .client(peer.parse().unwrap(), &headers.collect())
            .0
            .to_string()
    }

    #[test]
    fn a_trusted_proxy_is_believed_about_the_last_address_it_cannot_vouch_for() {
        assert_eq!(client(PROXY, &["203.0.113.7"]), "203.0.113.7");
        assert_eq!(
            client(PROXY, &["1.1.1.1, 203.0.113.7, 10.0.0.2"]),
            "203.0.113.7"
        );
        assert_eq!(client(PROXY, &["1.1.1.1", "203.0.113.7"]), "203.0.113.7");
        assert_eq!(client(PROXY, &["10.9.9.9"]), "10.9.9.9");
        assert_eq!(client(PROXY, &[]), PROXY);
    }

    #[test]
    fn a_stranger_is_not_believed_about_anything() {
        assert_eq!(client("198.51.100.1", &["203.0.113.7"]), "198.51.100.1");
    }

    #[test]
    fn a_chain_that_does_not_parse_counts_for_the_proxy_itself() {
        let flood = "1.1.1.1,".repeat(2000) + "1.1.1.1";
        for chain in [
            "a",
            "203.0.113.7, ",
            "203.0.113.7:80",
            "unknown, 203.0.113.7",
            &flood,
        ] {
            assert_eq!(client(PROXY, &[chain]), PROXY, "{chain:.30}");
        }
    }

    #[tokio::test]
    async fn a_handler_is_told_the_address_the_proxy_vouches_for() {
        let tell = async |ClientAddress(address): ClientAddress| address.to_string();
        let proxies = TrustedProxies::new(vec!["10.0.0.0/8".parse().unwrap()]);
        let router = proxies.wrap(Router::new().route("/", axum::routing::get(tell)));
        let peer: SocketAddr = (Ipv4Addr::new(10, 0, 0, 1), 443).into();
        let request = Request::get("/")
            .header(FORWARDED_FOR, "203.0.113.7")
            .extension(ConnectInfo(peer))
            .body(axum::body::Body::empty());
        let response = tower::ServiceExt::oneshot(router, request.unwrap())
            .await
            .unwrap();
        let body = axum::body::to_bytes(response.into_body(), 64)
            .await
            .unwrap();
        assert_eq!(body, "203.0.113.7");
    }

    #[tokio::test]
    async fn what_only_a_proxy_may_say_is_not_heard_from_anybody_else() {
        let header = HeaderName::from_static("x-suspicious");
        let heard = {
            let header = header.clone();
            async move |headers: HeaderMap| headers.contains_key(&header).to_string()
        };
        let proxies = TrustedProxies::new(vec!["10.0.0.0/8".parse().unwrap()]);
        let proxies = proxies.alone_may_send(vec![header.clone()]);
        let router = proxies.wrap(Router::new().route("/", axum::routing::get(heard)));
        for (peer, is_heard) in [("10.0.0.1", "true"), ("198.51.100.1", "false")] {
            let peer: SocketAddr = (peer.parse::<IpAddr>().unwrap(), 443).into();
            let request = Request::get("/")
                .header(&header, "1")
                .extension(ConnectInfo(peer))
                .body(axum::body::Body::empty());
            let response = tower::ServiceExt::oneshot(router.clone(), request.unwrap()).await;
            let body = axum::body::to_bytes(response.unwrap().into_body(), 64).await;
            assert_eq!(body.unwrap(), is_heard, "{peer}");
        }
    }

    #[test]
    fn neighbours_of_one_ipv6_network_are_counted_together() {
        let key = |text: &str| {
            ClientAddress(text.parse().unwrap())
                .throttle_key()
                .to_string()
        };
        assert_eq!(key("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(key("::ffff:203.0.113.7"), "203.0.113.7");
    }
}
