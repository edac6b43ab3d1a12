//! What makes an identity usable, and what the service gets of it.

use serde_json::json;

use super::*;
use crate::login::tests::{complete_claims, provider, trip};

const NOW: Timestamp = Timestamp::from_seconds(1100);

fn waiting(change: serde_json::Value, acr: Option<&str>) -> AwaitingIdentity {
    AwaitingIdentity {
        trip: trip(change),
        provider: "citoyen".parse().unwrap(),
        claims: complete_claims(),
        acr: acr.map(str::to_owned),
        amr: vec![Amr::Pwd],
        auth_time: NOW,
        id_token: None,
    }
}

#[test]
fn a_level_below_the_one_needed_is_never_silently_accepted() {
    let needs_two = json!({"acr": {"required": "eidas2"}});
    let judged = |acr| {
        waiting(needs_two.clone(), acr)
            .judge(&provider("citoyen"))
            .err()
    };
    assert_eq!(
        judged(Some("eidas1")),
        Some(IdentityRefusal::LevelTooLow(Acr::Eidas1))
    );
    assert_eq!(
        judged(None),
        Some(IdentityRefusal::LevelTooLow(Acr::Eidas1))
    );
    assert_eq!(judged(Some("eidas2")), None);
}

#[test]
fn a_level_the_provider_may_not_assert_counts_as_its_lowest() {
    // `provider` may assert up to eidas2 (threat N-17).
    let judged = waiting(json!({}), Some("eidas3")).judge(&provider("citoyen"));
    assert!(judged.is_ok_and(|identity| identity.acr.0 == Acr::Eidas1));
}

#[test]
fn an_identity_without_a_birth_date_is_refused_by_the_claims_name() {
    let mut waiting = waiting(json!({}), None);
    waiting.claims.birthdate = None;
    let refusal = waiting.judge(&provider("citoyen")).err().unwrap();
    assert_eq!(refusal, IdentityRefusal::Incomplete("birthdate"));
    let (back, event) = waiting.refused(refusal, NOW);
    assert_eq!(event.details["claim"], "birthdate");
    assert_eq!(back.notice.unwrap().what, Setback::IdentityIncomplete);
}

#[test]
fn the_service_gets_the_registers_version_of_the_claims_it_asked_for_and_no_others() {
    let waiting = waiting(json!({"scopes": "openid given_name"}), None);
    let mut corrected = complete_claims();
    corrected.given_name = Some("Camille Aimée Louise".into());
    let identity = VerifiedIdentity {
        acr: SufficientAcr(Acr::Eidas1),
        pivot: PivotIdentity::from_claims(&corrected).unwrap(),
    };
    let found = Found {
        person: PersonId::from_bytes([1; 16]),
        subject: "s".parse().unwrap(),
        grant: GrantId::from_bytes([2; 16]),
    };
    let (awaiting, session, event) = waiting.verified(&identity, found, NOW);
    assert_eq!(event.kind, EventKind::IdentityVerified);
    let released = serde_json::to_value(&awaiting.claims).unwrap();
    assert_eq!(released, json!({"given_name": "Camille Aimée Louise"}));
    assert_eq!(session.claims.email.as_deref(), Some("camille@example.org"));
}

#[test]
fn each_refusal_of_the_register_has_a_page_and_an_audit_name_of_its_own() {
    let mut seen = std::collections::HashSet::new();
    for refusal in RegisterRefusal::ALL {
        assert!(seen.insert((page_text(refusal), refusal.as_str())));
        let (_, event) = waiting(json!({}), None).refused(IdentityRefusal::Register(refusal), NOW);
        assert_eq!(event.details["register"], refusal.as_str());
    }
    let pages: std::collections::HashSet<_> = seen.iter().map(|(page, _)| page).collect();
    assert_eq!(pages.len(), RegisterRefusal::ALL.len());
}
