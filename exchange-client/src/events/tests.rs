//! Events as they come in: those of the hub for us, once, and no others.

use std::sync::Arc;

use guichet_domain::SigningAlg;
use guichet_keys::{Keys, Typ};
use http::request::Parts;
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};

use super::{EventReceiver, EventRefusal, Happened, SecurityEvent, Settled};
use crate::testing::{ISSUER, NOW, World, hub_keys, payload};
use crate::{ErasureOutcome, ErasureReply, ExchangeName, InMemory};

fn receiver(world: &World) -> EventReceiver {
    let hub = world.wire.hub_for("cantine", &world.service_keys);
    EventReceiver::new(hub, Arc::new(InMemory::default()))
}

fn claims() -> Value {
    json!({
        "iss": ISSUER, "aud": "cantine", "iat": NOW.seconds(), "jti": "one",
        "sub_id": {"format": "iss_sub", "iss": ISSUER, "sub": "the-citizen"},
        "events": {"urn:guichet:event:grant-revoked": {"grant_id": "grant-of-cantine", "how": "revoked"}},
    })
}

fn signed_by(keys: &Keys, typ: Typ, claims: &Value) -> String {
    keys.ring()
        .sign_jwt(SigningAlg::Es256, typ, claims)
        .unwrap()
}

fn signed(world: &World, claims: &Value) -> String {
    signed_by(&world.wire.hub.lock().unwrap(), Typ::SecurityEvent, claims)
}

fn head(content_type: &str) -> Parts {
    let request = Request::post("https://cantine.example/events");
    let request = request.header("content-type", content_type).body(());
    request.unwrap().into_parts().0
}

const MEDIA_TYPE: &str = "application/secevent+jwt";

/// What comes of a request with this token, and what there is to act on; whether that is done, `acts` says.
async fn received(
    receiver: &EventReceiver,
    content_type: &str,
    token: &str,
    acts: bool,
) -> (Response<Vec<u8>>, Option<SecurityEvent>) {
    let mut event = None;
    let acting = |it| {
        event = Some(it);
        std::future::ready(acts)
    };
    let head = head(content_type);
    let response = receiver.receive(&head, token.as_bytes(), acting).await;
    (response, event)
}

#[tokio::test]
async fn an_event_of_the_hub_is_acted_on_once_however_often_it_comes() {
    let world = World::new();
    let receiver = receiver(&world);
    let token = signed(&world, &claims());
    let (response, event) = received(&receiver, MEDIA_TYPE, &token, true).await;
    assert_eq!(response.status(), StatusCode::ACCEPTED);
    let event = event.unwrap();
    let exchange = ExchangeName::GrantId("grant-of-cantine".to_owned());
    let how = "revoked".to_owned();
    assert_eq!(event.happened, Happened::GrantRevoked { exchange, how });
    assert_eq!(event.subject.as_deref(), Some("the-citizen"));
    let (response, event) = received(&receiver, MEDIA_TYPE, &token, true).await;
    assert_eq!(response.status(), StatusCode::ACCEPTED, "it is here");
    assert_eq!(event, None);
}

#[tokio::test]
async fn an_event_that_could_not_be_acted_on_comes_again() {
    let world = World::new();
    let receiver = receiver(&world);
    let token = signed(&world, &claims());
    for _ in 0..2 {
        let (response, event) = received(&receiver, MEDIA_TYPE, &token, false).await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(event.is_some(), "it is not lost");
    }
    let (response, event) = received(&receiver, MEDIA_TYPE, &token, true).await;
    assert_eq!(response.status(), StatusCode::ACCEPTED);
    assert!(event.is_some());
}

