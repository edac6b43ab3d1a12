//! Single sign-on, client by client: whose sessions it borrows and to whom it lends its own.

use serde::{Deserialize, Serialize};

/// With whom a client shares sign-ins. Both ways: a session begun for one client answers another only
/// if neither says no.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum SessionSharing {
    /// With every client that shares.
    #[default]
    All,
    /// With the clients of its own sector.
    OwnSector,
    /// With nobody: citizens sign in for it each time, and for nothing else.
    Never,
}
