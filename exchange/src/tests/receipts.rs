//! Receipts: provable for years, changed by nobody unseen, and never of what a law hides.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::{AuditEvent, EventKind, PersonId, SigningAlg};
use guichet_keys::{JwsRefusal, RotationPolicy, Typ};
use guichet_ledger::{
    Disagreement, Ledger, LedgerSettings, NoteError, latest_checkpoint, leaf_hash,
};
use guichet_store::durable::exchange_entries::Secrecy;
use guichet_store::{Durable, DurableSettings};
use serde_json::{Value, json};

use super::world::{PERSON, World, exchange};
use crate::desk::exchange_event;
use crate::{Check, Made, Problem, ReceiptKeys, Verification, hiding, verify_receipt};

impl World {
    async fn receipt(&self, seed: u8) -> String {
        let made = self.desk.receipt(exchange(seed), PERSON, self.now()).await;
        match made.unwrap() {
            Made::Receipt(text) => text,
            other => panic!("{other:?}"),
        }
    }

    fn receipt_keys(&self) -> ReceiptKeys {
        self.desk.receipt_keys().unwrap()
    }

    fn verify(&self, text: &str) -> Verification {
        verify_receipt(text, &self.receipt_keys(), None)
    }

    /// What a receipt says, changed, and signed by the hub that never said so.
    fn resigned(&self, text: &str, change: impl FnOnce(&mut Value)) -> String {
        let mut claims = claims(text);
        change(&mut claims);
        let ring = self.hub.ring();
        ring.sign_jwt(SigningAlg::Es256, Typ::Receipt, &claims)
            .unwrap()
    }
}

fn claims(text: &str) -> Value {
    let payload = URL_SAFE_NO_PAD.decode(text.split('.').nth(1).unwrap());
    serde_json::from_slice(&payload.unwrap()).unwrap()
}

fn problems(verification: &Verification) -> Vec<Problem> {
    let all = verification.checks.iter();
    all.filter_map(|checked| checked.problem.clone()).collect()
}

/// A hub that has seen two exchanges; the second was fetched.
async fn busy() -> World {
    let world = World::new().await;
    world.send(2, &json!({})).await;
    let detail = world.send(1, &json!({})).await;
    let voucher = world.voucher(&detail).await.unwrap();
    world.heard("fd-famille", &voucher.token).await.unwrap();
    world
}

#[tokio::test]
async fn a_receipt_says_what_was_decided_and_proves_it() {
    let world = busy().await;
    let text = world.receipt(1).await;
    let verification = world.verify(&text);
    assert!(verification.holds(), "{:?}", verification.checks);
    let checks: Vec<Check> = verification.checks.iter().map(|it| it.check).collect();
    let all = [
        Check::Form,
        Check::Signature,
        Check::Entries,
        Check::Decision,
        Check::Checkpoint,
        Check::Inclusion,
    ];
    assert_eq!(checks, all);
    let said = verification.says.unwrap();
    assert_eq!(said.outcome, "sent");
    assert_eq!(said.service.name, "cantine");
    assert_eq!(said.granted[0].id, "quotient");
    assert_eq!((said.pulls, said.locale.as_str()), (1, "fr"));
    let kinds = claims(&text)["log"]["entries"].as_array().unwrap().len();
    assert_eq!(kinds, 3, "decided, voucher issued, released");
}

#[tokio::test]
async fn a_receipt_names_no_person_no_value_and_no_name_of_either_side() {
    let world = busy().await;
    let said = claims(&world.receipt(1).await).to_string();
    let famille = crate::tests::world::famille(&world);
    let subject = world.desk.subject_at(&famille, PERSON).await.unwrap();
    let alias = world.desk.alias(exchange(1));
    for secret in [
        PERSON.to_string(),
        subject.to_string(),
        alias.to_string(),
        super::world::GRANT.to_string(),
        ":850".to_owned(),
        "\"850".to_owned(),
    ] {
        assert!(!said.contains(&secret), "{secret} in {said}");
    }
    assert!(said.contains(&exchange(1).to_string()));
}

#[tokio::test]
async fn a_receipt_is_for_whoever_decided() {
    let world = busy().await;
    let other = PersonId::from_bytes([7; 16]);
    let made = world.desk.receipt(exchange(1), other, world.now()).await;
    assert_eq!(made.unwrap(), Made::Gone);
    let made = world.desk.receipt(exchange(9), PERSON, world.now()).await;
    assert_eq!(made.unwrap(), Made::Gone);
}

#[tokio::test]
async fn a_receipt_verifies_after_the_key_that_signed_it_is_past_keeping() {
    let world = busy().await;
    let text = world.receipt(1).await;
    let policy = RotationPolicy {
        sign_for: Duration::from_secs(10),
        publish_before: Duration::from_secs(1),
        keep_after: Duration::from_secs(10),
    };
    for _ in 0..3 {
        world.clock.pass(20);
        for rotated in world.hub.rotate_due(world.now(), policy) {
            rotated.unwrap();
        }
    }
    let published = String::from_utf8(world.hub.jwks().to_vec()).unwrap();
    let header = URL_SAFE_NO_PAD.decode(text.split('.').next().unwrap());
    let header: Value = serde_json::from_slice(&header.unwrap()).unwrap();
    let kid = header["kid"].as_str().unwrap();
    assert!(!published.contains(kid), "the key left the JWK Set");
    assert!(world.verify(&text).holds());
}

