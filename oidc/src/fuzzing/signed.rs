//! Claims that their rightful key signed, and that say anything: what is accepted names the right
//! parties and lives now.

use axum::body::Body;
use guichet_domain::SigningAlg;
use guichet_domain::client::ClientDirectory as _;
use guichet_keys::Typ;
use http::{Request, StatusCode};
use serde_json::{Map, Value};
use url::Url;

use super::door::AGENCY;
use super::{FrontDoor, words};
use crate::testing::{Form, ISSUER, NOON, SECRET, with_proof};

/// What the claims are signed as.
#[derive(Clone, Copy, Debug)]
pub enum Signed {
    /// `client_assertion` (RFC 7523).
    Assertion,
    /// `DPoP` (RFC 9449).
    Proof,
    /// `request` at `/authorize` (RFC 9101).
    RequestObject,
    /// `request` at `/bc-authorize` (CIBA Core §7.1.1).
    BackchannelRequest,
    /// `software_statement` (RFC 7591).
    Statement,
    /// `id_token_hint` at the end of a session, under the engine's own key.
    Hint,
}

/// Signs the claims that `json` is, if it is any, and uses them. Whether they were accepted.
pub fn signed(door: &FrontDoor, what: Signed, json: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(json) else {
        return false;
    };
    let Ok(claims) = serde_json::from_str(&words::fill(door, text)) else {
        return false;
    };
    match what {
        Signed::Assertion => assertion(door, &claims),
        Signed::Proof => proof(door, &claims),
        Signed::RequestObject => request_object(door, &claims),
        Signed::BackchannelRequest => backchannel_request(door, &claims),
        Signed::Statement => statement(door, &claims),
        Signed::Hint => hint(door, &claims),
    }
}

type Claims = Map<String, Value>;

fn assertion(door: &FrontDoor, claims: &Claims) -> bool {
    let assertion = by_client(door, Typ::Jwt, claims);
    let form = Form::redeeming("jwt", "no-such-code").with_assertion(&assertion);
    let is_accepted = door.send(form.posted("/token")).error().as_deref() == Some("invalid_grant");
    if is_accepted {
        assert_eq!(
            (&claims["iss"], &claims["sub"]),
            (&"jwt".into(), &"jwt".into())
        );
        let audiences = claims["aud"].as_array().cloned();
        let audiences = audiences.unwrap_or_else(|| vec![claims["aud"].clone()]);
        let ours = [ISSUER, &format!("{ISSUER}/token")];
        assert!(audiences.iter().all(|audience| names(audience, &ours)));
        assert!(claims["jti"].as_str().is_some_and(|jti| !jti.is_empty()));
        lives_now(claims, "exp");
    }
    is_accepted
}

fn proof(door: &FrontDoor, claims: &Claims) -> bool {
    let ring = door.world.client_keys.ring();
    let proof = ring.sign_self_contained(SigningAlg::Es256, Typ::DpopProof, claims);
    let request = Form::redeeming("basic", "no-such-code").by("basic");
    let answered = door.send(with_proof(request, &proof.unwrap()));
    let is_accepted = answered.error().as_deref() == Some("invalid_grant");
    if is_accepted {
        assert_eq!(claims["htm"], "POST");
        assert!(claims["jti"].as_str().is_some_and(|jti| !jti.is_empty()));
        let mut url: Url = claims["htu"].as_str().unwrap().parse().unwrap();
        url.set_query(None);
        url.set_fragment(None);
        assert_eq!(url.as_str(), format!("{ISSUER}/token"));
        let made = claims["iat"].as_f64().unwrap();
        assert!((seconds(NOON.seconds()) - made).abs() <= 61.0, "{made}");
    }
    is_accepted
}

