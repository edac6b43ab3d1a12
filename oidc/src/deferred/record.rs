//! A deferred grant as it rests: what was asked, and once settled what came of it.

use std::time::Duration;

use guichet_domain::{ClientId, PersonId, Sealed, Timestamp};
use guichet_keys::{Keys, Sealer, first_half, sha256_of};
use guichet_store::Fault;
use guichet_store::short_lived::DeferredState;
use serde::{Deserialize, Serialize};

use super::waiting::Note;
use crate::records::Granted;
use crate::refusal::key_fault;
use crate::{AcceptedRequest, DeferredKind, Engine};

/// What was asked, by whom and for how long, and where it stands.
#[derive(Serialize, Deserialize)]
pub(crate) struct DeferredRecord {
    pub(crate) client: ClientId,
    pub(crate) kind: DeferredKind,
    pub(crate) asked_at: Timestamp,
    /// From then on nobody may answer, and the client is told so for a while.
    pub(crate) expires: Timestamp,
    pub(crate) note: Note,
    /// Whom the client named; `None` for a device, which names nobody.
    #[serde(default)]
    pub(crate) person: Option<PersonId>,
    /// How the client is told of the answer, if it wants to be.
    pub(crate) ping: Option<Ping>,
    pub(crate) standing: Standing,
}

impl DeferredRecord {
    /// The same, refused; nobody is told.
    pub(crate) fn refused(&self) -> Self {
        Self {
            client: self.client.clone(),
            kind: self.kind,
            asked_at: self.asked_at,
            expires: self.expires,
            note: self.note.clone(),
            person: self.person,
            ping: None,
            standing: Standing::Refused,
        }
    }
}

/// Where a deferred grant stands; the store's own state says the same.
#[derive(Serialize, Deserialize)]
pub(crate) enum Standing {
    /// Nobody has answered. What was asked, for the spine.
    Waiting(Box<AcceptedRequest>),
    /// The person agreed. What tokens are issued from.
    Approved(Box<Granted>),
    /// The person refused.
    Refused,
}

/// How a client is told of an answer (CIBA Core §10.2).
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Ping {
    pub(crate) auth_req_id: String,
    pub(crate) token: String,
}

/// How long a client is told that its grant expired, rather than that there is none.
pub(crate) const REMEMBERED_AFTER: Duration = Duration::from_mins(1);

/// Seals deferred grants, and hides what they are found by.
pub(crate) struct Grants {
    sealer: Sealer,
    lookups: [u8; 32],
}

impl Grants {
    pub(crate) fn new(keys: &Keys) -> Self {
        Self {
            sealer: keys.sealer("oidc deferred grant"),
            lookups: keys.derive("oidc deferred lookups"),
        }
    }

    /// Sealed to the handle that finds it: swapped in the store, it does not open.
    pub(crate) fn seal(&self, handle: [u8; 32], record: &DeferredRecord) -> Result<Sealed, Fault> {
        self.sealer
            .seal_json(&handle, record)
            .map_err(key_fault("seal a deferred grant"))
    }

    pub(crate) fn open(&self, handle: [u8; 32], sealed: &Sealed) -> Result<DeferredRecord, Fault> {
        self.sealer
            .open_json(&handle, sealed)
            .map_err(|error| Fault::new("open a deferred grant", error))
    }

    /// What a user code is found by. Keyed: a code is short, and a plain hash would yield it to
    /// whoever reads the store.
    pub(crate) fn of_user_code(&self, code: &str) -> [u8; 32] {
        sha256_of(&[&self.lookups, b"user code\0", code.as_bytes()])
    }

    /// What a request for a person is found by, in one of their places.
    pub(crate) fn of_person(&self, person: PersonId, place: u8) -> [u8; 32] {
        sha256_of(&[&self.lookups, b"person\0", person.as_bytes(), &[place]])
    }

    /// What a request is called on pages: it says nothing of the handle.
    pub(crate) fn public_name(&self, handle: [u8; 32]) -> [u8; 16] {
        first_half(sha256_of(&[&self.lookups, b"name\0", &handle]))
    }
}

/// The grant behind a handle, if it still waits for an answer.
pub(crate) async fn waiting(
    engine: &Engine,
    handle: [u8; 32],
) -> Result<Option<DeferredRecord>, Fault> {
    let Some(stored) = engine.parts().deferred.load(handle).await? else {
        return Ok(None);
    };
    if stored.state != DeferredState::Pending {
        return Ok(None);
    }
    let record = engine.grants().open(handle, &stored.sealed)?;
    Ok((engine.now() < record.expires).then_some(record))
}
