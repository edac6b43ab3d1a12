//! A statement made of a real ledger, and everything that may be done to one.

use std::sync::Arc;

use guichet_domain::{
    AuditEvent, Clock, EventKind, ExchangeId, LoginId, PersonId, SigningAlg, Timestamp,
};
use guichet_exchange::{Proven, ReceiptKeys};
use guichet_keys::{Keys, MemoryCustody, SystemEntropy, Typ};
use guichet_ledger::{Ledger, LedgerSettings};
use guichet_store::durable::histories::Span;
use guichet_store::{Durable, DurableSettings};
use serde_json::{Value, json};

use super::make::{Making, page};
use super::{Check, Problem, Recount, Verification, recount, verify_statement};
use crate::history::{HistoryBook, Subject};

const CAMILLE: PersonId = PersonId::from_bytes([1; 16]);
const LINH: PersonId = PersonId::from_bytes([2; 16]);
const EXCHANGE: ExchangeId = ExchangeId::from_bytes([3; 16]);
const ISSUER: &str = "https://hub.example";

struct Standing;

impl Clock for Standing {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(1_795_296_504)
    }
}

/// A ledger with what two citizens did.
struct World {
    book: HistoryBook,
    keys: Keys,
    _folder: tempfile::TempDir,
}

impl World {
    async fn new() -> Self {
        let entropy = Arc::new(SystemEntropy);
        let custody = Arc::new(MemoryCustody::new());
        let now = Standing.now();
        let keys = Keys::open(custody, entropy, now, &[SigningAlg::Es256])
            .ok()
            .unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("guichet.db");
        let durable = Durable::sqlite(path, DurableSettings::default())
            .await
            .unwrap();
        durable.migrate_up().await.unwrap();
        let (records, settings) = (durable.ledger.clone(), LedgerSettings::default());
        let ledger = Ledger::open(records, keys.ledger_signer(), "test", settings).await;
        let book = HistoryBook {
            histories: durable.histories.clone(),
            people: durable.people.clone(),
            corrections: durable.corrections.clone(),
            ledger: ledger.unwrap(),
            clock: Arc::new(Standing),
            undo_window: std::time::Duration::ZERO,
        };
        let world = Self {
            book,
            keys,
            _folder: folder,
        };
        world.live().await;
        world
    }

    async fn live(&self) {
        let event = |kind, seed: u8| {
            AuditEvent::new(kind, Standing.now()).login(LoginId::from_bytes([16 + seed; 16]))
        };
        let named = |kind, person, seed| event(kind, seed).person(person);
        for happened in [
            event(EventKind::LoginStarted, 1),
            named(EventKind::IdentityVerified, CAMILLE, 1),
            named(EventKind::ConsentGiven, CAMILLE, 1).detail("scope", "openid"),
            named(EventKind::IdentityVerified, LINH, 2),
            named(EventKind::PersonShown, CAMILLE, 3).detail("by", "alix"),
            Self::about(EventKind::EvidenceShown),
            Self::about(EventKind::EvidenceDecided)
                .detail("outcome", "sent")
                .detail("mark", self.book.ledger.people().of(CAMILLE).mark(EXCHANGE)),
            named(EventKind::SessionEnded, LINH, 2),
        ] {
            self.book.ledger.append(happened).await.unwrap();
        }
    }

    fn about(kind: EventKind) -> AuditEvent {
        AuditEvent::new(kind, Standing.now()).detail("exchange", EXCHANGE)
    }

    async fn subject(&self) -> Subject {
        self.book.read_ledger().await.unwrap();
        let name = self.book.ledger.people().of(CAMILLE).name();
        self.book.histories.give(EXCHANGE, name).await.unwrap();
        self.book.subject(CAMILLE).await.unwrap()
    }

