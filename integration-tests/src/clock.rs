//! The clock of a cast: how far it is ahead of this machine, in a file that every part of the cast reads.

use std::fs;
use std::path::PathBuf;

use anyhow::Result;

use crate::http_citizen::shared_client;
use crate::keys::claims_of;
use crate::{claims, wait};

/// A clock that can be set forward.
#[derive(Clone, Debug)]
pub(crate) struct Clock {
    /// The file with the seconds.
    pub(crate) file: PathBuf,
    /// Where the hub says when it signed what stands there: its catalogue, signed anew after half a minute.
    pub(crate) witness: String,
}

impl Clock {
    /// By how many seconds the cast is ahead of this machine.
    pub(crate) fn ahead(&self) -> u64 {
        let seconds = fs::read_to_string(&self.file);
        seconds
            .ok()
            .and_then(|it| it.trim().parse().ok())
            .unwrap_or(0)
    }

    /// The cast's time, in seconds since 1970.
    pub(crate) fn now(&self) -> u64 {
        claims::now().unsigned_abs() + self.ahead()
    }

    /// Sets the whole cast ahead by so many seconds, unless it is farther, and comes back when the hub lives in that
    /// time: what it signs then is signed after all that it may have signed before.
    pub(crate) async fn be_ahead(&self, seconds: u64) -> Result<()> {
        if seconds <= self.ahead() {
            return Ok(());
        }
        let before = claims::now().saturating_add_unsigned(seconds.saturating_sub(SIGNED_FOR));
        // In one step: it is read all the time.
        let fresh = self.file.with_extension("fresh");
        fs::write(&fresh, seconds.to_string())?;
        fs::rename(fresh, &self.file)?;
        wait::until("the hub's time", async || {
            let signed = shared_client().get(&self.witness).send().await.ok()?;
            let claims = claims_of(&signed.text().await.ok()?).ok()?;
            (claims["iat"].as_i64()? > before).then_some(())
        })
        .await
    }
}

/// For how many seconds the hub shows one signature of its catalogue.
const SIGNED_FOR: u64 = 30;
