//! Ways into an identity, as its person wants them (threats N-210, N-301, N-302): what they close, what they are told,
//! and who may change it.

mod alerts;
mod closed;
mod doubts;

use std::time::Duration;

use guichet_broker::{Chosen, Preferences, WayChange};

use crate::browser::{Answer, Browser};
use crate::world::World;

pub(crate) use alerts::told;

/// For how long a provider is new.
const NEW_FOR: Duration = Duration::from_hours(72);
const PLAIN: &str = "scope=openid%20profile";

/// A hub whose account is the bank.
async fn with_account() -> World {
    World::with(|settings| settings.account = Some("banque".parse().unwrap())).await
}

fn provider(id: &str, open: bool) -> WayChange {
    let id = id.parse().unwrap();
    WayChange::Preferences(Preferences {
        providers: [(id, open)].into(),
        ..Preferences::default()
    })
}

fn others(open: bool) -> WayChange {
    WayChange::Preferences(Preferences {
        others_open: Some(open),
        ..Preferences::default()
    })
}

fn alerts(all: bool) -> WayChange {
    WayChange::Preferences(Preferences {
        tells_all: Some(all),
        ..Preferences::default()
    })
}

/// What becomes of a change of whoever is signed in at a browser.
async fn change(world: &World, browser: &Browser, change: &WayChange) -> Option<Chosen> {
    world.clock.pass(Duration::from_secs(1));
    let changed = world.hub.change_ways(&browser.headers(), change).await;
    changed.unwrap()
}

/// Signs in at the canteen with `by`, and closing `closed`.
async fn closing(world: &World, by: &str, closed: &str) -> Browser {
    let mut browser = world.browser();
    browser.log_in(world, "cantine", by).await;
    let changed = change(world, &browser, &provider(closed, false)).await;
    assert_eq!(changed, Some(Chosen::Changed));
    browser
}

/// A sign-in of a while ago: whoever comes by another provider from then on comes by a newer one.
async fn known_by(world: &World, by: &str) {
    world.browser().log_in(world, "cantine", by).await;
    world.clock.pass(Duration::from_secs(1));
}

/// The page that a fresh sign-in with a provider comes to.
async fn arriving(world: &World, by: &str) -> (Browser, Answer) {
    let mut browser = world.browser();
    let choice = browser.start_and_follow("cantine", PLAIN).await;
    let page = browser.sign_in(by, &choice, &world.partner).await;
    (browser, page)
}
