//! Runs, begun, changed and read.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use guichet_domain::client::ClientDirectory;
use guichet_domain::{AuditEvent, Client, ClientId, ClientTestId, Clock, Entropy, EventKind};
use guichet_keys::{KeysError, LoneKey, Mac, Sealer, sha256_base64url};
use guichet_ledger::Ledger;
use guichet_store::Fault;
use guichet_store::durable::ClientTests;
use guichet_store::durable::client_tests::ClientTestRecord;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::run::Run;
use super::{Case, Report};
use crate::Actor;

/// The tester. Cheap to clone.
#[derive(Clone)]
pub struct Tester {
    /// The runs.
    pub tests: Arc<dyn ClientTests>,
    /// The clients that may be tested.
    pub clients: Arc<dyn ClientDirectory>,
    /// Seals the keys of runs.
    pub sealer: Sealer,
    /// Makes their codes and tokens.
    pub mac: Mac,
    /// The hub's issuer, below which each run has its own.
    pub issuer: String,
    /// The audit log.
    pub ledger: Ledger,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}

/// A run that began: what the client's software is told.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Begun {
    /// Its identifier.
    pub id: String,
    /// The issuer to test against, whose discovery document says the rest.
    pub issuer: String,
    /// The client's own `client_id`; any secret is taken.
    pub client_id: String,
    /// Until when.
    pub expires: String,
}

/// What a developer says and chooses.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Changes {
    /// What is played next; the first that was not played when it is left out.
    pub next: Option<Case>,
    /// For cases that were played: whether the application took the person in.
    #[serde(default)]
    pub signed_in: BTreeMap<Case, bool>,
    /// Whether the run is over.
    #[serde(default)]
    pub over: bool,
}

/// Why a run does not begin, or is not changed.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The client has many already.
    #[error("{MOST_LIVE} runs of this client play already: end one, or wait")]
    TooMany,
    /// Nobody is signed in by a client without redirect URIs.
    #[error("this client has no redirect_uris: nothing can be played to it")]
    NoRedirect,
    /// It is over.
    #[error("the run is over")]
    Over,
    /// Something was played or said since they looked at it.
    #[error("the run is not as you know it: look at it again")]
    Overtaken,
    /// A store failed.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// A key could not be made.
    #[error(transparent)]
    Keys(#[from] KeysError),
}

impl Tester {
    /// Begins a run for this client.
    pub async fn begin(&self, client: &Client, by: &Actor) -> Result<Begun, Refused> {
        let now = self.clock.now();
        if client.redirect_uris.is_empty() {
            return Err(Refused::NoRedirect);
        }
        let known = self.tests.of_client(&client.id, MOST_LISTED).await?;
        let live = known.iter().filter_map(|it| opened(it).ok());
        if live.filter(|run| run.is_live(now)).count() >= MOST_LIVE {
            return Err(Refused::TooMany);
        }
        let id = ClientTestId::random(&*self.entropy);
        let make = |number| LoneKey::make(client.id_token_alg, &self.sealer, &context(id, number));
        let run = Run {
            alg: client.id_token_alg,
            keys: [make(0)?, make(1)?],
            expires: now.after(LIFETIME),
            fetched: None,
            over: false,
            next: None,
            attempts: Vec::new(),
        };
        let event = AuditEvent::new(EventKind::ClientTestBegun, now).client(&client.id);
        let event = event.detail("by", by).detail("test", id);
        self.ledger.append(event).await?;
        let record = ClientTestRecord {
            id,
            client: client.id.clone(),
            began: now,
            state: written(&run)?,
        };
        self.tests.begin(&record).await?;
        Ok(Begun {
            id: id.to_string(),
            issuer: self.issuer_of(id),
            client_id: client.id.to_string(),
            expires: run.expires.to_string(),
        })
    }

    /// What became of a run.
    pub async fn report(&self, id: ClientTestId) -> Result<Option<Report>, Fault> {
        let found = self.tests.run(id).await?;
        found.map(|(record, _)| self.read(&record)).transpose()
    }

    /// What became of a run, and what tells that from the same after anything else was played or said.
    pub(crate) async fn known(&self, id: ClientTestId) -> Result<Option<(Report, String)>, Fault> {
        let Some((record, _)) = self.tests.run(id).await? else {
            return Ok(None);
        };
        let run = opened(&record)?;
        let tag = tag_of(&run)?;
        Ok(Some((Report::of(&record, &run, self.clock.now()), tag)))
    }

