//! Services as the account shows them.

use guichet_domain::{Client, ClientKind};
use serde::Serialize;

/// A service and its door.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ServiceCard {
    /// The name citizens know.
    pub name: String,
    /// Where it is entered: its initiate-login URI, which signs in at once (OIDC Core §4), else its
    /// home page.
    pub door: String,
    /// Whether a private body runs it.
    pub private: bool,
}

/// The services that are active and have a door, by name.
pub(crate) fn cards<'a>(clients: impl Iterator<Item = &'a Client>) -> Vec<ServiceCard> {
    let mut cards: Vec<ServiceCard> = clients
        .filter(|client| client.active)
        .filter_map(|client| {
            let door = client
                .initiate_login_uri
                .as_ref()
                .or(client.client_uri.as_ref())?;
            Some(ServiceCard {
                name: client.name.clone(),
                door: door.to_string(),
                private: client.kind == ClientKind::Private,
            })
        })
        .collect();
    cards.sort_by(|one, other| one.name.cmp(&other.name));
    cards
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
        let cards = cards(clients.iter());
        let doors: Vec<&str> = cards.iter().map(|card| card.door.as_str()).collect();
        assert_eq!(doors, ["https://a.example/start", "https://c.example/"]);
    }
}
