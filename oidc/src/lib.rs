//! The OpenID Provider engine: it knows the protocol and no citizens.
//!
//! A raw request becomes an [`AcceptedRequest`] (client, registered redirect, scopes, claims, level,
//! prompt, PKCE) and is handed to a [`House`]: the hub, or the embedded identity provider. The house
//! finds out who the person is, on pages of its own, and comes back with an [`Outcome`] or a refusal;
//! the engine issues the code and all that follows from it. The engine never renders a page and never
//! knows how the person was found; a house never builds a token.

pub mod accepted;
pub mod engine;
pub mod house;
pub mod outcome;

pub use accepted::{
    AcceptedRequest, PkceChallenge, Prompt, RegisteredRedirect, RequestedAcr, ResponseMode,
};
pub use engine::{Engine, EngineParts, EngineSettings, routes};
pub use house::{Browser, House, PageRefusal, SignOutRequest};
pub use outcome::{Answer, FormPost, LogoutNotice, Outcome};
