//! The language of the tests that look at Guichet from outside.
//!
//! Nothing here imports a room: the real binary is started, and driven as people and other programs drive it.
//! [`Demo`] and [`Node`] run it; [`Browser`] and [`HttpCitizen`] walk a [`Journey`]; [`RawClient`] is a service
//! that can be told to misbehave, [`MockProvider`] an upstream provider that can; [`servers`] and [`peers`] are
//! programs that nobody here wrote.
#![expect(
    clippy::disallowed_methods,
    reason = "a harness reads files, environment and clocks, and makes plain HTTP clients; it is no part of the product"
)]

pub mod authenticator;
pub mod browser;
pub mod by_hand;
pub mod citizens;
pub mod claims;
mod clock;
pub mod controls;
mod cookies;
pub mod demo;
pub mod evidence_peers;
pub mod glewlwyd;
pub mod hex;
pub mod html;
pub mod http_citizen;
pub mod journey;
pub mod keys;
pub mod machine;
pub mod mock_provider;
pub mod node;
pub mod node_settings;
pub mod openidconnect_party;
pub mod peers;
pub mod process;
pub mod raw_client;
pub mod schemathesis;
pub mod servers;
pub mod shared;
pub mod softhsm;
pub mod totp;
pub mod wait;
pub mod webhook_peers;

pub use browser::Browser;
pub use by_hand::Hand;
pub use demo::Demo;
pub use http_citizen::HttpCitizen;
pub use journey::{Hands, Journey};
pub use mock_provider::{Mischief, MockProvider};
pub use node::Node;
pub use node_settings::NodeSettings;
pub use openidconnect_party::OpenidconnectParty;
pub use raw_client::RawClient;
pub use shared::Shared;
pub use softhsm::SoftHsm;
