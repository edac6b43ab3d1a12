//! The houses on a foundation: the hub, an embedded identity provider, the management listener. What they
//! share stands here.

mod citizens;
pub(crate) mod console;
mod desk;
mod hub;
mod hub_pages;
mod hub_settings;
mod hub_upkeep;
mod idp;
mod management;
mod options;

use std::sync::Arc;

use guichet_domain::client::ClientDirectory;
use guichet_oidc::register::policy::RegistrationPolicy;
use guichet_oidc::{
    ClientKeys, Engine, EngineParts, EngineSettings, RegisteredClients, Registering,
    RichAuthorization,
};
use guichet_web::Locale;
use url::Url;

use super::Foundation;
use super::documents::ClientDocuments;

pub(crate) use hub::{HubHouse, hub, rights_office};
pub(crate) use hub_pages::check_pages;
pub(crate) use idp::{IdpHouse, IdpOptions, identity_provider};
pub(crate) use management::{ManagementOptions, management, rotation_watch};
pub(crate) use options::{HubOptions, mailer};

/// Who may ask at a house, and the keys they are known by: read once for all who speak to them.
struct Clients {
    directory: Arc<dyn ClientDirectory>,
    keys: Arc<ClientKeys>,
}

impl Clients {
    fn of(foundation: &Foundation, directory: Arc<dyn ClientDirectory>) -> Self {
        let fetch = Arc::new(ClientDocuments(foundation.outgoing.clone()));
        let keys = ClientKeys::new(fetch, Arc::clone(&foundation.clock));
        let keys = Arc::new(keys);
        Self { directory, keys }
    }
}

fn engine(
    foundation: &Foundation,
    clients: &Clients,
    rich: Arc<dyn RichAuthorization>,
    settings: EngineSettings,
    registration: Option<RegistrationPolicy>,
) -> Engine {
    let parts = EngineParts {
        settings,
        keys: foundation.keys.clone(),
        clients: Arc::clone(&clients.directory),
        codes: Arc::clone(&foundation.short_lived.codes),
        pushed: Arc::clone(&foundation.short_lived.pushed),
        access_tokens: Arc::clone(&foundation.short_lived.access_tokens),
        refresh: Arc::clone(&foundation.durable.refresh_tokens),
        gate: Arc::clone(&foundation.durable.gate),
        replay: Arc::clone(&foundation.short_lived.replay),
        fetch: Arc::new(ClientDocuments(foundation.outgoing.clone())),
        client_keys: Arc::clone(&clients.keys),
        deferred: Arc::clone(&foundation.short_lived.deferred),
        attempts: Arc::clone(&foundation.short_lived.attempts),
        rich,
        ledger: foundation.ledger.clone(),
        clock: Arc::clone(&foundation.clock),
        entropy: Arc::clone(&foundation.entropy),
    };
    match registration {
        Some(policy) => Engine::with_registration(
            parts,
            Registering {
                policy,
                clients: Arc::clone(&foundation.registry) as Arc<dyn RegisteredClients>,
                initial_access_tokens: Arc::clone(&foundation.durable.initial_access_tokens),
            },
        ),
        None => Engine::new(parts),
    }
}

/// The languages of every page.
fn languages() -> Vec<&'static str> {
    Locale::ALL.map(Locale::tag).to_vec()
}

/// An issuer is compared character by character: the parser's slash is not part of it.
pub(crate) fn without_slash(issuer: &Url) -> String {
    issuer.as_str().trim_end_matches('/').to_owned()
}