#[tokio::test]
async fn an_event_that_somebody_else_made_is_refused_and_the_hub_learns_why() {
    let world = World::new();
    let receiver = receiver(&world);
    let other = |member: &str, value: Value| {
        let mut claims = claims();
        claims[member] = value;
        claims
    };
    let forged = signed_by(&hub_keys(), Typ::SecurityEvent, &claims());
    let logout = signed_by(&world.wire.hub.lock().unwrap(), Typ::LogoutToken, &claims());
    let plain = signed_by(&world.wire.hub.lock().unwrap(), Typ::Jwt, &claims());
    let unsigned = {
        let body = signed(&world, &claims());
        let payload = body.split('.').nth(1).unwrap();
        format!("eyJhbGciOiJub25lIiwidHlwIjoic2VjZXZlbnQrand0In0.{payload}.")
    };
    let own = world
        .service_keys
        .sign(Typ::SecurityEvent, &claims())
        .unwrap();
    let year = 365 * 24 * 60 * 60;
    for (token, err) in [
        (forged, "invalid_key"),
        (logout, "invalid_key"),
        (plain, "invalid_key"),
        (unsigned, "invalid_key"),
        (own, "invalid_key"),
        (
            signed(&world, &other("iss", json!("https://else.example"))),
            "invalid_issuer",
        ),
        (
            signed(&world, &other("aud", json!("famille"))),
            "invalid_audience",
        ),
        (
            signed(&world, &other("aud", json!(["famille"]))),
            "invalid_audience",
        ),
        (
            signed(&world, &other("iat", json!(NOW.seconds() + 120))),
            "invalid_request",
        ),
        (
            signed(&world, &other("iat", json!(NOW.seconds() - year))),
            "invalid_request",
        ),
        (signed(&world, &other("jti", json!(""))), "invalid_request"),
        (
            signed(&world, &other("events", json!({}))),
            "invalid_request",
        ),
        (
            signed(
                &world,
                &other("events", json!({"urn:guichet:event:grant-revoked": {}})),
            ),
            "invalid_request",
        ),
        ("no token".to_owned(), "invalid_key"),
    ] {
        let (response, event) = received(&receiver, MEDIA_TYPE, &token, true).await;
        assert_eq!(event, None, "{token}");
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{token}");
        let body: Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!(body["err"], err, "{}", payload_of(&token));
    }
    let good = signed(&world, &claims());
    let (_, as_text) = received(&receiver, "text/plain", &good, true).await;
    assert_eq!(as_text, None);
    let (_, good) = received(&receiver, MEDIA_TYPE, &good, true).await;
    assert!(good.is_some(), "none of those used up the name");
}

fn payload_of(token: &str) -> String {
    if token.matches('.').count() == 2 {
        payload(token).to_string()
    } else {
        token.to_owned()
    }
}

#[tokio::test]
async fn an_event_that_cannot_be_verified_now_is_asked_for_again() {
    let world = World::new();
    let receiver = receiver(&world);
    *world.wire.hub_is_down.lock().unwrap() = true;
    let token = signed(&world, &claims());
    let (response, _) = received(&receiver, MEDIA_TYPE, &token, true).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    *world.wire.hub_is_down.lock().unwrap() = false;
    let (_, event) = received(&receiver, MEDIA_TYPE, &token, true).await;
    assert!(event.is_some());
}

#[tokio::test]
async fn every_event_that_the_hub_sends_is_read() {
    let world = World::new();
    let receiver = receiver(&world);
    let alias = || ExchangeName::Exchange("alias".to_owned());
    let ours = "urn:guichet:event:";
    let risc = "https://schemas.openid.net/secevent/risc/event-type/";
    let caep = "https://schemas.openid.net/secevent/caep/event-type/";
    for (uri, members, wanted) in [
        (
            format!("{ours}erasure-requested"),
            json!({"exchange": "alias", "due": NOW.seconds()}),
            Happened::ErasureRequested {
                exchange: alias(),
                due: NOW,
            },
        ),
        (
            format!("{ours}delivery-unconfirmed"),
            json!({"exchange": "alias", "missing": "received"}),
            Happened::DeliveryUnconfirmed {
                exchange: alias(),
                missing: "received".to_owned(),
            },
        ),
        (
            format!("{risc}account-disabled"),
            json!({}),
            Happened::AccountDisabled,
        ),
        (
            format!("{risc}account-enabled"),
            json!({}),
            Happened::AccountEnabled,
        ),
        (
            format!("{risc}account-purged"),
            json!({}),
            Happened::AccountPurged,
        ),
        (
            format!("{risc}identifier-changed"),
            json!({"new-value": "other"}),
            Happened::IdentifierChanged {
                to: "other".to_owned(),
            },
        ),
        (
            format!("{risc}credential-compromise"),
            json!({}),
            Happened::CredentialCompromise,
        ),
        (
            format!("{caep}session-revoked"),
            json!({}),
            Happened::SessionRevoked,
        ),
        (
            "https://else.example/account-disabled".to_owned(),
            json!({}),
            Happened::Other("https://else.example/account-disabled".to_owned()),
        ),
    ] {
        let mut claims = claims();
        claims["events"] = json!({});
        claims["events"][&uri] = members;
        let event = receiver.verify(&signed(&world, &claims)).await.unwrap();
        assert_eq!(event.happened, wanted);
    }
}

