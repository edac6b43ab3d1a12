//! The hub from its front door, in this process: real engine, stores and ledger, a provider that can
//! lie, and a browser of a hundred lines.

#![expect(
    clippy::unwrap_used,
    reason = "what a test needs and cannot get ends it, in its helpers too"
)]

mod aliases;
mod attacks;
mod browser;
mod cases;
mod choice;
mod civil_status;
mod corrections;
mod corroboration;
mod desk;
mod evidence;
mod faults;
mod franceconnect;
mod levels;
mod logout;
mod meanwhile;
mod notice_link;
mod outcomes;
mod partner;
mod people;
mod place;
mod provider_health;
mod provider_logout;
mod providers;
mod register;
mod reopening;
mod scenarios;
mod session;
mod sharing;
mod tidings;
mod twice;
mod ways;
mod world;
