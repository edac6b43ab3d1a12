//! A person decides about a fact that somebody else holds: what they see, what they may say, what is on
//! record of it, and what others may not do in their place (threat N-64).

use http::StatusCode;
use serde_json::{Value, json};

use crate::browser::{Answer, Browser, query};
use crate::world::World;

/// What Cantine asks for.
const EVIDENCE: &str = "scope=openid&authorization_details=%5B%7B%22type%22%3A%22evidence%22%2C\
                        %22evidence_type%22%3A%22quotient-familial%22%2C%22purpose%22%3A\
                        %22tarif-cantine%22%7D%5D";

/// Everything that may leave.
const BOTH: [&str; 2] = ["field.quotient", "field.tranche"];

/// A hub where Cantine may ask, and a data provider that shows the values.
async fn world() -> World {
    let world = World::new().await;
    world.approve("cantine", "tarif-cantine");
    shows(&world);
    world
}

/// From now on the data provider shows this bracket.
fn shows(world: &World) {
    let change = |claims: &mut Value| claims["fields"]["tranche"] = BRACKET.into();
    world.holder.shows(now(world), change);
}

/// What no identifier and no time spells by accident.
const BRACKET: &str = "zinzolin";

fn now(world: &World) -> guichet_domain::Timestamp {
    guichet_domain::Timestamp::from_seconds(world.now_seconds())
}

/// The page that says what is asked for, in a browser of its own.
async fn asked(world: &World) -> (Browser, Answer) {
    asked_by(world, EVIDENCE).await
}

async fn asked_by(world: &World, request: &str) -> (Browser, Answer) {
    let mut browser = world.browser();
    let choice = browser.start_and_follow("cantine", request).await;
    let consent = browser.sign_in("postale", &choice, &world.partner).await;
    let page = browser.agree(&consent).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert!(page.body.contains("id=\"look\""), "{}", page.body);
    (browser, page)
}

/// The page after it, with the values.
async fn seen(world: &World) -> (Browser, Answer) {
    let (mut browser, page) = asked(world).await;
    let seen = press(&mut browser, &page, "look", &[]).await;
    assert!(seen.body.contains("id=\"send\""), "{}", seen.body);
    (browser, seen)
}

/// Presses a button of a page of evidence with these boxes ticked; the answer as it comes.
async fn post(browser: &mut Browser, page: &Answer, decision: &str, ticked: &[&str]) -> Answer {
    let (address, hidden) = page.form_to("/evidence");
    let mut fields: Vec<(&str, &str)> = vec![("decision", decision)];
    fields.extend(hidden.iter().map(|(name, value)| (&**name, &**value)));
    fields.extend(ticked.iter().map(|name| (*name, "yes")));
    browser.post(&address, &fields).await
}

/// The same up to the page it leads to, or to the service.
async fn press(browser: &mut Browser, page: &Answer, decision: &str, ticked: &[&str]) -> Answer {
    let answer = post(browser, page, decision, ticked).await;
    browser.walk(answer).await
}

/// What Cantine is told at the end of a login.
async fn told(browser: &Browser, end: &Answer) -> Value {
    let tokens = browser.redeem("cantine", &end.at_service()).await;
    tokens["authorization_details"].clone()
}

/// How often an entry of the audit log says so.
async fn entries(world: &World, said: &str) -> usize {
    world.audit().await.matches(said).count()
}

const DECIDED: &str = "\"evidence.decided\"";

#[tokio::test]
async fn what_stays_ticked_is_granted_and_the_service_is_told_of_that_and_no_more() {
    let cases: [(&[&str], Value, &str); 2] = [
        (&BOTH, json!(["quotient", "tranche"]), "sent"),
        (&BOTH[1..], json!(["tranche"]), "partly"),
    ];
    for (ticked, fields, outcome) in cases {
        let world = world().await;
        let (mut browser, page) = seen(&world).await;
        assert!(page.body.contains(BRACKET), "{}", page.body);
        assert!(page.body.contains("Caisse Famille"), "{}", page.body);
        let end = press(&mut browser, &page, "send", ticked).await;
        let details = told(&browser, &end).await;
        assert_eq!(details[0]["fields"], fields);
        assert!(details[0]["grant_id"].is_string(), "{details}");
        assert_eq!(details.as_array().unwrap().len(), 1);
        let audit = world.audit().await;
        let outcome = format!("\"outcome\":\"{outcome}\"");
        let order = ["\"evidence.requested\"", DECIDED, "\"service.returned\""];
        let places = order.map(|kind| audit.find(kind).unwrap_or_else(|| panic!("no {kind}")));
        assert!(places.is_sorted(), "{audit}");
        assert!(audit.contains(&outcome), "{audit}");
        assert!(!audit.contains(BRACKET), "a value is on record");
    }
}

