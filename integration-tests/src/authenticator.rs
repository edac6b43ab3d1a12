//! The authenticator application of somebody of a cast: each of its codes once, in the cast's own time.
//!
//! A provider takes a code once, and one half minute early or late. So whoever needs two codes within one half minute
//! takes that of the next, and whoever needs a third moves the clock of the whole cast on, rather than wait.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Result;
use tokio::sync::Mutex;

use crate::clock::Clock;
use crate::totp;

/// The last half minute whose code was used, by login.
pub(crate) type Used = Arc<Mutex<BTreeMap<String, u64>>>;

/// An authenticator application.
#[derive(Clone, Debug)]
pub struct Authenticator {
    pub(crate) login: String,
    /// In base32.
    pub(crate) secret: String,
    pub(crate) clock: Clock,
    pub(crate) used: Used,
}

impl Authenticator {
    /// A code that will be taken: of this half minute, of the next, or of one that the whole cast is moved to.
    pub async fn code(&self) -> Result<String> {
        let mut used = self.used.lock().await;
        let present = self.clock.now() / totp::STEP_SECONDS;
        let step = match used.get(&self.login) {
            Some(last) => present.max(last + 1),
            None => present,
        };
        used.insert(self.login.clone(), step);
        let early = step.saturating_sub(present + 1) * totp::STEP_SECONDS;
        if early > 0 {
            self.clock.be_ahead(self.clock.ahead() + early).await?;
        }
        totp::code_of(&self.secret, step)
    }
}