fn request_object(door: &FrontDoor, claims: &Claims) -> bool {
    let object = by_client(door, Typ::RequestObject, claims);
    let form = Form::empty()
        .with("client_id", "jwt")
        .with("request", &object);
    let request = Request::get(format!("/authorize?{}", form.text()));
    let before = door.world.house.times_asked();
    door.send(request.body(Body::empty()).unwrap());
    if door.world.house.times_asked() == before {
        return false;
    }
    // Declared by its type: RFC 9101 counts, where nothing beside the object does.
    assert_eq!(claims["client_id"], "jwt");
    assert!(claims.get("iss").is_none_or(|iss| iss == "jwt"));
    assert!(claims.get("aud").is_none_or(|aud| names(aud, &[ISSUER])));
    assert!(!claims.contains_key("request") && !claims.contains_key("request_uri"));
    if claims.contains_key("exp") {
        lives_now(claims, "exp");
    }
    let asked = door.world.house.last_asked();
    let named = claims["scope"].as_str().unwrap();
    for scope in asked.scopes().iter() {
        assert!(
            named.split(' ').any(|named| named == scope.as_str()),
            "{scope}"
        );
    }
    true
}

fn backchannel_request(door: &FrontDoor, claims: &Claims) -> bool {
    let object = by_client(door, Typ::Jwt, claims);
    let mut request = Form::empty()
        .with("request", &object)
        .with_basic("signer", SECRET);
    *request.uri_mut() = http::Uri::from_static("/bc-authorize");
    let is_accepted = door.send(request).status == StatusCode::OK;
    if is_accepted {
        assert_eq!(claims["iss"], "signer");
        assert!(names(&claims["aud"], &[ISSUER]));
        assert!(claims["jti"].as_str().is_some_and(|jti| !jti.is_empty()));
        lives_now(claims, "exp");
        for time in ["iat", "nbf"] {
            let time = claims[time].as_f64().unwrap();
            assert!(time <= seconds(NOON.seconds() + 61), "{time}");
        }
    }
    is_accepted
}

fn statement(door: &FrontDoor, claims: &Claims) -> bool {
    let ring = door.agency.client_ring();
    let statement = ring.sign_jwt(SigningAlg::Es256, Typ::Jwt, claims).unwrap();
    let body = serde_json::json!({
        "software_statement": statement, "redirect_uris": ["https://town.example/cb"],
    });
    let request = Request::post("/register")
        .header(http::header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_string()))
        .unwrap();
    let answered = door.send(request);
    let is_accepted = answered.status == StatusCode::CREATED;
    if is_accepted {
        assert_eq!(claims["iss"], AGENCY);
        let client = answered.json();
        assert!(
            door.world
                .clients
                .client(client["client_id"].as_str().unwrap())
                .is_some()
        );
        // What only the operator says, no statement says either.
        for member in ["sector", "active", "kind"] {
            assert!(client.get(member).is_none(), "{member}");
        }
    }
    is_accepted
}

fn hint(door: &FrontDoor, claims: &Claims) -> bool {
    let ring = door.world.keys.ring();
    let hint = ring.sign_jwt(SigningAlg::Es256, Typ::Jwt, claims).unwrap();
    let form = Form::empty().with("id_token_hint", &hint);
    let before = door.world.house.times_signed_out();
    let request = Request::get(format!("/session/end?{}", form.text()));
    door.send(request.body(Body::empty()).unwrap());
    let is_accepted = door.world.house.times_signed_out() > before;
    if is_accepted {
        assert_eq!(claims["iss"], ISSUER);
        assert!(claims["aud"].is_string() && claims["sub"].is_string());
    }
    is_accepted
}

fn by_client(door: &FrontDoor, typ: Typ, claims: &Claims) -> String {
    let ring = door.world.client_keys.client_ring();
    ring.sign_jwt(SigningAlg::Es256, typ, claims).unwrap()
}

/// Whether an audience, one or several, holds one of these.
fn names(audience: &Value, these: &[&str]) -> bool {
    let is_one = |value: &Value| these.iter().any(|one| value == one);
    match audience {
        Value::Array(several) => several.iter().any(is_one),
        one => is_one(one),
    }
}

/// Not past, but for a minute that clocks may differ.
fn lives_now(claims: &Claims, name: &str) {
    let time = claims[name].as_f64().expect("a time");
    assert!(time >= seconds(NOON.seconds() - 61), "{time}");
}

#[expect(clippy::cast_precision_loss, reason = "times of this century")]
fn seconds(time: i64) -> f64 {
    time as f64
}