    async fn statement(&self) -> String {
        let subject = self.subject().await;
        let made = Making::begin(&self.book, &self.keys, ISSUER, CAMILLE, &subject).await;
        let (head, mut making) = made.unwrap().unwrap();
        let mut text = format!("{head}\n").into_bytes();
        loop {
            let lines = page(&self.book, &mut making).await.unwrap();
            if lines.is_empty() {
                return String::from_utf8(text).unwrap();
            }
            text.extend(lines);
        }
    }

    fn published(&self) -> ReceiptKeys {
        let key = self.book.ledger.history().verifier_key();
        let set = ReceiptKeys::published(&self.keys, &key).to_string();
        ReceiptKeys::parse(set.as_bytes()).unwrap()
    }

    fn verify(&self, text: &str) -> Verification {
        verify_statement(text.as_bytes(), &self.published(), None, None).unwrap()
    }

    fn after(&self, text: &str, earlier: &str) -> Verification {
        let mut earlier = earlier.as_bytes();
        let verified =
            verify_statement(text.as_bytes(), &self.published(), Some(&mut earlier), None);
        verified.unwrap()
    }

    /// The first line, changed, and signed by the hub that never said so.
    fn resigned(&self, text: &str, change: impl FnOnce(&mut Value)) -> String {
        let (first, rest) = text.split_once('\n').unwrap();
        let mut head = serde_json::to_value(super::verify::head_of(first).unwrap()).unwrap();
        change(&mut head);
        let ring = self.keys.ring();
        let head = ring
            .sign_jwt(SigningAlg::Es256, Typ::History, &head)
            .unwrap();
        format!("{head}\n{rest}")
    }

    async fn recount(&self, text: &str) -> Recount {
        let history = self.book.ledger.history();
        let recounted = recount(text.as_bytes(), &self.published(), history).await;
        recounted.unwrap().unwrap()
    }
}

fn problems(verification: &Verification) -> Vec<(Check, Problem)> {
    let all = verification.checks.iter();
    all.filter_map(|it| Some((it.check, it.problem.clone()?)))
        .collect()
}

fn lines(text: &str) -> Vec<&str> {
    text.lines().collect()
}

#[tokio::test]
async fn a_statement_proves_that_it_is_all_of_one_citizens_history_and_nothing_else() {
    let world = World::new().await;
    let text = world.statement().await;
    let found = world.verify(&text);
    assert!(found.holds(), "{:?}", found.checks);
    let head = found.says.unwrap();
    assert_eq!((head.says.entries, head.keys.len()), (5, 1));
    let places: Vec<u64> = lines(&text)[1..]
        .iter()
        .map(|line| serde_json::from_str::<Proven>(line).unwrap().index)
        .collect();
    assert_eq!(places, [1, 2, 4, 5, 6]);
    let recount = world.recount(&text).await;
    assert!(recount.agrees(), "{recount:?}");
    assert_eq!((recount.theirs, recount.read), (5, head.says.before));
}

#[tokio::test]
async fn a_statement_says_nothing_of_anybody_else_and_no_identifier_of_the_person() {
    let world = World::new().await;
    let text = world.statement().await;
    let linh = world.book.ledger.people().of(LINH).name();
    for other in [
        linh.to_string(),
        CAMILLE.to_string(),
        LINH.to_string(),
        "alix".to_owned(),
    ] {
        assert!(!text.contains(&other), "{other}");
    }
    let looked: Value = serde_json::from_str(lines(&text)[3]).unwrap();
    assert_eq!(looked["index"], 4);
    assert_eq!(
        looked.get("entry"),
        None,
        "who looked is not the citizen's to know by name"
    );
}

