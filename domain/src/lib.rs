//! The vocabulary of Guichet: types that every room shares and that cannot hold nonsense.
//!
//! No I/O, no async, no clock, no cryptography. Time and randomness are arguments: the traits
//! [`Clock`] and [`Entropy`] name them, the binary and the tests provide them.

pub mod acr;
pub mod acr_value;
pub mod alg;
pub mod amr;
pub mod audit;
pub mod claim;
pub mod client;
pub mod cog;
pub mod data_provider;
pub mod email;
pub mod entropy;
pub mod habilitation;
pub mod id;
mod key_source;
mod member;
pub mod oauth_error;
pub mod partial_date;
pub mod pivot;
pub mod provider;
pub mod reason;
pub mod redirect_uri;
pub mod scope;
pub mod sealed;
pub mod simulation;
pub mod staff;
pub mod subject;
pub mod switch;
pub mod time;
pub mod webhook;
pub mod without_register;

pub use acr::Acr;
pub use acr_value::AcrValue;
pub use alg::{
    ContentEncryption, Encryption, JwsAlgName, KeyManagementAlg, SigningAlg, UnknownAlg,
};
pub use amr::Amr;
pub use audit::{AuditEvent, EventKind};
pub use claim::{Claim, IdentityClaims};
pub use client::{
    CibaDelivery, Client, ClientAuthentication, ClientKind, ClientMetadata, Environment,
    EvidenceRight, GrantType, KeepSecret, Profile, SecretHash, SessionSharing,
};
pub use cog::{CountryCode, PlaceCode};
pub use data_provider::{DataProvider, DataProviderMetadata, Preview};
pub use email::is_email_address;
pub use entropy::Entropy;
pub use id::{
    AccountId, BrowserId, BrowsingId, CaseId, CaseReference, ClientId, ClientTestId, CorrectionId,
    DataProviderId, EvidenceTypeId, ExchangeId, FieldName, GrantId, HabilitationId, LedgerName,
    LoginId, OrganisationId, PersonId, ProviderId, PurposeId, RightsRequestId, SessionId, StaffId,
    SupportRequestId, TeamId, WebhookId,
};
pub use key_source::KeySource;
pub use member::{InvalidMember, told};
pub use oauth_error::OAuthError;
pub use partial_date::PartialDate;
pub use pivot::{Gender, PivotIdentity};
pub use provider::{Availability, CivilRegisterPolicy, Provider, ProviderMetadata};
pub use reason::{Reason, Rule};
pub use redirect_uri::RedirectUri;
pub use scope::{Scope, Scopes};
pub use sealed::Sealed;
pub use subject::{Sector, SubjectIdentifier};
pub use time::{Clock, Timestamp};
pub use without_register::{WithoutRegister, WithoutRegisterAt};
