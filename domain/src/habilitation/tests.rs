//! The state machine: every step from every state, and nobody twice.

use super::*;
use crate::staff::Role;
use crate::{Acr, ClientId, Timestamp};

const NOW: Timestamp = Timestamp::from_seconds(1_795_000_000);

fn signatory(name: &str) -> Signatory {
    Signatory {
        id: name.parse().unwrap(),
        who: Who::Person(name.to_owned().try_into().unwrap()),
    }
}

fn hand<'a>(name: &str, seats: &'a [Seat]) -> Hand<'a> {
    Hand {
        signatory: signatory(name),
        seats,
        clients: &[],
    }
}

fn terms() -> Terms {
    Terms {
        scopes: "openid given_name".parse().unwrap(),
        evidence: Vec::new(),
        level: Acr::Eidas1,
        retention_months: 12,
    }
}

fn sign() -> Step {
    Step::Sign {
        terms: terms(),
        entry: 7,
    }
}

fn edit() -> Step {
    Step::Edit {
        dossier: Box::default(),
        contacts: None,
    }
}

fn why() -> String {
    "a reason".to_owned()
}

fn cantine() -> ClientId {
    "cantine".parse().unwrap()
}

fn suspend() -> Step {
    Step::Suspend {
        text: why(),
        running: vec![cantine()],
    }
}

/// What is to be done for services, mails left out.
fn owed(of: &Habilitation) -> Vec<Task> {
    let tasks = of.duties.iter().map(|duty| duty.task.clone());
    tasks
        .filter(|task| !matches!(task, Task::Tell { .. }))
        .collect()
}

fn start() -> Task {
    Task::Start {
        clients: vec![cantine()],
    }
}

/// The same, where whoever does so has done all that was left.
fn done(of: &Habilitation) -> Habilitation {
    of.relieved(&of.duties)
}

fn draft() -> Habilitation {
    let of = ("ville".parse().unwrap(), "cantines".parse().unwrap());
    Habilitation::begin("h1".parse().unwrap(), of, signatory("author"), NOW)
}

fn walk(from: Habilitation, steps: Vec<(Step, &str)>) -> Result<Habilitation, NotNow> {
    let mut at = from;
    for (step, by) in steps {
        at = at.after(step, &hand(by, &[]), NOW)?;
    }
    Ok(at)
}

fn validated() -> Habilitation {
    let steps = vec![(Step::Submit, "author"), (sign(), "one"), (sign(), "two")];
    walk(draft(), steps).unwrap()
}

fn state(of: &Habilitation) -> State {
    of.latest().unwrap().standing.state()
}

/// A habilitation whose latest version is in this state.
fn in_state(state: State) -> Habilitation {
    let submitted = || walk(draft(), vec![(Step::Submit, "author")]).unwrap();
    match state {
        State::Draft => draft(),
        State::Submitted => submitted(),
        State::ChangesRequested => {
            walk(submitted(), vec![(Step::RequestChanges(why()), "one")]).unwrap()
        }
        State::Refused => walk(submitted(), vec![(Step::Refuse(why()), "one")]).unwrap(),
        State::Validated => validated(),
        State::Suspended => walk(validated(), vec![(suspend(), "one")]).unwrap(),
        State::Revoked => {
            let steps = vec![(suspend(), "one"), (Step::Revoke(why()), "two")];
            walk(validated(), steps).unwrap()
        }
        State::Superseded => {
            let mut old = validated();
            old.versions[0].standing = Standing::Superseded {
                granted: old.granted().unwrap().clone(),
                at: NOW,
            };
            old
        }
    }
}

#[test]
fn every_step_leads_where_the_table_says_and_from_nowhere_else() {
    let steps = || {
        [
            edit(),
            Step::Submit,
            Step::TakeBack,
            sign(),
            Step::RequestChanges(why()),
            Step::Refuse(why()),
            suspend(),
            Step::Resume(why()),
            Step::Revoke(why()),
            Step::Renew,
        ]
    };
    for from in State::ALL {
        for step in steps() {
            let kind = step.kind();
            let next = in_state(from).after(step, &hand("three", &[]), NOW);
            let mut rows = STEPS.iter();
            let row = rows.find(|(it, at, _)| *it == kind && *at == from);
            match (next, row) {
                (Ok(next), Some((_, _, to))) => {
                    assert!(to.contains(&state(&next)), "{from:?} {kind:?}");
                }
                (Err(error), None) => assert_eq!(error, NotNow::State, "{from:?} {kind:?}"),
                (next, _) => panic!("{from:?} {kind:?}: {:?}", next.err()),
            }
        }
    }
}

