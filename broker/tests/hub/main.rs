//! The hub from its front door, in this process: real engine, stores and ledger, a provider that can
//! lie, and a browser of a hundred lines.

mod attacks;
mod browser;
mod logout;
mod outcomes;
mod partner;
mod session;
mod world;
