//! What a change does to a record, and what becomes of two at once.

use std::sync::Mutex;

use async_trait::async_trait;
use guichet_domain::{
    AuditEvent, CivilRegisterPolicy, ClientId, EventKind, Provider, ProviderMetadata, Sealed,
    Timestamp,
};
use guichet_keys::{Keys, MemoryCustody, SystemEntropy};
use guichet_ledger::LedgerSettings;
use guichet_store::{Durable, DurableSettings};
use serde_json::json;

use super::*;

fn known() -> Provider {
    let metadata: ProviderMetadata = serde_json::from_value(json!({
        "id": "postale", "issuer": "https://idp.example", "client_id": "hub",
        "client_secret": "s", "beta": true,
    }))
    .unwrap();
    let seal = |secret: &str| Sealed::from_bytes(secret.as_bytes().to_vec());
    metadata.check(seal, CivilRegisterPolicy::Skip).unwrap()
}

fn after(changes: &Value) -> Result<ProviderMetadata, ChangeError> {
    changed(
        "id",
        &ProviderMetadata::from(&known()),
        changes.as_object().unwrap().clone(),
    )
}

#[test]
fn a_change_touches_what_it_names_and_null_is_the_default_again() {
    let metadata = after(&json!({"name": "Postale", "beta": null})).unwrap();
    assert_eq!(metadata.name.as_deref(), Some("Postale"));
    assert_eq!(metadata.beta, None);
    assert_eq!(metadata.issuer, "https://idp.example");
}

#[test]
fn a_member_that_does_not_exist_and_another_name_are_refused() {
    assert!(matches!(
        after(&json!({"colour": "blue"})),
        Err(ChangeError::Malformed(_))
    ));
    assert!(matches!(
        after(&json!({"id": "other"})),
        Err(ChangeError::Invalid(_))
    ));
    for change in [
        json!({"client_secret": 8_675_309}),
        json!({"name": 8_675_309}),
    ] {
        let told = after(&change).err().unwrap().to_string();
        assert!(!told.contains("8675309"), "{told}");
    }
}

/// Notes that somebody may change behind an operator's back.
#[derive(Default)]
pub(crate) struct Notes {
    pub(crate) kept: Mutex<Vec<Arc<Value>>>,
    /// What somebody else makes of the notes right before one is written.
    meanwhile: Mutex<Option<Vec<Arc<Value>>>>,
}

#[async_trait]
impl Records for Notes {
    type Metadata = Value;
    type Record = Value;
    const KIND: &'static str = "note";
    const NAME: &'static str = "id";

    fn id(metadata: &Value) -> &str {
        metadata["id"].as_str().unwrap()
    }

    fn id_of(record: &Value) -> &str {
        Self::id(record)
    }

    fn metadata(record: &Value) -> Value {
        record.clone()
    }

    fn is_active(record: &Value) -> bool {
        record["active"] != json!(false)
    }

    fn inactive(record: &Value) -> Value {
        let mut record = record.clone();
        record["active"] = json!(false);
        record
    }

    fn came_by_itself(record: &Value) -> bool {
        record["registered"] == json!(true)
    }

    fn brings_secret(&self, known: &Value, metadata: &Value) -> Result<bool, ChangeError> {
        Ok(metadata.get("secret").is_some() && metadata["secret"] != known["secret"])
    }

    fn event(record: &Value, what: &'static str, now: Timestamp) -> AuditEvent {
        let about: ClientId = Self::id(record).parse().unwrap();
        let event = AuditEvent::new(EventKind::DataProviderChanged, now).client(&about);
        event.detail("change", what)
    }

    async fn all(&self) -> Result<Vec<Arc<Value>>, Fault> {
        Ok(self.kept.lock().unwrap().clone())
    }

    async fn check(&self, _known: Option<&Value>, metadata: &Value) -> Result<Value, ChangeError> {
        Ok(metadata.clone())
    }

    async fn replace(
        &self,
        known: Option<&Value>,
        record: &Value,
        _now: Timestamp,
    ) -> Result<bool, Fault> {
        let mut kept = self.kept.lock().unwrap();
        if let Some(meanwhile) = self.meanwhile.lock().unwrap().take() {
            *kept = meanwhile;
        }
        let there = kept.iter().position(|it| Self::id(it) == Self::id(record));
        if there.map(|at| &*kept[at]) != known {
            return Ok(false);
        }
        kept.retain(|it| Self::id(it) != Self::id(record));
        kept.push(Arc::new(record.clone()));
        Ok(true)
    }
}

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(1_795_000_000)
    }
}

/// A desk with one note, `famille`, and what the settings declare.
pub(crate) async fn desk(declared: &[&str]) -> (RecordDesk<Notes>, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("notes.db");
    let durable = Durable::sqlite(file, DurableSettings::default())
        .await
        .unwrap();
    durable.migrate_up().await.unwrap();
    let custody = Arc::new(MemoryCustody::new());
    let keys = Keys::open(custody, Arc::new(SystemEntropy), Fixed.now(), &[]).unwrap();
    let records = Arc::clone(&durable.ledger);
    let ledger = Ledger::open(
        records,
        keys.ledger_signer(),
        "test",
        LedgerSettings::default(),
    );
    let notes = Notes::default();
    let famille = json!({"id": "famille", "active": true});
    notes.kept.lock().unwrap().push(Arc::new(famille));
    let desk = RecordDesk {
        records: notes,
        ledger: ledger.await.unwrap(),
        declared: declared.iter().map(|id| (*id).to_owned()).collect(),
        tags: keys.mac("record tag"),
        by: Actor::CommandLine,
        clock: Arc::new(Fixed),
    };
    (desk, folder)
}

