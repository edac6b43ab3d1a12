//! The client that a page is about, as whoever is in may see it.

use std::sync::Arc;

use guichet_domain::Client;
use guichet_web::PageError;

use super::Present;
use crate::api::Api;
use crate::people::{Action, Grounds, Kind};

/// A client that may be seen.
pub(super) struct OneClient {
    pub(super) client: Arc<Client>,
    /// What lies where, as of this request.
    pub(super) grounds: Grounds,
}

impl OneClient {
    /// The client of this name; what somebody may not see is not there (threat N-69).
    pub(super) async fn seen(
        api: &Api,
        present: &Present,
        id: &str,
    ) -> Result<Option<Self>, PageError> {
        let console = &api.console;
        let clients = api.clients.registry.clients().await;
        let clients = clients.map_err(|fault| console.fault("read clients", &fault))?;
        let mut clients = clients.into_iter();
        let Some(client) = clients.find(|client| client.id.as_str() == id) else {
            return Ok(None);
        };
        let grounds = Grounds::of(&*console.door.teams).await;
        let grounds = grounds.map_err(|fault| console.fault("read teams", &fault))?;
        let found = Self { client, grounds };
        Ok(found.may(present, Action::Read).then_some(found))
    }

    /// Whether they may do this to it.
    pub(super) fn may(&self, present: &Present, action: Action) -> bool {
        let place = self.grounds.client(&self.client.id);
        present.rights.may(action, Kind::Client, &place)
    }
}
