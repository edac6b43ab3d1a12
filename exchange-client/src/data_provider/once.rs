//! What counts once: a voucher, here before anybody else is asked; an event, however often it comes.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use guichet_domain::Timestamp;

use crate::LineDown;

/// Remembers which vouchers were used and which events were acted on. A party of several nodes keeps it where
/// all of them look.
#[async_trait]
pub trait UsedOnce: Send + Sync {
    /// Whether `name` is used for the first time; it is to be remembered until `until`. Two requests
    /// at once may not both be told that they are the first.
    async fn first_use(
        &self,
        name: &str,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, LineDown>;

    /// Whether `name` was used before and is remembered still.
    async fn was_used(&self, name: &str) -> Result<bool, LineDown>;
}

/// The memory of one node. What a restart forgets, the hub still knows: it confirms a voucher once.
#[derive(Default)]
pub struct InMemory(Mutex<HashMap<String, Timestamp>>);

#[async_trait]
impl UsedOnce for InMemory {
    async fn first_use(
        &self,
        name: &str,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<bool, LineDown> {
        let mut used = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if used.len() >= TIDY_FROM {
            used.retain(|_, until| *until > now);
        }
        Ok(used.insert(name.to_owned(), until).is_none())
    }

    async fn was_used(&self, name: &str) -> Result<bool, LineDown> {
        let used = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(used.contains_key(name))
    }
}

/// Vouchers live for a minute, and each costs its bearer a signature of the hub: few are ever here.
const TIDY_FROM: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    #[tokio::test]
    async fn what_was_used_is_not_used_again_however_many_come_after_it() {
        let used = InMemory::default();
        for number in 0..3000 {
            let name = number.to_string();
            assert!(!used.was_used(&name).await.unwrap(), "{number}");
            assert!(used.first_use(&name, at(60), at(0)).await.unwrap());
        }
        for number in 0..3000 {
            let name = number.to_string();
            assert!(used.was_used(&name).await.unwrap(), "{number}");
            let again = used.first_use(&name, at(60), at(59)).await;
            assert!(!again.unwrap(), "{number}");
        }
    }

    #[tokio::test]
    async fn what_has_expired_makes_room() {
        let used = InMemory::default();
        for number in 0..TIDY_FROM {
            let first = used.first_use(&number.to_string(), at(60), at(0)).await;
            assert!(first.unwrap());
        }
        used.first_use("late", at(120), at(61)).await.unwrap();
        assert_eq!(used.0.lock().unwrap().len(), 1);
    }
}
