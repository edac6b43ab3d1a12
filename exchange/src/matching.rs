//! Private matching: a data provider has its register indexed under a key of its own relation with the hub,
//! without the hub learning a name in it; a voucher then names a citizen by their index, and it finds none,
//! one or several rows.

use std::time::Duration;

use guichet_domain::{AuditEvent, ClientId, DataProvider, EventKind, PivotIdentity};
use guichet_keys::{BLINDED, BlindIndex, BlindIndexKey};
use guichet_store::Fault;

use crate::Desk;

/// Why nothing is indexed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotIndexed {
    /// No data provider, or one whose record has no matching.
    Nobody,
    /// None, too many, or something that is no blinded identity.
    Malformed,
    /// As many as its record lets it have a day.
    TooMany,
}

impl Desk {
    /// The index of `identity` in the register of `holder`, where that is matched at all.
    pub(crate) fn blind_index(
        &self,
        holder: &DataProvider,
        identity: &PivotIdentity,
    ) -> Option<BlindIndex> {
        let is_matched = holder.indexed_a_day > 0;
        let key = is_matched.then(|| self.index_key(holder)).flatten();
        key?.index(identity)
    }

    /// Evaluates blinded identities of a register for the data provider that `client` is: counted, and on
    /// record before the answer leaves.
    pub(crate) async fn index(
        &self,
        client: &ClientId,
        blinded: &[Vec<u8>],
    ) -> Result<Result<Vec<[u8; BLINDED]>, NotIndexed>, Fault> {
        let holder = self.holder_behind(client);
        let holder = holder.filter(|holder| holder.active && holder.indexed_a_day > 0);
        let Some((key, holder)) = holder.and_then(|it| Some((self.index_key(&it)?, it))) else {
            return Ok(Err(NotIndexed::Nobody));
        };
        if !(1..=MOST).contains(&blinded.len()) {
            return Ok(Err(NotIndexed::Malformed));
        }
        let evaluated = blinded.iter().map(|one| key.evaluate(one)).collect();
        let Some(evaluated): Option<Vec<_>> = evaluated else {
            return Ok(Err(NotIndexed::Malformed));
        };
        let parts = &self.parts;
        let now = parts.clock.now();
        let whose = holder.id.as_str().as_bytes();
        let asked = parts.attempts.count(COUNTED, whose, now.after(A_DAY));
        if asked.await? > requests_a_day(&holder) {
            return Ok(Err(NotIndexed::TooMany));
        }
        let event = AuditEvent::new(EventKind::EvidenceIndexed, now)
            .client(client)
            .detail("data_provider", &holder.id)
            .detail("count", blinded.len());
        self.append(event).await?;
        Ok(Ok(evaluated))
    }

    fn index_key(&self, holder: &DataProvider) -> Option<BlindIndexKey> {
        self.parts.keys.blind_index_key(holder.id.as_str())
    }
}

/// Whole requests are counted: whoever sends half-empty ones gets fewer entries indexed.
fn requests_a_day(holder: &DataProvider) -> u64 {
    u64::from(holder.indexed_a_day).div_ceil(MOST as u64)
}

/// The most identities of one request.
pub(crate) const MOST: usize = 256;
const COUNTED: &str = "evidence index";
const A_DAY: Duration = Duration::from_hours(24);
