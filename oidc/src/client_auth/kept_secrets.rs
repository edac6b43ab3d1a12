//! What becomes of client secrets: a hash, and a seal where an HMAC needs the secret itself.

use guichet_domain::client::ClientAuthentication;
use guichet_domain::{Client, ClientId, KeepSecret, Sealed, SecretHash};
use guichet_keys::{Keys, Sealer, client_secret_hash, same};
use guichet_store::Fault;

/// Keeps the secrets of clients when their metadata is taken in, and opens those that were sealed.
#[derive(Clone)]
pub struct ClientSecrets(Sealer);

impl ClientSecrets {
    /// Those of a provider with these keys.
    pub fn new(keys: &Keys) -> Self {
        Self(keys.sealer("client-secret"))
    }

    /// Whether this is another secret than the one that the client has; never where it has none.
    pub fn is_another(&self, client: &Client, secret: &str) -> Result<bool, Fault> {
        use ClientAuthentication::{ClientSecretBasic, ClientSecretJwt, ClientSecretPost};
        match &client.authentication {
            ClientSecretBasic { secret: kept } | ClientSecretPost { secret: kept } => {
                let hash = client_secret_hash(secret);
                Ok(!same(kept.as_bytes(), hash.as_bytes()))
            }
            ClientSecretJwt { secret: kept, .. } => {
                let kept = self.open(&client.id, kept)?;
                Ok(!same(&kept, secret.as_bytes()))
            }
            _ => Ok(false),
        }
    }

    /// The secret sealed for this client; for another it does not open.
    pub(super) fn open(&self, client: &ClientId, sealed: &Sealed) -> Result<Vec<u8>, Fault> {
        self.0
            .open(client.as_str().as_bytes(), sealed)
            .map_err(|error| Fault::new("open a client secret", error))
    }
}

impl KeepSecret for ClientSecrets {
    fn hash(&self, secret: &str) -> SecretHash {
        client_secret_hash(secret)
    }

    fn seal(&self, client: &ClientId, secret: &str) -> Option<Sealed> {
        let context = client.as_str().as_bytes();
        self.0.seal(context, secret.as_bytes()).ok()
    }
}
