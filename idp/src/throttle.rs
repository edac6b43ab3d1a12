//! How many failed tries an account and an address have, over every door they can be made at.
//!
//! A try is counted before any work is done on it, so that two hundred at once are all seen (threat
//! N-57); one that succeeds is counted again as a success, and failures are the difference. A success
//! therefore takes back its own try and nobody else's: signing in to one's own account resets
//! nothing. Windows are fixed slices of time and never grow with further tries, so a pause ends when it
//! said it would.
//!
//! Passwords are delayed, never locked (N-58): the more failures a day has seen, the fewer each ten
//! minutes bear, and of those one address gets half, so that whoever hammers at an account from one
//! address does not use up its owner's tries. From two it does, for as long as the hammering goes on; what
//! then remains to the owner is a browser that is known, or a passkey. NIST SP 800-63B-4 §3.2.2 would
//! disable the password after a hundred failures, which anybody could then do to anybody, for good. A
//! browser that signed in to the account before is counted apart from the strangers who try it, and
//! passkeys do not pass here at all.
//!
//! The address comes first, and what is shut counts no further: a counter is made only for a try from
//! an address that may still make one, or one address could fill the store with invented names.

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
    /// Each time so many failed in a day, half as many are borne in ten minutes, but never fewer than
    /// two. Zero: as few from the beginning.
    pub slower_after: u64,
    /// One-time codes of one account in a day: they have only a million values, and whoever gets this
    /// far knows the password.
    pub codes_daily: u64,
    /// From one address (one IPv6 network), whatever the account, in ten minutes.
    pub address: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            account: 15,
            slower_after: 30,
            codes_daily: 20,
            address: 100,
        }
    }
}

impl Limits {
    /// How many failures on an account ten minutes bear, after this many in the day.
    fn borne(self, failed: u64) -> u64 {
        let halvings = failed.checked_div(self.slower_after).unwrap_or(u64::MAX);
        let halvings = u32::try_from(halvings).unwrap_or(u32::MAX);
        let borne = self.account.checked_shr(halvings).unwrap_or(0);
        borne.max(FEWEST).min(self.account)
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
        let trier = match &attempt.trier {
            Trier::Stranger => [0; 16],
            Trier::Known(browser) => *browser,
        };
        let account = [attempt.account.as_slice(), &trier].concat();
        let address = attempt.address.to_string();
        let share = [account.as_slice(), address.as_bytes()].concat();
        let today = self.slice("account", &account, DAY, u64::MAX, now);
        let from_address = self.limits.address;
        let first = self.slice("address", address.as_bytes(), SHORT, from_address, now);
        let mut passed = Vec::new();
        if let Some(ends) = self.is_shut(&first).await? {
            return Ok(Gate::Shut(ends.since(now)));
        }
        passed.push(first);
        let borne = self.limits.borne(self.failures(&today).await?);
        let mut others = Vec::new();
        if borne < self.limits.account {
            others.push(self.slice("share", &share, SHORT, borne.div_ceil(2), now));
        }
        others.push(self.slice("account", &account, SHORT, borne, now));
        if attempt.door == Door::Code {
            others.push(self.slice("code", &account, DAY, self.limits.codes_daily, now));
        }
        others.push(today);
        for slice in others {
            if let Some(ends) = self.is_shut(&slice).await? {
                return Ok(Gate::Shut(ends.since(now)));
            }
            passed.push(slice);
        }
        Ok(Gate::Open(Ticket(passed)))
    }

    /// Counts a try in one slice; when it bears no more, says when it ends.
    async fn is_shut(&self, slice: &Slice) -> Result<Option<Timestamp>, Fault> {
        let tried = self.attempts.count(TRIED, &slice.key, slice.ends).await?;
        if tried <= slice.most {
            return Ok(None);
        }
        let succeeded = self.attempts.seen(SUCCEEDED, &slice.key).await?;
        let failed = tried.saturating_sub(succeeded);
        Ok((failed > slice.most).then_some(slice.ends))
    }

    /// How many failures a slice has seen, without counting.
    async fn failures(&self, slice: &Slice) -> Result<u64, Fault> {
        let tried = self.attempts.seen(TRIED, &slice.key).await?;
        let succeeded = self.attempts.seen(SUCCEEDED, &slice.key).await?;
        Ok(tried.saturating_sub(succeeded))
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
/// Tries on an account that ten minutes always bear: one for whoever hammers at it, one for its owner.
const FEWEST: u64 = 2;

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
    async fn a_pause_ends_when_it_said_it_would_whatever_is_tried_meanwhile() {
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
    async fn a_day_of_wrong_passwords_delays_the_owner_and_does_not_lock_them_out() {
        let throttle = throttle();
        let mut open = Vec::new();
        for window in 0..90 {
            let now = NOW.after(SHORT * window);
            let mut opened = 0;
            for number in 0..20_u8 {
                // A botnet: no address twice.
                let address = from(&format!("203.0.113.{number}"));
                let attempt = Try {
                    address,
                    ..stranger()
                };
                opened += usize::from(is_open(&throttle, attempt, now).await);
            }
            open.push(opened);
        }
        assert_eq!(open[..8], [15, 15, 7, 7, 7, 7, 3, 3], "{open:?}");
        assert_eq!(open[89], 2, "{open:?}");
    }

    #[tokio::test]
    async fn whoever_hammers_from_one_address_leaves_the_owner_a_try() {
        let throttle = throttle();
        for window in 0..40 {
            let now = NOW.after(SHORT * window);
            let mut hammered = 0;
            for _ in 0..20 {
                hammered += usize::from(is_open(&throttle, stranger(), now).await);
            }
            let owner = Try {
                address: from("198.51.100.1"),
                ..stranger()
            };
            // The first two windows are shut for ten minutes each; from then on they share.
            let shared = is_open(&throttle, owner, now).await;
            assert_eq!(shared, hammered < 15, "window {window}");
        }
    }

    #[tokio::test]
    async fn an_address_that_is_shut_makes_no_more_counters() {
        let counters = Arc::new(Counters::default());
        let throttle = Throttle::new("compte-citoyen", Limits::default(), counters.clone());
        let mut made = 0;
        for number in 0..1000_u32 {
            let mut account = [0; 32];
            account[..4].copy_from_slice(&number.to_be_bytes());
            let attempt = Try {
                account,
                ..stranger()
            };
            let opened = is_open(&throttle, attempt, NOW).await;
            let there = counters.0.lock().unwrap().len();
            assert!(opened || there == made, "try {number}");
            made = there;
        }
        assert!(made <= 300, "{made}");
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
            // Four tries in each ten minutes: the short window shuts after twenty failures only.
            let now = NOW.after(SHORT * (number / 4));
            open += usize::from(is_open(&throttle, code, now).await);
        }
        assert_eq!(open, 20);
    }
}
