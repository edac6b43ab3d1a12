//! The services from outside, at a hub of their own.
