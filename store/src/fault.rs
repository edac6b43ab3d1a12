//! The one way a store fails.

/// A store could not answer: unreachable, full, corrupt, too slow. Logged once where it is handled,
/// opaque outside; whoever gets one refuses to go on.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct Fault {
    what: &'static str,
    #[source]
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Fault {
    /// A fault while doing `what`, caused by `source`.
    pub fn new(
        what: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self {
            what,
            source: Some(source.into()),
        }
    }

    /// A fault while doing `what`, with no further cause.
    pub const fn bare(what: &'static str) -> Self {
        Self { what, source: None }
    }
}
