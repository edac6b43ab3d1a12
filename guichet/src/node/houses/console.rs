//! The console and its API on a node: who comes in through the hub itself, and what they may change.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use async_trait::async_trait;
use axum::Router;
use guichet_admin::api::ReviewHook;
use guichet_admin::console::FrontDoor;
use guichet_admin::onboarding::{Admission, Onboarding};
use guichet_admin::people::{MailRefused, PeopleRecords, StaffDoor, StaffPost};
use guichet_admin::webhooks::WebhookRecords;
use guichet_admin::{
    Api, ClientRecords, Console, DataProviderRecords, OrganisationRecords, ProviderRecords,
    Simulate, TeamRecords,
};
use guichet_broker::Hub;
use guichet_domain::Clock;
use guichet_domain::simulation::{Rehearsal, Simulation};
use guichet_keys::{Keys, Mac, Sealer, WebhookKey};
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
) -> Result<Router> {
    let api = api(foundation, house, options, console)?;
    Ok(guichet_admin::staffed_routes(api))
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
        door: StaffDoor {
            believes_review_tool: !review_secrets(&options.onboarding)?.is_empty(),
            ..door(
                (&foundation.durable, &foundation.keys, &foundation.ledger),
                Arc::clone(&foundation.clock),
                options.address.clone(),
                options.post.clone(),
            )
        },
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
        tags: tags(keys),
        cards: cards(keys),
        subjects: Arc::clone(&durable.subjects),
        gate: Arc::clone(&durable.gate),
        post,
        believes_review_tool: false,
        address,
        clock,
        entropy: Arc::new(guichet_keys::SystemEntropy),
    }
}

/// Seals names and addresses of the staff.
pub(crate) fn cards(keys: &Keys) -> Sealer {
    keys.sealer("staff card")
}

/// Tags records for whoever changes them.
pub(crate) fn tags(keys: &Keys) -> Mac {
    keys.mac("record tag")
}

fn people(foundation: &Foundation) -> PeopleRecords {
    PeopleRecords {
        staff: Arc::clone(&foundation.durable.staff),
        cards: cards(&foundation.keys),
        registry: Arc::clone(&foundation.durable.registry),
    }
}

/// Onboarding, as the console and its upkeep have it.
pub(crate) fn onboarding(
    foundation: &Foundation,
    house: &HubHouse,
    options: &ManagementOptions,
) -> Arc<Onboarding> {
    let clients = ClientRecords {
        registry: registry(foundation),
        secrets: ClientSecrets::new(&foundation.keys),
        documents: Arc::new(ClientDocuments(foundation.outgoing.clone())),
        public_subjects: options.public_subjects,
        clock: Arc::clone(&foundation.clock),
        admission: Admission {
            habilitations: Arc::clone(&foundation.durable.habilitations),
            required: options.onboarding.required,
        },
    };
    Arc::new(Onboarding {
        door: door(
            (&foundation.durable, &foundation.keys, &foundation.ledger),
            Arc::clone(&foundation.clock),
            options.address.clone(),
            options.post.clone(),
        ),
        habilitations: Arc::clone(&foundation.durable.habilitations),
        clients: Arc::new(clients),
        catalogue: Arc::clone(&options.catalogue),
        contacts: foundation.keys.sealer("habilitation contacts"),
        issuer: house.engine.issuer().to_owned(),
        open: options.onboarding.open,
    })
}

/// The registry, read from memory.
fn registry(foundation: &Foundation) -> Arc<dyn Registry> {
    Arc::new(RememberedRegistry::new(
        Arc::clone(&foundation.registry),
        Arc::clone(&foundation.durable.registry),
    ))
}

fn api(
    foundation: &Foundation,
    house: &HubHouse,
    options: &ManagementOptions,
    console: Console,
) -> Result<Api> {
    let onboarding = onboarding(foundation, house, options);
    let registry = registry(foundation);
    let teams = &foundation.durable.teams;
    Ok(Api {
        engine: house.engine.clone(),
        onboarding: Arc::clone(&onboarding),
        clients: Arc::clone(&onboarding.clients),
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
        hook: ReviewHook {
            secrets: review_secrets(&options.onboarding)?,
            replay: Arc::clone(&foundation.short_lived.replay),
        },
        webhooks: Arc::new(WebhookRecords {
            webhooks: Arc::clone(&foundation.durable.webhooks),
            teams: Arc::clone(&foundation.durable.teams),
            history: foundation.ledger.history().clone(),
            egress: foundation.outgoing.policy().clone(),
        }),
        people: Arc::clone(&console.people),
        declared: options.declared.clone(),
        catalogue: Arc::clone(&options.catalogue),
        outside: Arc::new(ClientDocuments(foundation.outgoing.clone())),
        keys: foundation.keys.clone(),
        history: foundation.ledger.history().clone(),
        audit: house.audit.clone(),
        statistics: house.statistics.clone(),
        support: house.support.clone(),
        tester: house.tester.clone(),
        checks: serving_checks(foundation, options.stopping.clone()),
        console,
    })
}

/// What a review tool signs with.
fn review_secrets(settings: &guichet_config::Onboarding) -> Result<Vec<WebhookKey>> {
    let all = settings.review_secrets.as_ref();
    let all = all.map(guichet_config::Secret::expose).unwrap_or_default();
    let keys = all.split_whitespace().map(WebhookKey::of_secret);
    let keys: Result<_, _> = keys.collect();
    keys.context("onboarding.review_secrets")
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
