//! What may be said at which stage, and what becomes of it.

use std::collections::BTreeMap;

use guichet_domain::{FieldName, GrantId, SessionId, Timestamp};
use guichet_exchange::{Ask, Digests, Prepared, Without};
use serde_json::{Value, json};

use super::turn::{AwaitingEvidence, Reading, Stage};
use super::word::{Posted, Word};
use crate::login::consent::ConsentGiven;
use crate::login::tests::{Counting, trip};
use crate::login::{AwaitingConsent, Consented, Login};
use crate::session::tests::session;

fn ask(basis: &str) -> Ask {
    serde_json::from_value(json!({
        "evidence_type": "quotient-familial", "data_provider": "famille",
        "fields": ["quotient", "tranche"], "purpose": "tarif-cantine", "basis": basis,
        "usage": "single", "retention_days": 30,
    }))
    .unwrap()
}

fn consented() -> Consented {
    let session = session();
    let awaited = AwaitingConsent::new(
        trip(json!({})),
        (SessionId::from_bytes([8; 16]), &session),
        session.reached(
            guichet_domain::Acr::Eidas1.into(),
            Timestamp::from_seconds(0),
            |_| true,
        ),
        "s".parse().unwrap(),
        GrantId::from_bytes([5; 16]),
    );
    let now = Timestamp::from_seconds(1100);
    Consented::new(awaited, ConsentGiven::informed_before(now))
}

/// A login that waits for a word on the first of two facts.
fn waiting(basis: &str) -> AwaitingEvidence {
    let asks = vec![ask(basis), ask("consent")];
    let login = AwaitingEvidence::begin(consented(), asks, &Counting::default());
    let Login::AwaitingEvidence(waiting) = login else {
        panic!("a fact is asked for")
    };
    waiting
}

/// The person saw both values.
fn looked(waiting: AwaitingEvidence) -> AwaitingEvidence {
    let values: Vec<(FieldName, Value)> = vec![
        ("quotient".parse().unwrap(), json!(850)),
        ("tranche".parse().unwrap(), json!("B")),
    ];
    let digests = Digests::of(values.iter().map(|(field, value)| (field, value)));
    waiting.prepared(Prepared::Shown { values, digests })
}

/// The page in French.
fn read() -> Reading {
    Reading {
        locale: "fr".to_owned(),
        digest: [3; 32],
    }
}

fn posted(form: &[(&str, &str)]) -> Posted {
    let form: BTreeMap<&str, &str> = form.iter().copied().collect();
    serde_json::from_value(json!(form)).unwrap()
}

#[test]
fn without_a_fact_the_login_is_through() {
    let login = AwaitingEvidence::begin(consented(), Vec::new(), &Counting::default());
    assert!(matches!(login, Login::Consented(_)));
}

#[test]
fn facts_come_one_by_one_and_each_is_an_exchange_of_its_own() {
    let first = waiting("consent");
    let (exchange, step) = (first.exchange, first.step());
    let Login::AwaitingEvidence(second) = first.over(None, &Counting::starting_at(90)) else {
        panic!("a second fact is asked for")
    };
    assert_ne!(second.exchange, exchange);
    assert_ne!(second.step(), step);
    assert!(matches!(second.stage, Stage::Asked));
    let detail = second.ask.detail();
    let Login::Consented(through) = second.over(detail.clone(), &Counting::default()) else {
        panic!("there is no third")
    };
    assert_eq!(through.details, Vec::from_iter(detail));
}

#[test]
fn nobody_sends_or_contests_what_they_did_not_see() {
    let fields = vec!["quotient".parse().unwrap()];
    for word in [Word::Sent(fields), Word::Contested] {
        assert!(waiting("consent").said(word.clone(), read()).is_err());
        let down = waiting("consent").prepared(Without::Down.into());
        assert!(down.said(word.clone(), read()).is_err());
        assert!(looked(waiting("consent")).said(word, read()).is_ok());
    }
    assert!(waiting("consent").said(Word::Refused, read()).is_ok());
}

#[test]
fn a_word_that_was_given_is_not_given_again() {
    let said = looked(waiting("consent")).said(Word::Refused, read());
    let Ok(said) = said else { panic!("a word") };
    assert!(said.said(Word::Contested, read()).is_err());
}

