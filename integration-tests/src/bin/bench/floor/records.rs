//! What the floor keeps between requests: sealed records in hash maps.

use std::collections::HashMap;
use std::sync::Mutex;

use anyhow::{Context, Result};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::floor::crypto::Crypto;
use crate::floor::lock;

/// Sealed records of one kind, by what finds them.
#[derive(Default)]
pub(super) struct Records(Mutex<HashMap<Vec<u8>, Vec<u8>>>);

/// Everything kept.
#[derive(Default)]
pub(super) struct Store {
    pub(super) logins: Records,
    pub(super) sessions: Records,
    pub(super) codes: Records,
    pub(super) access_tokens: Records,
    /// People by the keyed index of their identity.
    pub(super) people: Mutex<HashMap<[u8; 32], String>>,
    /// What a service knows them by.
    pub(super) subjects: Mutex<HashMap<(String, String), String>>,
}

impl Records {
    /// Puts a record, in place of what was there.
    pub(super) fn put(&self, crypto: &Crypto, key: &[u8], record: &impl Serialize) -> Result<()> {
        let sealed = crypto.seal(key, record)?;
        lock(&self.0).insert(key.to_vec(), sealed);
        Ok(())
    }

    /// Reads a record.
    pub(super) fn get<T: DeserializeOwned>(&self, crypto: &Crypto, key: &[u8]) -> Result<T> {
        let sealed = lock(&self.0).get(key).cloned().context("not there")?;
        crypto.open(key, &sealed)
    }

    /// Takes a record: of several callers one gets it.
    pub(super) fn take<T: DeserializeOwned>(&self, crypto: &Crypto, key: &[u8]) -> Result<T> {
        let sealed = lock(&self.0).remove(key).context("not there")?;
        crypto.open(key, &sealed)
    }
}

/// A login under way.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Login {
    pub(super) browser: String,
    pub(super) request: Request,
    pub(super) state: String,
    pub(super) nonce: String,
    pub(super) verifier: String,
    pub(super) known: Option<Known>,
}

/// What the service asked for.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Request {
    pub(super) client_id: String,
    pub(super) redirect_uri: String,
    pub(super) scope: String,
    pub(super) state: String,
    pub(super) nonce: String,
    pub(super) code_challenge: String,
    #[serde(default)]
    pub(super) prompt: String,
}

/// Who the person turned out to be.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Known {
    pub(super) claims: Claims,
    pub(super) person: String,
    pub(super) subject: String,
    pub(super) session: String,
}

/// A session.
#[derive(Serialize, Deserialize)]
pub(super) struct Session {
    pub(super) claims: Claims,
    pub(super) person: String,
    pub(super) participants: Vec<(String, String, String)>,
}

/// What a code stands for, and an access token after it.
#[derive(Serialize, Deserialize)]
pub(super) struct Granted {
    pub(super) login: String,
    pub(super) request: Request,
    pub(super) known: Known,
}

/// What the provider says of a person, in the order the product sends it.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Claims {
    pub(super) sub: String,
    pub(super) given_name: String,
    pub(super) family_name: String,
    pub(super) gender: String,
    pub(super) birthdate: String,
    pub(super) birthplace: String,
    pub(super) birthcountry: String,
    pub(super) email: String,
}
