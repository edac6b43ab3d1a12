//! Words in braces, and what they stand for: what a fuzzer cannot make up, made by the engine or signed
//! by a client for this one input.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use guichet_domain::{Clock as _, GrantId, SigningAlg};
use guichet_keys::{Typ, pkce_s256};
use serde_json::{Value, json};

use super::FrontDoor;
use super::door::AGENCY;
use crate::Outcome;
use crate::testing::{Answered, Form, PERSON, SECRET, SUBJECT, TestHouse, VERIFIER};

/// Puts in what the words of `text` stand for.
pub(super) fn fill(door: &FrontDoor, text: &str) -> String {
    let mut filled = text.to_owned();
    for (word, value) in WORDS {
        if filled.contains(word) {
            filled = filled.replace(word, &value(door));
        }
    }
    filled
}

type Word = (&'static str, fn(&FrontDoor) -> String);

const WORDS: &[Word] = &[
    ("{basic}", |_| STANDARD.encode(format!("basic:{SECRET}"))),
    ("{secret}", |_| SECRET.to_owned()),
    ("{subject}", |_| SUBJECT.to_owned()),
    ("{verifier}", |_| VERIFIER.to_owned()),
    ("{challenge}", |_| pkce_s256(VERIFIER)),
    ("{now}", |door| door.world.clock.now().seconds().to_string()),
    ("{soon}", |door| {
        (door.world.clock.now().seconds() + 60).to_string()
    }),
    ("{fresh}", fresh),
    ("{code}", |door| {
        door.runtime.block_on(door.world.code_for("basic"))
    }),
    ("{access_token}", |door| token(door, "access_token")),
    ("{refresh_token}", |door| token(door, "refresh_token")),
    ("{id_token}", |door| token(door, "id_token")),
    ("{assertion}", |door| {
        door.world.assertion(&json!({"jti": fresh(door)}))
    }),
    ("{proof}", |door| {
        door.world.proof("POST", "/token", &json!({}))
    }),
    ("{object}", |door| {
        let form = Form::asking("jwt");
        door.world
            .request_object(Typ::RequestObject, &form, &json!({}))
    }),
    ("{reference}", |door| {
        let (form, jti) = (Form::asking("jwt"), fresh(door));
        let pushed = door.runtime.block_on(door.world.push(&form, &jti));
        member(&pushed, "request_uri")
    }),
    ("{device_code}", |door| {
        member(&device_authorization(door), "device_code")
    }),
    ("{user_code}", |door| {
        member(&device_authorization(door), "user_code")
    }),
    ("{auth_req_id}", |door| {
        let form = Form::empty()
            .with("scope", "openid")
            .with("login_hint", SUBJECT)
            .with(
                "client_notification_token",
                "a-token-of-twenty-two-characters",
            );
        let mut request = form.with_basic("desk", SECRET);
        *request.uri_mut() = http::Uri::from_static("/bc-authorize");
        member(
            &door.runtime.block_on(door.world.send(request)),
            "auth_req_id",
        )
    }),
    ("{statement}", |door| {
        let claims = json!({"iss": AGENCY, "client_name": "Town hall"});
        let ring = door.agency.client_ring();
        ring.sign_jwt(SigningAlg::Es256, Typ::Jwt, &claims).unwrap()
    }),
];

/// Another one each time.
pub(super) fn fresh(door: &FrontDoor) -> String {
    URL_SAFE_NO_PAD.encode(door.world.engine.parts().entropy.bytes16())
}

fn token(door: &FrontDoor, member: &str) -> String {
    // A grant of its own each time: one that was revoked stays so.
    let entropy = &door.world.engine.parts().entropy;
    *door.world.house.next.lock().unwrap() = Some(Outcome {
        scopes: SCOPE.parse().unwrap(),
        grant: GrantId::from_bytes(entropy.bytes16()),
        person: Some(PERSON),
        ..TestHouse::outcome()
    });
    let tokens = door.world.tokens_with("basic", SCOPE);
    let tokens = door.runtime.block_on(tokens);
    text(&tokens, member)
}

const SCOPE: &str = "openid email offline_access";

fn device_authorization(door: &FrontDoor) -> Answered {
    let form = Form::empty()
        .with("client_id", "tv")
        .with("scope", "openid");
    let asked = door.world.post("/device_authorization", &form);
    door.runtime.block_on(asked)
}

fn member(answered: &Answered, name: &str) -> String {
    text(&answered.json(), name)
}

fn text(answer: &Value, name: &str) -> String {
    answer[name].as_str().unwrap_or_default().to_owned()
}
