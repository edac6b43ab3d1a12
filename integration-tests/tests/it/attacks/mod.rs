//! Guichet attacked from outside: whatever an attacker can send to its front door, and what must come of it.
//!
//! Each file is a way in: a stolen code, a redirect URI, a provider that lies, another browser, a form, a password,
//! the node itself. `docs/threats.md` says which test stands for which threat. Every test shows the honest way to
//! work as well, so that a refusal means the attack and not a broken road.

mod account_forms;
mod barred;
mod bounds;
mod browsers;
mod callback;
mod client_secrets;
mod codes;
mod egress;
mod forms;
mod headers;
mod hostile_provider;
mod identities;
mod linking;
mod log;
mod not_allowed;
mod possession;
mod provider_lies;
mod provider_logout;
mod redirects;
mod registration;
mod second_factor;
mod sessions;
mod sign_in;
mod sign_out;
mod stage;
mod surface;
mod tokens;
mod ways;
mod withdrawn;
