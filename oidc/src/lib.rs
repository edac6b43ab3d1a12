//! The OpenID Provider engine: it knows the protocol and no citizens.
//!
//! A raw request becomes an [`AcceptedRequest`] (client, registered redirect, scopes, claims, level,
//! prompt, PKCE) and is handed to a [`House`]: the hub, or the embedded identity provider. The house
//! finds out who the person is, on pages of its own, and comes back with an [`Outcome`] or a refusal;
//! the engine issues the code and all that follows from it. The engine never renders a page and never
//! knows how the person was found; a house never builds a token. What is asked for beyond scopes (RFC 9396)
//! it carries and does not understand: that is for a [`RichAuthorization`] beside the house.
//!
//! Each endpoint is one module whose first file lists its checks in order: `authorize`, `par`, `token`,
//! `introspection`, `revocation`, `userinfo`, `session_end`. The whole HTTP surface is in
//! `routes`.

pub mod accepted;
mod answer;
mod audit;
mod authorize;
mod bearer;
mod binding;
mod called;
mod caller;
mod certificate;
mod claims_request;
mod client_auth;
mod client_form;
mod client_keys;
mod code;
mod deferred;
mod documents;
mod encrypted;
pub mod engine;
pub mod fetch;
mod form;
mod hint;
pub mod house;
mod introspection;
mod jarm;
mod live_token;
mod logout;
pub mod notices;
pub mod outcome;
mod own_name;
mod par;
mod parameters;
mod profile;
mod pushed;
mod records;
mod refresh_token;
mod refusal;
mod refused;
pub mod register;
mod request_object;
pub mod resources;
mod respond;
mod revocation;
pub mod rich;
mod routes;
pub mod sector;
mod session_end;
pub mod settings;
mod signed_metadata;
pub mod step_up;
mod token;
mod userinfo;

pub use accepted::{
    AcceptedRequest, DeferredGrant, DeferredKind, Destination, Display, PkceChallenge, Prompt,
    RegisteredRedirect, RequestedAcr, ResponseMode,
};
pub use authorize::dry_run::DryRefusal;
pub use authorize::scope::{AMR, OFFLINE_ACCESS};
pub use caller::CountedBy;
pub use certificate::PresentedCertificate;
pub use claims_request::ClaimsRequest;
pub use client_auth::ClientSecrets;
pub use client_form::ClientForm;
pub use client_keys::ClientKeys;
pub use deferred::{CibaSettings, DeferredSettings, DeviceSettings, Note, Typed, WaitingRequest};
pub use engine::{Engine, EngineParts};
pub use fetch::{Document, Fetch, FetchNothing, Unfetchable};
pub use house::{Browser, House, PageRefusal, SignOutRequest};
pub use notices::{Courier, LogoutNotices, SubjectChange, SubjectLetters, ToTell};
pub use outcome::{
    Answer, ClientPing, FormPost, HousePage, LogoutNotice, Outcome, Settled, Settlement,
};
pub use own_name::CallingClient;
pub use records::Act;
pub use refused::RefusalCounts;
pub use register::{RegisteredClients, Registering};
pub use resources::{AccessTokenFormat, Resource};
pub use rich::{
    AuthorizationDetail, NoRichAuthorization, RichAuthorization, RichExchange, RichFailure,
    RichRefusal, Voucher, VoucherOrder,
};
pub use routes::{routes, well_known_routes};
pub use settings::{ClientCertificates, EngineSettings, PushedSettings, TokenSettings};
pub use step_up::SignInDemand;

#[cfg(any(test, feature = "fuzzing"))]
#[expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "whatever fails there is a find"
)]
pub mod fuzzing;
#[cfg(any(test, feature = "fuzzing"))]
#[expect(clippy::unwrap_used, reason = "the world of the tests")]
#[cfg_attr(
    not(test),
    expect(dead_code, unused_imports, reason = "the fuzzer needs part of it")
)]
mod testing;
#[cfg(test)]
mod tests;