#[tokio::test]
async fn what_is_left_out_of_a_statement_or_slipped_in_is_found() {
    let world = World::new().await;
    let text = world.statement().await;
    let all = lines(&text);
    let without = [&all[..2], &all[3..]].concat().join("\n");
    let found = problems(&world.verify(&without));
    let short = Problem::Count {
        there: 4,
        stated: 5,
    };
    assert_eq!(found, [(Check::Count, short)]);
    assert_eq!(world.recount(&without).await.left_out, [2]);

    // An entry of somebody else, with a proof that holds.
    let history = world.book.ledger.history();
    let head = super::verify::head_of(all[0]).unwrap();
    let entry = history.read(3, 1).await.unwrap().remove(0).entry;
    let size = guichet_ledger::open_checkpoint(
        &head.checkpoint,
        &world.keys.ledger_signer().verifier(),
        "test",
    );
    let size = size.unwrap().size;
    let proof = history.prover().inclusion(3, size).await.unwrap().unwrap();
    let text64 = |hash: &[u8]| {
        use base64::Engine as _;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(hash)
    };
    let foreign = json!({
        "index": 3, "entry": String::from_utf8(entry.clone()).unwrap(),
        "leaf": text64(&guichet_ledger::leaf_hash(&entry)),
        "proof": proof.iter().map(|it| text64(it)).collect::<Vec<_>>(),
    })
    .to_string();
    let with = [&all[..3], &[foreign.as_str()], &all[3..]]
        .concat()
        .join("\n");
    let found = problems(&world.verify(&with));
    let more = Problem::Count {
        there: 6,
        stated: 5,
    };
    assert_eq!(
        found,
        [
            (Check::Entries, Problem::SlippedIn(3)),
            (Check::Count, more)
        ]
    );
    assert_eq!(world.recount(&with).await.slipped_in, [3]);
}

#[tokio::test]
async fn a_statement_that_was_changed_does_not_hold_wherever_it_was() {
    let world = World::new().await;
    let text = world.statement().await;
    assert_eq!(
        problems(&world.verify("no statement")),
        [(Check::Form, Problem::NotAStatement)]
    );
    let first = lines(&text)[0];
    let forged = text.replacen(&first[first.len() - 6..], "AAAAAA", 1);
    let found = problems(&world.verify(&forged));
    assert!(
        matches!(found[..], [(Check::Signature, Problem::Signature(_))]),
        "{found:?}"
    );
    let later = text.replacen("consent.given", "consent.taken", 1);
    let found = problems(&world.verify(&later));
    assert!(
        found.contains(&(Check::Entries, Problem::Changed(2))),
        "{found:?}"
    );
    let moved = text.replacen("\"index\":1,", "\"index\":0,", 1);
    let found = problems(&world.verify(&moved));
    assert!(
        found.contains(&(Check::Inclusion, Problem::NotInTree(0))),
        "{found:?}"
    );
    let broken = format!("{text}not an entry\n");
    assert_eq!(
        problems(&world.verify(&broken)),
        [(Check::Form, Problem::Line(7))]
    );
}

#[tokio::test]
async fn a_hub_that_says_another_count_than_it_put_on_record_is_found() {
    let world = World::new().await;
    let text = world.statement().await;
    let fewer = world.resigned(&text, |head| head["entries"] = 4.into());
    assert_eq!(
        problems(&world.verify(&fewer)),
        [(Check::Count, Problem::NotStated)]
    );
    let other_key = world.book.ledger.people().of(LINH).to_text();
    let of_other = world.resigned(&text, |head| head["keys"] = json!([other_key]));
    let found = problems(&world.verify(&of_other));
    assert!(
        found.contains(&(Check::Entries, Problem::SlippedIn(1))),
        "{found:?}"
    );
    assert!(
        found.contains(&(Check::Count, Problem::NotStated)),
        "{found:?}"
    );
}

