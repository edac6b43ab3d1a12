//! What happens in a life: to each event the services one goes to then, in the words of whoever operates the
//! hub. Nobody is told which event a citizen looked at: all of them are on the page. What is suggested comes of them
//! alone, at the moment the page is made, and is kept nowhere.

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

/// A service that does not know the citizen, and stands beside one that does.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Suggested {
    pub(crate) service: ServiceCard,
    /// What happens in a life that both are for.
    event: String,
    /// The name of theirs.
    because: String,
}

/// Of each event that a service of `mine` is for, the first of the others it is for, and of no more than a few events:
/// who finds everything suggested finds nothing.
pub(crate) fn suggested(events: &[Suggestion], mine: &[ServiceCard]) -> Vec<Suggested> {
    let is_mine = |card: &ServiceCard| mine.iter().any(|it| it.client == card.client);
    let mut suggested: Vec<Suggested> = Vec::new();
    for event in events {
        let Some(theirs) = event.services.iter().find(|card| is_mine(card)) else {
            continue;
        };
        let is_new = |card: &&ServiceCard| {
            let is_there = |it: &Suggested| it.service.client == card.client;
            !is_mine(card) && !suggested.iter().any(is_there)
        };
        let Some(other) = event.services.iter().find(is_new) else {
            continue;
        };
        suggested.push(Suggested {
            service: other.clone(),
            event: event.title.clone(),
            because: theirs.name.clone(),
        });
    }
    suggested.truncate(MOST_SUGGESTED);
    suggested
}

const MOST_SUGGESTED: usize = 3;

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

#[cfg(test)]
mod tests {
    use super::*;

    fn event(title: &str, services: &[&str]) -> Suggestion {
        Suggestion {
            id: title.to_owned(),
            title: title.to_owned(),
            services: services.iter().map(|name| ServiceCard::of(name)).collect(),
        }
    }

    #[test]
    fn what_is_suggested_stands_beside_what_a_citizen_uses_and_is_said_why() {
        let events = [
            event("moving", &["tax", "school", "bank"]),
            event("birth", &["school", "bank"]),
            event("retirement", &["pension"]),
        ];
        let names = |mine: &[&str]| -> Vec<(String, String, String)> {
            let mine: Vec<ServiceCard> = mine.iter().map(|name| ServiceCard::of(name)).collect();
            let told = suggested(&events, &mine).into_iter();
            told.map(|it| (it.service.name, it.event, it.because))
                .collect()
        };
        let told = |name: &str, event: &str, because: &str| {
            (name.to_owned(), event.to_owned(), because.to_owned())
        };
        assert_eq!(names(&[]), []);
        assert_eq!(
            names(&["school"]),
            [
                told("tax", "moving", "school"),
                told("bank", "birth", "school")
            ]
        );
        assert_eq!(names(&["tax", "school", "bank"]), []);
        assert_eq!(names(&["pension"]), []);
    }
}
