//! What the provider can be told to do wrong, and the answers that break the line rather than a rule.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use futures_util::stream;
use serde_json::Value;
use tokio::time::{Duration, sleep};

/// What it does wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Mischief {
    /// Nothing.
    #[default]
    None,
    /// The ID token says `alg: none` and has no signature.
    AlgNone,
    /// The ID token is an HS256 one, keyed with the public key.
    Hs256WithPublicKey,
    /// The ID token is signed by a key that is not in the JWKS, under a `kid` that is.
    ForeignKey,
    /// The ID token brings its own key in its header.
    EmbeddedKey,
    /// The ID token has this header, whatever it is signed with.
    Header(Value),
    /// A claim of the ID token is replaced; `null` removes it.
    Claim(&'static str, Value),
    /// The userinfo answer speaks of somebody else.
    ForeignUserinfo,
    /// The userinfo answer is a signed one with this claim replaced; `null` removes it.
    UserinfoClaim(&'static str, Value),
    /// The userinfo answer is signed by a key that is not in the JWKS, under a `kid` that is.
    UserinfoForeignKey,
    /// A member of the discovery document is replaced.
    Metadata(&'static str, Value),
    /// The authorization response is this OAuth error.
    ErrorResponse(&'static str, &'static str),
    /// The authorization response names another issuer.
    ForeignIssInResponse,
    /// The authorization response has no `state`.
    NoState,
    /// The authorization response brings this code, which is none of its own.
    ForeignCode(String),
    /// The authorization response goes to the address at which this provider answers.
    ForeignCallback(String),
    /// This endpoint accepts the request and never answers.
    Hang(Endpoint),
    /// This endpoint sends its whole answer byte by byte, head and all.
    Drip(Endpoint),
    /// This endpoint sends the head of an answer, then a byte of its body now and then, without end.
    DripBody(Endpoint),
    /// This endpoint answers 200 with bytes that mean nothing.
    Garbage(Endpoint),
    /// This endpoint answers 200 with a page for people, as captive portals do.
    Page(Endpoint),
    /// This endpoint closes the connection in the middle of its answer.
    Close(Endpoint),
    /// This endpoint answers 500.
    Fail(Endpoint),
    /// This endpoint never stops answering.
    Flood(Endpoint),
    /// This endpoint answers two well-formed megabytes.
    Huge(Endpoint),
    /// This endpoint sends whoever asks to itself again.
    Loop(Endpoint),
    /// This endpoint sends whoever asks to this address.
    Elsewhere(Endpoint, String),
}

/// Where a fault may happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// `/.well-known/openid-configuration`
    Discovery,
    /// `/jwks`
    Jwks,
    /// `/token`
    Token,
    /// `/userinfo`
    Userinfo,
}

impl Endpoint {
    /// Each of them.
    pub const ALL: [Self; 4] = [Self::Discovery, Self::Jwks, Self::Token, Self::Userinfo];

    /// Its path.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Discovery => "/.well-known/openid-configuration",
            Self::Jwks => "/jwks",
            Self::Token => "/token",
            Self::Userinfo => "/userinfo",
        }
    }
}

impl Mischief {
    /// What `endpoint` answers, if this concerns it at all.
    pub(super) async fn at(self, endpoint: Endpoint) -> Option<Response> {
        let (at, answer) = match self {
            Self::Hang(at) if at == endpoint => std::future::pending().await,
            Self::DripBody(at) => (at, dripping()),
            Self::Garbage(at) => (at, "\u{1f}\u{8b}{{<<not anything>>".into_response()),
            Self::Page(at) => (at, Html(PORTAL).into_response()),
            Self::Close(at) => (at, broken_off()),
            Self::Fail(at) => (at, StatusCode::INTERNAL_SERVER_ERROR.into_response()),
            Self::Flood(at) => (at, endless()),
            Self::Huge(at) => (at, format!("\"{}\"", "x".repeat(2 << 20)).into_response()),
            Self::Loop(at) => (at, moved(at.path())),
            Self::Elsewhere(at, address) => (at, moved(&address)),
            _ => return None,
        };
        (at == endpoint).then_some(answer)
    }

    /// Whether the answer at this path is to be sent byte by byte.
    pub(super) fn drips_at(&self, path: &str) -> bool {
        matches!(self, Self::Drip(at) if at.path() == path)
    }
}

const PORTAL: &str = "<!doctype html><title>Welcome</title>Please accept our terms.";

/// 307, which keeps method and body: whoever follows it tells the other place the code and the secret.
fn moved(address: &str) -> Response {
    let location = HeaderValue::from_str(address).unwrap_or(HeaderValue::from_static("/"));
    (
        StatusCode::TEMPORARY_REDIRECT,
        [(header::LOCATION, location)],
    )
        .into_response()
}

/// An answer that promises more than it sends.
fn broken_off() -> Response {
    let pieces = [
        Ok("{\"access_to"),
        Err(std::io::Error::other("the line is cut")),
    ];
    Body::from_stream(stream::iter(pieces)).into_response()
}

/// An answer without end, as fast as the other side reads.
fn endless() -> Response {
    let piece = || Ok::<_, std::io::Error>(vec![b' '; 64 * 1024]);
    Body::from_stream(stream::repeat_with(piece)).into_response()
}

/// An answer without end, just fast enough to seem alive.
fn dripping() -> Response {
    let drop = async |()| {
        sleep(BETWEEN_DROPS).await;
        Some((Ok::<_, std::io::Error>(" "), ()))
    };
    Body::from_stream(stream::unfold((), drop)).into_response()
}

/// No idle connection, and the head alone of an answer takes longer than anybody waits.
pub(super) const BETWEEN_DROPS: Duration = Duration::from_millis(100);
