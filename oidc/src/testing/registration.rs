//! Clients that register themselves in the tests' directory, with one initial access token.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use guichet_domain::{Acr, Client, ClientId, ClientKind, GrantType, Timestamp};
use guichet_keys::{HandedOutKind, TokenHash};
use guichet_store::Fault;
use guichet_store::durable::{InitialAccessToken, InitialAccessTokens};

use super::{Directory, NOON};
use crate::register::policy::{RegistrationPolicy, StatementPolicy};
use crate::{RegisteredClients, Registering};

/// Good for three registrations within an hour.
pub(crate) const INITIAL: &str = "an-initial-access-token";

/// What most tests let clients ask.
pub(crate) fn policy() -> RegistrationPolicy {
    RegistrationPolicy {
        open: false,
        scopes: "openid given_name email".parse().unwrap(),
        grant_types: vec![GrantType::AuthorizationCode, GrantType::RefreshToken],
        auth_methods: [
            "client_secret_basic",
            "client_secret_post",
            "client_secret_jwt",
            "private_key_jwt",
            "none",
        ]
        .map(str::to_owned)
        .to_vec(),
        hosts: Vec::new(),
        highest_acr: Acr::Eidas1,
        require_pkce: true,
        kind: ClientKind::Private,
        statements: StatementPolicy::default(),
        per_minute: 60,
        most_clients: 100,
    }
}

pub(super) fn registering(policy: RegistrationPolicy, clients: Arc<Directory>) -> Registering {
    Registering {
        policy,
        clients,
        initial_access_tokens: Arc::new(Tokens(Mutex::new(InitialAccessToken {
            name: "agency".to_owned(),
            hash: *TokenHash::of(HandedOutKind::InitialAccessToken, INITIAL).as_bytes(),
            uses: 3,
            expires: NOON.after(Duration::from_hours(1)),
        }))),
    }
}

#[async_trait]
impl RegisteredClients for Directory {
    fn registered(&self) -> usize {
        let clients = self.0.lock().unwrap();
        clients
            .values()
            .filter(|client| client.registration.is_some())
            .count()
    }

    async fn add(&self, client: &Client, _now: Timestamp) -> Result<(), Fault> {
        let mut clients = self.0.lock().unwrap();
        clients.insert(client.id.to_string(), Arc::new(client.clone()));
        Ok(())
    }

    async fn replace(
        &self,
        known: &Client,
        client: &Client,
        _now: Timestamp,
    ) -> Result<bool, Fault> {
        let mut clients = self.0.lock().unwrap();
        match clients.get_mut(known.id.as_str()) {
            Some(stored) if **stored == *known => {
                *stored = Arc::new(client.clone());
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    async fn remove(&self, id: &ClientId) -> Result<bool, Fault> {
        Ok(self.0.lock().unwrap().remove(id.as_str()).is_some())
    }
}

/// One token, in memory.
struct Tokens(Mutex<InitialAccessToken>);

#[async_trait]
impl InitialAccessTokens for Tokens {
    async fn add(&self, _token: &InitialAccessToken) -> Result<bool, Fault> {
        Ok(false)
    }

    async fn all(&self) -> Result<Vec<InitialAccessToken>, Fault> {
        Ok(vec![self.0.lock().unwrap().clone()])
    }

    async fn is_live(&self, hash: [u8; 32], now: Timestamp) -> Result<bool, Fault> {
        let token = self.0.lock().unwrap();
        Ok(token.hash == hash && token.uses > 0 && now < token.expires)
    }

    async fn spend(&self, hash: [u8; 32], now: Timestamp) -> Result<Option<String>, Fault> {
        if !self.is_live(hash, now).await? {
            return Ok(None);
        }
        let mut token = self.0.lock().unwrap();
        token.uses -= 1;
        Ok(Some(token.name.clone()))
    }

    async fn remove(&self, _name: &str) -> Result<bool, Fault> {
        Ok(false)
    }
}
