//! What the audit log says of requests is so, though another comes between the look and the write.

use async_trait::async_trait;
use guichet_domain::SigningAlg;
use guichet_keys::{MemoryCustody, SystemEntropy};
use guichet_ledger::LedgerSettings;
use guichet_store::durable::LedgerRecords;
use guichet_store::{Durable, DurableSettings};
use serde_json::Value;

use super::*;

const CAMILLE: PersonId = PersonId::from_bytes([1; 16]);

struct Standing;

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(1_795_296_504)
    }
}

/// Requests of which another is always first: the last places are taken, and whatever is answered was taken back,
/// between the look and the write.
struct Overtaken(Arc<dyn RightsRequests>);

#[async_trait]
impl RightsRequests for Overtaken {
    async fn ask(&self, request: &RightsRequest, most: u32) -> Result<bool, Fault> {
        for seed in 0..most {
            let mut id = [7; 16];
            id[..4].copy_from_slice(&seed.to_be_bytes());
            let other = RightsRequest {
                id: RightsRequestId::from_bytes(id),
                ..request.clone()
            };
            self.0.ask(&other, most).await?;
        }
        self.0.ask(request, most).await
    }

    async fn answer(&self, id: RightsRequestId, answer: &RightsAnswer) -> Result<bool, Fault> {
        let first = RightsAnswer {
            outcome: RightsOutcome::Withdrawn,
            ..answer.clone()
        };
        self.0.answer(id, &first).await?;
        self.0.answer(id, answer).await
    }

    async fn request(&self, id: RightsRequestId) -> Result<Option<RightsRequest>, Fault> {
        self.0.request(id).await
    }

    async fn of_person(&self, person: PersonId) -> Result<Vec<RightsRequest>, Fault> {
        self.0.of_person(person).await
    }

    async fn unsettled(&self, limit: u32) -> Result<Vec<RightsRequest>, Fault> {
        self.0.unsettled(limit).await
    }

    async fn forget_settled(&self, time: Timestamp) -> Result<u64, Fault> {
        self.0.forget_settled(time).await
    }
}

/// An office, the same one whose every write comes second, and what both put on record.
struct World {
    office: RightsOffice,
    overtaken: RightsOffice,
    records: Arc<dyn LedgerRecords>,
    _folder: tempfile::TempDir,
}

impl World {
    async fn new() -> Self {
        let (custody, entropy) = (Arc::new(MemoryCustody::new()), Arc::new(SystemEntropy));
        let keys = Keys::open(custody, entropy, Standing.now(), &[SigningAlg::Es256]);
        let keys = keys.ok().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("guichet.db");
        let durable = Durable::sqlite(path, DurableSettings::default()).await;
        let durable = durable.unwrap();
        durable.migrate_up().await.unwrap();
        let (records, settings) = (durable.ledger.clone(), LedgerSettings::default());
        let ledger = Ledger::open(records, keys.ledger_signer(), "test", settings).await;
        let ledger = ledger.unwrap();
        let office = |requests| {
            let ambient = (Arc::new(Standing) as _, Arc::new(SystemEntropy) as _);
            RightsOffice::new(requests, &keys, ledger.clone(), ambient)
        };
        let requests = durable.rights_requests.clone();
        Self {
            overtaken: office(Arc::new(Overtaken(requests.clone()))),
            office: office(requests),
            records: durable.ledger.clone(),
            _folder: folder,
        }
    }

    async fn asks(&self) -> Option<RightsRequestId> {
        let addressee = "hub".to_owned();
        let asked = self.office.ask(CAMILLE, RightKind::Erasure, addressee, "…");
        asked.await.unwrap()
    }

    /// What is on record, as kind and outcome.
    async fn on_record(&self) -> Vec<(String, String)> {
        let entries = self.records.read(0, 1000).await.unwrap();
        let entries = entries.iter().map(|it| {
            let entry: Value = serde_json::from_slice(&it.entry).unwrap();
            let outcome = entry["details"]["outcome"].as_str().unwrap_or_default();
            let kind = entry["kind"].as_str().unwrap_or_default();
            (kind.to_owned(), outcome.to_owned())
        });
        entries
            .filter(|(kind, _)| kind.starts_with("rights."))
            .collect()
    }
}

fn told(all: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(kind, outcome): &(&str, &str)| ((*kind).to_owned(), (*outcome).to_owned());
    all.iter().map(owned).collect()
}

#[tokio::test]
async fn a_request_that_found_no_place_is_on_record_as_not_kept() {
    let world = World::new().await;
    let asked = world
        .overtaken
        .ask(CAMILLE, RightKind::Erasure, "hub".to_owned(), "…");
    assert_eq!(asked.await.unwrap(), None);
    let record = world.on_record().await;
    assert_eq!(
        record,
        told(&[("rights.asked", ""), ("rights.failed", "asked")])
    );
    // Where it is known before, there is nothing to say.
    assert_eq!(world.asks().await, None);
    assert_eq!(world.on_record().await, record);
}

#[tokio::test]
async fn an_answer_that_came_too_late_is_on_record_as_not_kept() {
    let world = World::new().await;
    let asked = world.asks().await.unwrap();
    let done = RightsOutcome::Done;
    let counts = world.overtaken.answer(asked, done, "Fait.", "alix");
    assert!(!counts.await.unwrap());
    let record = told(&[
        ("rights.asked", ""),
        ("rights.answered", "done"),
        ("rights.failed", "answered"),
    ]);
    assert_eq!(world.on_record().await, record);
    let again = world.office.answer(asked, done, "Fait.", "alix");
    assert!(!again.await.unwrap(), "it is settled");
    assert_eq!(world.on_record().await, record);
}

#[tokio::test]
async fn what_counts_is_on_record_once() {
    let world = World::new().await;
    let asked = world.asks().await.unwrap();
    let counts = world
        .office
        .answer(asked, RightsOutcome::Done, "Fait.", "alix");
    assert!(counts.await.unwrap());
    let record = told(&[("rights.asked", ""), ("rights.answered", "done")]);
    assert_eq!(world.on_record().await, record);
}
