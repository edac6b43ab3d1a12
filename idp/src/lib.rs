//! The embedded identity provider: accounts and their authenticators, standing on the same engine as
//! the hub.
//!
//! Start at [`Idp`]; [`routes()`] serves it. The story of a sign-in is in `sign_in/`, one step per file.
//! A password is `eidas1`; a password with a one-time code, or a passkey, is `eidas2`.

mod account;
mod accounts;
mod audit;
mod authenticators;
mod house;
mod idp;
mod known_browser;
mod notices;
mod pages;
pub mod password;
mod refusal;
mod respond;
mod routes;
mod session;
mod sign_in;
mod sign_out;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod throttle;

pub use accounts::{AddAccountError, LoginName, NewAccount, NotALoginName};
pub use authenticators::totp::{NotASecret, TotpSecret};
pub use idp::{Idp, IdpError, IdpParts, IdpSettings};
pub use pages::register;
pub use password::PasswordPool;
pub use routes::routes;
pub use throttle::Limits;
