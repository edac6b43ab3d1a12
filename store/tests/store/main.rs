//! The rules of the store on every backend, with real servers: one Redis and one PostgreSQL for the
//! whole run, a namespace or a database of its own for each test.
//!
//! `cfg(test)` tells clippy that the modules are tests throughout, where `unwrap` is fine.

#[cfg(test)]
mod damage;
#[cfg(test)]
mod emptied;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod loss;
#[cfg(test)]
mod rules;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod servers;
