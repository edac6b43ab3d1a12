//! Those who operate the hub: how they come in, what each role may, the API, and attacks on all of it.

mod attacks;
mod climbing;
mod document;
mod invitations;
mod matrix;
mod path;
mod program;
mod statistics;
mod tester;
