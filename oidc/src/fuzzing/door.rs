//! An engine that is knocked at again and again, and made anew before it has seen too much.

use std::cell::RefCell;

use axum::body::Body;
use guichet_domain::KeySource;
use guichet_keys::Keys;
use http::Request;
use tokio::runtime::Runtime;

use super::promises::Seen;
use super::{clients, promises};
use crate::register::policy::{RegistrationPolicy, StatementIssuer, StatementPolicy};
use crate::testing::{Answered, World, new_keys, policy};

/// An engine with clients of every kind, its stores in memory, and a house that grants whatever is asked.
pub struct FrontDoor {
    pub(super) runtime: Runtime,
    pub(super) world: World,
    /// Whoever signs software statements.
    pub(super) agency: Keys,
}

/// How many inputs one engine is given: what they leave behind (codes, entries) must not pile up.
const INPUTS: u32 = 2_000;

/// Who vouches for software.
pub(super) const AGENCY: &str = "https://agency.example";

impl FrontDoor {
    /// Runs `with` on the engine of this thread.
    pub fn of_this_thread(with: impl FnOnce(&Self)) {
        thread_local! {
            static DOOR: RefCell<Option<(u32, FrontDoor)>> = const { RefCell::new(None) };
        }
        DOOR.with_borrow_mut(|slot| {
            if slot.as_ref().is_none_or(|(inputs, _)| *inputs >= INPUTS) {
                *slot = Some((0, Self::open()));
            }
            if let Some((inputs, door)) = slot {
                *inputs += 1;
                with(door);
            }
        });
    }

    /// A fresh one.
    pub(super) fn open() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let agency = new_keys();
        let world = runtime.block_on(World::registering(registration(&agency)));
        clients::add_to(&world);
        Self {
            runtime,
            world,
            agency,
        }
    }

    /// Sends a request, and holds the answer against what every answer promises.
    pub(super) fn send(&self, request: Request<Body>) -> Answered {
        let path = request.uri().path().to_owned();
        let before = Seen::of(&self.world);
        let answered = self.runtime.block_on(self.world.send(request));
        let given = before.until_now(&self.world);
        promises::hold(&path, &answered, &given);
        answered
    }
}

/// Anybody may register, with a statement of the agency or without.
fn registration(agency: &Keys) -> RegistrationPolicy {
    let jwks = serde_json::from_slice(&agency.client_ring().jwks()).unwrap();
    RegistrationPolicy {
        open: true,
        per_minute: u32::MAX,
        most_clients: usize::MAX,
        statements: StatementPolicy {
            required: false,
            issuers: vec![StatementIssuer {
                issuer: AGENCY.to_owned(),
                keys: KeySource::Jwks(jwks),
            }],
        },
        ..policy()
    }
}