#[test]
fn digests_of_what_was_shown_go_with_the_word_and_the_values_do_not() {
    let seen = looked(waiting("consent"));
    let Ok(said) = seen.said(Word::Contested, read()) else {
        panic!("a word")
    };
    let Stage::Said(given) = &said.stage else {
        panic!("said")
    };
    assert_eq!(given.word, Word::Contested);
    assert!(!given.digests.is_empty());
    assert!(given.reading == read(), "the page as it was read");
    let json = serde_json::to_vec(&Login::AwaitingEvidence(said)).unwrap();
    let text = String::from_utf8_lossy(&json);
    assert!(!text.contains("850"), "no value stays: {text}");
    let back: Login = serde_json::from_slice(&json).unwrap();
    assert_eq!(back.page(), "/evidence");
    assert_eq!(back.step_name(), "awaiting_evidence");
}

#[test]
fn ticked_fields_are_sent_and_no_others() {
    let form = |fields: &[&str]| {
        let mut form = vec![("decision", "send"), ("csrf", "x")];
        form.extend(fields.iter().map(|field| (*field, "yes")));
        posted(&form)
    };
    let free = ask("explicit_request");
    let sent = |names: &[&str]| {
        Some(Word::Sent(
            names.iter().map(|name| name.parse().unwrap()).collect(),
        ))
    };
    assert_eq!(form(&["field.tranche"]).word(&free), sent(&["tranche"]));
    assert_eq!(form(&["field.salaire", "tranche"]).word(&free), None);
    assert_eq!(form(&[]).word(&free), None);
}

#[test]
fn where_the_law_leaves_no_choice_all_is_sent_or_contested() {
    let bound = ask("legal_obligation");
    let all = bound.fields().to_vec();
    let word = |decision| posted(&[("decision", decision)]).word(&bound);
    assert_eq!(word("send"), Some(Word::Sent(all)));
    assert_eq!(word("refuse"), None);
    assert_eq!(word("contest"), Some(Word::Contested));
    assert_eq!(word(""), None);
}

#[test]
fn what_is_not_ready_is_agreed_to_ahead_where_that_is_for_the_person_to_decide() {
    let later = |basis| waiting(basis).prepared(Without::Later { seconds: 60 }.into());
    let Ok(early) = later("explicit_request").ahead() else {
        panic!("nothing is in the way")
    };
    let Stage::Seen(seen) = &early.stage else {
        panic!("what they decide on")
    };
    assert!(seen.early);
    let Err(early) = early.said(Word::Contested, read()) else {
        panic!("nobody calls wrong what they have not seen")
    };
    let Ok(said) = early.said(Word::Sent(vec!["quotient".parse().unwrap()]), read()) else {
        panic!("a word")
    };
    let Stage::Said(given) = &said.stage else {
        panic!("said")
    };
    assert!(given.digests.is_empty());
    assert!(later("legal_obligation").ahead().is_err());
    let down = waiting("consent").prepared(Without::Down.into());
    assert!(down.ahead().is_err());
    assert!(waiting("consent").ahead().is_err());
    assert!(looked(waiting("consent")).ahead().is_err());
}

#[test]
fn where_the_law_leaves_no_word_the_login_goes_on_without_what_is_not_there() {
    let gone = |basis| waiting(basis).prepared(Without::NoMatch.into()).may_go_on();
    assert!(gone("legal_obligation"));
    assert!(!gone("consent"), "a word is asked for");
    assert!(!waiting("legal_obligation").may_go_on());
    assert!(!looked(waiting("legal_obligation")).may_go_on());
}

#[test]
fn who_somebody_is_is_told_only_where_the_data_provider_may_know() {
    let linking = |may_be_told| {
        let answer = Without::NeedsLink {
            uri: None,
            may_be_told,
        };
        waiting("consent").prepared(answer.into())
    };
    assert!(linking(true).may_be_told() && linking(true).waits_for_link());
    assert!(!linking(false).may_be_told());
    assert!(!waiting("consent").may_be_told() && !waiting("consent").waits_for_link());
}

#[test]
fn a_form_is_good_for_one_turn_at_one_stage() {
    let asked = waiting("consent");
    let before = asked.mark();
    assert_ne!(looked(asked).mark(), before);
}