#[tokio::test]
async fn whatever_is_changed_in_a_receipt_is_named() {
    let world = busy().await;
    let text = world.receipt(1).await;
    let first = claims(&text)["log"]["entries"][0]["index"]
        .as_u64()
        .unwrap();
    // The hub itself, or whoever has its key, may sign anything: the log contradicts.
    let found =
        |change: &dyn Fn(&mut Value)| problems(&world.verify(&world.resigned(&text, change)));
    assert_eq!(found(&|_| {}), []);
    assert_eq!(
        found(&|it| it["outcome"] = "refused".into()),
        [Problem::Differs("outcome")]
    );
    assert_eq!(
        found(&|it| it["granted"][0]["id"] = "adresse".into()),
        [Problem::Differs("list of what may leave")]
    );
    assert_eq!(
        found(&|it| it["text_digest"] = "sha-256:AAAA".into()),
        [Problem::Differs("text")]
    );
    let changed = |it: &mut Value| {
        let entry = it["log"]["entries"][0]["entry"].as_str().unwrap();
        let entry = entry.replace("\"sent\"", "\"refused\"");
        it["log"]["entries"][0]["entry"] = entry.into();
        it["outcome"] = "refused".into();
    };
    assert_eq!(found(&changed), [Problem::EntryChanged(first)]);
    let hashed_anew = |it: &mut Value| {
        changed(it);
        let entry = it["log"]["entries"][0]["entry"].as_str().unwrap();
        let leaf = URL_SAFE_NO_PAD.encode(leaf_hash(entry.as_bytes()));
        it["log"]["entries"][0]["leaf"] = leaf.into();
    };
    assert_eq!(found(&hashed_anew), [Problem::NotInTree(first)]);
    assert_eq!(
        found(&|it| it["log"]["entries"][1]["proof"][0] = "AAAA".into()),
        [Problem::NotInTree(first + 1)]
    );
    assert_eq!(
        found(&|it| it["log"]["entries"][0]["index"] = 0.into()),
        [Problem::EntryForeign(0), Problem::NotInTree(0)]
    );
    let foreign = claims(&world.receipt(2).await)["log"]["entries"][0].clone();
    let index = foreign["index"].as_u64().unwrap();
    assert_eq!(
        found(&|it| it["log"]["entries"][1] = foreign.clone()),
        [Problem::EntryForeign(index)]
    );
    let undecided = |it: &mut Value| {
        it["log"]["entries"].as_array_mut().unwrap().remove(0);
    };
    assert_eq!(found(&undecided), [Problem::NoDecision]);
    let unsigned = |it: &mut Value| {
        let note = it["log"]["checkpoint"].as_str().unwrap();
        it["log"]["checkpoint"] = note.replacen("\n4\n", "\n5\n", 1).into();
    };
    let unsigned = found(&unsigned);
    assert_eq!(unsigned, [Problem::Checkpoint(NoteError::Signature)]);
}

#[tokio::test]
async fn what_the_hub_did_not_sign_is_no_receipt_of_its() {
    let world = busy().await;
    let text = world.receipt(1).await;
    let (head, rest) = text.split_once('.').unwrap();
    let (_, signature) = rest.split_once('.').unwrap();
    let mut said = claims(&text);
    said["service"]["name"] = "Mairie".into();
    let payload = URL_SAFE_NO_PAD.encode(said.to_string());
    let changed = format!("{head}.{payload}.{signature}");
    let refused = Problem::Signature(JwsRefusal::Signature);
    assert_eq!(problems(&world.verify(&changed)), [refused]);
    let other = busy().await;
    let by_another = problems(&world.verify(&other.resigned(&text, |_| {})));
    assert_eq!(by_another, [Problem::Signature(JwsRefusal::UnknownKey)]);
    let token = world
        .hub
        .ring()
        .sign_jwt(SigningAlg::Es256, Typ::Jwt, &said);
    let token = problems(&world.verify(&token.unwrap()));
    assert_eq!(token, [Problem::Signature(JwsRefusal::Typ)]);
    for garbage in ["", "a.b.c", "{}", &text[..40], &"a".repeat(70_000)] {
        let found = problems(&world.verify(garbage));
        assert_eq!(found, [Problem::NotAReceipt], "{garbage}");
    }
}

