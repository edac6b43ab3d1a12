//! The engine as a fuzzer meets it: requests made of bytes nobody chose, and what must hold of every
//! answer. Part of tests and of builds for the fuzzer, never of the product.
//!
//! Each function of the files below is one way in: a whole request, one parameter of a good request, a
//! header, a certificate, something a client signs. All go through the router, as anybody's request does.

mod clients;
mod credentials;
mod door;
mod parameters;
mod promises;
mod request;
mod signed;
mod words;

pub use credentials::{basic, certificate};
pub use door::FrontDoor;
pub use parameters::{authorization, claims, details, user_code};
pub use request::request;
pub use signed::{Signed, signed};

#[cfg(test)]
mod tests;
