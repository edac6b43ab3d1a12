//! Frozen, closed, and open again: nothing goes on as a person who may not act, whatever was there before,
//! and each is told honestly (threat N-08).

use std::time::Duration;

use guichet_broker::{CaseEvidence, OpenedBy, Report};
use guichet_domain::{CaseId, PersonId, Sealed};
use guichet_store::durable::cases::{Case, CaseKind};
use guichet_store::durable::corrections::Act;
use http::StatusCode;
use serde_json::{Value, json};

use crate::browser::{Answer, Browser, come_back, query};
use crate::people::{Two, alice, bob, merged, notice, office, person, says, sub, two_people};
use crate::tidings::{events, owned};
use crate::world::World;

const PLAIN: &str = "scope=openid%20profile";

pub(crate) async fn freeze(world: &World, person: PersonId) -> CaseId {
    open(world, person, CaseKind::Freeze).await
}

async fn open(world: &World, person: PersonId, kind: CaseKind) -> CaseId {
    world.clock.pass(Duration::from_secs(1));
    let (alice, nothing) = (alice(), CaseEvidence::default());
    let by = OpenedBy::Operator(&alice, "T-1");
    let case = world.cases.open(person, kind, by, &nothing).await;
    world.clock.pass(Duration::from_secs(1));
    case.unwrap().id
}

/// Two operators end a case.
pub(crate) async fn thaw(world: &World, case: CaseId) {
    let office = office(world);
    let proposed = office.propose_thaw(case, &alice(), "T-2").await.unwrap();
    office.confirm(proposed.id, &bob()).await.unwrap();
    world.clock.pass(Duration::from_secs(1));
}

/// The page that a sign-in at a provider comes to.
async fn turned_away(world: &World, provider: &str) -> (Browser, Answer) {
    let mut browser = world.browser();
    let choice = browser.start_and_follow("cantine", PLAIN).await;
    let page = browser.sign_in(provider, &choice, &world.partner).await;
    (browser, page)
}

#[tokio::test]
async fn somebody_who_is_frozen_is_turned_away_with_ways_on_and_the_service_is_told_honestly() {
    let world = World::new().await;
    let subject = sub(&world, "postale", json!({})).await;
    let case = freeze(&world, person(&world, &subject).await).await;
    for provider in ["postale", "citoyen"] {
        let (mut browser, page) = turned_away(&world, provider).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{}", page.body);
        for shown in [&case.to_string(), "gelée", "guichet public", "Cantine"] {
            assert!(page.body.contains(shown), "{shown}: {}", page.body);
        }
        assert!(!page.body.contains("id=\"thaw\""), "an operator's case");
        let left = browser
            .post(&page.action(0), &[("csrf", &page.csrf(0))])
            .await;
        let told = query(left.at_service().as_str());
        assert_eq!(told["error"], "access_denied");
        assert_eq!(told["state"], "s-1");
        assert!(told["error_description"].contains("cannot be signed in"));
        assert!(!told.contains_key("code"));
        let silent = browser.start("cantine", "scope=openid&prompt=none").await;
        let told = query(silent.at_service().as_str());
        assert_eq!(told["error"], "login_required", "no session was begun");
    }
    let audit = world.audit().await;
    let lines: Vec<&str> = audit
        .lines()
        .filter(|line| line.contains(&case.to_string()))
        .collect();
    let count = |kind| lines.iter().filter(|line| line.contains(kind)).count();
    assert_eq!((count("person.frozen"), count("person.barred")), (1, 2));
    assert!(lines[0].contains("\"opened_by\":\"alice\""), "{}", lines[0]);
}

#[tokio::test]
async fn somebody_else_signs_in_at_the_same_browser() {
    let world = World::new().await;
    let subject = sub(&world, "postale", json!({})).await;
    freeze(&world, person(&world, &subject).await).await;
    let (mut browser, page) = turned_away(&world, "postale").await;
    let choice = page.body.split("id=\"choose-again\"").next().unwrap();
    let choice = choice.rsplit("href=\"").next().unwrap();
    let choice = browser.get(choice.split('"').next().unwrap()).await;
    assert!(choice.body.contains("gelée ou fermée"), "{}", choice.body);
    world
        .partner
        .claim_in_userinfo(json!({"family_name": "BERNARD"}));
    let consent = browser.sign_in("postale", &choice, &world.partner).await;
    let back = browser.agree(&consent).await.at_service();
    assert!(query(back.as_str()).contains_key("code"), "{back}");
}

