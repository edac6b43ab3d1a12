//! Facts that citizens let one administration hand to another: lived through in a browser, and spoken by parties
//! that nobody here wrote.

mod cantine;
mod carte_grise;
mod erasure;
mod event_delivery;
mod events;
mod everybody;
mod hands;
mod holder_faults;
mod kept_from;
mod killed;
mod narrowing;
mod over_time;
mod receipts;
mod refusals;
mod scene;
mod standing;
mod strangers;
mod verifying;
mod walk;
mod without_kit;
