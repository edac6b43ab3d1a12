//! The kit for the other side of an exchange: what a data provider and a service need to hand over
//! evidence through the hub, each in a few lines of its own.
//!
//! | who | starts at | does |
//! |---|---|---|
//! | data provider | [`EvidenceDesk`] | believes a voucher, finds nobody by name, answers with evidence only the service can open |
//! | service | [`EvidenceClient`] | asks the citizen through the hub, turns the yes into a voucher, fetches, verifies, acknowledges |
//! | both | [`EventReceiver`] | hears what the citizen took back or wants erased, and answers ([`ErasureReply`]) |
//!
//! Both speak to the hub through [`Hub`], over whatever HTTP client they have ([`Line`]), with keys of
//! their own ([`OwnKeys`]). `docs/exchange.md` tells the whole story, `docs/data-providers.md` has the wire
//! format.

mod answer;
mod data_provider;
mod delivery;
mod digest;
mod erasure;
mod events;
mod exchange_name;
mod field;
mod hub;
mod kept;
mod line;
mod message;
mod own_keys;
mod proof;
mod service;
#[cfg(test)]
mod testing;
mod voucher;

pub use answer::{Answer, Status};
pub use data_provider::{
    Accepted, AskedEvidence, BlindRegister, EvidenceDesk, InMemory, Match, Served, UsedOnce,
    VoucherRefusal, VoucherVerifier,
};
pub use delivery::{Half, HalfKind};
pub use digest::{field_digest, request_digest, sha256_text};
pub use erasure::{ErasureOutcome, ErasureReply};
pub use events::{EventReceiver, EventRefusal, Happened, Polled, SecurityEvent, Settled};
pub use exchange_name::ExchangeName;
pub use field::{FieldValue, Fields};
pub use guichet_domain::{IdentityClaims, PivotIdentity};
pub use guichet_keys::{BlindIndex, Custody, FileCustody, KeysError, MemoryCustody};
pub use hub::{Authentication, Hub, HubError, Means, Registration};
pub use line::{Line, LineDown};
pub use own_keys::OwnKeys;
pub use proof::ProofRefusal;
pub use service::{
    AuthorizationAsk, Citizen, Evidence, EvidenceAsk, EvidenceClient, FetchError, Fetched, Granted,
    Tokens,
};
pub use voucher::{
    Basis, CivilIdentity, Confirmation, Phase, Preview, PreviewState, Requester, Voucher,
};
