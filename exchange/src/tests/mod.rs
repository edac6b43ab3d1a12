//! The desk as the engine, the pages and data providers meet it.

mod decisions;
mod matching;
mod published;
mod shown;
mod vouchers;
mod world;
