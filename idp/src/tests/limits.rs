//! Tries and floods.

use http::StatusCode;
use http::header::RETRY_AFTER;
use tokio::task::JoinSet;

use crate::Limits;
use crate::testing::{Answered, Setup, World};

/// Fifty browsers post a password for `camille` at the same moment.
async fn fifty_posts(world: &World, password: &'static str) -> Vec<Answered> {
    let mut ready = Vec::new();
    for _ in 0..50 {
        let mut browser = world.browser();
        let asked = browser.ask("").await;
        let (path, page) = browser.follow(&asked).await;
        ready.push((browser, path, page));
    }
    let mut posts = JoinSet::new();
    for (mut browser, path, page) in ready {
        let fields = [("login", "camille"), ("password", password)];
        posts.spawn(async move { browser.submit(&page, &path, &fields).await });
    }
    posts.join_all().await
}

fn count(answers: &[Answered], status: StatusCode) -> usize {
    answers
        .iter()
        .filter(|answer| answer.status == status)
        .count()
}

#[tokio::test]
async fn fifty_guesses_at_once_are_counted_before_they_are_worked_at() {
    let world = World::new().await;
    let answers = fifty_posts(&world, "wrong-wrong-wrong").await;
    assert_eq!(count(&answers, StatusCode::TOO_MANY_REQUESTS), 35);
    let throttled = answers
        .iter()
        .find(|answer| answer.status == StatusCode::TOO_MANY_REQUESTS);
    let throttled = throttled.unwrap();
    assert!(throttled.headers.contains_key(RETRY_AFTER));
    assert!(
        throttled.body.contains("passkeys are never paused"),
        "{}",
        throttled.body
    );
    assert!(
        world
            .recorded()
            .await
            .iter()
            .any(|kind| kind == "sign_in.throttled")
    );
}

#[tokio::test]
async fn a_locked_name_is_locked_for_strangers_and_open_to_a_browser_it_knows() {
    let world = World::new().await;
    let mut known = world.browser();
    known.sign_in_directly("camille").await;
    fifty_posts(&world, "wrong-wrong-wrong").await;
    let mut stranger = world.browser();
    let refused = stranger.sign_in_directly("camille").await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    let asked = known.ask("&prompt=login").await;
    let answered = known.sign_in(&asked, "camille").await;
    assert!(answered.parameter("code").is_some(), "{answered:?}");
}

#[tokio::test]
async fn a_flood_of_sign_ins_is_asked_to_come_back_in_a_moment() {
    let limits = Limits {
        account: 1000,
        slower_after: 1000,
        address: 1000,
        ..Limits::default()
    };
    let world = World::with(Setup {
        limits,
        waiting: 4,
        ..Setup::default()
    })
    .await;
    let answers = fifty_posts(&world, crate::testing::PASSWORD).await;
    // Two workers and four places in the queue; more are served as places become free.
    let served = count(&answers, StatusCode::SEE_OTHER);
    let refused = count(&answers, StatusCode::SERVICE_UNAVAILABLE);
    assert!(
        served >= 6 && refused >= 1,
        "{served} served, {refused} refused"
    );
    assert_eq!(served + refused, 50);
    let busy = answers
        .iter()
        .find(|answer| answer.status == StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(busy.unwrap().headers[RETRY_AFTER], "2");
    let mut after = world.browser();
    assert_eq!(
        after.sign_in_directly("camille").await.status,
        StatusCode::SEE_OTHER
    );
}
