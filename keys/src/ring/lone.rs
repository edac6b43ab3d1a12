//! A signing key that is in no ring: made for one purpose, sealed and kept by whoever had it made. What it
//! signs is nothing of the hub's, which never publishes it.

use guichet_domain::{Sealed, SigningAlg};
use serde::Serialize;
use serde_json::Value;

use super::Typ;
use super::pair::{Pair, SigningKey, generate};
use crate::custody::beside_the_runtime;
use crate::error::KeysError;
use crate::seal::Sealer;

/// A signing key of nobody's ring. No `Debug`.
pub struct LoneKey(SigningKey);

impl LoneKey {
    /// Makes one, sealed for `context`. Takes a while for RSA.
    pub fn make(alg: SigningAlg, sealer: &Sealer, context: &[u8]) -> Result<Sealed, KeysError> {
        let document = beside_the_runtime(|| generate(alg))?;
        sealer.seal(context, &document)
    }

    /// One that was made for `context`.
    pub fn open(
        alg: SigningAlg,
        sealer: &Sealer,
        context: &[u8],
        kept: &Sealed,
    ) -> Result<Self, KeysError> {
        let document = sealer.open(context, kept);
        let document = document.map_err(|_| KeysError::Crypto("open a key"))?;
        let document = zeroize::Zeroizing::new(document);
        let pair = Pair::parse(alg, &document).ok_or(KeysError::Crypto("parse a key"))?;
        let key = SigningKey::of(alg, pair).ok_or(KeysError::Crypto("export a public key"))?;
        Ok(Self(key))
    }

    /// Its public half, as published.
    pub fn jwk(&self) -> &Value {
        self.0.public_jwk()
    }

    /// `claims` as a compact JWS.
    pub fn sign<T: Serialize + ?Sized>(&self, typ: Typ, claims: &T) -> Result<String, KeysError> {
        let payload = serde_json::to_vec(claims).map_err(KeysError::Claims)?;
        self.0.sign(typ, &payload)
    }
}
