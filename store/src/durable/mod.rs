//! Records that last: clients, providers, data providers, initial access tokens, people, corrections of who
//! is who and cases about them, what they ask by right, subjects, consents, decisions about evidence and requests to erase it,
//! what the ledger says of exchanges and of each citizen and what it is looked up by, refresh tokens, accounts, authenticators, the
//! ledger, messages, the outbox, events that wait to be fetched, the ways into an identity, mail aliases, who operates the
//! hub, what is switched off, and on which day a client's credential was used last,
//! what services may ask for, and which addresses are told of events. In SQLite or PostgreSQL, by one body of queries.
//!
//! One file per consumer holds its trait and its records; `sql/` holds the queries; [`Durable`] opens
//! a database and hands out the traits; [`RegistrySnapshot`] is the registry as requests read it.

mod accounts;
pub mod audit_index;
mod authenticators;
pub mod cases;
pub mod client_tests;
mod collector;
mod consents;
pub mod corrections;
mod credential_uses;
pub mod erasures;
pub mod evidence_grants;
pub mod exchange_entries;
mod facade;
mod gate;
mod habilitations;
pub mod histories;
mod initial_access_tokens;
pub mod ledger;
pub mod mail_aliases;
pub mod mailroom;
mod messages;
pub mod outbox;
pub mod people;
mod refresh_tokens;
mod registry;
mod remembered;
pub mod rights_requests;
mod snapshot;
mod sql;
mod staff;
pub mod statistics;
mod subjects;
pub mod support_requests;
pub mod traces;
pub mod waiting_events;
pub mod ways;
pub mod webhooks;
mod words;

pub use accounts::{AccountRecord, Accounts};
pub use audit_index::AuditIndex;
pub use authenticators::{AuthenticatorKind, AuthenticatorRecord, Authenticators};
pub use cases::{Case, CaseKind, Cases};
pub use client_tests::ClientTests;
pub use collector::Collector;
pub use consents::{ConsentRecord, Consents, Standing};
pub use corrections::Corrections;
pub use credential_uses::{CredentialUse, CredentialUses};
pub use erasures::{Erasure, ErasureAnswer, ErasureStatement, Erasures, Party};
pub use evidence_grants::{
    DeliveryHalf, DeliveryRecord, EvidenceEnd, EvidenceGrantRecord, EvidenceGrants,
    EvidenceOutcome, LastPull, Pull,
};
pub use exchange_entries::ExchangeEntries;
pub use facade::{Durable, DurableSettings, MigrationState, MigrationStatus};
pub use gate::{ActivePerson, Bar, PersonGate};
pub use habilitations::Habilitations;
pub use histories::Histories;
pub use initial_access_tokens::{InitialAccessToken, InitialAccessTokens};
pub use ledger::{CheckpointRecord, EntryRecord, LedgerRecords, Placed};
pub use mail_aliases::{MailAlias, MailAliases};
pub use mailroom::{Carrier, Mailroom};
pub use messages::{MessageRecord, Messages};
pub use outbox::{Letter, Outbox};
pub use people::People;
pub use refresh_tokens::{FamilyState, RefreshFamily, RefreshTokens, Rotation};
pub use registry::Registry;
pub use remembered::RememberedRegistry;
pub use rights_requests::{RightKind, RightsAnswer, RightsOutcome, RightsRequest, RightsRequests};
pub use snapshot::RegistrySnapshot;
pub use staff::{Founded, Staff, Teams};
pub use statistics::Statistics;
pub use subjects::Subjects;
pub use support_requests::{SupportAnswer, SupportRequest, SupportRequests, SupportWord};
pub use traces::Traces;
pub use waiting_events::{Unfetched, WaitingEvent, WaitingEvents};
pub use ways::{WayChoice, WayKind, WayName, WaySeen, Ways};
pub use webhooks::{Delivered, Delivery, DeliveryState, Replay, Webhooks};
