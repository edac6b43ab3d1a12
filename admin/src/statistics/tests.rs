//! The ledger, counted.

use guichet_domain::{AuditEvent, EventKind, LoginId, Timestamp};
use guichet_keys::{Keys, MemoryCustody, SystemEntropy};
use guichet_ledger::{Ledger, LedgerSettings};
use guichet_store::durable::statistics::SignInOutcome;
use guichet_store::{Durable, DurableSettings};

use super::figures::Scope;
use super::*;

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        NOON
    }
}

/// A Thursday, noon in Paris.
const NOON: Timestamp = Timestamp::from_seconds(1_795_086_000);

fn login(seed: u8) -> LoginId {
    LoginId::from_bytes([seed; 16])
}

struct Trips {
    ledger: Ledger,
    book: StatisticsBook,
    _folder: tempfile::TempDir,
}

impl Trips {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("statistics.db");
        let durable = Durable::sqlite(file, DurableSettings::default()).await;
        let durable = durable.unwrap();
        durable.migrate_up().await.unwrap();
        let (custody, entropy) = (Arc::new(MemoryCustody::new()), Arc::new(SystemEntropy));
        let keys = Keys::open(custody, entropy, NOON, &[]).unwrap();
        let (records, settings) = (Arc::clone(&durable.ledger), LedgerSettings::default());
        let ledger = Ledger::open(records, keys.ledger_signer(), "test", settings).await;
        let ledger = ledger.ok().unwrap();
        let book = StatisticsBook {
            statistics: Arc::clone(&durable.statistics),
            history: ledger.history().clone(),
            prices: Arc::default(),
            clock: Arc::new(Fixed),
        };
        Self {
            ledger,
            book,
            _folder: folder,
        }
    }

    async fn happens(
        &self,
        seed: u8,
        client: &str,
        kind: EventKind,
        minute: u64,
        detail: &[(&str, &str)],
    ) {
        let at = NOON.after(Duration::from_mins(minute));
        let event = AuditEvent::new(kind, at)
            .login(login(seed))
            .client(&client.parse().unwrap());
        let event = detail
            .iter()
            .fold(event, |event, (name, value)| event.detail(name, value));
        self.ledger.append(event).await.unwrap();
    }

    async fn signs_in(&self, seed: u8, client: &str) {
        for kind in [
            EventKind::LoginStarted,
            EventKind::ProviderShown,
            EventKind::ProviderShown,
            EventKind::ProviderChosen,
            EventKind::ProviderReturned,
            EventKind::IdentityVerified,
            EventKind::ConsentShown,
            EventKind::ConsentGiven,
            EventKind::ServiceReturned,
        ] {
            self.happens(seed, client, kind, 0, &[]).await;
        }
    }

    async fn figures(&self, scope: &Scope) -> Figures {
        let period = Period::month_of(NOON);
        self.book.figures(&period, scope).await.unwrap()
    }
}

#[tokio::test]
async fn each_sign_in_counts_once_however_often_a_page_was_shown() {
    let trips = Trips::new().await;
    trips.signs_in(1, "cantine").await;
    trips.signs_in(2, "cantine").await;
    trips.signs_in(3, "banque").await;
    let hub = trips.figures(&Scope::Hub).await;
    assert_eq!((hub.signed_in, hub.otherwise), (3, 0));
    assert_eq!(hub.clients.len(), 2);
    assert_eq!(hub.clients[0].name, "cantine");
    assert_eq!(
        hub.times.iter().map(|share| share.signed_in).sum::<u64>(),
        3
    );
    // Read again, by another node: nothing is counted twice.
    assert_eq!(trips.figures(&Scope::Hub).await, hub);
    let own = trips
        .figures(&Scope::Clients(vec!["banque".parse().unwrap()]))
        .await;
    assert_eq!((own.signed_in, own.clients.len()), (1, 1));
}

#[tokio::test]
async fn whoever_leaves_is_counted_at_the_step_where_they_left() {
    let trips = Trips::new().await;
    let begins = async |seed| {
        trips
            .happens(seed, "cantine", EventKind::LoginStarted, 0, &[])
            .await;
    };
    begins(1).await;
    trips
        .happens(1, "cantine", EventKind::ProviderChosen, 1, &[])
        .await;
    // Read between two entries of one sign-in: what is under way is remembered.
    assert_eq!(trips.figures(&Scope::Hub).await.otherwise, 0);
    let left = [("step", "awaiting_upstream"), ("error", "access_denied")];
    trips
        .happens(1, "cantine", EventKind::LoginAbandoned, 2, &left)
        .await;
    begins(2).await;
    trips
        .happens(2, "cantine", EventKind::ProviderReturned, 3, &[])
        .await;
    trips
        .happens(2, "cantine", EventKind::ConsentShown, 3, &[])
        .await;
    trips
        .happens(
            2,
            "cantine",
            EventKind::ConsentRefused,
            3,
            &[("error", "access_denied")],
        )
        .await;
    // Nobody goes on with the third, and hours later somebody else comes.
    begins(3).await;
    trips
        .happens(4, "cantine", EventKind::LoginStarted, 180, &[])
        .await;
    let hub = trips.figures(&Scope::Hub).await;
    assert_eq!((hub.signed_in, hub.otherwise), (0, 3));
    let left: Vec<(u8, u64, u64)> = hub
        .steps
        .iter()
        .map(|it| (it.step, it.reached, it.left))
        .collect();
    assert_eq!(
        left,
        [
            (1, 3, 0),
            (2, 3, 1),
            (3, 2, 1),
            (4, 1, 0),
            (5, 1, 1),
            (6, 0, 0),
            (7, 0, 0)
        ]
    );
    let names: Vec<&str> = hub.outcomes.iter().map(|it| it.name.as_str()).collect();
    let mut names = names.clone();
    names.sort_unstable();
    assert_eq!(names, ["abandoned", "declined", "vanished"]);
    assert_eq!(hub.clients[0].otherwise, 3);
}

#[tokio::test]
async fn what_a_client_asks_with_is_remembered_by_month() {
    let trips = Trips::new().await;
    let with = [("with", "nonce pkce"), ("scope", "openid")];
    trips
        .happens(1, "cantine", EventKind::LoginStarted, 0, &with)
        .await;
    trips.book.read_ledger().await.unwrap();
    let marks = trips
        .book
        .statistics
        .marks(&"cantine".parse().unwrap(), "2026-01")
        .await
        .unwrap();
    let names: Vec<&str> = marks.iter().map(|mark| mark.mark.as_str()).collect();
    assert_eq!(names, ["asked", "nonce", "pkce", "scope:openid"]);
    assert!(
        marks
            .iter()
            .all(|mark| mark.last == NOON && mark.times == 1)
    );
}

#[tokio::test]
async fn nodes_that_read_at_once_count_everything_once() {
    let trips = Trips::new().await;
    for seed in 0..40 {
        trips.signs_in(seed, "cantine").await;
    }
    let readers: tokio::task::JoinSet<_> = (0..8)
        .map(|_| {
            let book = trips.book.clone();
            async move { book.read_ledger().await.unwrap() }
        })
        .collect();
    readers.join_all().await;
    let counts = trips.book.statistics.of_period("2026").await.unwrap();
    assert_eq!(counts.len(), 1);
    assert_eq!(
        (counts[0].times, counts[0].kind.outcome),
        (40, SignInOutcome::SignedIn)
    );
}
