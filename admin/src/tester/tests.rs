//! What is played, and what it comes to.

use std::time::Duration;

use guichet_domain::{ClientTestId, Sealed, SigningAlg, Timestamp};
use guichet_keys::{Keys, LoneKey, MemoryCustody, Sealer, SystemEntropy};
use guichet_store::durable::client_tests::ClientTestRecord;
use proptest::prelude::*;
use serde_json::Value;

use super::grade::Reason;
use super::run::{Attempt, Run};
use super::*;

const NOON: Timestamp = Timestamp::from_seconds(1_795_086_000);
const ISSUER: &str = "https://hub.example/tester/run";

fn attempt(case: Case, code_of: usize) -> Attempt {
    Attempt {
        case,
        at: NOON,
        redirect_uri: "https://app.example/cb".to_owned(),
        state: Some("state".to_owned()),
        nonce: Some("nonce".to_owned()),
        pkce: true,
        code_of,
        redeemed: false,
        used: false,
        signed_in: None,
    }
}

fn run(attempts: Vec<Attempt>) -> Run {
    let sealed = || Sealed::from_bytes(Vec::new());
    Run {
        alg: SigningAlg::Es256,
        keys: [sealed(), sealed()],
        expires: NOON.after(Duration::from_hours(2)),
        fetched: None,
        over: false,
        next: None,
        attempts,
    }
}

fn report(run: &Run) -> Report {
    let record = ClientTestRecord {
        id: ClientTestId::from_bytes([1; 16]),
        client: "app".parse().unwrap(),
        began: NOON,
        state: String::new(),
    };
    Report::of(&record, run, NOON.after(Duration::from_mins(1)))
}

fn of(run: &Run, case: Case) -> (Verdict, Reason) {
    let report = report(run);
    let found = report.cases.iter().find(|it| it.case == case).unwrap();
    (found.verdict, found.reason)
}

fn honest() -> Attempt {
    Attempt {
        redeemed: true,
        used: true,
        ..attempt(Case::Honest, 0)
    }
}

#[test]
fn whoever_goes_on_where_it_should_stop_fails() {
    for (case, redeemed, used, reason) in [
        (Case::WrongState, true, false, Reason::Redeemed),
        (Case::MissingState, true, false, Reason::Redeemed),
        (Case::MixedUpResponse, true, true, Reason::Redeemed),
        (Case::MixedUpToken, true, true, Reason::Used),
        (Case::WrongNonce, true, true, Reason::Used),
        (Case::BadSignature, true, true, Reason::Used),
        (Case::AlgNone, true, true, Reason::Used),
        (Case::WrongAudience, true, true, Reason::Used),
        (Case::Expired, true, true, Reason::Used),
        (Case::ReplayedCode, true, true, Reason::Used),
    ] {
        let went_on = Attempt {
            redeemed,
            used,
            ..attempt(case, 1)
        };
        assert_eq!(
            of(&run(vec![honest(), went_on]), case),
            (Verdict::Failed, reason),
            "{case:?}"
        );
        let stopped = Attempt {
            redeemed: reason == Reason::Used,
            ..attempt(case, 1)
        };
        let stopped = run(vec![honest(), stopped]);
        assert_eq!(
            of(&stopped, case),
            (Verdict::Passed, Reason::Stopped),
            "{case:?}"
        );
    }
}

#[test]
fn what_cannot_be_seen_is_asked() {
    let swapped = Attempt {
        redeemed: true,
        used: true,
        ..attempt(Case::SwappedSub, 1)
    };
    let open = run(vec![honest(), swapped.clone()]);
    assert_eq!(of(&open, Case::SwappedSub), (Verdict::Open, Reason::Say));
    for (said, verdict) in [(true, Verdict::Failed), (false, Verdict::Passed)] {
        let signed_in = Some(said);
        let told = Attempt {
            signed_in,
            ..swapped.clone()
        };
        assert_eq!(of(&run(vec![honest(), told]), Case::SwappedSub).0, verdict);
    }
    // That a client stops says nothing while nobody knows that it goes on when all is well.
    let alone = run(vec![Attempt {
        redeemed: true,
        ..attempt(Case::WrongNonce, 0)
    }]);
    assert_eq!(of(&alone, Case::WrongNonce), (Verdict::Open, Reason::Say));
}

#[test]
fn a_client_that_sends_nothing_to_compare_is_not_let_off() {
    let without = |case, pkce| Attempt {
        state: None,
        nonce: None,
        pkce,
        ..attempt(case, 1)
    };
    let of_one = |case, pkce| of(&run(vec![honest(), without(case, pkce)]), case);
    assert_eq!(
        of_one(Case::WrongState, true),
        (Verdict::Passed, Reason::PkceInstead)
    );
    let nothing = (Verdict::Failed, Reason::NothingToCompare);
    assert_eq!(of_one(Case::WrongState, false), nothing);
    assert_eq!(of_one(Case::WrongNonce, true), nothing);
}

