//! A provider that plays false, for a client's own software before it meets citizens: the hub stands at an issuer
//! of its own for each run (`/tester/{run}`), answers as the standards say in most things and wrongly in one,
//! sees whether the client goes on, asks its developer what cannot be seen, and grades.
//!
//! Nothing of a run is of any use elsewhere (threat N-281): its issuer, its keys (`guichet_keys::LoneKey`), its
//! codes and its tokens are its own, its people do not exist, and a browser goes back to the registered addresses
//! of the client under test alone. A run ends by itself.
//!
//! | what | file |
//! |---|---|
//! | what is played, and until where a client may go | `case.rs` |
//! | what was played to a client, and what it did | `run.rs` |
//! | what an attempt is answered | `play.rs` |
//! | what it comes to | `grade.rs` |
//! | runs begun, changed and read | `desk.rs` |
//! | the endpoints of the false provider | `endpoints.rs` |

mod case;
mod desk;
mod endpoints;
mod grade;
mod play;
mod run;

pub use case::Case;
pub use desk::{Begun, Changes, Refused, Tester};
pub use endpoints::routes;
pub use grade::{CaseReport, Report, Verdict};

#[cfg(test)]
mod tests;