#[test]
fn two_different_persons_sign_and_one_by_two_names_is_one() {
    let submitted = in_state(State::Submitted);
    let once = submitted.after(sign(), &hand("one", &[]), NOW).unwrap();
    assert_eq!(state(&once), State::Submitted);
    assert_eq!(
        once.may_take(StepKind::Sign, &hand("one", &[])),
        Err(NotNow::Twice)
    );
    let mut renamed = hand("one", &[]);
    renamed.signatory.id = "another-name".parse().unwrap();
    assert_eq!(once.may_take(StepKind::Sign, &renamed), Err(NotNow::Twice));
    let twice = once.after(sign(), &hand("two", &[]), NOW).unwrap();
    assert_eq!(state(&twice), State::Validated);
    assert_eq!(twice.granted().unwrap().entry, 7);
}

#[test]
fn nobody_reviews_what_they_wrote_or_what_is_their_organisation_s() {
    let submitted = in_state(State::Submitted);
    let review = [StepKind::Sign, StepKind::RequestChanges, StepKind::Refuse];
    for step in review {
        assert_eq!(
            submitted.may_take(step, &hand("author", &[])),
            Err(NotNow::Involved)
        );
        for on in ["organisation:ville", "team:cantines", "client:cantine"] {
            let seat = [Seat::new(Role::TeamReader, on.parse().unwrap()).unwrap()];
            let clients = ["cantine".parse().unwrap()];
            let tied = Hand {
                clients: &clients,
                ..hand("one", &seat)
            };
            assert_eq!(
                submitted.may_take(step, &tied),
                Err(NotNow::Involved),
                "{on}"
            );
        }
        let elsewhere = [Seat::new(Role::TeamOwner, "team:other".parse().unwrap()).unwrap()];
        assert_eq!(submitted.may_take(step, &hand("one", &elsewhere)), Ok(()));
    }
}

#[test]
fn what_is_taken_back_or_sent_back_forgets_who_signed() {
    let once = walk(in_state(State::Submitted), vec![(sign(), "one")]).unwrap();
    let again = vec![
        (Step::TakeBack, "author"),
        (Step::Submit, "author"),
        (sign(), "two"),
    ];
    let again = walk(once, again).unwrap();
    assert_eq!(state(&again), State::Submitted);
    assert_eq!(again.latest().unwrap().standing.signatures().len(), 1);
}

#[test]
fn what_a_version_granted_goes_on_until_the_next_is_validated() {
    let renewed = walk(
        validated(),
        vec![(Step::Renew, "author"), (Step::Submit, "author")],
    )
    .unwrap();
    assert!(renewed.granted().is_some());
    assert_eq!(renewed.latest().unwrap().number, 2);
    let refused = walk(renewed.clone(), vec![(Step::Refuse(why()), "one")]).unwrap();
    assert!(refused.granted().is_some());
    let next = walk(renewed, vec![(sign(), "one"), (sign(), "two")]).unwrap();
    assert_eq!(next.version(1).unwrap().standing.state(), State::Superseded);
    assert_eq!(next.registered().unwrap().0.number, 2);
}

#[test]
fn whoever_suspends_does_not_revoke() {
    let suspended = in_state(State::Suspended);
    assert!(suspended.granted().is_none());
    assert_eq!(
        suspended.may_take(StepKind::Revoke, &hand("one", &[])),
        Err(NotNow::SameHand)
    );
    assert_eq!(
        suspended.may_take(StepKind::Revoke, &hand("two", &[])),
        Ok(())
    );
    let resumed = walk(suspended, vec![(Step::Resume(why()), "two")]).unwrap();
    assert!(resumed.granted().is_some());
}

#[test]
fn a_suspension_reaches_what_is_granted_though_another_version_waits() {
    let renewed = walk(validated(), vec![(Step::Renew, "author")]).unwrap();
    let held = walk(renewed, vec![(suspend(), "one")]).unwrap();
    assert_eq!(held.version(1).unwrap().standing.state(), State::Suspended);
    assert_eq!(state(&held), State::Draft);
}

#[test]
fn a_step_leaves_what_is_to_be_done_in_the_record() {
    let signed = walk(in_state(State::Submitted), vec![(sign(), "one")]).unwrap();
    assert!(owed(&signed).is_empty());
    let granted = validated();
    assert_eq!(owed(&granted), [Task::Apply { version: 1 }]);
    assert!(granted.duties.iter().any(|it| matches!(
        it.task,
        Task::Tell {
            step: StepKind::Sign,
            ..
        }
    )));
    let held = walk(done(&granted), vec![(suspend(), "one")]).unwrap();
    assert_eq!(owed(&held), [Task::Stop]);
    assert_eq!(held.paused, [cantine()]);
    // Whether or not they stopped yet, they go on, once.
    for held in [held.clone(), done(&held)] {
        let resumed = walk(held, vec![(Step::Resume(why()), "two")]).unwrap();
        assert_eq!(owed(&resumed), [start()]);
        assert!(resumed.paused.is_empty());
    }
    let revoked = walk(done(&held), vec![(Step::Revoke(why()), "two")]).unwrap();
    assert_eq!(owed(&revoked), [Task::Stop]);
    assert!(revoked.paused.is_empty());
}

