//! What is asked of whoever makes vouchers, and what comes of it.

use std::fmt;

use guichet_domain::{AcrValue, Amr, Client, GrantId, PersonId, SessionId, Timestamp};

use super::AuthorizationDetail;
use crate::records::Act;

/// A voucher to be made: who asks, by what right, for whom and for what. All of it was checked by the engine,
/// but for what [`RichExchange`] names: the client is active and proved itself, the access token it brought is
/// its own and alive, and it proved to hold the key.
pub struct VoucherOrder<'a> {
    /// Who asks: the client that the details were granted to.
    pub client: &'a Client,
    /// The grant that the access token hangs off.
    pub grant: GrantId,
    /// Whose it is, in a house that names people.
    pub person: Option<PersonId>,
    /// The session the access token dies with, if any.
    pub session: Option<SessionId>,
    /// The level of the sign-in.
    pub acr: AcrValue,
    /// How.
    pub amr: &'a [Amr],
    /// Who acts for the person, as `act` says it (RFC 8693 §4.1).
    pub actor: Option<Act<'a>>,
    /// What was granted; never empty.
    pub details: &'a [AuthorizationDetail],
    /// The thumbprint of the key the voucher is to be bound to (RFC 9449 §6.1): 43 characters of base64url.
    pub jkt: &'a str,
    /// For whom the voucher is to be, as the request names it (`audience`).
    pub audience: &'a str,
    /// What the request says besides.
    pub asked: RichExchange<'a>,
    /// The time.
    pub now: Timestamp,
}

/// Parameters of an exchange that are ours. As they came: neither is empty, and nothing else was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RichExchange<'a> {
    /// Which of the details (`grant_id`).
    pub grant_id: &'a str,
    /// Of the request that the voucher is good for (`request_digest`).
    pub request_digest: &'a str,
}

/// A voucher that was made.
pub struct Voucher {
    /// The text. A secret.
    pub token: String,
    /// How long it is good, in seconds.
    pub expires_in: u64,
}

impl fmt::Debug for Voucher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Voucher({} s)", self.expires_in)
    }
}
