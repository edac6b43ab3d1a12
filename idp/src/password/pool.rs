//! Where passwords are hashed: a few workers, a short queue, and "try again in a moment" beyond it.
//!
//! A permit travels into the blocking task, so a browser that gives up does not free a place while
//! its hash still burns a core.

use std::num::NonZeroUsize;
use std::sync::Arc;

use guichet_domain::Entropy;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::Password;
use super::hashing::Hasher;

/// Every hash of a node, whatever instance asks for it. Cheap to clone.
#[derive(Clone)]
pub struct PasswordPool {
    hasher: Hasher,
    working: Arc<Semaphore>,
    /// Those that work and those that wait.
    places: Arc<Semaphore>,
    entropy: Arc<dyn Entropy>,
}

/// What became of a password presented for an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is not the account's, or there is no such account; both took the same work.
    Wrong,
    /// It is the account's. With `rehashed`, the stored hash was made with other parameters, and
    /// this one should replace it.
    Right {
        /// The same password under today's parameters.
        rehashed: Option<String>,
    },
}

/// No place in the queue, or the work failed: nothing is known of the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Busy {
    /// Everyone is working and the queue is full.
    #[error("the queue for password work is full")]
    Full,
    /// The library or the runtime failed.
    #[error("password work failed")]
    Failed,
}

impl PasswordPool {
    /// `workers` hashes at a time, as many as there are cores; `waiting` more may queue. At some
    /// 30 ms each, 32 per worker wait for about a second.
    pub fn new(workers: NonZeroUsize, waiting: usize, entropy: Arc<dyn Entropy>) -> Self {
        let workers = workers.get();
        Self {
            hasher: Hasher::new(),
            working: Arc::new(Semaphore::new(workers)),
            places: Arc::new(Semaphore::new(
                workers.saturating_add(waiting).min(Semaphore::MAX_PERMITS),
            )),
            entropy,
        }
    }

    /// Whether `password` is the one behind `phc`; without one, the same work for nothing, so that
    /// an account that does not exist cannot be told by the time it takes (threat N-59).
    pub async fn verify(&self, password: Password, phc: Option<String>) -> Result<Verdict, Busy> {
        let place = Arc::clone(&self.places)
            .try_acquire_owned()
            .map_err(|_| Busy::Full)?;
        let salt = self.entropy.bytes16();
        self.run(Some(place), move |hasher| {
            let Some(phc) = phc else {
                return hasher.hash(&password, salt).map(|_| Verdict::Wrong);
            };
            if !hasher.verify(&password, &phc)? {
                return Ok(Verdict::Wrong);
            }
            let dated = hasher.is_dated(&phc);
            let rehashed = dated.then(|| hasher.hash(&password, salt)).transpose()?;
            Ok(Verdict::Right { rehashed })
        })
        .await
    }

    /// The hash of a new password. Waits for a worker however long that takes: for accounts made by
    /// an operator, not for what a stranger can ask for.
    pub async fn hash(&self, password: Password) -> Result<String, Busy> {
        let salt = self.entropy.bytes16();
        self.run(None, move |hasher| hasher.hash(&password, salt))
            .await
    }

    async fn run<T: Send + 'static>(
        &self,
        place: Option<OwnedSemaphorePermit>,
        work: impl FnOnce(&Hasher) -> Result<T, super::hashing::HashFault> + Send + 'static,
    ) -> Result<T, Busy> {
        let worker = Arc::clone(&self.working)
            .acquire_owned()
            .await
            .map_err(|_| Busy::Failed)?;
        let hasher = self.hasher.clone();
        let done = tokio::task::spawn_blocking(move || {
            let _held = (place, worker);
            work(&hasher)
        });
        done.await
            .map_err(|_| Busy::Failed)?
            .map_err(|_| Busy::Failed)
    }
}

#[cfg(test)]
mod tests {
    use tokio::task::JoinSet;

    use super::*;
    use crate::testing::Counting;

    fn pool(workers: usize, waiting: usize) -> PasswordPool {
        PasswordPool::new(
            NonZeroUsize::new(workers).unwrap(),
            waiting,
            Arc::new(Counting::new()),
        )
    }

    fn password(text: &str) -> Password {
        Password::read(text).unwrap()
    }

    #[tokio::test]
    async fn a_flood_is_refused_beyond_the_queue_and_the_queue_is_served() {
        let pool = pool(1, 3);
        let phc = pool.hash(password("right")).await.unwrap();
        let mut tries = JoinSet::new();
        for _ in 0..50 {
            let (pool, phc) = (pool.clone(), phc.clone());
            tries.spawn(async move { pool.verify(password("right"), Some(phc)).await });
        }
        let verdicts = tries.join_all().await;
        let full = verdicts
            .iter()
            .filter(|verdict| **verdict == Err(Busy::Full))
            .count();
        let right = Ok(Verdict::Right { rehashed: None });
        assert_eq!(
            verdicts.iter().filter(|verdict| **verdict == right).count(),
            4
        );
        assert_eq!(full, 46);
        // Whoever comes after the flood is served.
        assert_eq!(
            pool.verify(password("wrong"), Some(phc)).await,
            Ok(Verdict::Wrong)
        );
    }

    #[tokio::test]
    async fn a_try_that_was_given_up_gives_its_place_back() {
        let pool = pool(1, 0);
        let abandoned =
            tokio::time::timeout(std::time::Duration::ZERO, pool.verify(password("a"), None));
        drop(abandoned.await);
        // The hash under way still holds the one place; `hash` waits for the worker.
        pool.hash(password("a")).await.unwrap();
        assert_eq!(pool.verify(password("a"), None).await, Ok(Verdict::Wrong));
    }

    #[tokio::test]
    async fn an_account_that_does_not_exist_has_no_right_password() {
        assert_eq!(
            pool(1, 0).verify(password("a"), None).await,
            Ok(Verdict::Wrong)
        );
    }

    #[tokio::test]
    async fn a_dated_hash_comes_back_renewed() {
        let pool = pool(1, 0);
        // m=64, t=1: made by an older release, say.
        let old = argon2::Argon2::new(
            argon2::Algorithm::Argon2id,
            argon2::Version::V0x13,
            argon2::Params::new(64, 1, 1, None).unwrap(),
        );
        let phc = {
            use argon2::password_hash::PasswordHasher as _;
            let hash: argon2::password_hash::phc::PasswordHash =
                old.hash_password_with_salt(b"right", &[7; 16]).unwrap();
            hash.to_string()
        };
        let verdict = pool.verify(password("right"), Some(phc)).await.unwrap();
        let Verdict::Right {
            rehashed: Some(renewed),
        } = verdict
        else {
            panic!("not renewed")
        };
        let again = pool.verify(password("right"), Some(renewed)).await;
        assert_eq!(again, Ok(Verdict::Right { rehashed: None }));
    }
}
