//! Records of the registry added, changed and disabled by an operator: the same for every kind of them.
//! Running nodes follow within seconds.

mod merge;
mod records;

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::client::ClientMetadataError;
use guichet_domain::{Clock, InvalidMember, Reason, Rule, told};
use guichet_keys::{KeysError, Mac};
use guichet_ledger::Ledger;
use guichet_store::Fault;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::Actor;

pub(crate) use merge::merged;
pub use records::Records;

/// What changes of records are made with.
pub struct RecordDesk<R> {
    /// The records.
    pub records: R,
    /// Each change is an entry before it is a change.
    pub ledger: Ledger,
    /// Those that the settings declare: each start writes them again.
    pub declared: Arc<[String]>,
    /// Tags them.
    pub tags: Mac,
    /// Who makes them.
    pub by: Actor,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// What a record must be for a change of it to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Whatever it is.
    Unstated,
    /// Not there yet.
    Absent,
    /// There, whatever it is.
    Present,
    /// As it was when it had one of these tags.
    Tagged(Vec<String>),
}

/// What became of a record that was put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// There was none before.
    Added,
    /// It is another than before.
    Changed,
    /// It was like that already: nothing was done.
    Unchanged,
}

/// Why a record was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// There is none of this name.
    #[error("there is no {0} {1}")]
    Unknown(&'static str, String),
    /// There is one of this name already.
    #[error("there is a {0} {1} already; `set` changes it")]
    Exists(&'static str, String),
    /// Somebody else changed it meanwhile.
    #[error("the {0} {1} was changed meanwhile: look at it again")]
    Overtaken(&'static str, String),
    /// Whoever replaces one must say which one they know.
    #[error("there is a {0} {1} already: say which one is to be replaced")]
    Unstated(&'static str, String),
    /// It is declared in the settings: the change would be undone at the next start.
    #[error("the {0} {1} is declared in the settings: change it there")]
    Declared(&'static str, String),
    /// Two say what it should be.
    #[error("declared twice")]
    Twice,
    /// A client that may not be what it is.
    #[error(transparent)]
    Client(#[from] ClientMetadataError),
    /// A member that does not exist, or of another type.
    #[error("{0}")]
    Malformed(String),
    /// A member that may not be what it is.
    #[error(transparent)]
    Invalid(#[from] InvalidMember),
    /// A secret cannot be sealed.
    #[error("the secret cannot be sealed")]
    Keys(#[from] KeysError),
    /// The store or the audit log.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl ChangeError {
    /// Why, as a rule that pages say in their reader's language.
    pub(crate) fn reason(&self) -> Reason {
        match self {
            Self::Unknown(_, id) => Rule::RecordUnknown.of(id),
            Self::Exists(_, id) => Rule::RecordExists.of(id),
            Self::Overtaken(_, id) => Rule::ChangedMeanwhile.of(id),
            Self::Unstated(_, id) => Rule::RecordUnstated.of(id),
            Self::Declared(_, id) => Rule::RecordDeclared.of(id),
            Self::Twice => Rule::DeclaredTwice.into(),
            Self::Keys(_) => Rule::Unsealable.into(),
            Self::Invalid(invalid) => invalid.reason.clone(),
            Self::Client(ClientMetadataError::Invalid { reason, .. }) => reason.clone(),
            Self::Client(ClientMetadataError::RedirectUri { source, .. }) => (*source).into(),
            Self::Malformed(_) | Self::Fault(_) => self.to_string().into(),
        }
    }
}

impl<R> RecordDesk<R> {
    /// The same desk, for several.
    pub fn shared(self) -> RecordDesk<Arc<R>> {
        RecordDesk {
            records: Arc::new(self.records),
            ledger: self.ledger,
            declared: self.declared,
            tags: self.tags,
            by: self.by,
            clock: self.clock,
        }
    }
}

impl<R: Records> RecordDesk<R> {
    /// A record.
    pub async fn known(&self, id: &str) -> Result<Arc<R::Record>, ChangeError> {
        let known = self.find(id).await?;
        known.ok_or_else(|| ChangeError::Unknown(R::KIND, id.to_owned()))
    }

    /// Every record, as it would be declared.
    pub async fn all(&self) -> Result<Vec<R::Metadata>, ChangeError> {
        let all = self.records.all().await?;
        Ok(all.iter().map(|record| R::metadata(record)).collect())
    }

    /// A record, as it would be declared.
    pub async fn show(&self, id: &str) -> Result<R::Metadata, ChangeError> {
        Ok(R::metadata(&*self.known(id).await?))
    }

    /// Adds a record.
    pub async fn add(&self, metadata: &R::Metadata) -> Result<(), ChangeError> {
        let id = R::id(metadata);
        if self.find(id).await?.is_some() {
            return Err(ChangeError::Exists(R::KIND, id.to_owned()));
        }
        let record = self.records.check(None, metadata).await?;
        self.write(None, &record, "added").await
    }

    /// Puts a record under its name, where there is none or in the place of one that is as expected. What is
    /// there already is left as it is, so that whoever asks twice gets the same.
    pub async fn put(
        &self,
        metadata: &R::Metadata,
        expected: &Expected,
    ) -> Result<(R::Record, Put), ChangeError> {
        let id = R::id(metadata);
        let known = self.find(id).await?;
        let known = known.as_deref();
        self.meets(id, known, expected)?;
        let record = self.records.check(known, metadata).await?;
        if known == Some(&record) {
            return Ok((record, Put::Unchanged));
        }
        match (known, expected) {
            (None, _) => {
                self.write(None, &record, "added").await?;
                Ok((record, Put::Added))
            }
            (Some(_), Expected::Unstated) => Err(ChangeError::Unstated(R::KIND, id.to_owned())),
            (Some(known), _) => {
                self.write(Some(known), &record, "changed").await?;
                Ok((record, Put::Changed))
            }
        }
    }

    /// Changes members of a record; `null` puts a member back to its default. The record as it is then.
    pub async fn set(
        &self,
        id: &str,
        changes: Map<String, Value>,
        expected: &Expected,
    ) -> Result<R::Record, ChangeError> {
        let known = self.known(id).await?;
        self.meets(id, Some(&*known), expected)?;
        let metadata = changed(R::NAME, &R::metadata(&known), changes)?;
        let record = self.records.check(Some(&known), &metadata).await?;
        self.write(Some(&known), &record, "changed").await?;
        Ok(record)
    }

    /// Makes a record unusable, for what is under way as well, until somebody puts it back into use.
    pub async fn disable(&self, id: &str, expected: &Expected) -> Result<(), ChangeError> {
        let inactive = Map::from_iter([("active".to_owned(), Value::Bool(false))]);
        self.set(id, inactive, expected).await.map(drop)
    }

    /// What tells this record from the same before and after every change of it. Under a key: there are hashes of
    /// secrets in records, and nobody is to guess at them by what a tag says (threat N-329).
    pub fn tag_of(&self, record: &R::Record) -> Result<String, ChangeError> {
        let bytes = serde_json::to_vec(record);
        let bytes = bytes.map_err(|error| Fault::new("a record as JSON", error))?;
        let tag = self.tags.tag(&[R::KIND.as_bytes(), &bytes]);
        Ok(URL_SAFE_NO_PAD.encode(tag))
    }

    /// Whether the record `known` by this name is as expected.
    pub(crate) fn meets(
        &self,
        id: &str,
        known: Option<&R::Record>,
        expected: &Expected,
    ) -> Result<(), ChangeError> {
        let is_met = match (expected, known) {
            (Expected::Unstated, _) | (Expected::Absent, None) | (Expected::Present, Some(_)) => {
                true
            }
            (Expected::Tagged(tags), Some(known)) => tags.contains(&self.tag_of(known)?),
            (Expected::Absent, Some(_)) | (Expected::Present | Expected::Tagged(_), None) => false,
        };
        if is_met {
            Ok(())
        } else {
            Err(ChangeError::Overtaken(R::KIND, id.to_owned()))
        }
    }

    pub(crate) async fn find(&self, id: &str) -> Result<Option<Arc<R::Record>>, ChangeError> {
        let mut all = self.records.all().await?.into_iter();
        Ok(all.find(|known| R::id_of(known) == id))
    }

    pub(crate) fn refuse_declared(&self, id: &str) -> Result<(), ChangeError> {
        if self.declared.iter().any(|declared| declared == id) {
            return Err(ChangeError::Declared(R::KIND, id.to_owned()));
        }
        Ok(())
    }

    /// The change is on record, then it is a change.
    pub(crate) async fn write(
        &self,
        known: Option<&R::Record>,
        record: &R::Record,
        what: &'static str,
    ) -> Result<(), ChangeError> {
        self.write_noting(known, record, what, None).await
    }

    /// The same, with one more thing on record: its name and what it is.
    pub(crate) async fn write_noting(
        &self,
        known: Option<&R::Record>,
        record: &R::Record,
        what: &'static str,
        detail: Option<(&'static str, &str)>,
    ) -> Result<(), ChangeError> {
        let id = R::id_of(record);
        if known.is_some_and(|known| R::id_of(known) != id) {
            return Err(name_is_for_good(R::NAME));
        }
        self.refuse_declared(id)?;
        let now = self.clock.now();
        let event = R::event(record, what, now).detail("by", &self.by);
        let event = match detail {
            Some((name, value)) => event.detail(name, value),
            None => event,
        };
        self.ledger.append(event).await?;
        if self.records.replace(known, record, now).await? {
            Ok(())
        } else {
            let id = R::id_of(record).to_owned();
            Err(ChangeError::Overtaken(R::KIND, id))
        }
    }
}

/// The metadata `known` with `changes` over it.
fn changed<T: Serialize + DeserializeOwned>(
    name: &'static str,
    known: &T,
    changes: Map<String, Value>,
) -> Result<T, ChangeError> {
    if changes.contains_key(name) {
        return Err(name_is_for_good(name));
    }
    let malformed = |error: serde_json::Error| ChangeError::Malformed(told(&error));
    let members = merged(known, changes).map_err(malformed)?;
    serde_json::from_value(Value::Object(members)).map_err(malformed)
}

fn name_is_for_good(name: &'static str) -> ChangeError {
    InvalidMember::new(name, Rule::NameForGood).into()
}

#[cfg(test)]
pub(crate) mod tests;
