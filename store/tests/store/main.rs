//! The rules of the store on every backend, with real servers: one Redis and one PostgreSQL for the
//! whole run, a namespace or a database of its own for each test.

mod damage;
mod limits;
mod loss;
mod rules;
mod servers;
