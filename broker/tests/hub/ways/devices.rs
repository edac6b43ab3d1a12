//! The devices that somebody signed in from.

use std::time::Duration;

use guichet_broker::{Chosen, WayChange};
use guichet_store::durable::WayKind;
use serde_json::json;

use super::{change, told, with_account};
use crate::people::{person, sub};

#[tokio::test]
async fn a_device_is_known_until_it_is_forgotten() {
    let world = with_account().await;
    let mut browser = world.browser();
    browser.log_in(&world, "cantine", "citoyen").await;
    let headers = browser.headers();
    let ways = world.hub.ways(&headers).await.unwrap().unwrap();
    let [device] = &ways.devices[..] else {
        panic!("{ways:?}")
    };
    assert!(device.is_here);
    let spoke: Vec<bool> = ways.providers.iter().map(|it| it.spoke.is_some()).collect();
    assert_eq!(spoke, [true, false], "Citoyen did");
    for forgotten in [Chosen::Changed, Chosen::Unchanged] {
        let handle = device.handle.clone();
        let forget = WayChange::ForgetDevice { handle };
        assert_eq!(change(&world, &browser, &forget).await, Some(forgotten));
    }
    let subject = sub(&world, "citoyen", json!({})).await;
    let notices = told(&world, &subject).await;
    let is_told = |(kind, text): &(String, String)| kind == "changed" && text.contains("appareil");
    assert!(notices.iter().any(is_told), "{notices:?}");
    let who = person(&world, &subject).await;
    let devices = async || {
        let seen = world.durable.ways.seen_of(who, WayKind::Device, 9).await;
        seen.unwrap().len()
    };
    assert_eq!(devices().await, 1, "the one of the sign-in just now");
    world.clock.pass(Duration::from_hours(24 * 91));
    world.hub.forget_devices().await;
    assert_eq!(devices().await, 0);
}
