//! Guichet with parts that nobody here wrote: services on stock libraries, a stock provider, every pairing of stores.

mod certificate_renewal;
mod client_certificates;
mod corrections;
pub(crate) mod deployment;
mod franceconnect;
mod key_change;
mod key_token;
mod partners;
mod relying_parties;
mod resources;
mod rust_client;
mod stock_provider;
mod store_pairings;
