//! What the ledger says of each citizen, found by citizen: read off it entry by entry, and read off it anew
//! should it ever be lost. The rooms above say which entry is whose; nothing here is more than the ledger
//! says.
//!
//! A citizen is a set of names: their own, and those of whoever turned out to be them.

use std::collections::BTreeMap;

use async_trait::async_trait;
use guichet_domain::{ClientId, ExchangeId, LedgerName, PersonId, Timestamp};

use super::words::words;
use crate::Fault;

words! {
    /// What an entry is to the citizen it is about.
    HistoryClass {
        /// They signed in, or out.
        SignIn = "sign_in",
        /// Something about them was told to somebody.
        Exchange = "exchange",
        /// They, or the hub, said no.
        Refusal = "refusal",
        /// Something about them is otherwise than before.
        Change = "change",
        /// Somebody of the hub's operator looked.
        Look = "look",
        /// A step on the way to one of the others.
        Step = "step",
    }
}

/// An entry of the ledger that is about somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryEntry {
    /// Whom it names.
    pub whose: Whose,
    /// Its place in the ledger.
    pub sequence: u64,
    /// When it was written.
    pub at: Timestamp,
    /// What it is to them.
    pub class: HistoryClass,
    /// The service it is about.
    pub client: Option<ClientId>,
}

/// How an entry says whom it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// By name.
    Named(LedgerName),
    /// By an exchange, which says nobody's name: it is whoever's who decides about it.
    Exchange(ExchangeId),
}

/// What is looked for.
#[derive(Clone, Debug)]
pub struct HistoryQuery {
    /// Of whom.
    pub names: Vec<LedgerName>,
    /// Before this place (newest first), or from it on (oldest first).
    pub place: Place,
    /// Written from then on.
    pub since: Timestamp,
    /// Written before then.
    pub until: Timestamp,
    /// Of this class alone; of all but [`HistoryClass::Step`] where `None`.
    pub class: Option<HistoryClass>,
    /// Steps, too.
    pub with_steps: bool,
    /// About this service alone.
    pub client: Option<ClientId>,
    /// Times that are left out: nobody knows whose what was written then is.
    pub closed: Vec<Span>,
    /// The time by which what a law hides is open again, or not.
    pub now: Timestamp,
    /// At most so many.
    pub limit: u32,
}

/// What happened last with each service.
#[derive(Clone, Debug)]
pub struct LastQuery {
    /// To whom.
    pub names: Vec<LedgerName>,
    /// Of this class alone.
    pub class: HistoryClass,
    /// Times that are left out, as in a [`HistoryQuery`].
    pub closed: Vec<Span>,
    /// The time by which what a law hides is open again, or not.
    pub now: Timestamp,
}

/// In which order, and from where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Newest first, those before this place.
    Before(u64),
    /// Oldest first, those from this place on.
    From(u64),
}

/// A time: from `since` to before `until`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// From then on.
    pub since: Timestamp,
    /// Before then.
    pub until: Timestamp,
}

/// An entry that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryRow {
    /// Its place in the ledger.
    pub sequence: u64,
    /// What it is to the citizen.
    pub class: HistoryClass,
    /// Its canonical bytes.
    pub entry: Vec<u8>,
}

/// What the ledger says of each citizen.
#[async_trait]
pub trait Histories: Send + Sync {
    /// Up to where the ledger was read.
    async fn read_to(&self) -> Result<u64, Fault>;

    /// Keeps what the entries of the ledger from `from` to before `to` say, in one step; whether this call
    /// did. Another node may have read on from `from` already. What is about an exchange waits until it is
    /// known whose it is.
    async fn read_on(&self, from: u64, to: u64, said: &[HistoryEntry]) -> Result<bool, Fault>;

    /// Exchanges of which entries wait and somebody decided, and who did; at most `limit`.
    async fn decided(&self, limit: u32) -> Result<Vec<(ExchangeId, PersonId)>, Fault>;

    /// Gives what waits of an exchange to whoever has this name.
    async fn give(&self, exchange: ExchangeId, name: LedgerName) -> Result<(), Fault>;

    /// Forgets what waits since before `before`: nobody decided, and it is nobody's. How many.
    async fn forget_undecided(&self, before: Timestamp) -> Result<u64, Fault>;

    /// What is found, in the order of the query.
    async fn page(&self, query: &HistoryQuery) -> Result<Vec<HistoryRow>, Fault>;

    /// The services that anything about these names is about, by identifier.
    async fn clients(&self, names: &[LedgerName]) -> Result<Vec<ClientId>, Fault>;

    /// The last entry with each service: all services at once, however many there are.
    async fn last_of_each(
        &self,
        query: &LastQuery,
    ) -> Result<BTreeMap<ClientId, HistoryRow>, Fault>;
}