#[test]
fn what_was_to_go_on_when_it_is_suspended_again_stops_and_goes_on_with_the_rest() {
    let resumed = vec![(suspend(), "one"), (Step::Resume(why()), "two")];
    let resumed = walk(done(&validated()), resumed).unwrap();
    let none = Step::Suspend {
        text: why(),
        running: Vec::new(),
    };
    let held = walk(resumed, vec![(none, "one")]).unwrap();
    assert_eq!(owed(&held), [Task::Stop]);
    assert_eq!(held.paused, [cantine()]);
}

#[test]
fn a_version_validated_during_a_suspension_ends_it() {
    let steps = vec![
        (suspend(), "one"),
        (Step::Renew, "author"),
        (Step::Submit, "author"),
        (sign(), "one"),
        (sign(), "two"),
    ];
    let next = walk(done(&validated()), steps).unwrap();
    assert_eq!(owed(&next), [Task::Apply { version: 2 }, start()]);
    assert!(
        next.paused.is_empty(),
        "an old list would turn them on later"
    );
}

#[test]
fn what_is_found_in_use_during_a_suspension_stops_with_it() {
    let late: Vec<ClientId> = vec!["late".parse().unwrap()];
    let held = walk(done(&validated()), vec![(suspend(), "one")]).unwrap();
    let all = held.pausing(&late).unwrap();
    assert_eq!(all.paused, [cantine(), late[0].clone()]);
    assert!(all.pausing(&late).is_none());
    assert!(validated().pausing(&late).is_none());
    let revoked = walk(held, vec![(Step::Revoke(why()), "two")]).unwrap();
    assert!(revoked.pausing(&late).is_none());
}

#[test]
fn a_mail_is_somebodys_until_it_is_due_again() {
    let granted = validated();
    let is_mail = |it: &&Duty| matches!(it.task, Task::Tell { .. });
    let mail = granted.duties.iter().find(is_mail).unwrap();
    let (next, taken) = granted.taking(mail, NOW.after(TAKEN_FOR));
    assert!(!next.duties.contains(mail) && next.duties.contains(&taken));
    assert_eq!(next.duties.len(), granted.duties.len());
    // Whoever had it before takes nothing out that is another's by now.
    assert!(next.relieved(std::slice::from_ref(mail)) == next);
}

#[test]
fn every_difference_is_a_line() {
    let line = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let before = [line("service", "Cantine"), line("scope email", "to write")];
    let after = [line("service", "Cantine"), line("scope phone", "to call")];
    let found = differences(&before, &after);
    assert_eq!(found.len(), 2);
    assert_eq!(
        (found[0].name.as_str(), found[0].before.as_ref()),
        ("scope phone", None)
    );
    assert_eq!(
        (found[1].name.as_str(), found[1].after.as_ref()),
        ("scope email", None)
    );
}

#[test]
fn a_difference_says_how_it_became_and_which_lines_of_it_are_new() {
    let line = |name: &str, text: &str| (name.to_owned(), text.to_owned());
    let before = [line("purpose", "to feed\nto bill"), line("level", "eidas1")];
    let after = [
        line("purpose", "to feed\nto warn"),
        line("service", "Cantine"),
    ];
    let found = differences(&before, &after);
    let how: Vec<(&str, Change)> = found
        .iter()
        .map(|it| (it.name.as_str(), it.change()))
        .collect();
    assert_eq!(
        how,
        [
            ("purpose", Change::Reworded),
            ("service", Change::Added),
            ("level", Change::Removed)
        ]
    );
    let (was, is) = found[0].passages();
    let told = |all: &[Passage]| -> Vec<(String, bool)> {
        all.iter().map(|it| (it.text.clone(), it.differs)).collect()
    };
    let said = |text: &str, differs| (text.to_owned(), differs);
    assert_eq!(told(&was), [said("to feed", false), said("to bill", true)]);
    assert_eq!(told(&is), [said("to feed", false), said("to warn", true)]);
    let (was, is) = found[1].passages();
    assert!(was.is_empty() && told(&is) == [said("Cantine", true)]);
}

#[test]
fn a_habilitation_survives_the_trip_through_json() {
    for state in State::ALL {
        let habilitation = in_state(state);
        let text = serde_json::to_string(&habilitation).unwrap();
        assert!(serde_json::from_str::<Habilitation>(&text).unwrap() == habilitation);
    }
}
