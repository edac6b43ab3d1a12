//! Those who operate the hub: how they come in, what each role may, the API, and attacks on all of it.

mod attacks;
mod document;
mod invitations;
mod matrix;
mod path;
mod program;
mod rotation;
mod siem;
mod simulations;
mod statistics;
mod switches;
mod tester;