#[tokio::test]
async fn what_an_earlier_statement_has_a_later_one_has_too() {
    let world = World::new().await;
    let earlier = world.statement().await;
    let event = AuditEvent::new(EventKind::SessionEnded, Standing.now()).person(CAMILLE);
    world.book.ledger.append(event).await.unwrap();
    let later = world.statement().await;
    assert!(world.after(&later, &earlier).holds());
    assert_eq!(
        world.verify(&later).says.unwrap().says.entries,
        7,
        "and that it was stated"
    );
    let found = problems(&world.after(&earlier, &later));
    assert!(
        matches!(found[..], [(Check::Earlier, Problem::LeftOut(8))]),
        "{found:?}"
    );
    let found = problems(&world.after(&later, "something else"));
    assert_eq!(found, [(Check::Earlier, Problem::OtherEarlier)]);
}

#[tokio::test]
async fn a_hub_that_hides_a_time_or_cuts_the_end_off_is_found() {
    let world = World::new().await;
    let text = world.statement().await;
    let first = lines(&text)[0];
    let hidden = world.resigned(&format!("{first}\n"), |head| {
        head["closed"] = json!([["1970-01-01T00:00:00Z", "2100-01-01T00:00:00Z"]]);
    });
    let found = problems(&world.verify(&hidden));
    assert!(
        found.contains(&(Check::Count, Problem::NotStated)),
        "{found:?}"
    );
    let counted = world.recount(&hidden).await;
    assert_eq!(counted.problem, Some(Problem::NotStated));
    assert_eq!(counted.left_out, [1, 2, 4, 5, 6]);
    assert!(!counted.closed[0].is_explained, "{counted:?}");
    let cut = world.resigned(&text, |head| head["before"] = 3.into());
    let counted = world.recount(&cut).await;
    assert_eq!(counted.problem, Some(Problem::NotStated));
    assert!(!counted.agrees(), "{counted:?}");
    let unsigned = text.replacen(&first[first.len() - 6..], "AAAAAA", 1);
    let counted = world.recount(&unsigned).await;
    assert!(
        matches!(counted.problem, Some(Problem::Signature(_))),
        "{counted:?}"
    );
}

/// What a hub makes that hides a time on record, too.
async fn lying(world: &World, closed: Vec<Span>) -> String {
    let mut subject = world.subject().await;
    subject.closed = closed;
    let made = Making::begin(&world.book, &world.keys, ISSUER, CAMILLE, &subject).await;
    let (head, mut making) = made.unwrap().unwrap();
    let mut text = format!("{head}\n").into_bytes();
    text.extend(page(&world.book, &mut making).await.unwrap());
    String::from_utf8(text).unwrap()
}

#[tokio::test]
async fn a_time_that_no_correction_explains_is_left_out_of_no_statement_even_if_it_is_on_record() {
    let world = World::new().await;
    let now = Standing.now();
    let span = Span {
        since: Timestamp::from_millis(0),
        until: now.after(std::time::Duration::from_secs(1)),
    };
    let text = lying(&world, vec![span]).await;
    assert!(world.verify(&text).holds(), "the citizen alone cannot tell");
    let counted = world.recount(&text).await;
    assert_eq!(counted.problem, None);
    assert_eq!(counted.left_out, [1, 2, 4, 5, 6]);
    assert!(!counted.agrees());
    // Explained by a correction of who they are, it is one that nobody can say whose it is.
    let corrected = AuditEvent::new(EventKind::CorrectionUndone, now).person(CAMILLE);
    world.book.ledger.append(corrected).await.unwrap();
    let text = lying(&world, vec![span]).await;
    let counted = world.recount(&text).await;
    assert!(counted.agrees(), "{counted:?}");
    assert!(counted.closed[0].entries >= 5, "{counted:?}");
}

#[tokio::test]
async fn an_earlier_statement_that_does_not_hold_says_nothing_of_a_later_one() {
    let world = World::new().await;
    let earlier = world.statement().await;
    let later = world.statement().await;
    let all = lines(&earlier);
    let short = [&all[..2], &all[3..]].concat().join("\n");
    let found = problems(&world.after(&later, &short));
    assert!(
        matches!(found[..], [(Check::Earlier, Problem::Earlier(_))]),
        "{found:?}"
    );
}