#[tokio::test]
async fn whoever_refuses_goes_on_and_nothing_is_granted() {
    let world = world().await;
    for asked_only in [true, false] {
        let (mut browser, page) = if asked_only {
            asked(&world).await
        } else {
            seen(&world).await
        };
        let end = press(&mut browser, &page, "refuse", &BOTH).await;
        assert_eq!(told(&browser, &end).await, Value::Null);
    }
    assert_eq!(entries(&world, "\"outcome\":\"refused\"").await, 2);
    assert_eq!(world.holder.sent().len(), 1, "asked where they looked");
}

#[tokio::test]
async fn whoever_contests_reads_what_comes_next_and_goes_on_with_nothing_granted() {
    let world = world().await;
    let (mut browser, page) = seen(&world).await;
    let contested = press(&mut browser, &page, "contest", &BOTH).await;
    assert_eq!(contested.status, StatusCode::OK);
    let says = "Rien n’a été transmis à Cantine";
    assert!(contested.body.contains(says), "{}", contested.body);
    let end = press(&mut browser, &contested, "continue", &[]).await;
    assert_eq!(told(&browser, &end).await, Value::Null);
    assert_eq!(entries(&world, "\"outcome\":\"contested\"").await, 1);
}

#[tokio::test]
async fn what_is_no_answer_is_asked_again_and_nothing_is_on_record() {
    let world = world().await;
    let (mut browser, page) = seen(&world).await;
    let answers: [(&str, &[&str]); 5] = [
        ("", &BOTH),
        ("SEND", &BOTH),
        ("send", &[]),
        ("send", &["field.adresse", "quotient"]),
        ("continue", &BOTH),
    ];
    for (decision, ticked) in answers {
        let refused = post(&mut browser, &page, decision, ticked).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{decision:?}");
        assert!(refused.body.contains("Aucune réponse reçue"), "{decision}");
    }
    assert_eq!(entries(&world, DECIDED).await, 0);
    let end = press(&mut browser, &page, "send", &BOTH).await;
    assert_eq!(
        told(&browser, &end).await[0]["fields"],
        json!(["quotient", "tranche"])
    );
}

#[tokio::test]
async fn no_code_leaves_while_a_fact_waits_for_a_word() {
    let world = world().await;
    let (mut browser, page) = seen(&world).await;
    let (address, _) = page.form_to("/evidence");
    let early = browser.get(&address.replace("/evidence", "/return")).await;
    assert_eq!(early.status, StatusCode::CONFLICT);
    assert!(early.location.is_none());
    assert_eq!(entries(&world, "\"service.returned\"").await, 0);
}

#[tokio::test]
async fn a_data_provider_that_does_not_answer_stops_nobody() {
    let world = world().await;
    world.holder.falls_silent();
    let (mut browser, page) = asked(&world).await;
    let without = press(&mut browser, &page, "look", &[]).await;
    let says = "L’administration ne répond pas";
    assert!(without.body.contains(says), "{}", without.body);
    for word in ["send", "contest"] {
        let unseen = post(&mut browser.clone(), &without, word, &BOTH).await;
        assert_eq!(unseen.status, StatusCode::BAD_REQUEST, "{word}");
    }
    let mut other = browser.clone();
    let end = press(&mut other, &without, "refuse", &[]).await;
    assert_eq!(told(&other, &end).await, Value::Null);

    // Back again in time.
    let (mut browser, page) = asked(&world).await;
    let without = press(&mut browser, &page, "look", &[]).await;
    shows(&world);
    let seen = press(&mut browser, &without, "look", &[]).await;
    let end = press(&mut browser, &seen, "send", &BOTH).await;
    assert!(told(&browser, &end).await[0]["grant_id"].is_string());
}