#[tokio::test]
async fn fetched_events_are_acknowledged_after_they_were_acted_on() {
    let world = World::new();
    let receiver = receiver(&world);
    let mut elsewhere = claims();
    elsewhere["aud"] = json!("famille");
    let waiting = [
        ("one", signed(&world, &claims())),
        ("two", signed(&world, &elsewhere)),
        ("three", signed(&world, &claims())),
    ];
    for (name, token) in waiting {
        world
            .wire
            .events
            .lock()
            .unwrap()
            .insert(name.to_owned(), token.into());
    }
    // Whoever died before acting on it gets it again.
    receiver.poll(&Settled::default(), 10, false).await.unwrap();
    world.wire.polls.lock().unwrap().clear();
    let polled = receiver.poll(&Settled::default(), 10, false).await.unwrap();
    assert_eq!(polled.events.len(), 1);
    // Whoever acted on it does not, should the hub not have heard so.
    *world.wire.hub_is_down.lock().unwrap() = true;
    assert!(receiver.poll(&polled.settled, 10, false).await.is_err());
    *world.wire.hub_is_down.lock().unwrap() = false;
    let again = receiver.poll(&Settled::default(), 10, false).await.unwrap();
    assert!(again.events.is_empty() && again.settled == polled.settled);
    world.wire.polls.lock().unwrap().remove(1);
    world.wire.events.lock().unwrap().clear();
    let none = receiver.poll(&polled.settled, 10, true).await.unwrap();
    assert!(none.events.is_empty() && none.settled == Settled::default());
    let polls = world.wire.polls.lock().unwrap();
    let [(first_by, first), (by, second)] = polls.as_slice() else {
        panic!("two polls")
    };
    assert_eq!(first["ack"], json!([]));
    assert_eq!(
        (&first["maxEvents"], &first["returnImmediately"]),
        (&json!(10), &json!(true))
    );
    assert_eq!(second["ack"], json!(["one"]));
    assert_eq!(second["setErrs"]["two"]["err"], "invalid_audience");
    assert_eq!(
        second["setErrs"]["three"]["err"], "invalid_request",
        "not its name"
    );
    assert_eq!(second["returnImmediately"], false);
    let assertion = by.strip_prefix("Bearer ").unwrap();
    assert_eq!(payload(assertion)["sub"], "cantine");
    assert_ne!(first_by, by, "an assertion is good for one request");
}

#[tokio::test]
async fn an_answer_on_erasure_is_signed_and_says_which_law() {
    let world = World::new();
    let hub = world.wire.hub_for("fd-famille", &world.provider_keys);
    let reply = ErasureReply {
        exchange: ExchangeName::Exchange("alias".to_owned()),
        outcome: ErasureOutcome::Refused {
            ground: "a law".to_owned(),
        },
    };
    hub.answer_erasure(&reply).await.unwrap();
    let forms = world.wire.forms_at("/exchange/erasures");
    let form = &forms[0];
    assert_eq!(
        (&form["exchange"], &form["outcome"]),
        (&json!("alias"), &json!("refused"))
    );
    let said = payload(form["statement"].as_str().unwrap());
    assert_eq!(said["ground"], form["ground"]);
    assert_eq!(
        (&said["iss"], &said["aud"]),
        (&json!("fd-famille"), &json!(ISSUER))
    );
    assert_eq!(
        (&said["exchange"], &said["outcome"]),
        (&json!("alias"), &json!("refused"))
    );
}

#[test]
fn every_refusal_has_a_code_of_its_standard() {
    for (refusal, code) in [
        (EventRefusal::NotSigned, "invalid_key"),
        (EventRefusal::Issuer, "invalid_issuer"),
        (EventRefusal::Audience, "invalid_audience"),
        (EventRefusal::Time, "invalid_request"),
        (EventRefusal::Malformed, "invalid_request"),
    ] {
        assert_eq!(refusal.code(), code);
    }
}
