//! How a node is put together: the foundation (keys, stores, ledger), then the houses on it, then
//! the listeners.

pub(crate) mod declared;
pub(crate) mod foundation;
pub(crate) mod houses;
pub(crate) mod stop;
pub(crate) mod upkeep;

pub(crate) use foundation::{Foundation, Ground};
