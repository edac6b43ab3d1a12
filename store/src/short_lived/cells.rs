//! The one primitive under every short-lived record: a cell, in a space, under a name, until it
//! expires. Each verb is one indivisible step of its backend; the traits above only give them words.

use std::future::Future;

use guichet_domain::Timestamp;

use crate::Fault;

/// What kind of record a cell holds. Spaces never overlap: a name in one says nothing in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Space {
    Logins,
    Codes,
    SpentCodes,
    AccessTokens,
    RevokedGrants,
    RevokedSessions,
    Sessions,
    Replay,
    Attempts,
    Pending,
    Pushed,
    Deferred,
    DeferredLookups,
    Verdicts,
    SessionIndex,
    Vouchers,
    SpentVouchers,
    RevokedExchanges,
}

impl Space {
    /// Every space, in the order of their declaration.
    pub(crate) const ALL: [Self; 18] = [
        Self::Logins,
        Self::Codes,
        Self::SpentCodes,
        Self::AccessTokens,
        Self::RevokedGrants,
        Self::RevokedSessions,
        Self::Sessions,
        Self::Replay,
        Self::Attempts,
        Self::Pending,
        Self::Pushed,
        Self::Deferred,
        Self::DeferredLookups,
        Self::Verdicts,
        Self::SessionIndex,
        Self::Vouchers,
        Self::SpentVouchers,
        Self::RevokedExchanges,
    ];

    /// Its word in Redis keys. Never changes.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Logins => "login",
            Self::Codes => "code",
            Self::SpentCodes => "spent",
            Self::AccessTokens => "token",
            Self::RevokedGrants => "no-grant",
            Self::RevokedSessions => "no-session",
            Self::Sessions => "session",
            Self::Replay => "once",
            Self::Attempts => "tries",
            Self::Pending => "pending",
            Self::Pushed => "pushed",
            Self::Deferred => "deferred",
            Self::DeferredLookups => "find",
            Self::Verdicts => "verdict",
            Self::SessionIndex => "sessions",
            Self::Vouchers => "voucher",
            Self::SpentVouchers => "used",
            Self::RevokedExchanges => "no-exchange",
        }
    }
}

/// What compare-and-swap compares: at most [`Mark::MAX`] bytes (a step, a version, what a token hangs
/// off).
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    len: u8,
    bytes: [u8; Self::MAX],
}

impl Mark {
    /// The longest mark.
    pub(crate) const MAX: usize = 32;
    /// The mark of what is never compared.
    pub(crate) const NONE: Self = Self {
        len: 0,
        bytes: [0; Self::MAX],
    };

    /// A mark of these bytes.
    pub(crate) fn new(mark: &[u8]) -> Result<Self, Fault> {
        let mut bytes = [0; Self::MAX];
        bytes
            .get_mut(..mark.len())
            .ok_or(Fault::bare("a step of more than 32 characters"))?
            .copy_from_slice(mark);
        Ok(Self {
            // At most 32.
            len: u8::try_from(mark.len()).unwrap_or(0),
            bytes,
        })
    }

    /// Its bytes.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

/// What rests under a name.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) mark: Mark,
    pub(crate) body: Vec<u8>,
    /// From this instant on the cell is not there any more.
    pub(crate) expires: Timestamp,
}

impl Cell {
    /// A cell that only has to be there.
    pub(crate) fn trace(mark: Mark, expires: Timestamp) -> Self {
        Self {
            mark,
            body: Vec::new(),
            expires,
        }
    }
}

/// What spending a cell yields.
pub(crate) enum Spending {
    /// This caller spent it.
    Fresh(Cell),
    /// It was spent before; this is the trace's mark.
    Spent(Mark),
    /// There is neither cell nor trace.
    Unknown,
}

