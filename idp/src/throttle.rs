//! How many failed tries an account and an address have, over every door they can be made at.
//!
//! A try is counted before any work is done on it, so that two hundred at once are all seen (threat
//! N-57); one that succeeds is counted again as a success, and failures are the difference. A success
//! therefore takes back its own try and nobody else's: signing in to one's own account resets
//! nothing. Windows are fixed slices of time and never grow with further tries, so a lock ends when it
//! said it would (N-58); a browser that signed in to the account before is counted apart from the
//! strangers who try it, and passkeys do not pass here at all.

use std::sync::Arc;
use std::time::Duration;

use guichet_domain::Timestamp;
use guichet_keys::sha256_of;
use guichet_store::Fault;
use guichet_store::short_lived::Attempts;
use guichet_web::ThrottleKey;

/// How many failures are borne. Zero bears none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// On one account, by strangers or by one known browser, in ten minutes.
    pub account: u64,
    /// The same in a day: NIST SP 800-63B-4 §3.2.2 allows a hundred.
    pub account_daily: u64,
    /// One-time codes of one account in a day: they have only a million values.
    pub codes_daily: u64,
    /// From one address (one IPv6 network), whatever the account, in ten minutes.
    pub address: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            account: 15,
            account_daily: 100,
            codes_daily: 20,
            address: 100,
        }
    }
}

/// Who tries the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trier {
    /// A browser never seen with this account: all of them are counted together.
    Stranger,
    /// A browser that signed in to it before, by its own number.
    Known([u8; 16]),
}

/// At which door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    /// Login name and password.
    Password,
    /// A one-time code.
    Code,
}

/// One try, before it is made.
#[derive(Clone, Copy)]
pub(crate) struct Try {
    pub(crate) door: Door,
    /// The account as it was named; whether it exists does not matter here.
    pub(crate) account: [u8; 32],
    pub(crate) trier: Trier,
    pub(crate) address: ThrottleKey,
}

/// What the gate says.
pub(crate) enum Gate {
    /// Go on, and say if it succeeded.
    Open(Ticket),
    /// Refused without looking; try again after this long.
    Shut(Duration),
}

/// The right to one try, already counted.
pub(crate) struct Ticket(Vec<Slice>);

/// Counts tries for one instance.
pub(crate) struct Throttle {
    house: String,
    limits: Limits,
    attempts: Arc<dyn Attempts>,
}

impl Throttle {
    pub(crate) fn new(house: &str, limits: Limits, attempts: Arc<dyn Attempts>) -> Self {
        Self {
            house: house.to_owned(),
            limits,
            attempts,
        }
    }

    /// Counts a try, then says whether it may be made.
    pub(crate) async fn enter(&self, attempt: &Try, now: Timestamp) -> Result<Gate, Fault> {
        let slices = self.slices(attempt, now);
        let mut shut = None;
        for slice in &slices {
            let tried = self.attempts.count(TRIED, &slice.key, slice.ends).await?;
            if tried > slice.most {
                let succeeded = self.attempts.seen(SUCCEEDED, &slice.key).await?;
                if tried.saturating_sub(succeeded) > slice.most {
                    shut = shut.max(Some(slice.ends));
                }
            }
        }
        Ok(shut.map_or(Gate::Open(Ticket(slices)), |ends| {
            Gate::Shut(ends.since(now))
        }))
    }

    /// The try succeeded: it was no failure.
    pub(crate) async fn succeeded(&self, ticket: Ticket) -> Result<(), Fault> {
        for slice in ticket.0 {
            self.attempts
                .count(SUCCEEDED, &slice.key, slice.ends)
                .await?;
        }
        Ok(())
    }

    fn slices(&self, attempt: &Try, now: Timestamp) -> Vec<Slice> {
        let trier = match &attempt.trier {
            Trier::Stranger => [0; 16],
            Trier::Known(browser) => *browser,
        };
        let account = [attempt.account.as_slice(), &trier].concat();
        let address = attempt.address.to_string();
        let Limits {
            account: short,
            account_daily,
            codes_daily,
            address: from_address,
        } = self.limits;
        let mut slices = vec![
            self.slice("account", &account, SHORT, short, now),
            self.slice("account", &account, DAY, account_daily, now),
            self.slice("address", address.as_bytes(), SHORT, from_address, now),
        ];
        if attempt.door == Door::Code {
            slices.push(self.slice("code", &account, DAY, codes_daily, now));
        }
        slices
    }

    fn slice(&self, kind: &str, who: &[u8], window: Duration, most: u64, now: Timestamp) -> Slice {
        let length = i64::try_from(window.as_millis()).unwrap_or(i64::MAX);
        let number = now.millis() / length;
        let house = self.house.as_bytes();
        let key = sha256_of(&[
            &(house.len() as u64).to_be_bytes(),
            house,
            kind.as_bytes(),
            &length.to_be_bytes(),
            &number.to_be_bytes(),
            who,
        ]);
        let ends = Timestamp::from_millis(number.saturating_add(1).saturating_mul(length));
        Slice { key, ends, most }
    }
}

/// One counter: who, during which slice of time, and how many failures it bears.
struct Slice {
    key: [u8; 32],
    ends: Timestamp,
    most: u64,
}

