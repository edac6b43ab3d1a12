//! Argon2id (RFC 9106) with the parameters of the OWASP Password Storage Cheat Sheet, in PHC form.

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};

use super::Password;

/// Memory in KiB, passes and lanes: m=19456, t=2, p=1.
const MEMORY: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Hashes with today's parameters.
#[derive(Clone)]
pub(super) struct Hasher(Argon2<'static>);

/// The library refused: out of memory, or a stored hash that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the password hash could not be computed")]
pub(super) struct HashFault;

impl Hasher {
    pub(super) fn new() -> Self {
        // The constants are within the library's ranges; its own default is the same set.
        let params = Params::new(MEMORY, PASSES, LANES, None).unwrap_or(Params::DEFAULT);
        Self(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
    }

    /// The PHC string of `password` under a fresh `salt`.
    pub(super) fn hash(&self, password: &Password, salt: [u8; 16]) -> Result<String, HashFault> {
        let hash: PasswordHash = self
            .0
            .hash_password_with_salt(password.as_bytes(), &salt)
            .map_err(|_| HashFault)?;
        Ok(hash.to_string())
    }

    /// Whether `phc` is a hash of `password`, by the parameters that stand in it.
    pub(super) fn verify(&self, password: &Password, phc: &str) -> Result<bool, HashFault> {
        let hash = PasswordHash::new(phc).map_err(|_| HashFault)?;
        match self.0.verify_password(password.as_bytes(), &hash) {
            Ok(()) => Ok(true),
            Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
            Err(_) => Err(HashFault),
        }
    }

    /// Whether `phc` was made with other parameters than today's.
    pub(super) fn is_dated(&self, phc: &str) -> bool {
        let Ok(hash) = PasswordHash::new(phc) else {
            return true;
        };
        let same_kind = hash.algorithm.as_str() == "argon2id" && hash.version == Some(0x13);
        let same_cost = Params::try_from(&hash).is_ok_and(|params| {
            let ours = self.0.params();
            (params.m_cost(), params.t_cost(), params.p_cost())
                == (ours.m_cost(), ours.t_cost(), ours.p_cost())
        });
        !(same_kind && same_cost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(text: &str) -> Password {
        Password::read(text).unwrap()
    }

    #[test]
    fn a_hash_states_the_owasp_parameters_and_verifies() {
        let hasher = Hasher::new();
        let phc = hasher.hash(&password("right"), [7; 16]).unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
        assert_eq!(hasher.verify(&password("right"), &phc), Ok(true));
        assert_eq!(hasher.verify(&password("wrong"), &phc), Ok(false));
        assert!(!hasher.is_dated(&phc));
        assert_ne!(phc, hasher.hash(&password("right"), [8; 16]).unwrap());
    }

    #[test]
    fn a_hash_of_cheaper_parameters_still_verifies_and_is_dated() {
        let cheap = Params::new(64, 1, 1, None).unwrap();
        let old = Hasher(Argon2::new(Algorithm::Argon2id, Version::V0x13, cheap));
        let phc = old.hash(&password("right"), [7; 16]).unwrap();
        let hasher = Hasher::new();
        assert_eq!(hasher.verify(&password("right"), &phc), Ok(true));
        assert!(hasher.is_dated(&phc));
    }

    #[test]
    fn what_is_no_hash_verifies_nothing() {
        let hasher = Hasher::new();
        assert_eq!(hasher.verify(&password("a"), ""), Err(HashFault));
        assert_eq!(hasher.verify(&password("a"), "a"), Err(HashFault));
    }
}
