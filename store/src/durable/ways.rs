//! The ways into a citizen's identity: what they chose about them, and what was there when they signed in.
//!
//! What is chosen is one sealed row for each person, replaced by whoever read it last. After a merge there
//! are several; each says of whom it is, and nothing here decides which one counts.

use async_trait::async_trait;
use guichet_domain::{PersonId, Sealed, Timestamp};

use crate::Fault;

/// What somebody chose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WayChoice {
    /// Who.
    pub person: PersonId,
    /// Which writing this is: 1 for the first.
    pub revision: u64,
    /// What.
    pub sealed: Sealed,
    /// When.
    pub changed: Timestamp,
}

/// What is remembered of a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum WayKind {
    /// Which provider spoke for the person.
    Provider,
    /// From which device.
    Device,
    /// To which service.
    Service,
    /// At which level.
    Level,
}

impl WayKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Provider, Self::Device, Self::Service, Self::Level];

    /// Its word at rest.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Device => "device",
            Self::Service => "service",
            Self::Level => "level",
        }
    }

    pub(crate) fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// What something that was there is found by: its kind, and a keyed digest of it, another for each person.
pub type WayName = (WayKind, [u8; 32]);

/// Something that was there when a person signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaySeen {
    /// What kind of thing.
    pub kind: WayKind,
    /// Which: a keyed digest, another for each person.
    pub name: [u8; 32],
    /// What it is called, as of the last time.
    pub sealed: Sealed,
    /// The first time.
    pub first: Timestamp,
    /// The last time.
    pub last: Timestamp,
}

/// What citizens chose about the ways into their identity, and which ones were used.
#[async_trait]
pub trait Ways: Send + Sync {
    /// What was chosen as `person`, and as whoever is the same person; the latest first.
    async fn choices(&self, person: PersonId) -> Result<Vec<WayChoice>, Fault>;

    /// Keeps a choice in place of the one before it: of revision `choice.revision - 1`, or none. Of several
    /// callers who read the same one, one does.
    async fn choose(&self, choice: &WayChoice) -> Result<bool, Fault>;

    /// When each of `names` was last noted of this person, or of whoever is the same one; in their order.
    async fn last_noted(
        &self,
        person: PersonId,
        names: &[WayName],
    ) -> Result<Vec<Option<Timestamp>>, Fault>;

    /// Notes that each of `there` was there at `now`, all of them or none; no name may be among them twice.
    async fn note(
        &self,
        person: PersonId,
        there: &[(WayName, Sealed)],
        now: Timestamp,
    ) -> Result<(), Fault>;

    /// Forgets the person's devices but the `most` that were there last; two that were there at one moment
    /// stay or go together.
    async fn keep_devices(&self, person: PersonId, most: u32) -> Result<(), Fault>;

    /// What was there when the person signed in, or whoever is the same one; the latest first, at most
    /// `limit`.
    async fn seen(&self, person: PersonId, limit: u32) -> Result<Vec<WaySeen>, Fault>;

    /// The same of one kind alone: nothing of another kind takes its place in the list.
    async fn seen_of(
        &self,
        person: PersonId,
        kind: WayKind,
        limit: u32,
    ) -> Result<Vec<WaySeen>, Fault>;

    /// Forgets one of those; whether there was one.
    async fn forget_seen(
        &self,
        person: PersonId,
        kind: WayKind,
        name: [u8; 32],
    ) -> Result<bool, Fault>;

    /// Forgets every device that was last there before `since`; how many.
    async fn forget_devices(&self, since: Timestamp) -> Result<u64, Fault>;
}
