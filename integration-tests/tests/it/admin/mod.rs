//! Those who operate the hub: how they come in, what each role may, the API, the console's pages, and attacks on
//! all of it.

mod attacks;
mod audit;
mod climbing;
mod conditions;
mod console_tour;
mod document;
mod duties;
mod invitations;
mod matrix;
mod onboarding;
mod onboarding_browser;
mod onboarding_desk;
mod pages;
mod path;
pub(crate) mod program;
mod records;
mod rotation;
mod siem;
mod simulations;
mod statistics;
mod support;
mod switches;
mod tester;
mod versions;
mod webhooks;