const TRIED: &str = "idp.tried";
const SUCCEEDED: &str = "idp.succeeded";
const SHORT: Duration = Duration::from_mins(10);
const DAY: Duration = Duration::from_hours(24);

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::sync::Mutex;

    use async_trait::async_trait;
    use guichet_web::ClientAddress;
    use tokio::task::JoinSet;

    use super::*;

    #[derive(Default)]
    struct Counters(Mutex<HashMap<(&'static str, Vec<u8>), u64>>);

    #[async_trait]
    impl Attempts for Counters {
        async fn count(&self, space: &'static str, key: &[u8], _: Timestamp) -> Result<u64, Fault> {
            let mut counters = self.0.lock().unwrap();
            let counter = counters.entry((space, key.to_vec())).or_default();
            *counter += 1;
            Ok(*counter)
        }

        async fn seen(&self, space: &'static str, key: &[u8]) -> Result<u64, Fault> {
            Ok(self
                .0
                .lock()
                .unwrap()
                .get(&(space, key.to_vec()))
                .copied()
                .unwrap_or(0))
        }

        async fn forget(&self, space: &'static str, key: &[u8]) -> Result<(), Fault> {
            self.0.lock().unwrap().remove(&(space, key.to_vec()));
            Ok(())
        }
    }

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);
    const CAMILLE: [u8; 32] = [1; 32];

    fn throttle() -> Throttle {
        Throttle::new(
            "compte-citoyen",
            Limits::default(),
            Arc::new(Counters::default()),
        )
    }

    fn from(address: &str) -> ThrottleKey {
        ClientAddress(address.parse().unwrap()).throttle_key()
    }

    fn stranger() -> Try {
        Try {
            door: Door::Password,
            account: CAMILLE,
            trier: Trier::Stranger,
            address: from("203.0.113.7"),
        }
    }

    async fn is_open(throttle: &Throttle, attempt: Try, now: Timestamp) -> bool {
        matches!(throttle.enter(&attempt, now).await.unwrap(), Gate::Open(_))
    }

    #[tokio::test]
    async fn of_fifty_parallel_tries_no_more_than_the_limit_get_through() {
        let throttle = Arc::new(throttle());
        let mut tries = JoinSet::new();
        for number in 0..50 {
            let throttle = Arc::clone(&throttle);
            // From fifty addresses, at two doors: the account is what they have in common.
            let address = from(&format!("203.0.113.{number}"));
            let door = if number % 2 == 0 {
                Door::Password
            } else {
                Door::Code
            };
            let attempt = Try {
                door,
                address,
                ..stranger()
            };
            tries.spawn(async move { is_open(&throttle, attempt, NOW).await });
        }
        let open = tries
            .join_all()
            .await
            .into_iter()
            .filter(|open| *open)
            .count();
        assert_eq!(open, 15);
    }

    #[tokio::test]
    async fn a_lock_ends_when_it_said_it_would_whatever_is_tried_meanwhile() {
        let throttle = throttle();
        for _ in 0..40 {
            let _ = throttle.enter(&stranger(), NOW).await.unwrap();
        }
        let Gate::Shut(wait) = throttle.enter(&stranger(), NOW).await.unwrap() else {
            panic!("open");
        };
        assert!(wait <= SHORT, "{wait:?}");
        assert!(is_open(&throttle, stranger(), NOW.after(wait)).await);
    }

    #[tokio::test]
    async fn strangers_do_not_lock_out_a_browser_that_is_known() {
        let throttle = throttle();
        for _ in 0..40 {
            let _ = throttle.enter(&stranger(), NOW).await.unwrap();
        }
        let known = Try {
            trier: Trier::Known([9; 16]),
            address: from("198.51.100.1"),
            ..stranger()
        };
        assert!(is_open(&throttle, known, NOW).await);
        assert!(!is_open(&throttle, stranger(), NOW).await);
    }

    #[tokio::test]
    async fn a_success_takes_back_its_own_try_only() {
        let throttle = throttle();
        for _ in 0..200 {
            let gate = throttle.enter(&stranger(), NOW).await.unwrap();
            let Gate::Open(ticket) = gate else {
                panic!("shut by successes")
            };
            throttle.succeeded(ticket).await.unwrap();
        }
        for _ in 0..15 {
            assert!(is_open(&throttle, stranger(), NOW).await);
        }
        assert!(!is_open(&throttle, stranger(), NOW).await);
    }

    #[tokio::test]
    async fn one_address_cannot_try_every_account() {
        let throttle = throttle();
        let mut open = 0;
        for number in 0..200_u8 {
            let attempt = Try {
                account: [number; 32],
                ..stranger()
            };
            open += usize::from(is_open(&throttle, attempt, NOW).await);
        }
        assert_eq!(open, 100);
    }

    #[tokio::test]
    async fn codes_have_a_daily_limit_of_their_own() {
        let throttle = throttle();
        let code = Try {
            door: Door::Code,
            ..stranger()
        };
        let mut open = 0;
        for number in 0..100_u32 {
            // Ten tries in each ten minutes: the short window never shuts.
            let now = NOW.after(SHORT * (number / 10));
            open += usize::from(is_open(&throttle, code, now).await);
        }
        assert_eq!(open, 20);
    }
}