#[tokio::test]
async fn a_checkpoint_kept_elsewhere_tells_a_fork() {
    let world = busy().await;
    let text = world.receipt(1).await;
    let history = world.ledger.history();
    let (_, signed) = history.checkpoint().await.unwrap().unwrap();
    world.send(3, &json!({})).await;
    world.ledger.flush().await.unwrap();
    let later = history.checkpoint_since(signed.size).await.unwrap();
    let later = later.unwrap();
    let keys = world.receipt_keys();
    let against = |kept: &str| {
        let verification = verify_receipt(&text, &keys, Some(kept));
        assert_eq!(verification.checks.last().unwrap().check, Check::History);
        problems(&verification)
    };
    assert_eq!(against(&later), []);
    let (alone, _) = later.split_once("consistency").unwrap();
    let unproven = Problem::History(Disagreement::Unproven(signed.size, signed.size + 1));
    assert_eq!(against(alone), [unproven]);
    // The same key over another history.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.db");
    let other = Durable::sqlite(path, DurableSettings::default()).await;
    let other = other.unwrap();
    other.migrate_up().await.unwrap();
    let settings = LedgerSettings::default();
    let same_key = world.hub.ledger_signer();
    let ledger = Ledger::open(other.ledger.clone(), same_key, "test", settings).await;
    let ledger = ledger.unwrap();
    for _ in 0..9 {
        let event = AuditEvent::new(EventKind::NodeStarted, world.now());
        ledger.append(event).await.unwrap();
    }
    ledger.flush().await.unwrap();
    let forked = latest_checkpoint(&*other.ledger, true).await.unwrap();
    let fork = Problem::History(Disagreement::Forked(signed.size, 9));
    assert_eq!(against(&forked.unwrap()), [fork]);
    let foreign = against("other.example/ledger\n1\nAAAA\n\n");
    assert!(
        matches!(foreign[..], [Problem::History(Disagreement::Other(_))]),
        "{foreign:?}"
    );
}

#[tokio::test]
async fn an_erased_entry_leaves_the_rest_provable() {
    let world = busy().await;
    let text = world.receipt(1).await;
    let erased = world.resigned(&text, |it| {
        let entry = it["log"]["entries"][1].as_object_mut().unwrap();
        entry.remove("entry");
    });
    assert!(world.verify(&erased).holds());
    let moved = world.resigned(&erased, |it| {
        it["log"]["entries"][1]["leaf"] = it["log"]["entries"][0]["leaf"].clone();
    });
    assert!(!world.verify(&moved).holds());
}

#[tokio::test]
async fn what_a_law_hides_is_in_no_list_and_has_no_receipt_until_its_date() {
    let world = busy().await;
    let order = Secrecy {
        until: world.now().after(Duration::from_hours(1)),
        authority: "Tribunal judiciaire".to_owned(),
        order: "26/1789".to_owned(),
    };
    let event = hiding(exchange(1), &order, "alix", world.now()).unwrap();
    world.ledger.append(event).await.unwrap();
    let seen = || async {
        let listed = world.desk.of_person(PERSON, 10).await.unwrap();
        let listed = listed.iter().any(|held| held.exchange == exchange(1));
        let one = world.desk.of_exchange(exchange(1), PERSON).await.unwrap();
        let receipt = world.desk.receipt(exchange(1), PERSON, world.now()).await;
        (listed, one.is_some(), receipt.unwrap() != Made::Gone)
    };
    assert_eq!(seen().await, (false, false, false));
    assert_eq!(world.desk.of_person(PERSON, 10).await.unwrap().len(), 1);
    let counts = world.desk.counts().await.unwrap();
    assert_eq!((counts.hidden, counts.opened), (1, 0));
    world.clock.pass(3600);
    assert_eq!(seen().await, (true, true, true));
    let said = claims(&world.receipt(1).await);
    assert_eq!(said["hidden"]["authority"], "Tribunal judiciaire");
    assert_eq!(said["hidden"]["order"], "26/1789");
    let counts = world.desk.counts().await.unwrap();
    assert_eq!((counts.hidden, counts.opened), (0, 1));
}

#[tokio::test]
async fn what_the_three_count_of_a_day_is_told_and_a_difference_shows() {
    let world = World::new().await;
    let (yesterday, half) = (world.now(), EventKind::EvidenceDelivered);
    for seed in 1..=12 {
        let about = |kind| exchange_event(kind, exchange(seed), yesterday);
        let released = about(EventKind::EvidenceReleased)
            .detail("data_provider", "famille")
            .detail("pull", 1);
        world.ledger.note(released);
        world.ledger.note(about(half).detail("half", "released"));
        if seed < 12 {
            world.ledger.note(about(half).detail("half", "received"));
        }
    }
    world.ledger.flush().await.unwrap();
    world.clock.pass(25 * 3600);
    let counts = world.desk.counts().await.unwrap();
    let published = serde_json::to_value(&*counts).unwrap();
    let told = json!([{
        "id": "famille", "hub": 12, "data_provider": 12, "services": 11, "agree": false,
    }]);
    let days = published["days"].as_array().unwrap();
    assert_eq!(days[0]["data_providers"], told, "{published}");
    assert!(
        days[1..]
            .iter()
            .all(|day| day["data_providers"] == json!([]))
    );
    let [line] = &counts.disagreements()[..] else {
        panic!("{counts:?}");
    };
    assert!(line.contains("services received 11"), "{line}");
    assert!(published.get("latest").is_none());
}
