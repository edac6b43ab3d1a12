//! What is shown is what is recorded and what is sent.

use serde_json::json;

use super::*;
use crate::login::tests::{client, complete_claims, trip};
use crate::session::tests::session;

const NOW: Timestamp = Timestamp::from_seconds(1100);

fn waiting(scopes: &str) -> AwaitingConsent {
    let mut session = session();
    session.claims = complete_claims();
    let grant = GrantId::from_bytes([5; 16]);
    AwaitingConsent::new(
        trip(json!({"scopes": scopes})),
        (SessionId::from_bytes([8; 16]), &session),
        session.reached(
            guichet_domain::Acr::Eidas1.into(),
            Timestamp::from_seconds(0),
            |_| true,
        ),
        "s".parse().unwrap(),
        grant,
    )
}

#[test]
fn the_record_of_a_consent_names_claims_and_holds_no_value() {
    let waiting = waiting("openid family_name phone");
    let next = waiting.accept(&client(), NOW);
    let (record, event) = (next.record(), next.given());
    assert_eq!(record.claims, "family_name");
    assert_eq!(record.scope, "openid family_name phone");
    assert!(!record.asked);
    assert_eq!(event.kind, EventKind::ConsentGiven);
    assert_eq!(event.details["basis"], "informed");
    let written = serde_json::to_string(&event).unwrap();
    assert!(!written.contains("MARTIN"), "{written}");
}

#[test]
fn a_private_body_is_recorded_as_agreed_to() {
    let mut bank = client();
    bank.kind = guichet_domain::ClientKind::Private;
    let next = waiting("openid email").accept(&bank, NOW);
    assert!(next.record().asked);
    assert_eq!(next.given().details["basis"], "agreed");
}

#[test]
fn the_form_is_bound_to_the_values_it_showed() {
    let (one, mut other) = (waiting("openid family_name"), waiting("openid family_name"));
    assert_eq!(one.shown(), other.shown());
    other.claims.family_name = Some("DURAND".into());
    assert_ne!(one.shown(), other.shown());
}

#[test]
fn declining_tells_the_client_access_denied() {
    let refusal = waiting("openid email").decline(NOW);
    assert_eq!(refusal.event.kind, EventKind::ConsentRefused);
    assert_eq!(
        refusal.told,
        crate::login::refusal::Told::Client(OAuthError::AccessDenied, "the person declined")
    );
}

#[test]
fn scopes_of_data_providers_are_told_from_those_of_identity() {
    let waiting = waiting("openid profile cnaf_quotient_familial email");
    let data: Vec<&str> = waiting.data_scopes().map(Scope::as_str).collect();
    assert_eq!(data, ["cnaf_quotient_familial"]);
}
