//! The provider from outside: its whole router over memory stores, driven by a small browser.

mod account;
mod limits;
mod passkeys;
mod sign_in;
mod sign_out;