#[tokio::test]
async fn what_the_law_orders_and_nobody_can_show_stops_nobody() {
    let world = world().await;
    world.approve("cantine", "controle-des-droits");
    world.holder.says(404, &json!({"status": "no_match"}));
    let request = EVIDENCE.replace("tarif-cantine", "controle-des-droits");
    let (mut browser, page) = asked_by(&world, &request).await;
    let refused = post(&mut browser, &page, "refuse", &[]).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST, "it is ordered");
    let without = press(&mut browser, &page, "look", &[]).await;
    let says = "Aucune information à votre nom";
    assert!(without.body.contains(says), "{}", without.body);
    let end = press(&mut browser, &without, "continue", &[]).await;
    assert_eq!(told(&browser, &end).await, Value::Null);
}

#[tokio::test]
async fn the_page_of_a_data_provider_leads_back_to_the_word_and_strangers_nowhere() {
    let world = world().await;
    let digest = "sha-256:N5Qgjz7iUol26zMR2nGYPrVYNMnXx4I-fVSwFLMMjTA";
    world.holder.says(
        200,
        &json!({
            "preview_uri": "https://famille.example/voir?dossier=7",
            "digests": {"quotient": digest, "tranche": digest},
        }),
    );
    let (mut browser, page) = asked(&world).await;
    let away = press(&mut browser, &page, "look", &[]).await.at_service();
    assert_eq!(away.host_str(), Some("famille.example"));
    let asked = query(away.as_str());
    assert_eq!(asked["dossier"], "7");
    let back = asked["return_to"].as_str();
    let action = page.action(0);
    let login = action.split('/').nth_back(1).unwrap();
    assert_eq!(login.len(), 22, "{action}");
    assert!(
        !back.contains(login),
        "what every data provider would learn"
    );

    let mut stranger = world.browser();
    let refused = stranger.get(back).await;
    let refused = stranger.walk(refused).await;
    assert!(refused.status.is_client_error(), "{}", refused.status);

    let answer = browser.get(back).await;
    let page = browser.walk(answer).await;
    assert!(page.body.contains("id=\"elsewhere\""), "{}", page.body);
    let end = press(&mut browser, &page, "send", &BOTH).await;
    assert!(told(&browser, &end).await[0]["grant_id"].is_string());
}

#[tokio::test]
async fn a_look_taken_twice_at_once_is_one_turn() {
    let world = world().await;
    let (mut browser, page) = asked(&world).await;
    let mut second = browser.clone();
    let (one, two) = tokio::join!(
        post(&mut browser, &page, "look", &[]),
        post(&mut second, &page, "look", &[])
    );
    for answer in [one, two] {
        let seen = browser.walk(answer).await;
        assert!(seen.body.contains("id=\"send\""), "{}", seen.body);
    }
    // One exchange, whoever looked: what is decided is what its data provider knows.
    let seen = browser.get(&page.action(0)).await;
    let end = press(&mut browser, &seen, "send", &BOTH).await;
    assert!(told(&browser, &end).await[0]["grant_id"].is_string());
}

#[tokio::test]
async fn a_form_without_its_token_or_with_that_of_another_login_is_refused() {
    let world = world().await;
    let (mut browser, page) = seen(&world).await;
    // The same step of another login in this very browser, and that of another browser.
    let choice = browser.start_and_follow("cantine", EVIDENCE).await;
    let sibling = browser.agree(&choice).await;
    let sibling = press(&mut browser, &sibling, "look", &[]).await;
    let (_, foreign) = seen(&world).await;
    let (address, own) = page.form_to("/evidence");
    let asked = world.holder.sent().len();
    let token = |page: &Answer| {
        let (_, hidden) = page.form_to("/evidence");
        let found = hidden.into_iter().find(|(name, _)| name == "csrf");
        found.unwrap().1
    };
    let forged = [
        String::new(),
        "A".repeat(43),
        token(&sibling),
        token(&foreign),
    ];
    for csrf in forged {
        for decision in ["send", "refuse", "contest", "look"] {
            let rest = own.iter().filter(|(name, _)| name != "csrf");
            let mut fields: Vec<(&str, &str)> =
                rest.map(|(name, value)| (&**name, &**value)).collect();
            fields.extend([("decision", decision), ("csrf", &csrf), (BOTH[0], "yes")]);
            let refused = browser.post(&address, &fields).await;
            assert_eq!(refused.status, StatusCode::FORBIDDEN, "{decision} {csrf}");
        }
    }
    assert_eq!(entries(&world, DECIDED).await, 0);
    assert_eq!(world.holder.sent().len(), asked, "nothing was fetched");
    let end = press(&mut browser, &page, "send", &BOTH).await;
    assert!(told(&browser, &end).await[0]["grant_id"].is_string());
}

