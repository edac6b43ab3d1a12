//! Citizens: random identifiers behind keyed indexes.
//!
//! A person has a row for each civil status they were seen under. Two persons that turned out to be one
//! are linked, not rewritten (`corrections.rs`): whatever leads to either leads to the one that was
//! kept, and taking the link away leaves each as it was.

use std::collections::BTreeSet;

use async_trait::async_trait;
use guichet_domain::{PersonId, Sector, SubjectIdentifier, Timestamp};

use crate::Fault;

/// An identity as a sign-in saw it, by its matching indexes.
#[derive(Clone, Copy)]
pub struct Sighting<'a> {
    /// Of the identity that goes on from here: the civil register's where it was asked, else the
    /// provider's.
    pub index: &'a [u8; 32],
    /// Of what the provider stated, where the register corrected that.
    pub stated: Option<&'a [u8; 32]>,
    /// Whether the register vouches for it.
    pub vouched: bool,
}

/// Whom a sighting led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recognized {
    /// Who; after a merge, the one who was kept.
    pub person: PersonId,
    /// How.
    pub how: Recognition,
    /// Somebody else whom the register says is the same: what the provider stated leads to them.
    pub other: Option<PersonId>,
}

/// How a person was recognized.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recognition {
    /// By this identity, seen before.
    Known,
    /// By the identity they had before, which the register corrected to one never seen.
    Renamed,
    /// Never seen: made.
    Made,
}

/// All that is known of a person, for operators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonFile {
    /// Who; after a merge, the one who was kept.
    pub person: PersonId,
    /// The rows that lead to them and to those they were merged with, oldest first.
    pub rows: Vec<IndexRow>,
    /// Their names in each sector; of several in one, the first is the one that counts.
    pub names: Vec<NameRow>,
}

/// A row that leads to a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexRow {
    /// The matching index.
    pub index: [u8; 32],
    /// Whom it leads to, merges aside.
    pub person: PersonId,
    /// Since when.
    pub added: Timestamp,
    /// Whether the civil register vouched for it.
    pub vouched: bool,
}

/// A name in a sector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameRow {
    /// Where.
    pub sector: Sector,
    /// The name.
    pub subject: SubjectIdentifier,
    /// Whose it is, merges aside.
    pub person: PersonId,
    /// Since when.
    pub assigned: Timestamp,
}

/// Citizens, known by keyed indexes over their identity and by nothing else.
#[async_trait]
pub trait People: Send + Sync {
    /// The person whom a sighting leads to; made with `fresh` as identifier when there is none. Of
    /// several callers with one index, all get the same person.
    ///
    /// An identity that the register corrected belongs to whoever had the one it corrected, if the
    /// register vouched for that one, too: what a provider alone had said is no ground for it.
    async fn recognize(
        &self,
        sighting: Sighting<'_>,
        fresh: PersonId,
        now: Timestamp,
    ) -> Result<Recognized, Fault>;

    /// The person whom [`Self::recognize`] would recognize by the identity they had before, and give a row
    /// for the one they have now; `None` where it would do neither.
    async fn renamed(&self, sighting: Sighting<'_>) -> Result<Option<PersonId>, Fault>;

    /// Whom a person counts as: themselves, or after a merge the one who was kept.
    async fn standing(&self, person: PersonId) -> Result<PersonId, Fault>;

    /// All that is known of a person; `None` when no row leads to them.
    async fn file(&self, person: PersonId) -> Result<Option<PersonFile>, Fault>;
}

impl PersonFile {
    /// The names that count: one for each sector.
    pub fn names_that_count(&self) -> impl Iterator<Item = &NameRow> {
        let is_first = |at: usize, name: &NameRow| {
            self.names[..at]
                .iter()
                .all(|earlier| earlier.sector != name.sector)
        };
        self.names
            .iter()
            .enumerate()
            .filter(move |(at, name)| is_first(*at, name))
            .map(|(_, name)| name)
    }

    /// The name that counts in a sector.
    pub fn name_in(&self, sector: &Sector) -> Option<&SubjectIdentifier> {
        self.names
            .iter()
            .find(|name| name.sector == *sector)
            .map(|name| &name.subject)
    }

    /// Everybody who is this person: themselves, and those they were merged with.
    pub fn persons(&self) -> BTreeSet<PersonId> {
        let rows = self.rows.iter().map(|row| row.person);
        let names = self.names.iter().map(|name| name.person);
        rows.chain(names).chain([self.person]).collect()
    }

    /// Since when the person is known.
    pub fn since(&self) -> Option<Timestamp> {
        self.rows.first().map(|row| row.added)
    }
}
