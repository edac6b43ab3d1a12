//! Services as the account shows them.

use std::collections::BTreeSet;

use guichet_domain::{Client, ClientId, ClientKind, Sector};
use guichet_store::durable::people::NameRow;
use serde::Serialize;

/// A service and its door.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct ServiceCard {
    /// Its identifier.
    pub(crate) client: ClientId,
    /// The name citizens know.
    pub(crate) name: String,
    /// Where it is entered: its initiate-login URI, which signs in at once (OIDC Core §4), else its
    /// home page.
    pub(crate) door: String,
    /// Whether a private body runs it.
    pub(crate) private: bool,
    /// Whether it may leave messages.
    pub(crate) messages: bool,
    #[serde(skip)]
    sector: Sector,
}

impl ServiceCard {
    /// Whether this is a name that the service knows somebody by.
    pub(crate) fn is_known_as(&self, name: &NameRow) -> bool {
        name.sector == self.sector
    }

    /// Whether the service knows somebody who has a name in these sectors.
    pub(crate) fn is_known_in(&self, sectors: &BTreeSet<Sector>) -> bool {
        sectors.contains(&self.sector)
    }
}

#[cfg(test)]
impl ServiceCard {
    /// One of this name.
    pub(crate) fn of(name: &str) -> Self {
        Self {
            client: name.parse().unwrap(),
            name: name.to_owned(),
            door: format!("https://{name}.example/"),
            private: false,
            messages: false,
            sector: format!("{name}.example").parse().unwrap(),
        }
    }
}

/// The services that are active and have a door, by name. Of `issuer` they are told who sends the citizen
/// (OIDC Core §4).
pub(crate) fn cards<'a>(
    clients: impl Iterator<Item = &'a Client>,
    issuer: &str,
) -> Vec<ServiceCard> {
    let mut cards: Vec<ServiceCard> = clients
        .filter(|client| client.active)
        .filter_map(|client| {
            let door = door(client, issuer)?;
            Some(ServiceCard {
                client: client.id.clone(),
                name: client.name.clone(),
                door,
                private: client.kind == ClientKind::Private,
                messages: client.messages,
                sector: client.sector.clone(),
            })
        })
        .collect();
    cards.sort_by(|one, other| one.name.cmp(&other.name));
    cards
}

/// Where a service is entered, if it has a door. Of `issuer` it is told who sends the citizen.
pub(crate) fn door(client: &Client, issuer: &str) -> Option<String> {
    let sign_in = client.initiate_login_uri.clone().map(|mut door| {
        door.query_pairs_mut().append_pair("iss", issuer);
        door
    });
    let door = sign_in.or_else(|| client.client_uri.clone())?;
    Some(door.to_string())
}

#[cfg(test)]
mod tests {
    use guichet_domain::{ClientMetadata, SecretHash};

    use super::*;

    fn client(id: &str, more: &serde_json::Value) -> Client {
        let mut json = serde_json::json!({
            "client_id": id, "client_secret": "0123456789abcdef", "redirect_uris": ["https://s.example/cb"],
        });
        json.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        let metadata: ClientMetadata = serde_json::from_value(json).unwrap();
        metadata
            .check(|_| SecretHash::from_bytes([0; 32]))
            .unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn services_without_a_door_or_disabled_are_not_shown() {
        let clients = [
            client(
                "c",
                &serde_json::json!({"client_uri": "https://c.example/"}),
            ),
            client(
                "off",
                &serde_json::json!({"client_uri": "https://off.example/", "active": false}),
            ),
            client("no-door", &serde_json::json!({})),
            client(
                "a",
                &serde_json::json!({
                    "client_uri": "https://a.example/", "initiate_login_uri": "https://a.example/start",
                }),
            ),
        ];
        let cards = cards(clients.iter(), "https://hub.example");
        let doors: Vec<&str> = cards.iter().map(|card| card.door.as_str()).collect();
        assert_eq!(
            doors,
            [
                "https://a.example/start?iss=https%3A%2F%2Fhub.example",
                "https://c.example/"
            ]
        );
    }
}
