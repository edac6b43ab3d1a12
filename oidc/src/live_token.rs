//! An access token that is good at this moment: the proof that userinfo, introspection and token
//! exchange need.

use std::sync::Arc;

use guichet_domain::Client;
use guichet_keys::{HandedOutKind, TokenHash};
use guichet_store::Fault;

use crate::Engine;
use crate::records::{self, AccessTokenRecord};

/// An access token that is known, unexpired, not revoked, whose client is still active and whose person may
/// act.
pub(crate) struct LiveAccessToken {
    client: Arc<Client>,
    record: AccessTokenRecord,
    key: TokenHash,
}

impl LiveAccessToken {
    /// Looks a token up. Hashed as an access token: a code is unknown here (threat N-48).
    pub(crate) async fn find(engine: &Engine, token: &str) -> Result<Option<Self>, Fault> {
        let key = TokenHash::of(HandedOutKind::AccessToken, token);
        let tokens = &engine.parts().access_tokens;
        let Some(sealed) = tokens.live(*key.as_bytes(), engine.now()).await? else {
            return Ok(None);
        };
        let record: AccessTokenRecord = records::open(engine.access_token_sealer(), key, &sealed)?;
        if !engine.admits(record.person, record.issued).await? {
            return Ok(None);
        }
        let client = engine.active_client(record.client.as_str());
        Ok(client.map(|client| Self {
            client,
            record,
            key,
        }))
    }

    /// Whose it is.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// What it stands for.
    pub(crate) fn record(&self) -> &AccessTokenRecord {
        &self.record
    }

    /// Ends it.
    pub(crate) async fn revoke(&self, engine: &Engine) -> Result<(), Fault> {
        let tokens = &engine.parts().access_tokens;
        tokens.revoke(*self.key.as_bytes()).await?;
        Ok(())
    }
}
