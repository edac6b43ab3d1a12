//! An event as its receiver reads it.

use guichet_domain::Timestamp;
use serde_json::{Map, Value};

use crate::ExchangeName;

/// What the hub told us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityEvent {
    /// The event's own name, the same however often it comes.
    pub name: String,
    /// Of whom it tells, by the name we know them by.
    pub subject: Option<String>,
    /// When it happened.
    pub at: Timestamp,
    /// What happened.
    pub happened: Happened,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happened {
    /// Nothing is fetched any more in this exchange.
    GrantRevoked {
        /// Which.
        exchange: ExchangeName,
        /// Who ended it: `revoked` (the citizen), `given_back`, `withdrawn`, `unused`.
        how: String,
    },
    /// The citizen took fields away: less is fetched in this exchange from now on.
    GrantNarrowed {
        /// Which.
        exchange: ExchangeName,
        /// The fields that are left.
        fields: Vec<String>,
    },
    /// The citizen wants erased what was sent in this exchange: answer with
    /// [`Hub::answer_erasure`](crate::Hub::answer_erasure).
    ErasureRequested {
        /// Which.
        exchange: ExchangeName,
        /// Until when an answer is due.
        due: Timestamp,
    },
    /// The hub has not heard from both sides that the evidence of this exchange arrived.
    DeliveryUnconfirmed {
        /// Which.
        exchange: ExchangeName,
        /// What is missing: `released`, `received`, `both`, or `match`.
        missing: String,
    },
    /// The person cannot sign in at the hub any more.
    AccountDisabled,
    /// They can again.
    AccountEnabled,
    /// They are gone from the hub for good.
    AccountPurged,
    /// They are known by another name from now on.
    IdentifierChanged {
        /// Which.
        to: String,
    },
    /// A means of theirs to sign in is in other hands.
    CredentialCompromise,
    /// Their sessions are over.
    SessionRevoked,
    /// Something else: its type.
    Other(String),
}

impl Happened {
    /// Reads the `events` of a token: the first that is known here. `None` when one lacks what it must say.
    pub(super) fn of(events: &Map<String, Value>) -> Option<Self> {
        let known = events.iter().find(|(uri, _)| is_known(uri));
        let (uri, members) = known.or_else(|| events.iter().next())?;
        let text = |name: &str| Some(members.get(name)?.as_str()?.to_owned());
        let exchange = || {
            let alias = text("exchange").map(ExchangeName::Exchange);
            alias.or_else(|| text("grant_id").map(ExchangeName::GrantId))
        };
        Some(match word(uri) {
            "grant-revoked" => Self::GrantRevoked {
                exchange: exchange()?,
                how: text("how")?,
            },
            "grant-narrowed" => Self::GrantNarrowed {
                exchange: exchange()?,
                fields: serde_json::from_value(members.get("fields")?.clone()).ok()?,
            },
            "erasure-requested" => Self::ErasureRequested {
                exchange: exchange()?,
                due: Timestamp::from_seconds(members.get("due")?.as_i64()?),
            },
            "delivery-unconfirmed" => Self::DeliveryUnconfirmed {
                exchange: exchange()?,
                missing: text("missing")?,
            },
            "account-disabled" => Self::AccountDisabled,
            "account-enabled" => Self::AccountEnabled,
            "account-purged" => Self::AccountPurged,
            "identifier-changed" => Self::IdentifierChanged {
                to: text("new-value")?,
            },
            "credential-compromise" => Self::CredentialCompromise,
            "session-revoked" => Self::SessionRevoked,
            _ => Self::Other(uri.clone()),
        })
    }
}

fn is_known(uri: &str) -> bool {
    !word(uri).is_empty()
}

/// The last part of a type's name, of those who define ours; nothing of others.
fn word(uri: &str) -> &str {
    let prefixes = [
        "urn:guichet:event:",
        "https://schemas.openid.net/secevent/risc/event-type/",
        "https://schemas.openid.net/secevent/caep/event-type/",
    ];
    let mut words = prefixes.into_iter().filter_map(|it| uri.strip_prefix(it));
    words.next().unwrap_or_default()
}
