//! What a run comes to: each case by what was seen, and by what the developer says where that says more.

use std::time::Duration;

use guichet_domain::Timestamp;
use guichet_store::durable::client_tests::ClientTestRecord;
use schemars::JsonSchema;
use serde::Serialize;

use super::Case;
use super::case::Reach;
use super::run::{Attempt, Run};

/// What became of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Report {
    /// Its identifier: an onboarding refers to it.
    pub id: String,
    /// Which client was tested.
    pub client_id: String,
    /// When it began: `2027-01-31T12:00:00Z`.
    pub began: String,
    /// Until when it plays.
    pub expires: String,
    /// Whether it plays still.
    pub live: bool,
    /// All in all: failed as soon as one case is, passed when all are.
    pub verdict: Verdict,
    /// What is played next.
    pub next: Case,
    /// Each case, in the order in which they are played.
    pub cases: Vec<CaseReport>,
}

/// What became of one case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CaseReport {
    /// Which.
    pub case: Case,
    /// How it ended.
    pub verdict: Verdict,
    /// Why, in a word.
    pub reason: Reason,
    /// Whether the client came to the token endpoint.
    pub redeemed: bool,
    /// Whether it came to userinfo.
    pub used: bool,
    /// What the developer says, where they were asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signed_in: Option<bool>,
}

/// How something ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// As it should be.
    Passed,
    /// Not so.
    Failed,
    /// That cannot be said yet.
    Open,
}

/// Why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// It was not played yet.
    NotPlayed,
    /// The client went all the way.
    SignedIn,
    /// The client redeemed a code that it should have left alone.
    Redeemed,
    /// The client used what it should have thrown away.
    Used,
    /// The client stopped where it should.
    Stopped,
    /// The developer says that the person was taken in.
    SaidSignedIn,
    /// The developer says that the person was refused.
    SaidRefused,
    /// Say what the application showed: from here it cannot be seen.
    Say,
    /// Keys were fetched a moment ago, and nobody fetches them oftener: play this again in five minutes.
    TooSoon,
    /// The client has a moment left.
    Wait,
    /// PKCE stands in for a `state` that the client does not send (RFC 9700 §2.1).
    PkceInstead,
    /// The client sends nothing that could be compared.
    NothingToCompare,
    /// A sign-in that should have gone well did not.
    DidNotSignIn,
}

impl Report {
    pub(super) fn of(record: &ClientTestRecord, run: &Run, now: Timestamp) -> Self {
        let cases = Case::ALL.map(|case| graded(run, case, now)).to_vec();
        let any = |verdict| cases.iter().any(|it: &CaseReport| it.verdict == verdict);
        Self {
            id: record.id.to_string(),
            client_id: record.client.to_string(),
            began: record.began.to_string(),
            expires: run.expires.to_string(),
            live: run.is_live(now),
            verdict: if any(Verdict::Failed) {
                Verdict::Failed
            } else if any(Verdict::Open) {
                Verdict::Open
            } else {
                Verdict::Passed
            },
            next: run.upcoming(),
            cases,
        }
    }
}

fn graded(run: &Run, case: Case, now: Timestamp) -> CaseReport {
    let Some(attempt) = run.latest(case) else {
        return CaseReport {
            case,
            verdict: Verdict::Open,
            reason: Reason::NotPlayed,
            redeemed: false,
            used: false,
            signed_in: None,
        };
    };
    let (verdict, reason) = match case.reach() {
        Reach::SignsIn => goes_well(run, attempt, now),
        _ => stops(run, attempt, now),
    };
    CaseReport {
        case,
        verdict,
        reason,
        redeemed: attempt.redeemed,
        used: attempt.used,
        signed_in: attempt.signed_in,
    }
}

/// Of a sign-in that should go well.
fn goes_well(run: &Run, attempt: &Attempt, now: Timestamp) -> (Verdict, Reason) {
    let is_new_key = attempt.case == Case::RotatedKey;
    match attempt.signed_in {
        Some(true) => (Verdict::Passed, Reason::SaidSignedIn),
        None if attempt.used => (Verdict::Passed, Reason::SignedIn),
        // Libraries fetch keys no oftener than so.
        _ if is_new_key && has_young_keys(run, attempt) => (Verdict::Open, Reason::TooSoon),
        None if now.since(attempt.at) < QUIET => (Verdict::Open, Reason::Wait),
        // A client that never asks for userinfo shows no more than that it redeems codes.
        None if attempt.redeemed && !(is_new_key && uses(run)) => (Verdict::Open, Reason::Say),
        Some(false) | None => (Verdict::Failed, Reason::DidNotSignIn),
    }
}

/// Whether the client fetched keys shortly before the attempt, and not since.
fn has_young_keys(run: &Run, attempt: &Attempt) -> bool {
    run.fetched
        .is_some_and(|at| at <= attempt.at && attempt.at.since(at) < YOUNG)
}

/// Of a sign-in that should stop.
fn stops(run: &Run, attempt: &Attempt, now: Timestamp) -> (Verdict, Reason) {
    match attempt.case {
        Case::WrongState | Case::MissingState if attempt.state.is_none() => {
            return if attempt.pkce {
                (Verdict::Passed, Reason::PkceInstead)
            } else {
                (Verdict::Failed, Reason::NothingToCompare)
            };
        }
        Case::WrongNonce | Case::ReplayedCode if attempt.nonce.is_none() => {
            return (Verdict::Failed, Reason::NothingToCompare);
        }
        _ => {}
    }
    let reach = attempt.case.reach();
    if reach == Reach::NotToToken && attempt.redeemed {
        return (Verdict::Failed, Reason::Redeemed);
    }
    if reach == Reach::NotToUserinfo && attempt.used {
        return (Verdict::Failed, Reason::Used);
    }
    match attempt.signed_in {
        Some(true) => (Verdict::Failed, Reason::SaidSignedIn),
        Some(false) => (Verdict::Passed, Reason::SaidRefused),
        None if reach == Reach::NotIn => (Verdict::Open, Reason::Say),
        None if now.since(attempt.at) < QUIET => (Verdict::Open, Reason::Wait),
        // That it stops says something of a client that is known to go on when all is well.
        None if reach == Reach::NotToToken && redeems(run) => (Verdict::Passed, Reason::Stopped),
        None if reach == Reach::NotToUserinfo && attempt.redeemed && uses(run) => {
            (Verdict::Passed, Reason::Stopped)
        }
        None => (Verdict::Open, Reason::Say),
    }
}

fn redeems(run: &Run) -> bool {
    run.latest(Case::Honest).is_some_and(|it| it.redeemed)
}

fn uses(run: &Run) -> bool {
    run.latest(Case::Honest).is_some_and(|it| it.used)
}

/// Whoever has not gone on by then does not.
const QUIET: Duration = Duration::from_secs(5);
/// Keys that were fetched so lately are not fetched again.
const YOUNG: Duration = Duration::from_mins(5);
