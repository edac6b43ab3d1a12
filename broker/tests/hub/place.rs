//! Where a sign-in comes from: on record for its person where what stands in front of the hub says so, and only then.

use http::HeaderName;

use crate::world::World;

#[tokio::test]
async fn where_a_sign_in_comes_from_is_on_record_where_it_is_said() {
    let world = World::with(|settings| {
        settings.place = Some(HeaderName::from_static("x-place"));
    })
    .await;
    let mut browser = world.browser();
    browser.vouch(Some(("x-place", "Lyon, France")));
    browser.log_in(&world, "cantine", "citoyen").await;
    let audit = world.audit().await;
    for kind in ["identity.verified", "consent.given"] {
        let mut entries = audit.lines().filter(|line| line.contains(kind));
        let entry = entries.next().expect(kind);
        assert!(entry.contains("\"place\":\"Lyon, France\""), "{entry}");
    }
    let unsaid = World::new().await;
    let mut browser = unsaid.browser();
    browser.vouch(Some(("x-place", "Lyon, France")));
    browser.log_in(&unsaid, "cantine", "citoyen").await;
    assert!(!unsaid.audit().await.contains("Lyon"));
}