fn name(text: &str) -> Map<String, Value> {
    Map::from_iter([("name".to_owned(), text.into())])
}

#[tokio::test]
async fn what_somebody_disabled_meanwhile_stays_disabled() {
    let (desk, _folder) = desk(&[]).await;
    let disabled = Arc::new(json!({"id": "famille", "active": false}));
    *desk.records.meanwhile.lock().unwrap() = Some(vec![disabled]);
    let refused = desk
        .set("famille", name("Caisse"), &Expected::Unstated)
        .await
        .unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the note famille was changed meanwhile: look at it again"
    );
    assert_eq!(desk.known("famille").await.unwrap()["active"], false);
    desk.set("famille", name("Caisse"), &Expected::Unstated)
        .await
        .unwrap();
    let known = desk.known("famille").await.unwrap();
    assert_eq!(
        (&known["active"], &known["name"]),
        (&json!(false), &json!("Caisse"))
    );
}

#[tokio::test]
async fn of_two_who_add_one_record_the_second_is_told() {
    let (desk, _folder) = desk(&[]).await;
    let mine = json!({"id": "impots", "name": "mine"});
    let theirs = Arc::new(json!({"id": "impots", "name": "theirs"}));
    *desk.records.meanwhile.lock().unwrap() = Some(vec![theirs]);
    let refused = desk.add(&mine).await.unwrap_err();
    assert!(
        matches!(refused, ChangeError::Overtaken("note", _)),
        "{refused}"
    );
    let refused = desk.add(&mine).await.unwrap_err();
    assert!(
        matches!(refused, ChangeError::Exists("note", _)),
        "{refused}"
    );
    assert_eq!(desk.known("impots").await.unwrap()["name"], "theirs");
}

#[tokio::test]
async fn what_the_settings_declare_is_changed_there_alone() {
    let (desk, _folder) = desk(&["famille", "impots"]).await;
    let active = Map::from_iter([("active".to_owned(), Value::Bool(false))]);
    let refusals = [
        desk.set("famille", active, &Expected::Unstated)
            .await
            .map(drop),
        desk.set("famille", name("Caisse"), &Expected::Unstated)
            .await
            .map(drop),
        desk.disable("famille", &Expected::Unstated).await,
        desk.add(&json!({"id": "impots"})).await,
    ];
    for refused in refusals {
        let refused = refused.unwrap_err();
        assert!(
            matches!(refused, ChangeError::Declared("note", _)),
            "{refused}"
        );
    }
    let unchanged = json!({"id": "famille", "active": true});
    assert_eq!(*desk.known("famille").await.unwrap(), unchanged);
    let none = desk
        .set("nobody", name("x"), &Expected::Unstated)
        .await
        .unwrap_err();
    assert_eq!(none.to_string(), "there is no note nobody");
}

#[tokio::test]
async fn what_is_put_twice_is_there_once_and_nobody_is_overwritten_unseen() {
    let (desk, _folder) = desk(&[]).await;
    let note = json!({"id": "impots", "name": "one"});
    let put = |note: Value, expected: Expected| {
        let desk = &desk;
        async move { desk.put(&note, &expected).await.map(|(_, put)| put) }
    };
    assert_eq!(
        put(note.clone(), Expected::Unstated).await.unwrap(),
        Put::Added
    );
    assert_eq!(
        put(note.clone(), Expected::Unstated).await.unwrap(),
        Put::Unchanged
    );
    let other = json!({"id": "impots", "name": "two"});
    let refused = put(other.clone(), Expected::Unstated).await.unwrap_err();
    assert!(matches!(refused, ChangeError::Unstated("note", _)));
    let refused = put(other.clone(), Expected::Absent).await.unwrap_err();
    assert!(matches!(refused, ChangeError::Overtaken("note", _)));

    let tag = desk.tag_of(&*desk.known("impots").await.unwrap()).unwrap();
    let tagged = Expected::Tagged(vec![tag]);
    assert_eq!(put(other, tagged.clone()).await.unwrap(), Put::Changed);
    let third = json!({"id": "impots", "name": "three"});
    let refused = put(third, tagged).await.unwrap_err();
    assert!(matches!(refused, ChangeError::Overtaken("note", _)));
    assert_eq!(desk.known("impots").await.unwrap()["name"], "two");
}

/// Threat N-329: whoever has a tag, and knows all of the record but its secret, learns nothing by trying.
#[tokio::test]
async fn a_tag_is_made_again_by_nobody_without_the_key() {
    let (desk, _folder) = desk(&[]).await;
    let (other, _other_folder) = self::desk(&[]).await;
    let known = desk.known("famille").await.unwrap();
    let tag = desk.tag_of(&known).unwrap();
    assert_eq!(desk.tag_of(&known).unwrap(), tag);
    assert_ne!(other.tag_of(&known).unwrap(), tag, "another key");
    let bytes = serde_json::to_vec(&*known).unwrap();
    assert_ne!(guichet_keys::sha256_base64url(&bytes), tag);
}
