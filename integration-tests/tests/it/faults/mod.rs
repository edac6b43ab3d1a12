//! What breaks around and under a node, and what citizens, services and records see of it.

mod client_commands;
mod commands;
mod crash;
mod declared;
mod mail;
mod provider_records;
mod providers;
pub(crate) mod records;
mod register;
mod shutdown;
mod stores;
mod tampering;
