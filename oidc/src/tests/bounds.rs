//! Requests made to be expensive (threats N-80, N-81, N-82).

use crate::testing::{Form, World};

#[tokio::test]
async fn oversized_requests_end_before_anything_is_looked_up() {
    let world = World::new().await;
    let good = Form::asking("basic");
    for form in [
        good.clone().with("state", &"s".repeat(2049)),
        good.clone().with("unknown", &"u".repeat(33 * 1024)),
        good.clone().with("state", "line\nbreak"),
        (0..300).fold(good, |form, _| form.and("x", "1")),
    ] {
        assert!(world.authorize(&form).await.is_page("invalid_request"));
        assert!(
            world
                .post("/authorize", &form)
                .await
                .is_page("invalid_request")
        );
    }
    let huge = Form::asking("basic").with("state", &"s".repeat(1 << 20));
    assert!(
        world
            .post("/authorize", &huge)
            .await
            .is_page("invalid_request")
    );
    assert_eq!(world.house.times_asked(), 0);
}

#[tokio::test]
async fn state_and_nonce_up_to_the_limit_are_carried_back() {
    let world = World::new().await;
    let long = "x".repeat(2048);
    let form = Form::asking("basic")
        .with("state", &long)
        .with("nonce", &long);
    let answered = world.authorize(&form).await;
    assert_eq!(answered.location_parameter("state"), Some(long.clone()));
    let too_long = form.with("nonce", &(long + "x"));
    let answered = world.authorize(&too_long).await;
    assert_eq!(answered.error().as_deref(), Some("invalid_request"));
}

#[tokio::test]
async fn scopes_and_levels_without_end_are_refused_or_cost_nothing() {
    let world = World::new().await;
    let scopes: Vec<String> = (0..101).map(|number| format!("s{number}")).collect();
    let form = Form::asking("basic").with("scope", &format!("openid {}", scopes.join(" ")));
    let answered = world.authorize(&form).await;
    assert_eq!(answered.error().as_deref(), Some("invalid_scope"));
    let form = Form::asking("basic").with("acr_values", &"eidas9 ".repeat(2000));
    assert!(world.authorize(&form).await.error().is_none());
}

#[tokio::test]
async fn anonymous_requests_leave_nothing_behind() {
    let world = World::new().await;
    for number in 0..200 {
        let form = Form::asking("basic").with("client_id", &format!("nobody{number}"));
        world.authorize(&form).await;
    }
    assert_eq!(world.store.len_in_memory(), Some(0));
}
