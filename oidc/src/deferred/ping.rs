//! What tells a client that its request was answered (CIBA Core §10.2). The house leaves it in a safe place
//! before the answer counts, and sends it once it does: a node that dies in between leaves no client
//! waiting for a ping that nobody sends.

use guichet_keys::TokenHash;
use guichet_store::Fault;
use guichet_store::short_lived::DeferredState;

use super::record;
use crate::{AcceptedRequest, ClientPing, DeferredKind, Destination, Engine};

impl Engine {
    /// The ping that is due once `request` is answered, when it waits and its client asked to be told.
    pub async fn ping_of(&self, request: &AcceptedRequest) -> Result<Option<ClientPing>, Fault> {
        let Destination::Deferred(grant) = &request.destination else {
            return Ok(None);
        };
        let Some(record) = record::waiting(self, grant.handle).await? else {
            return Ok(None);
        };
        Ok(record.ping.map(|ping| ClientPing {
            client: record.client,
            auth_req_id: ping.auth_req_id,
            token: ping.token,
            expires: record.expires,
        }))
    }

    /// Whether the request that `ping` is about waits for its answer no longer: until then nobody is
    /// told.
    pub async fn is_answered(&self, ping: &ClientPing) -> Result<bool, Fault> {
        let kind = DeferredKind::Ciba.handed_out();
        let handle = TokenHash::of(kind, &ping.auth_req_id);
        let stored = self.parts().deferred.load(*handle.as_bytes()).await?;
        Ok(stored.is_none_or(|stored| stored.state != DeferredState::Pending))
    }
}