#[tokio::test]
async fn what_was_there_before_a_freeze_dies_with_it_and_does_not_come_back() {
    let world = World::new().await;
    let mut browser = world.browser();
    let back = browser.log_in(&world, "cantine", "postale").await;
    let tokens = browser.redeem("cantine", &back).await;
    let access = tokens["access_token"].as_str().unwrap();
    let subject = sub(&world, "postale", json!({})).await;
    let case = freeze(&world, person(&world, &subject).await).await;
    for thawed in [false, true] {
        let userinfo = browser.userinfo(access).await;
        assert_eq!(userinfo.status, StatusCode::UNAUTHORIZED, "{thawed}");
        let refreshed = browser.refresh("cantine", &tokens).await;
        assert!(refreshed.body.contains("invalid_grant"), "{thawed}");
        let headers = browser.headers();
        assert!(world.hub.signed_in(&headers).await.unwrap().is_none());
        let silent = browser.start("cantine", "scope=openid&prompt=none").await;
        let told = query(silent.at_service().as_str());
        assert_eq!(told["error"], "login_required", "{thawed}");
        if !thawed {
            thaw(&world, case).await;
        }
    }
    // They are who they were, once they sign in again.
    assert_eq!(sub(&world, "postale", json!({})).await, subject);
    let audit = world.audit().await;
    assert!(audit.contains("\"by\":\"barred\""), "the session ended");
}

#[tokio::test]
async fn a_login_under_way_goes_nowhere_once_its_person_is_frozen() {
    let world = World::new().await;
    let subject = sub(&world, "postale", json!({})).await;
    let mut browser = world.browser();
    let choice = browser.start_and_follow("banque", PLAIN).await;
    let consent = browser.sign_in("postale", &choice, &world.partner).await;
    assert_eq!(consent.status, StatusCode::OK, "{}", consent.body);
    let case = freeze(&world, person(&world, &subject).await).await;
    let fields = [("decision", "accept"), ("csrf", &*consent.csrf(0))];
    let refused = browser.post(&consent.action(0), &fields).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.body);
    assert!(refused.body.contains("gelée ou fermée"), "{}", refused.body);
    // Thawed in between, the session it began with is none any more.
    thaw(&world, case).await;
    let agreed = browser.post(&consent.action(0), &fields).await;
    let late = browser.follow(agreed).await;
    assert_eq!(late.status, StatusCode::FORBIDDEN, "{}", late.body);
    assert!(
        !world
            .audit()
            .await
            .contains("\"client\":\"banque\",\"kind\":\"service.returned")
    );
}

#[tokio::test]
async fn a_closed_account_says_so_whoever_died_or_left() {
    let world = World::new().await;
    let subject = sub(&world, "postale", json!({})).await;
    let person = person(&world, &subject).await;
    for kind in [CaseKind::Closure, CaseKind::Death] {
        let case = open(&world, person, kind).await;
        let (_, page) = turned_away(&world, "postale").await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
        assert!(page.body.contains("Ce compte est fermé"), "{}", page.body);
        assert!(page.body.contains(&case.to_string()));
        thaw(&world, case).await;
    }
    assert_eq!(sub(&world, "postale", json!({})).await, subject);
    assert_eq!(world.audit().await.matches("person.closed").count(), 2);
}

#[tokio::test]
async fn services_hear_of_a_case_though_whoever_opened_it_died_at_once() {
    let world = World::new().await;
    let subject = sub(&world, "postale", json!({})).await;
    let case = Case {
        id: CaseId::from_bytes([4; 16]),
        kind: CaseKind::Freeze,
        person: Some(person(&world, &subject).await),
        opened: Act {
            by: "alice".to_owned(),
            at: guichet_domain::Clock::now(&*world.clock),
        },
        reason: "T-3".to_owned(),
        evidence: Sealed::from_bytes(Vec::new()),
        ended: None,
    };
    assert!(world.durable.cases.open(&case).await.unwrap());
    let (_, page) = turned_away(&world, "postale").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "it holds already");
    world.hub.follow_cases().await;
    let told = notice(&world, 1).await;
    assert_eq!(told["sub"], subject);
    assert!(told.get("sid").is_none(), "every session: {told}");
    // Once.
    world.hub.follow_cases().await;
    world.hub.deliver_due().await;
    assert_eq!(world.partner.notices(1).await.len(), 1);
}