/// A place where cells rest. Every method is one indivisible step, on every node at once. A cell whose
/// `expires` is not after the backend's clock is as good as absent.
pub(crate) trait Cells: Send + Sync + 'static {
    /// Writes a cell under a random name; `false` when there is one already.
    fn insert(
        &self,
        space: Space,
        name: &[u8],
        cell: Cell,
    ) -> impl Future<Output = Result<bool, Fault>> + Send;

    /// Writes a cell, whatever was there.
    fn set(
        &self,
        space: Space,
        name: &[u8],
        cell: Cell,
    ) -> impl Future<Output = Result<(), Fault>> + Send;

    /// Stands guard under a name until an instant; whether nobody stood there. An instant that is past
    /// already cannot be guarded: `false`.
    fn guard(
        &self,
        space: Space,
        name: &[u8],
        until: Timestamp,
    ) -> impl Future<Output = Result<bool, Fault>> + Send;

    /// Stands guard under a name at least until an instant: never shortens a guard.
    fn hold(
        &self,
        space: Space,
        name: &[u8],
        until: Timestamp,
    ) -> impl Future<Output = Result<(), Fault>> + Send;

    /// The cell as it is.
    fn get(
        &self,
        space: Space,
        name: &[u8],
    ) -> impl Future<Output = Result<Option<Cell>, Fault>> + Send;

    /// Gives the cell that carries `from` the mark `to` and a new body, and a new expiry unless it is
    /// to keep its own; whether it carried `from`.
    fn swap(
        &self,
        space: Space,
        name: &[u8],
        from: Mark,
        to: Mark,
        body: Vec<u8>,
        expires: Option<Timestamp>,
    ) -> impl Future<Output = Result<bool, Fault>> + Send;

    /// Removes the cell that carries `mark`; whether it did.
    fn remove_marked(
        &self,
        space: Space,
        name: &[u8],
        mark: Mark,
    ) -> impl Future<Output = Result<bool, Fault>> + Send;

    /// Removes the cell and hands it to exactly one caller.
    fn take(
        &self,
        space: Space,
        name: &[u8],
    ) -> impl Future<Output = Result<Option<Cell>, Fault>> + Send;

    /// Moves a cell from `space` to a trace in `traces` that carries the cell's mark until the
    /// instant the mark begins with (see [`deadline_digits`]). Exactly one caller gets the cell.
    fn spend(
        &self,
        space: Space,
        traces: Space,
        name: &[u8],
        now: Timestamp,
    ) -> impl Future<Output = Result<Spending, Fault>> + Send;

    /// The cell, unless a cell stands in the first of `blockers` under the first 16 bytes of its mark
    /// or in the second under the next 16 (when it has them).
    fn get_unless(
        &self,
        space: Space,
        blockers: [Space; 2],
        name: &[u8],
        now: Timestamp,
    ) -> impl Future<Output = Result<Option<Cell>, Fault>> + Send;

    /// Adds one to the counter and returns it; the first of a window sets its end.
    fn count(
        &self,
        space: Space,
        name: &[u8],
        expires: Timestamp,
    ) -> impl Future<Output = Result<u64, Fault>> + Send;

    /// The counter, without adding to it.
    fn counted(&self, space: Space, name: &[u8])
    -> impl Future<Output = Result<u64, Fault>> + Send;

    /// Since when guards are remembered without a gap: what was made before may have been seen by a
    /// guard that has since forgotten.
    fn remembers_since(&self) -> Timestamp;
}

/// A counter as it rests: decimal digits.
pub(crate) fn read_count(body: &[u8]) -> Result<u64, Fault> {
    std::str::from_utf8(body)
        .ok()
        .and_then(|digits| digits.parse().ok())
        .ok_or(Fault::bare("a counter that is no number"))
}

/// An instant as sixteen decimal digits: fixed width, and a number that a Redis script can read.
pub(crate) fn deadline_digits(at: Timestamp) -> [u8; 16] {
    const MAX: i64 = 9_999_999_999_999_999;
    let mut digits = [b'0'; 16];
    let mut rest = at.millis().clamp(0, MAX);
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
    }
    digits
}

/// The instant that sixteen digits stand for.
pub(crate) fn read_deadline(digits: &[u8]) -> Option<Timestamp> {
    if digits.len() != 16 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let millis = digits
        .iter()
        .fold(0_i64, |sum, digit| sum * 10 + i64::from(digit - b'0'));
    Some(Timestamp::from_millis(millis))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_survives_the_trip_through_digits() {
        for millis in [0, 1, 1_795_296_504_123, 9_999_999_999_999_999] {
            let at = Timestamp::from_millis(millis);
            assert_eq!(read_deadline(&deadline_digits(at)), Some(at));
        }
        assert_eq!(
            read_deadline(&deadline_digits(Timestamp::from_millis(i64::MAX))),
            Some(Timestamp::from_millis(9_999_999_999_999_999))
        );
        assert_eq!(read_deadline(b"000000000000000x"), None);
        assert_eq!(read_deadline(b"1"), None);
    }

    #[test]
    fn a_mark_has_at_most_thirty_two_bytes() {
        assert_eq!(
            Mark::new(&[7; 32]).ok().map(|mark| mark.as_bytes().len()),
            Some(32)
        );
        assert!(Mark::new(&[7; 33]).is_err());
    }
}
