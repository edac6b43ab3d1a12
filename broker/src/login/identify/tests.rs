//! What makes an identity usable, and what the service gets of it.

use guichet_domain::provider::LevelRefusal;
use guichet_domain::{Acr, Claim};
use serde_json::json;

use super::register::RegisterWord;
use super::*;
use crate::civil_register::RegisterRefusal;
use crate::login::notice::Setback;
use crate::login::tests::{Counting, active, complete_claims, provider, trip};

const NOW: Timestamp = Timestamp::from_seconds(1100);

fn waiting(change: serde_json::Value, acr: Option<&str>) -> AwaitingIdentity {
    AwaitingIdentity {
        trip: trip(change),
        provider: "citoyen".parse().unwrap(),
        claims: complete_claims(),
        acr: acr.map(str::to_owned),
        amr: vec![Amr::Pwd],
        auth_time: NOW,
        states_auth_time: true,
        id_token: None,
        found_by: Vec::new(),
    }
}

#[test]
fn a_level_below_the_one_needed_is_never_silently_accepted() {
    let needs_two = json!({"acr": {"required": "eidas2"}});
    let level = RequiredLevel::from(Acr::Eidas2);
    let judged = |acr| {
        waiting(needs_two.clone(), acr)
            .judge(&provider("citoyen"), &level, false)
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
fn two_people_never_share_the_code_of_a_visit() {
    let (alice, bob) = (PersonId::from_bytes([1; 16]), PersonId::from_bytes([2; 16]));
    let entropy = Counting::starting_at(500);
    // The code of a login that a visit of Alice's began, or that nobody's did, once `person` is recognized.
    let kept = |visitor, signed_in, person| {
        let mut waiting = waiting(json!({}), None);
        waiting.trip.visitor = visitor;
        let code = waiting.trip.browsing.clone();
        let signed_in = if signed_in {
            Some((alice, &code))
        } else {
            None
        };
        waiting.follow_on(signed_in, person, &entropy);
        assert_eq!(waiting.trip.visitor, Some(person));
        waiting.trip.browsing == code
    };
    assert!(kept(Some(alice), true, alice));
    assert!(!kept(Some(alice), true, bob));
    // She signed out in another tab meanwhile.
    assert!(!kept(Some(alice), false, bob));
    assert!(kept(Some(alice), false, alice));
    assert!(kept(None, false, bob), "nobody's visit is theirs");
}

#[test]
fn a_level_the_provider_may_not_assert_is_a_lie() {
    // `provider` may assert up to eidas2 (threat N-17).
    let waiting = waiting(json!({}), Some("eidas3"));
    let level = RequiredLevel::from(Acr::Eidas1);
    let refusal = waiting
        .judge(&provider("citoyen"), &level, false)
        .err()
        .unwrap();
    assert_eq!(refusal, IdentityRefusal::Level(LevelRefusal::NotAllowed));
    let (back, event) = waiting.refused(refusal, NOW);
    assert_eq!(event.kind, EventKind::ProviderFailed);
    assert_eq!(event.details["failure"], "id_token_acr");
    assert_eq!(back.notice.unwrap().what, Setback::Untrustworthy);
}

#[test]
fn whoever_steps_up_is_the_person_of_the_session_or_means_to_be_another() {
    let mut waiting = waiting(json!({}), None);
    let found = |byte| Found {
        session: SessionId::from_bytes([8; 16]),
        person: active(byte),
        subject: "s".parse().unwrap(),
        grant: GrantId::from_bytes([2; 16]),
    };
    waiting.trip.stepping_up = Some(crate::login::SteppingUp {
        person: PersonId::from_bytes([1; 16]),
        provider: "citoyen".parse().unwrap(),
    });
    assert_eq!(waiting.expects(&found(1)), Ok(()));
    let why = waiting.expects(&found(2)).unwrap_err();
    assert_eq!(why, IdentityRefusal::NotTheSession);
    let (back, event) = waiting.refused(why, NOW);
    assert_eq!(event.details["reason"], "somebody_else");
    assert!(back.trip.stepping_up.is_none(), "they have been told");
}

#[test]
fn an_identity_without_a_birth_date_is_refused_by_the_claims_name() {
    let mut waiting = waiting(json!({}), None);
    waiting.claims.birthdate = None;
    let level = RequiredLevel::from(Acr::Eidas1);
    let refusal = waiting
        .judge(&provider("citoyen"), &level, false)
        .err()
        .unwrap();
    assert_eq!(refusal, IdentityRefusal::Incomplete("birthdate"));
    let (back, event) = waiting.refused(refusal, NOW);
    assert_eq!(event.details["claim"], "birthdate");
    assert_eq!(back.notice.unwrap().what, Setback::IdentityIncomplete);
}

#[test]
fn an_address_is_needed_where_the_hub_says_so_and_never_a_malformed_one() {
    let judged = |email: Option<&str>, needed| {
        let mut waiting = waiting(json!({}), None);
        waiting.claims.email = email.map(str::to_owned);
        let level = RequiredLevel::from(Acr::Eidas1);
        waiting.judge(&provider("citoyen"), &level, needed).err()
    };
    let refusal = Some(IdentityRefusal::Incomplete("email"));
    assert_eq!(judged(None, false), None);
    assert_eq!(judged(Some(""), false), None);
    assert_eq!(judged(None, true), refusal);
    assert_eq!(judged(Some(""), true), refusal);
    assert_eq!(judged(Some("nobody"), false), refusal);
    assert_eq!(judged(Some("camille@example.org"), true), None);
}

#[test]
fn the_service_gets_the_registers_version_of_the_claims_it_asked_for_and_no_others() {
    let waiting = waiting(json!({"scopes": "openid given_name"}), None);
    let mut corrected = complete_claims();
    corrected.given_name = Some("Camille Aimée Louise".into());
    let identity = VerifiedIdentity {
        acr: SufficientAcr::check(Acr::Eidas1, &Acr::Eidas1.into()).unwrap(),
        pivot: PivotIdentity::from_claims(&corrected).unwrap(),
        register: RegisterWord::Corrects {
            stated: Box::new(PivotIdentity::from_claims(&complete_claims()).unwrap()),
        },
    };
    let found = Found {
        session: SessionId::from_bytes([8; 16]),
        person: active(1),
        subject: "s".parse().unwrap(),
        grant: GrantId::from_bytes([2; 16]),
    };
    let words = Words {
        required: Acr::Eidas1.into(),
        provider: &provider("citoyen"),
        earlier: None,
        since: Timestamp::from_seconds(0),
        counts: &|_, _| true,
    };
    let (next, session, event) = waiting.verified(&identity, found, &words, NOW);
    let Login::AwaitingConsent(awaiting) = next else {
        panic!("{}", next.step())
    };
    assert_eq!(event.kind, EventKind::IdentityVerified);
    let released = serde_json::to_value(&awaiting.claims).unwrap();
    let names = json!(["Camille", "Aimée", "Louise"]);
    let all = json!({"given_name": "Camille Aimée Louise", "given_name_array": names});
    assert_eq!(released, all);
    assert_eq!(session.claims.email.as_deref(), Some("camille@example.org"));
    let [provider, register] = &session.asserted[..] else {
        panic!("{:?}", session.asserted);
    };
    assert!(matches!(&provider.by, Source::Provider { id, .. } if id.as_str() == "citoyen"));
    assert!(provider.claims.contains(&Claim::Email));
    assert_eq!((&register.by, register.at), (&Source::Register, NOW));
    assert!(!register.claims.contains(&Claim::Email));
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
