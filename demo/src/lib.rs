//! The cast of the demo: public services, data providers, the civil register, the mailbox, the
//! citizens, and the page that introduces them.
//!
//! Nobody here is privileged: the services are relying parties like any other, over HTTP, and
//! everything the hub must know of them is in [`cast`]. The binary builds the routers and serves
//! them; all it hands over is in [`Surroundings`].

mod authenticator;
pub mod cast;
pub mod data_provider;
mod error;
pub mod mailbox;
mod own;
mod party;
pub mod register;
pub mod services;
mod shelf;
pub mod start_page;
mod surroundings;
#[cfg(test)]
mod testing;

pub use error::DemoError;
pub use surroundings::Surroundings;