#[tokio::test]
async fn another_browser_neither_sees_nor_decides() {
    let world = world().await;
    let (_, page) = seen(&world).await;
    let (address, _) = page.form_to("/evidence");
    let (mut other, _) = asked(&world).await;
    let asked = world.holder.sent().len();
    for mut stranger in [world.browser(), other.clone()] {
        for path in [&address, &format!("{address}/linked")] {
            let refused = stranger.get(path).await;
            assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path}");
            assert!(!refused.body.contains(BRACKET), "{}", refused.body);
        }
        let refused = post(&mut stranger, &page, "send", &BOTH).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
    }
    assert_eq!(other.get(&address).await.status, StatusCode::FORBIDDEN);
    assert_eq!(entries(&world, DECIDED).await, 0);
    assert_eq!(world.holder.sent().len(), asked, "nothing was fetched");
}

#[tokio::test]
async fn of_two_clicks_at_once_one_counts_and_both_go_on() {
    for (one, two) in [("send", "send"), ("send", "refuse"), ("refuse", "contest")] {
        let world = world().await;
        let (mut browser, page) = seen(&world).await;
        let mut second = browser.clone();
        let (first, other) = tokio::join!(
            post(&mut browser, &page, one, &BOTH),
            post(&mut second, &page, two, &BOTH)
        );
        for answer in [first, other] {
            assert_eq!(answer.status, StatusCode::SEE_OTHER, "{one} {two}");
        }
        assert_eq!(entries(&world, DECIDED).await, 1, "{one} {two}");
    }
}

#[tokio::test]
async fn a_late_form_changes_nothing_and_leads_to_where_the_login_is() {
    let world = world().await;
    let (mut browser, first) = asked(&world).await;
    let seen = press(&mut browser, &first, "look", &[]).await;
    for decision in ["look", "refuse", "send"] {
        let late = press(&mut browser, &first, decision, &BOTH).await;
        assert!(
            late.body.contains("id=\"send\""),
            "{decision}: {}",
            late.body
        );
    }
    assert_eq!(world.holder.sent().len(), 1, "looked once");
    assert_eq!(entries(&world, DECIDED).await, 0);
    let contested = press(&mut browser, &seen, "contest", &[]).await;
    let late = press(&mut browser, &seen, "send", &BOTH).await;
    assert_eq!(
        late.body.contains("id=\"continue\""),
        contested.body.contains("id=\"continue\"")
    );
    assert_eq!(entries(&world, DECIDED).await, 1);
}

#[tokio::test]
async fn a_word_that_could_not_be_recorded_stands_and_no_code_leaves_before_it_is() {
    let world = world().await;
    let (mut browser, page) = seen(&world).await;
    let (address, _) = page.form_to("/evidence");
    world.records.set_broken(true);
    let fault = post(&mut browser, &page, "send", &BOTH).await;
    assert_eq!(fault.status, StatusCode::INTERNAL_SERVER_ERROR);
    let early = browser.get(&address.replace("/evidence", "/return")).await;
    assert_eq!(early.status, StatusCode::CONFLICT, "{early:?}");
    world.records.set_broken(false);
    assert_eq!(entries(&world, DECIDED).await, 0);
    // Another word now is too late: the first one counts.
    let after = press(&mut browser, &page, "refuse", &BOTH).await;
    let details = told(&browser, &after).await;
    assert_eq!(details[0]["fields"], json!(["quotient", "tranche"]));
    assert_eq!(entries(&world, "\"outcome\":\"sent\"").await, 1);
    assert_eq!(entries(&world, "\"outcome\":\"refused\"").await, 0);
}

