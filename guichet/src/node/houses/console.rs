//! The console and its API on a node: who comes in through the hub itself, and what they may change.

use std::sync::Arc;

use anyhow::Result;
use async_trait::async_trait;
use axum::Router;
use guichet_admin::console::FrontDoor;
use guichet_admin::people::{MailRefused, PeopleRecords, StaffDoor, StaffPost};
use guichet_admin::{
    Api, ClientRecords, Console, DataProviderRecords, OrganisationRecords, ProviderRecords,
    Simulate, TeamRecords,
};
use guichet_broker::Hub;
use guichet_domain::Clock;
use guichet_domain::simulation::{Rehearsal, Simulation};
use guichet_keys::{Keys, Sealer};
use guichet_ledger::Ledger;
use guichet_oidc::ClientSecrets;
use guichet_store::durable::{Durable, Registry, RememberedRegistry};
use guichet_web::{Cookies, Csrf, Mail, Mailer, Pages};
use url::Url;

use super::HubHouse;
use super::management::{ManagementOptions, serving_checks};
use crate::node::documents::ClientDocuments;
use crate::node::own_clients::{self, console_secret};
use crate::node::{Foundation, declared};

/// The pages of the console, and its API.
pub(super) fn routes(
    foundation: &Foundation,
    house: &HubHouse,
    options: &ManagementOptions,
    console: Console,
) -> Router {
    guichet_admin::staffed_routes(api(foundation, house, options, console))
}

/// The console.
pub(super) fn console(
    foundation: &Foundation,
    house: &HubHouse,
    options: &ManagementOptions,
    pages: &Pages,
) -> Result<Console> {
    let address = Url::parse(&options.address)?;
    let engine = house.engine.clone();
    Ok(Console {
        pages: pages.clone(),
        front_door: FrontDoor {
            issuer: engine.issuer().to_owned(),
            routes: guichet_oidc::routes(engine, Arc::new(house.hub.clone())),
            secret: console_secret(&foundation.keys),
            address: options.address.clone(),
            keys: foundation.keys.clone(),
        },
        door: door(
            (&foundation.durable, &foundation.keys, &foundation.ledger),
            Arc::clone(&foundation.clock),
            options.address.clone(),
            options.post.clone(),
        ),
        people: Arc::new(people(foundation)),
        sessions: Arc::clone(&foundation.short_lived.sessions),
        pending: Arc::clone(&foundation.short_lived.pending),
        session_seal: foundation.keys.sealer("console session"),
        pending_seal: foundation.keys.sealer("console sign-in"),
        proposal_seal: foundation.keys.sealer("console proposal"),
        cookies: Cookies::new("console", pages.is_https())?,
        csrf: Csrf::new(foundation.keys.derive("console-csrf"), &address),
    })
}

/// The door of the console, for commands as well.
pub(crate) fn door(
    (durable, keys, ledger): (&Durable, &Keys, &Ledger),
    clock: Arc<dyn Clock>,
    address: String,
    post: Option<Arc<dyn StaffPost>>,
) -> StaffDoor {
    StaffDoor {
        staff: Arc::clone(&durable.staff),
        teams: Arc::clone(&durable.teams),
        ledger: ledger.clone(),
        cards: cards(keys),
        post,
        address,
        clock,
        entropy: Arc::new(guichet_keys::SystemEntropy),
    }
}

/// Seals names and addresses of the staff.
pub(crate) fn cards(keys: &Keys) -> Sealer {
    keys.sealer("staff card")
}

fn people(foundation: &Foundation) -> PeopleRecords {
    PeopleRecords {
        staff: Arc::clone(&foundation.durable.staff),
        cards: cards(&foundation.keys),
    }
}

fn api(
    foundation: &Foundation,
    house: &HubHouse,
    options: &ManagementOptions,
    console: Console,
) -> Api {
    let registry: Arc<dyn Registry> = Arc::new(RememberedRegistry::new(
        Arc::clone(&foundation.registry),
        Arc::clone(&foundation.durable.registry),
    ));
    let teams = &foundation.durable.teams;
    Api {
        engine: house.engine.clone(),
        clients: Arc::new(ClientRecords {
            registry: Arc::clone(&registry),
            secrets: ClientSecrets::new(&foundation.keys),
            documents: Arc::new(ClientDocuments(foundation.outgoing.clone())),
            public_subjects: options.public_subjects,
            clock: Arc::clone(&foundation.clock),
        }),
        simulator: Arc::new(Rehearsing(house.hub.clone())),
        uses: Arc::clone(&foundation.durable.credential_uses),
        reserved: own_clients::names(),
        providers: Arc::new(ProviderRecords {
            registry: Arc::clone(&registry),
            secrets: foundation.provider_secrets(),
            register: options.register,
            usable: declared::rules_compile,
        }),
        data_providers: Arc::new(DataProviderRecords {
            registry: Arc::clone(&registry),
            coming: Vec::new(),
            fits: declared::is_its_own_client,
        }),
        organisations: Arc::new(OrganisationRecords {
            teams: Arc::clone(teams),
        }),
        teams: Arc::new(TeamRecords {
            teams: Arc::clone(teams),
            registry,
        }),
        people: Arc::clone(&console.people),
        declared: options.declared.clone(),
        catalogue: Arc::clone(&options.catalogue),
        keys: foundation.keys.clone(),
        history: foundation.ledger.history().clone(),
        statistics: house.statistics.clone(),
        tester: house.tester.clone(),
        checks: serving_checks(foundation, options.stopping.clone()),
        console,
    }
}

/// The hub, asked what would happen.
pub(crate) struct Rehearsing(pub(crate) Hub);

impl Simulate for Rehearsing {
    fn simulate(&self, rehearsal: &Rehearsal) -> Simulation {
        self.0.simulate(rehearsal)
    }
}

/// The console's mail, by whoever carries the hub's.
pub(crate) fn console_post(mailer: Arc<dyn Mailer>) -> Arc<dyn StaffPost> {
    Arc::new(ConsolePost(mailer))
}

struct ConsolePost(Arc<dyn Mailer>);

#[async_trait]
impl StaffPost for ConsolePost {
    async fn send(&self, to: &str, subject: &str, text: &str) -> Result<(), MailRefused> {
        let mail = Mail {
            to: to.to_owned(),
            subject: subject.to_owned(),
            text: text.to_owned(),
        };
        self.0.send(&mail).await.map_err(|_| MailRefused)
    }
}
