//! How a command ends.

use std::process::ExitCode;

use guichet_config::ConfigError;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Done,
    /// Refused or failed.
    Failed,
    /// The settings do not hold (`EX_CONFIG` of sysexits.h). Usage errors are clap's, 2.
    Configuration,
}

impl Exit {
    /// What an error ends with.
    pub(crate) fn of(error: &anyhow::Error) -> Self {
        if error.downcast_ref::<ConfigError>().is_some()
            || error.downcast_ref::<BadSetting>().is_some()
        {
            Self::Configuration
        } else {
            Self::Failed
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Done => Self::SUCCESS,
            Exit::Failed => Self::from(1),
            Exit::Configuration => Self::from(78),
        }
    }
}

/// A setting that is well formed and still cannot be used: a declared client that does not hold, a
/// file that is not there.
#[derive(Debug, thiserror::Error)]
#[error("{key}: {problem}")]
pub(crate) struct BadSetting {
    /// Which setting.
    pub(crate) key: String,
    /// What is wrong and what to do.
    pub(crate) problem: String,
}
