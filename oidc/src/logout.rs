//! What tells a client that a session ended: a logout token (OIDC Back-Channel Logout §2.4), or an
//! address for the browser to load (OIDC Front-Channel Logout §2).

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::Client;
use guichet_keys::Typ;
use guichet_store::Fault;
use serde::Serialize;
use serde_json::{Map, Value, json};
use url::Url;

use crate::refusal::key_fault;
use crate::{Engine, LogoutNotice, SubjectChange, ToTell};

/// A logout token for `client`, when it registered where to send one.
pub(crate) fn notice(
    engine: &Engine,
    client: &Client,
    to: &ToTell,
) -> Result<Option<LogoutNotice>, Fault> {
    let Some(uri) = &client.backchannel_logout_uri else {
        return Ok(None);
    };
    let now = engine.now();
    let claims = LogoutClaims {
        iss: engine.issuer(),
        sub: to.subject.as_str(),
        aud: client.id.as_str(),
        iat: now.seconds(),
        exp: now.after(LIFETIME).seconds(),
        jti: URL_SAFE_NO_PAD.encode(engine.parts().entropy.bytes16()),
        sid: to.sid.as_deref(),
        events: events(&to.change),
    };
    let logout_token = engine
        .parts()
        .keys
        .ring()
        .sign_jwt(client.id_token_alg, Typ::LogoutToken, &claims)
        .map_err(key_fault("sign a logout token"))?;
    Ok(Some(LogoutNotice {
        client: client.id.clone(),
        uri: uri.clone(),
        logout_token,
    }))
}

/// What the browser loads to tell `client` that the session it knows as `sid` ended (OIDC Front-Channel
/// Logout §2).
pub(crate) fn front_channel_address(engine: &Engine, client: &Client, sid: &str) -> Option<Url> {
    let mut address = client.frontchannel_logout_uri.clone()?;
    if client.frontchannel_logout_session_required {
        address
            .query_pairs_mut()
            .append_pair("iss", engine.issuer())
            .append_pair("sid", sid);
    }
    Some(address)
}

/// Long enough for a retry and for clocks that differ; §2.4 recommends two minutes at most.
const LIFETIME: Duration = Duration::from_mins(2);

/// A logout token never holds `nonce`, so that none passes for an ID token (§2.4).
#[derive(Serialize)]
struct LogoutClaims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    iat: i64,
    exp: i64,
    jti: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<&'a str>,
    events: Value,
}

/// The one member that makes a token a logout token, whose value is an empty object; and beside it what
/// became of the subject, for services that know of it. Divergence D49.
fn events(change: &SubjectChange) -> Value {
    let told = match change {
        SubjectChange::SignedOut => None,
        SubjectChange::Became(subject) => Some((SUBJECT_CHANGED, subject)),
        SubjectChange::PartedFrom(subject) => Some((SUBJECT_PARTED, subject)),
    };
    let mut events = Map::new();
    events.insert(LOGOUT.to_owned(), json!({}));
    if let Some((event, subject)) = told {
        events.insert(event.to_owned(), json!({ "sub": subject.as_str() }));
    }
    Value::Object(events)
}

const LOGOUT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// The person is known by the `sub` inside from now on.
const SUBJECT_CHANGED: &str = "urn:guichet:event:subject-changed";
/// The `sub` inside is somebody else's.
const SUBJECT_PARTED: &str = "urn:guichet:event:subject-parted";