    /// What became of the runs of a client, the latest first.
    pub(crate) async fn reports(&self, client: &ClientId) -> Result<Vec<Report>, Fault> {
        let records = self.tests.of_client(client, MOST_LISTED).await?;
        records.iter().map(|record| self.read(record)).collect()
    }

    /// Forgets the runs of long ago; the latest of each client stays. How many.
    pub async fn forget(&self) -> Result<u64, Fault> {
        let before = self.clock.now().before(KEPT_FOR);
        self.tests.forget(before).await
    }

    /// Notes what a developer says and chooses.
    /// Where they say which run they know (`known`, its tag), it is to be that one.
    pub(crate) async fn note(
        &self,
        id: ClientTestId,
        changes: &Changes,
        known: Option<&str>,
    ) -> Result<(), Refused> {
        let now = self.clock.now();
        let overtaken = AtomicBool::new(false);
        let noted = self.change(id, |run| {
            let is_known = known.is_none_or(|known| tag_of(run).is_ok_and(|tag| tag == known));
            overtaken.store(!is_known, Ordering::Relaxed);
            if !is_known || !run.is_live(now) {
                return None;
            }
            run.next = changes.next;
            run.over = changes.over;
            for (case, signed_in) in &changes.signed_in {
                let mut attempts = run.attempts.iter_mut().rev();
                if let Some(attempt) = attempts.find(|it| it.case == *case) {
                    attempt.signed_in = Some(*signed_in);
                }
            }
            Some(())
        });
        match noted.await? {
            Some(()) => Ok(()),
            None if overtaken.into_inner() => Err(Refused::Overtaken),
            None => Err(Refused::Over),
        }
    }

    /// Changes a run, as often as others are first; `None` when there is none, or nothing is to be changed.
    pub(super) async fn change<T>(
        &self,
        id: ClientTestId,
        change: impl Fn(&mut Run) -> Option<T>,
    ) -> Result<Option<T>, Fault> {
        for _ in 0..TRIES {
            let Some((record, version)) = self.tests.run(id).await? else {
                return Ok(None);
            };
            let mut run = opened(&record)?;
            let Some(done) = change(&mut run) else {
                return Ok(None);
            };
            if self.tests.replace(id, version, &written(&run)?).await? {
                return Ok(Some(done));
            }
        }
        Err(Fault::bare("a test is changed by many at once"))
    }

    /// The issuer of a run.
    pub(crate) fn issuer_of(&self, id: ClientTestId) -> String {
        format!("{}/tester/{id}", self.issuer)
    }

    /// The keys of a run, those that are published.
    pub(super) fn key(
        &self,
        id: ClientTestId,
        run: &Run,
        number: usize,
    ) -> Result<LoneKey, KeysError> {
        let sealed = run
            .keys
            .get(number)
            .ok_or(KeysError::Crypto("find a key"))?;
        LoneKey::open(run.alg, &self.sealer, &context(id, number), sealed)
    }

    fn read(&self, record: &ClientTestRecord) -> Result<Report, Fault> {
        Ok(Report::of(record, &opened(record)?, self.clock.now()))
    }
}

/// A run as it rests.
pub(super) fn opened(record: &ClientTestRecord) -> Result<Run, Fault> {
    let run = serde_json::from_str(&record.state);
    run.map_err(|error| Fault::new("reading a test of a client", error))
}

/// What tells a run from the same after any change of it.
fn tag_of(run: &Run) -> Result<String, Fault> {
    Ok(sha256_base64url(written(run)?.as_bytes()))
}

fn written(run: &Run) -> Result<String, Fault> {
    let text = serde_json::to_string(run);
    text.map_err(|error| Fault::new("writing a test of a client", error))
}

/// What a key is sealed for.
fn context(id: ClientTestId, number: usize) -> Vec<u8> {
    format!("{id} {number}").into_bytes()
}

/// How long a run plays.
const LIFETIME: Duration = Duration::from_hours(2);
/// How long what became of a run is known: longer than a year, so that an onboarding and the next yearly look at it
/// find what they refer to.
const KEPT_FOR: Duration = Duration::from_hours(24 * 400);
/// How many of one client play at once.
const MOST_LIVE: usize = 10;
/// How many are looked at.
const MOST_LISTED: u32 = 50;
const TRIES: usize = 8;
