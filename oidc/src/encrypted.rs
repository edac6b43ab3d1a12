//! Encrypting for a client what we signed for it: a JWE of a JWS (RFC 7519 §5.2, OIDC Core §10.2).

use std::sync::Arc;

use guichet_domain::{Client, Encryption};
use guichet_keys::encrypt;
use guichet_store::Fault;

use crate::Engine;
use crate::client_keys::PublicKeys;
use crate::refusal::key_fault;

impl Engine {
    /// Encrypts a signed token for a client, with a key that it registered or publishes for `with.alg`.
    /// Where there is none, its keys may have changed since they were fetched: they are fetched again,
    /// once. Without a key nothing is sent: what was to be hidden does not leave in clear.
    pub(crate) async fn encrypt_for(
        &self,
        client: &Client,
        with: Encryption,
        signed: &str,
    ) -> Result<String, Fault> {
        let missing = || Fault::bare("a client has no key to encrypt for");
        let keys = self.keys_of(client).await.map_err(|_| missing())?;
        let keys: Arc<PublicKeys> = match keys.encryption().for_alg(with.alg) {
            Some(_) => keys,
            None => self.newer_keys(client, &keys).await.ok_or_else(missing)?,
        };
        let key = keys.encryption().for_alg(with.alg).ok_or_else(missing)?;
        encrypt(
            key,
            with,
            Some("JWT"),
            signed.as_bytes(),
            &*self.parts().entropy,
        )
        .map_err(key_fault("encrypt for a client"))
    }
}
