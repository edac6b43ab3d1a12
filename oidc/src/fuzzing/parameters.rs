//! Single parameters of a request that is good but for them.

use std::time::Duration;

use guichet_domain::Claim;
use guichet_domain::client::ClientDirectory as _;
use http::StatusCode;
use url::form_urlencoded;

use super::{FrontDoor, words};
use crate::testing::{Answered, Form, ISSUER, redirect_uri};
use crate::{AuthorizationDetail, ClaimsRequest, Typed};

/// Anything beside the client and where to return to: what is accepted is what was registered, and the
/// answer bears the state that was sent and the issuer's name.
pub fn authorization(door: &FrontDoor, query: &[u8]) {
    let Ok(query) = std::str::from_utf8(query) else {
        return;
    };
    let query = words::fill(door, query);
    if query.contains('#') {
        return; // A fragment stays in the browser.
    }
    let beginning = Form::empty()
        .with("client_id", "narrow")
        .with("redirect_uri", &redirect_uri("narrow"));
    let path = format!("/authorize?{}&{query}", beginning.text());
    let Ok(request) = http::Request::get(path).body(axum::body::Body::empty()) else {
        return;
    };
    let answered = door.send(request);
    if answered.header("location").is_none() || answered.location_parameter("response").is_some() {
        return; // A page, or a JWT that says it all.
    }
    assert_eq!(answered.location_parameter("iss").as_deref(), Some(ISSUER));
    let sent = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "state");
    if let (Some(state), Some((_, sent))) = (answered.location_parameter("state"), sent) {
        assert_eq!(state, sent);
    }
    if answered.location_parameter("code").is_some() {
        let asked = door.world.house.last_asked();
        for scope in asked.scopes().iter() {
            assert!(
                ["openid", "given_name"].contains(&scope.as_str()),
                "{scope}"
            );
        }
        assert_is_registered(door, &asked.claims());
    }
}

/// The `claims` parameter: nothing beyond the client's scopes is asked for, and what rests of it in a
/// record is read back as it was.
pub fn claims(door: &FrontDoor, text: &[u8]) {
    let Ok(text) = std::str::from_utf8(text) else {
        return;
    };
    let form = Form::asking("narrow")
        .with("scope", "openid given_name")
        .with("claims", text);
    let answered = door.send(asking(&form));
    if !is_granted(&answered) {
        return;
    }
    if !text.is_empty() {
        let claims: serde_json::Value = serde_json::from_str(text).expect("accepted claims");
        assert!(claims.is_object() || claims.is_array(), "{claims}");
    }
    let asked = door.world.house.last_asked();
    assert_is_registered(door, &asked.claims());
    let rests = serde_json::to_vec(&asked.claims_request).unwrap();
    let read: ClaimsRequest = serde_json::from_slice(&rests).unwrap();
    assert!(read == asked.claims_request);
}

/// The parameter `authorization_details`: what is accepted is an array of objects of types there are, and
/// what rests of it in a record is read back as it was.
pub fn details(door: &FrontDoor, text: &[u8]) {
    let Ok(text) = std::str::from_utf8(text) else {
        return;
    };
    let form = Form::asking("narrow")
        .with("scope", "openid given_name")
        .with("authorization_details", text);
    if !is_granted(&door.send(asking(&form))) {
        return;
    }
    let request = door.world.house.last_asked();
    let kinds: Vec<&str> = request
        .details()
        .iter()
        .map(AuthorizationDetail::kind)
        .collect();
    let served = door.world.engine.parts().rich.types();
    assert!(kinds.iter().all(|kind| served.contains(kind)), "{kinds:?}");
    if !text.is_empty() {
        let sent: Vec<serde_json::Value> = serde_json::from_str(text).expect("accepted details");
        assert_eq!(sent.len(), kinds.len());
    }
    let rests = serde_json::to_vec(request.details()).unwrap();
    let read: Vec<AuthorizationDetail> = serde_json::from_slice(&rests).unwrap();
    assert!(read == request.details());
}

/// What a person types as a user code: found when it is the code, whatever the case and what stands
/// between the letters, and never otherwise. Whether it was found.
pub fn user_code(door: &FrontDoor, typed: &[u8]) -> bool {
    let Ok(typed) = std::str::from_utf8(typed) else {
        return false;
    };
    let typed = words::fill(door, typed);
    let looked = door.world.engine.device_request(&typed, "203.0.113.7");
    let found = door.runtime.block_on(looked).unwrap();
    let is_found = matches!(found, Typed::Found(_));
    if let Typed::Found(waiting) = found {
        let crate::Note::UserCode(code) = waiting.note else {
            panic!("a device shows a code");
        };
        assert_eq!(letters(&typed), letters(&code));
    }
    // Guesses are counted; the next input is somebody else's, later.
    door.world.clock.advance(Duration::from_mins(11));
    is_found
}

fn letters(text: &str) -> String {
    let letters = text.chars().filter(char::is_ascii_alphabetic);
    letters.map(|letter| letter.to_ascii_uppercase()).collect()
}

fn assert_is_registered(door: &FrontDoor, claims: &[Claim]) {
    let client = door.world.clients.client("narrow").unwrap();
    let registered = client.scopes.claims();
    assert!(
        claims.iter().all(|claim| registered.contains(claim)),
        "{claims:?}"
    );
}

fn asking(form: &Form) -> http::Request<axum::body::Body> {
    let request = http::Request::get(format!("/authorize?{}", form.text()));
    request.body(axum::body::Body::empty()).unwrap()
}

fn is_granted(answered: &Answered) -> bool {
    answered.status == StatusCode::SEE_OTHER && answered.location_parameter("code").is_some()
}
