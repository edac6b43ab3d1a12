//! The desk as the engine, the pages and data providers meet it.

mod beginnings;
mod decisions;
mod deliveries;
mod erasures;
mod events;
mod matching;
mod narrowing;
mod published;
mod receipts;
mod shown;
mod trail;
mod unconfirmed;
mod unused;
mod vouchers;
mod world;