/// A hub whose account is the bank.
pub(crate) async fn with_account() -> World {
    World::with(|settings| {
        settings.account = Some("banque".parse().unwrap());
        settings.thaw_return = Some("https://banque.example/cb".to_owned());
    })
    .await
}

/// The person freezes what is theirs, from a session begun with a provider.
async fn frozen_by_themselves(world: &World, provider: &str) -> (String, CaseId) {
    let subject = sub(world, provider, json!({})).await;
    let mut browser = world.browser();
    browser.log_in(world, "cantine", provider).await;
    world.clock.pass(Duration::from_secs(1));
    let frozen = world.hub.freeze(&browser.headers(), "abcd 2345 wxyz").await;
    let frozen = frozen.unwrap().unwrap();
    world.clock.pass(Duration::from_secs(1));
    (subject, frozen.case)
}

#[tokio::test]
async fn a_person_freezes_what_is_theirs_everywhere_with_the_evidence() {
    let world = with_account().await;
    let mut elsewhere = world.browser();
    let back = elsewhere.log_in(&world, "cantine", "citoyen").await;
    let tokens = elsewhere.redeem("cantine", &back).await;
    let (subject, case) = frozen_by_themselves(&world, "postale").await;
    let access = tokens["access_token"].as_str().unwrap();
    assert_eq!(
        elsewhere.userinfo(access).await.status,
        StatusCode::UNAUTHORIZED
    );
    let headers = elsewhere.headers();
    assert!(world.hub.signed_in(&headers).await.unwrap().is_none());
    let nobody = world.hub.freeze(&headers, "").await.unwrap();
    assert!(nobody.is_none(), "nobody is signed in any more");
    let told = notice(&world, 3).await;
    assert_eq!(told["sub"], subject);
    let (kept, evidence) = world.cases.show(case, &alice()).await.unwrap().unwrap();
    assert_eq!(kept.opened.by, "the person");
    assert_eq!(evidence.visit.as_deref(), Some("ABCD-2345-WXYZ"));
    let mut providers: Vec<&str> = evidence.sign_ins.iter().map(|it| &*it.provider).collect();
    providers.sort_unstable();
    providers.dedup();
    assert_eq!(providers, ["Compte Citoyen", "Identité Postale"]);
    assert_eq!(evidence.sign_ins.iter().filter(|it| it.is_here).count(), 1);
    let audit = world.audit().await;
    assert!(audit.contains("person.frozen") && audit.contains("case.shown"));
}

#[tokio::test]
async fn two_accounts_of_the_person_open_again_what_they_froze_and_one_does_not() {
    let world = with_account().await;
    world.approve("cantine", "demarche_en_ligne");
    let (subject, case) = frozen_by_themselves(&world, "postale").await;
    let (_, page) = turned_away(&world, "postale").await;
    assert!(page.body.contains("id=\"thaw\""), "{}", page.body);
    let mut browser = world.browser();
    let choice = browser
        .start_and_follow("banque", "scope=openid&prompt=login")
        .await;
    assert!(choice.body.contains("deux comptes"), "{}", choice.body);
    let more = browser.sign_in("postale", &choice, &world.partner).await;
    assert!(
        more.body.contains("Choisissez maintenant un second"),
        "{}",
        more.body
    );
    // The same one again, or half of it, opens nothing.
    let fields = [("provider", "postale"), ("csrf", &*more.csrf(0))];
    let again = browser.post(&more.action(0), &fields).await;
    assert_eq!(again.status, StatusCode::FORBIDDEN, "{}", again.body);
    assert!(
        world
            .hub
            .signed_in(&browser.headers())
            .await
            .unwrap()
            .is_none()
    );
    let (_, page) = turned_away(&world, "citoyen").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    let back = browser.sign_in("citoyen", &more, &world.partner).await;
    let back = browser.follow(back).await.at_service();
    assert!(query(back.as_str()).contains_key("code"), "{back}");
    let audit = world.audit().await;
    let thawed = audit.lines().find(|line| line.contains("person.thawed"));
    let thawed = thawed.unwrap();
    for shown in [&case.to_string(), "\"with\":\"postale\"", "citoyen"] {
        assert!(thawed.contains(shown), "{shown}: {thawed}");
    }
    assert_eq!(
        events(&world, "cantine").await,
        [
            ("account-disabled", &*subject),
            ("account-enabled", &*subject)
        ]
        .map(owned)
    );
    // Whoever has it open again reads what was kept of it; nobody else does.
    let own = world.hub.own_cases(&browser.headers()).await.unwrap();
    let [(kept, evidence)] = &own[..] else {
        panic!("{} cases", own.len())
    };
    assert_eq!((kept.id, kept.ended.is_some()), (case, true));
    assert_eq!(evidence.visit.as_deref(), Some("ABCD-2345-WXYZ"));
    let nobody = world.hub.own_cases(&world.browser().headers()).await;
    assert!(nobody.unwrap().is_empty());
    assert_eq!(sub(&world, "postale", json!({})).await, subject);
}

