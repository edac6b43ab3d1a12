//! The ways into an identity, as its person wants them: which providers may speak for them, and what they
//! are told of sign-ins.
//!
//! | file | does |
//! |---|---|
//! | `choices` | what somebody chose, and what counts of it once persons are merged |
//! | `door` | asks it, at every sign-in and for every session |
//! | `account` | shows it to its person |
//! | `change` | changes it: kept by comparing, on record, and told |
//! | `preferences` | which providers, and of which sign-ins they hear: said in one save, told in one mail |
//! | `address` | where they are told by mail, once a code was typed that was sent there |
//! | `seen` | what was there at a sign-in: the provider, the device, the service |
//! | `device` | what a device is called |
//! | `aliases` | addresses that stand for theirs at one service |
//! | `asked` | the mail that says that the support asks them something |
//! | `notice` | what they are told, in their account and by mail |
//! | `reopen` | an operator opens all again, for whoever locked themselves out |
//!
//! A choice is sealed, one row for each person, and read anew each time: what is closed on one node is
//! closed on all.

mod account;
mod address;
mod aliases;
mod asked;
mod change;
mod choices;
mod device;
mod door;
mod notice;
mod preferences;
mod reopen;
mod seen;

pub use account::{ProviderWay, WaysOverview};
pub use aliases::AliasShown;
pub(crate) use aliases::{Given, VerifiedAddress};
pub use change::{Chosen, WayChange};
pub(crate) use choices::Choices;
pub(crate) use device::device_name;
pub use notice::NoticeShown;
pub use preferences::Preferences;
pub use reopen::WaysOffice;
pub use seen::{KNOWN_FOR, Used};
