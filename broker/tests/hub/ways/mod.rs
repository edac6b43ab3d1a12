//! Ways into an identity: what its person closed signs nobody in, by whatever path, and leaves a way on
//! (threats N-210, N-301, N-302).
//!
//! | what | file |
//! |---|---|
//! | a way that is closed | `closed.rs` |
//! | what its person is told | `alerts.rs` |
//! | where they came from before | `devices.rs` |
//! | who may change any of it | `fresh.rs` |

mod alerts;
mod closed;
mod devices;
mod fresh;

use std::time::Duration;

use guichet_broker::{Chosen, WayChange};

use crate::browser::{Answer, Browser};
use crate::people::person;
use crate::world::World;

/// For how long a provider is new.
pub(super) const NEW_FOR: Duration = Duration::from_hours(72);

pub(super) const PLAIN: &str = "scope=openid%20profile";

/// A hub whose account is the bank.
pub(super) async fn with_account() -> World {
    World::with(|settings| settings.account = Some("banque".parse().unwrap())).await
}

pub(super) fn provider(id: &str, open: bool) -> WayChange {
    let id = id.parse().unwrap();
    WayChange::Provider { id, open }
}

/// What becomes of a change of whoever is signed in at a browser.
pub(super) async fn change(world: &World, browser: &Browser, change: &WayChange) -> Option<Chosen> {
    world.clock.pass(Duration::from_secs(1));
    let changed = world.hub.change_ways(&browser.headers(), change).await;
    changed.unwrap()
}

/// Signs in at the canteen with `by`, and closing `closed`.
pub(super) async fn closing(world: &World, by: &str, closed: &str) -> Browser {
    let mut browser = world.browser();
    browser.log_in(world, "cantine", by).await;
    let changed = change(world, &browser, &provider(closed, false)).await;
    assert_eq!(changed, Some(Chosen::Changed));
    browser
}

/// A sign-in of a while ago: whoever comes by another provider from then on comes by a newer one.
pub(super) async fn known_by(world: &World, by: &str) {
    world.browser().log_in(world, "cantine", by).await;
    world.clock.pass(Duration::from_secs(1));
}

/// The page that a fresh sign-in with a provider comes to.
pub(super) async fn arriving(world: &World, by: &str) -> (Browser, Answer) {
    let mut browser = world.browser();
    let choice = browser.start_and_follow("cantine", PLAIN).await;
    let page = browser.sign_in(by, &choice, &world.partner).await;
    (browser, page)
}

/// The person's messages of the account itself, in words, the latest first.
pub(super) async fn told(world: &World, subject: &str) -> Vec<(String, String)> {
    let who = person(world, subject).await;
    let file = world.durable.people.file(who).await.unwrap().unwrap();
    let mut said = Vec::new();
    for name in file.names {
        let now = guichet_domain::Clock::now(&*world.clock);
        said.extend(
            world
                .durable
                .messages
                .of(&name.subject, now, 99)
                .await
                .unwrap(),
        );
    }
    said.sort_by_key(|record| std::cmp::Reverse(record.changed));
    let shown = said.iter().map(|record| {
        let notice = world
            .hub
            .notice(record, guichet_web::Locale::French)
            .unwrap();
        (notice.kind.to_owned(), notice.text)
    });
    shown.collect()
}

/// Whoever is signed in at `browser` confirms the address, by the code that was mailed.
pub(super) async fn confirm(world: &World, browser: &Browser, address: &str) -> usize {
    let asks = WayChange::AskAddress {
        address: address.to_owned(),
        locale: guichet_web::Locale::English,
    };
    assert_eq!(change(world, browser, &asks).await, Some(Chosen::Asked));
    let mails = world.mails.once_there_are(1).await;
    let mail = mails.last().unwrap();
    assert_eq!(mail.to, address);
    let code = mail.text.split("Your code: ").nth(1).unwrap()[..6].to_owned();
    let wrong = WayChange::ConfirmAddress {
        code: "12345".to_owned(),
    };
    assert_eq!(
        change(world, browser, &wrong).await,
        Some(Chosen::WrongCode)
    );
    let right = WayChange::ConfirmAddress { code };
    assert_eq!(change(world, browser, &right).await, Some(Chosen::Changed));
    mails.len()
}
