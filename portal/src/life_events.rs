//! What happens in a life: to each event the services one goes to then, in the words of whoever operates the
//! hub. Nobody is told which event a citizen looked at: all of them are on the page.

use guichet_domain::ClientId;
use guichet_web::Locale;
use serde::Serialize;

use crate::services::ServiceCard;

/// Something that happens, and the services for it.
#[derive(Clone, Debug)]
pub struct LifeEvent {
    /// What it is called in addresses.
    pub id: String,
    /// In French.
    pub fr: String,
    /// In English.
    pub en: String,
    /// The services, the most useful first.
    pub services: Vec<ClientId>,
}

/// An event as the front page shows it.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Suggestion {
    id: String,
    title: String,
    services: Vec<ServiceCard>,
}

/// The events for which there is a service with a door.
pub(crate) fn suggestions(
    events: &[LifeEvent],
    services: &[ServiceCard],
    locale: Locale,
) -> Vec<Suggestion> {
    let card = |id: &ClientId| services.iter().find(|it| it.client == *id).cloned();
    let suggestion = |event: &LifeEvent| Suggestion {
        id: event.id.clone(),
        title: match locale {
            Locale::French => event.fr.clone(),
            Locale::English => event.en.clone(),
        },
        services: event.services.iter().filter_map(card).collect(),
    };
    let all = events.iter().map(suggestion);
    all.filter(|it| !it.services.is_empty()).collect()
}