#[tokio::test]
async fn a_second_account_of_somebody_else_opens_nothing() {
    let world = with_account().await;
    frozen_by_themselves(&world, "postale").await;
    let other = sub(&world, "citoyen", json!({"family_name": "BERNARD"})).await;
    let other = person(&world, &other).await;
    world.partner.claim_in_userinfo(json!({}));
    let mut browser = world.browser();
    let choice = browser
        .start_and_follow("banque", "scope=openid&prompt=login")
        .await;
    let more = browser.sign_in("postale", &choice, &world.partner).await;
    let papers = json!({"family_name": "BERNARD"});
    world.partner.claim_in_userinfo(papers);
    // Frozen themselves, they cannot vouch for another either.
    let (nothing, by) = (CaseEvidence::default(), OpenedBy::Person);
    let case = world
        .cases
        .open(other, CaseKind::Freeze, by, &nothing)
        .await;
    case.unwrap();
    let refused = browser.sign_in("citoyen", &more, &world.partner).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.body);
    assert!(refused.body.contains("même personne"), "{}", refused.body);
    world.partner.claim_in_userinfo(json!({}));
    let (_, page) = turned_away(&world, "postale").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    let audit = world.audit().await;
    assert!(!audit.contains("person.thawed") && audit.contains("identity.contradicted"));
}

#[tokio::test]
async fn what_an_operator_froze_is_not_the_persons_to_open() {
    let world = with_account().await;
    let (subject, own) = frozen_by_themselves(&world, "postale").await;
    let theirs = freeze(&world, person(&world, &subject).await).await;
    let mut browser = world.browser();
    let choice = browser
        .start_and_follow("banque", "scope=openid&prompt=login")
        .await;
    let page = browser.sign_in("postale", &choice, &world.partner).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{}", page.body);
    assert!(!page.body.contains("id=\"thaw\""), "{}", page.body);
    thaw(&world, theirs).await;
    let (_, page) = turned_away(&world, "postale").await;
    assert!(page.body.contains(&own.to_string()), "theirs is open still");
}

#[tokio::test]
async fn a_report_without_an_account_is_kept_for_agents_and_five_an_hour_are_enough() {
    let world = World::new().await;
    let report = || Report {
        statement: "on s’est connecté à ma place".to_owned(),
        contact: "06 00 00 00 00".to_owned(),
        visit: String::new(),
    };
    let mut cases = Vec::new();
    for _ in 0..5 {
        let kept = world.hub.report_misuse("203.0.113.7", &report()).await;
        cases.push(kept.unwrap().unwrap());
    }
    let more = world.hub.report_misuse("203.0.113.7", &report()).await;
    assert_eq!(more.unwrap(), None);
    let elsewhere = world.hub.report_misuse("203.0.113.8", &report()).await;
    assert!(elsewhere.unwrap().is_some());
    world.clock.pass(Duration::from_hours(1));
    let later = world.hub.report_misuse("203.0.113.7", &report()).await;
    assert!(later.unwrap().is_some());
    let (case, evidence) = world.cases.show(cases[0], &alice()).await.unwrap().unwrap();
    assert_eq!((case.kind, case.person), (CaseKind::Report, None));
    assert_eq!(evidence.statement, report().statement);
    let audit = world.audit().await;
    assert!(audit.contains("case.reported") && !audit.contains("06 00 00"));
    let rests = String::from_utf8_lossy(case.evidence.as_bytes()).into_owned();
    assert!(!rests.contains("06 00 00"), "sealed");
}

