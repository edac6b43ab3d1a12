//! Who plays: the members and their addresses, the citizens, the services, the providers. Data
//! only; the binary hands it to the hub, the identity providers and the register.

mod addresses;
mod citizens;
mod data_providers;
mod identity_providers;
mod services;

pub use addresses::{Addresses, Member};
pub use citizens::{CAMILLE_TOTP_SECRET, CITIZENS, Citizen, InTheRegister, PASSWORD, STAFF};
pub use data_providers::{DataProvider, data_providers};
pub use identity_providers::{IdentityProvider, ReturnPaths, hub_as_client, providers};
pub use services::{Service, WantedEvidence, clients};
