//! What a kind of records is to a desk.

use std::sync::Arc;

use async_trait::async_trait;
use guichet_domain::{AuditEvent, Timestamp};
use guichet_store::Fault;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::ChangeError;

/// One kind of records: what it is called, and how it is read, checked and replaced.
#[async_trait]
pub trait Records: Send + Sync {
    /// A record as it is declared.
    type Metadata: Serialize + DeserializeOwned + Send + Sync;
    /// A record, checked.
    type Record: Serialize + PartialEq + Send + Sync;
    /// What one is called in words.
    const KIND: &'static str;
    /// The member with the name, which is for good.
    const NAME: &'static str;

    /// The name in what is declared.
    fn id(metadata: &Self::Metadata) -> &str;

    /// The name of a record.
    fn id_of(record: &Self::Record) -> &str;

    /// What would declare a record as it stands.
    fn metadata(record: &Self::Record) -> Self::Metadata;

    /// Whether it may be used.
    fn is_active(record: &Self::Record) -> bool;

    /// The same, out of use.
    fn inactive(record: &Self::Record) -> Self::Record;

    /// Whether it is nobody's to declare: it came by itself.
    fn came_by_itself(_record: &Self::Record) -> bool {
        false
    }

    /// Whether the metadata bring another secret than the record has.
    fn brings_secret(
        &self,
        known: &Self::Record,
        metadata: &Self::Metadata,
    ) -> Result<bool, ChangeError>;

    /// What is on record of a change: `what` in a word.
    fn event(record: &Self::Record, what: &'static str, now: Timestamp) -> AuditEvent;

    /// Every record.
    async fn all(&self) -> Result<Vec<Arc<Self::Record>>, Fault>;

    /// The record that `metadata` make of the one `known` so far.
    async fn check(
        &self,
        known: Option<&Self::Record>,
        metadata: &Self::Metadata,
    ) -> Result<Self::Record, ChangeError>;

    /// Puts a record in the place of the one `known`, or where there is none; whether that was still so.
    async fn replace(
        &self,
        known: Option<&Self::Record>,
        record: &Self::Record,
        now: Timestamp,
    ) -> Result<bool, Fault>;
}

#[async_trait]
impl<R: Records> Records for Arc<R> {
    type Metadata = R::Metadata;
    type Record = R::Record;
    const KIND: &'static str = R::KIND;
    const NAME: &'static str = R::NAME;

    fn id(metadata: &Self::Metadata) -> &str {
        R::id(metadata)
    }

    fn is_active(record: &Self::Record) -> bool {
        R::is_active(record)
    }

    fn inactive(record: &Self::Record) -> Self::Record {
        R::inactive(record)
    }

    fn came_by_itself(record: &Self::Record) -> bool {
        R::came_by_itself(record)
    }

    fn brings_secret(
        &self,
        known: &Self::Record,
        metadata: &Self::Metadata,
    ) -> Result<bool, ChangeError> {
        R::brings_secret(self, known, metadata)
    }

    fn id_of(record: &Self::Record) -> &str {
        R::id_of(record)
    }

    fn metadata(record: &Self::Record) -> Self::Metadata {
        R::metadata(record)
    }

    fn event(record: &Self::Record, what: &'static str, now: Timestamp) -> AuditEvent {
        R::event(record, what, now)
    }

    async fn all(&self) -> Result<Vec<Arc<Self::Record>>, Fault> {
        R::all(self).await
    }

    async fn check(
        &self,
        known: Option<&Self::Record>,
        metadata: &Self::Metadata,
    ) -> Result<Self::Record, ChangeError> {
        R::check(self, known, metadata).await
    }

    async fn replace(
        &self,
        known: Option<&Self::Record>,
        record: &Self::Record,
        now: Timestamp,
    ) -> Result<bool, Fault> {
        R::replace(self, known, record, now).await
    }
}
