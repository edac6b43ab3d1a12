//! What becomes of client secrets: a hash, and a seal where an HMAC needs the secret itself.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::client::ClientAuthentication;
use guichet_domain::{Client, ClientId, Entropy, KeepSecret, Sealed, SecretHash, Timestamp};
use guichet_keys::{Keys, Sealer, client_secret_hash, same};
use guichet_store::Fault;
use zeroize::Zeroizing;

/// Keeps the secrets of clients when their metadata is taken in, and opens those that were sealed.
#[derive(Clone)]
pub struct ClientSecrets(Sealer);

impl ClientSecrets {
    /// Those of a provider with these keys.
    pub fn new(keys: &Keys) -> Self {
        Self(keys.sealer("client-secret"))
    }

    /// Whether this is another secret than any that the client has at `now`; never where it has none.
    pub fn is_another(&self, client: &Client, secret: &str, now: Timestamp) -> Result<bool, Fault> {
        use ClientAuthentication::{ClientSecretBasic, ClientSecretJwt, ClientSecretPost};
        match &client.authentication {
            ClientSecretBasic { secret: kept } | ClientSecretPost { secret: kept } => {
                let hash = client_secret_hash(secret);
                let known = kept.live(now).fold(false, |known, one| {
                    known | same(one.kept.as_bytes(), hash.as_bytes())
                });
                Ok(!known)
            }
            ClientSecretJwt { secret: kept, .. } => {
                let mut known = false;
                for one in kept.live(now) {
                    let opened = self.open(&client.id, &one.kept).map(Zeroizing::new)?;
                    known |= same(&opened, secret.as_bytes());
                }
                Ok(!known)
            }
            _ => Ok(false),
        }
    }

    /// A secret that nobody knows yet: 384 random bits in 64 characters, as long as the longest HMAC that a
    /// client may sign with needs.
    pub fn fresh(entropy: &dyn Entropy) -> Zeroizing<String> {
        let mut bytes = Zeroizing::new([0; 48]);
        bytes[..32].copy_from_slice(&entropy.bytes32());
        bytes[32..].copy_from_slice(&entropy.bytes16());
        Zeroizing::new(URL_SAFE_NO_PAD.encode(*bytes))
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
