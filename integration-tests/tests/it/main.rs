//! Guichet from outside, in one test binary: see the library beside it for the words these tests are written in.

#![expect(
    clippy::disallowed_methods,
    reason = "tests stand outside the product: they write settings, tamper with files and time answers"
)]

mod account;
mod admin;
mod attacks;
mod conformance;
mod control;
mod exchange;
mod faults;
mod interop;
mod login;
mod pages;