#[test]
fn a_client_that_fetched_keys_a_moment_ago_is_given_time() {
    let refused = Attempt {
        signed_in: Some(false),
        ..attempt(Case::RotatedKey, 1)
    };
    let mut it = run(vec![honest(), refused]);
    it.fetched = Some(NOON.before(Duration::from_mins(1)));
    assert_eq!(of(&it, Case::RotatedKey), (Verdict::Open, Reason::TooSoon));
    for fetched in [
        NOON.before(Duration::from_mins(6)),
        NOON.after(Duration::from_secs(1)),
    ] {
        it.fetched = Some(fetched);
        assert_eq!(
            of(&it, Case::RotatedKey),
            (Verdict::Failed, Reason::DidNotSignIn)
        );
    }
}

#[test]
fn a_run_passes_when_every_case_did_and_fails_with_the_first() {
    let passed = |case| Attempt {
        signed_in: Some(matches!(case, Case::Honest | Case::RotatedKey)),
        ..attempt(case, 0)
    };
    let mut all = run(Case::ALL.map(passed).to_vec());
    assert_eq!(report(&all).verdict, Verdict::Passed);
    all.attempts.pop();
    assert_eq!(report(&all).verdict, Verdict::Open);
    assert_eq!(all.upcoming(), Case::RotatedKey);
    all.attempts[1].redeemed = true;
    assert_eq!(report(&all).verdict, Verdict::Failed);
    assert!(
        !all.is_live(NOON.after(Duration::from_hours(2))),
        "it ends by itself"
    );
}

fn sealer() -> Sealer {
    let custody = std::sync::Arc::new(MemoryCustody::new());
    let keys = Keys::open(custody, std::sync::Arc::new(SystemEntropy), NOON, &[]).unwrap();
    keys.sealer("tester key")
}

/// Header and claims, unverified.
fn parts(token: &str) -> (Value, Value) {
    use base64::Engine as _;
    let part = |text: &str| {
        let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD
            .decode(text)
            .unwrap();
        serde_json::from_slice(&bytes).unwrap()
    };
    let mut parts = token.split('.');
    (part(parts.next().unwrap()), part(parts.next().unwrap()))
}

#[test]
fn an_answer_is_wrong_in_one_thing_and_right_in_the_others() {
    let sealer = sealer();
    let kept = LoneKey::make(SigningAlg::Es256, &sealer, b"run").unwrap();
    let key = LoneKey::open(SigningAlg::Es256, &sealer, b"run", &kept).unwrap();
    assert!(LoneKey::open(SigningAlg::Es256, &sealer, b"other", &kept).is_err());
    let token = |case| {
        let one = attempt(case, 0);
        play::id_token((ISSUER, "app"), (&one, &one), &key, NOON).unwrap()
    };
    let (header, right) = parts(&token(Case::Honest));
    assert_eq!(header["kid"], key.jwk()["kid"]);
    let differing = |case| -> Vec<String> {
        let (_, claims) = parts(&token(case));
        let claims = claims.as_object().unwrap().iter();
        let differs = claims.filter(|(name, value)| right[name.as_str()] != **value);
        let mut names: Vec<String> = differs.map(|(name, _)| name.clone()).collect();
        names.sort_unstable();
        names
    };
    assert_eq!(differing(Case::MixedUpToken), ["iss"]);
    assert_eq!(differing(Case::WrongNonce), ["nonce"]);
    assert_eq!(differing(Case::WrongAudience), ["aud"]);
    assert_eq!(differing(Case::Expired), ["auth_time", "exp", "iat"]);
    assert!(differing(Case::BadSignature).is_empty() && differing(Case::AlgNone).is_empty());
    assert_eq!(parts(&token(Case::AlgNone)).0["alg"], "none");
    let query = |case| {
        play::answer(ISSUER, &attempt(case, 0), "c")
            .unwrap()
            .query()
            .unwrap()
            .to_owned()
    };
    let right = query(Case::Honest);
    assert_eq!(query(Case::AlgNone), right);
    for case in [Case::WrongState, Case::MissingState, Case::MixedUpResponse] {
        assert_ne!(query(case), right);
    }
    assert!(!query(Case::MissingState).contains("state"));
}

proptest! {
    /// Whatever a client sends, the browser goes back to where the client is registered.
    #[test]
    fn nothing_a_client_sends_leads_the_browser_elsewhere(state in "\\PC{0,60}", code in "[a-z.]{0,20}") {
        let one = Attempt { state: Some(state.clone()), ..attempt(Case::Honest, 0) };
        let address = play::answer(ISSUER, &one, &code).unwrap();
        prop_assert_eq!(address.host_str(), Some("app.example"));
        let sent = address.query_pairs().find(|(name, _)| name == "state");
        prop_assert_eq!(sent.map(|(_, value)| value.into_owned()), Some(state));
    }
}