#[tokio::test]
async fn once_signed_out_nothing_is_fetched_shown_or_decided() {
    let world = world().await;
    let (mut looking, first) = asked(&world).await;
    let (mut deciding, page) = seen(&world).await;
    let (address, _) = page.form_to("/evidence");
    let asked = world.holder.sent().len();
    for browser in [&mut looking, &mut deciding] {
        sign_out(browser).await;
    }
    let fetched = press(&mut looking, &first, "look", &[]).await;
    let shown = deciding.get(&address).await;
    let sent = press(&mut deciding, &page, "send", &BOTH).await;
    let contested = press(&mut deciding, &page, "contest", &BOTH).await;
    for refused in [fetched, shown, sent, contested] {
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.body);
        assert!(!refused.body.contains("850"), "{}", refused.body);
    }
    assert_eq!(world.holder.sent().len(), asked, "nothing was fetched");
    assert_eq!(entries(&world, DECIDED).await, 0);
}

/// In another tab.
async fn sign_out(browser: &mut Browser) {
    let ask = browser.get("/session/end").await;
    let (address, hidden) = ask.form_to("/logout");
    let mut fields = vec![("decision", "accept")];
    fields.extend(hidden.iter().map(|(name, value)| (&**name, &**value)));
    let out = browser.post(&address, &fields).await;
    assert_eq!(out.status, StatusCode::SEE_OTHER, "{}", out.body);
}

#[tokio::test]
async fn a_word_counts_for_the_page_that_was_read_and_in_its_language() {
    let world = world().await;
    let (mut browser, page) = seen(&world).await;
    // Another tab of the same browser goes on in English: the word is about what was read in French.
    let renamed = |name: &'static str| {
        move |client: &mut guichet_domain::Client| name.clone_into(&mut client.name)
    };
    world
        .directory
        .change_client("cantine", renamed("Autre service"));
    let again = press(&mut browser, &page, "send", &BOTH).await;
    assert!(again.body.contains("Autre service"), "{}", again.body);
    assert!(again.body.contains("id=\"send\""), "{}", again.body);
    assert_eq!(entries(&world, DECIDED).await, 0, "nobody read that");
    browser.set_cookie("guichet-locale", "en");
    let end = press(&mut browser, &again, "send", &BOTH).await;
    assert!(told(&browser, &end).await[0]["grant_id"].is_string());
}

#[tokio::test]
async fn every_page_of_a_fact_leads_back_to_the_service() {
    let world = world().await;
    let (mut browser, asked) = asked(&world).await;
    let seen = press(&mut browser, &asked, "look", &[]).await;
    let contested = press(&mut browser, &seen, "contest", &[]).await;
    world.holder.falls_silent();
    let (mut other, first) = self::asked(&world).await;
    let without = press(&mut other, &first, "look", &[]).await;
    for page in [&asked, &seen, &contested, &without] {
        assert!(page.body.contains("id=\"abandon\""), "{}", page.body);
    }
    for (browser, page) in [(&mut browser, contested), (&mut other, without)] {
        let (address, hidden) = page.form_to("/abandon");
        let fields: Vec<(&str, &str)> = hidden
            .iter()
            .map(|(name, value)| (&**name, &**value))
            .collect();
        let back = browser.post(&address, &fields).await.at_service();
        assert_eq!(query(back.as_str())["error"], "access_denied");
    }
}

#[tokio::test]
async fn whoever_leaves_before_the_service_is_answered_takes_back_what_they_sent() {
    let world = world().await;
    let (mut browser, page) = seen(&world).await;
    let sent = post(&mut browser, &page, "send", &BOTH).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    assert_eq!(entries(&world, DECIDED).await, 1);
    let (address, hidden) = page.form_to("/abandon");
    let fields: Vec<(&str, &str)> = hidden
        .iter()
        .map(|(name, value)| (&**name, &**value))
        .collect();
    let back = browser.post(&address, &fields).await.at_service();
    assert_eq!(query(back.as_str())["error"], "access_denied");
    assert_eq!(entries(&world, "\"evidence.revoked\"").await, 1);
}

#[tokio::test]
async fn whoever_closes_the_tab_has_granted_nothing() {
    let world = world().await;
    let (mut browser, page) = seen(&world).await;
    // Sent, and the browser never comes back for the answer.
    let sent = post(&mut browser, &page, "send", &BOTH).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER);
    assert_eq!(entries(&world, DECIDED).await, 1);
    let begun = async || {
        let grant = world.last_grant().await;
        (grant.begun.is_some(), grant.may_be_pulled(now(&world)))
    };
    assert_eq!(begun().await, (false, false));
    let end = browser.walk(sent).await;
    assert_eq!(begun().await, (true, true), "the code leaves");
    assert!(told(&browser, &end).await[0]["grant_id"].is_string());
}
