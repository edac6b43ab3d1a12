//! Citizens: random identifiers behind keyed indexes.

use async_trait::async_trait;
use guichet_domain::{PersonId, Timestamp};

use crate::Fault;

/// Citizens, known by keyed indexes over their identity and by nothing else.
#[async_trait]
pub trait People: Send + Sync {
    /// The person with this matching index; made with `fresh` as identifier when there is none. Of
    /// several callers with one index, all get the same person.
    async fn find_or_make(
        &self,
        index: &[u8; 32],
        fresh: PersonId,
        now: Timestamp,
    ) -> Result<PersonId, Fault>;

    /// Gives a person a further index (their civil status changed). `false` when the index belongs to
    /// somebody else: nothing is changed.
    async fn add_index(
        &self,
        person: PersonId,
        index: &[u8; 32],
        now: Timestamp,
    ) -> Result<bool, Fault>;
}