/// What whoever has these papers reads of the cases about them.
async fn own_cases(world: &World, provider: &str, papers: Value) -> Vec<(Case, CaseEvidence)> {
    world.partner.claim_in_userinfo(papers);
    let mut browser = world.browser();
    browser.log_in(world, "cantine", provider).await;
    let own = world.hub.own_cases(&browser.headers()).await;
    own.unwrap()
}

fn ids(cases: &[(Case, CaseEvidence)]) -> Vec<CaseId> {
    cases.iter().map(|(case, _)| case.id).collect()
}

#[tokio::test]
async fn whoever_is_split_off_reads_nothing_of_the_cases_about_whom_they_were_taken_for() {
    let world = with_account().await;
    sub(&world, "citoyen", json!({})).await;
    world.clock.pass(Duration::from_secs(1));
    says(&world, &json!({"birthplace": "69123"}));
    let (subject, case) = frozen_by_themselves(&world, "citoyen").await;
    thaw(&world, case).await;
    let own = own_cases(&world, "citoyen", json!({})).await;
    assert_eq!(ids(&own), [case]);
    assert_ne!(own[0].1, CaseEvidence::default(), "theirs, by themselves");
    let office = office(&world);
    let person = person(&world, &subject).await;
    let split = office.propose_split(person, 2, &alice(), "T-3").await;
    let split = split.unwrap().id;
    office.confirm(split, &bob()).await.unwrap();
    world.clock.pass(Duration::from_secs(1));
    world.register.confirms();
    let other = own_cases(&world, "citoyen", json!({"birthplace": "69123"})).await;
    assert_eq!(ids(&other), []);
    // Whose sign-ins they were, nobody knows.
    let own = own_cases(&world, "citoyen", json!({})).await;
    assert_eq!(ids(&own), [case]);
    assert_eq!(own[0].1, CaseEvidence::default());
}

#[tokio::test]
async fn a_case_from_while_two_were_taken_for_one_is_read_by_one_of_them_and_without_what_was_open()
{
    let world = with_account().await;
    let papers = json!({"family_name": "BERNARD"});
    let Two { one, other, .. } = two_people(&world, papers.clone()).await;
    let office = office(&world);
    let merge = merged(&office, one, other).await;
    world.clock.pass(Duration::from_secs(1));
    let (_, case) = frozen_by_themselves(&world, "postale").await;
    thaw(&world, case).await;
    office.undo(merge, &bob()).await.unwrap();
    world.clock.pass(Duration::from_secs(1));
    let own = own_cases(&world, "postale", json!({})).await;
    assert_eq!(ids(&own), [case]);
    assert_eq!(own[0].1, CaseEvidence::default());
    assert_eq!(ids(&own_cases(&world, "postale", papers).await), []);
}

#[tokio::test]
async fn nobody_opens_what_is_barred_by_a_session_of_a_provider_whatever_the_request_leaves_out() {
    let world = with_account().await;
    frozen_by_themselves(&world, "postale").await;
    let earlier = world.now_seconds() - 3600;
    for further in ["scope=openid", "scope=openid&max_age=86400"] {
        for claims in [
            json!({"auth_time": "absent"}),
            json!({"auth_time": earlier}),
        ] {
            world.partner.claim_in_id_token(claims.clone());
            let mut browser = world.browser();
            let choice = browser.start_and_follow("banque", further).await;
            let fields = [("provider", "postale"), ("csrf", &*choice.csrf(0))];
            let left = browser.post(&choice.action(0), &fields).await.to();
            assert_eq!(query(&left)["prompt"], "login", "{left}");
            let back = come_back(&left, "postale", &world.partner);
            let next = browser.get(&back).await.to();
            assert!(!next.ends_with("/identity"), "{further} {claims}: {next}");
        }
    }
}
