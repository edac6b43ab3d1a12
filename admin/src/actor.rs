//! Who acts: whoever an entry of the audit log names as `by`.

use std::fmt;

use guichet_domain::StaffId;
use guichet_domain::habilitation::Approval;
use guichet_domain::staff::Sender;

/// Whoever changes something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Somebody with a shell on the machine.
    CommandLine,
    /// The review tool outside, by a message that it signed.
    ReviewTool,
    /// The hub itself, which makes good what came between two writes.
    Hub,
    /// A member of the staff, or a client that is one.
    Member(StaffId),
}

impl Actor {
    /// Whoever stands under this name in a record.
    pub(crate) fn named(id: &StaffId) -> Self {
        if id.as_str() == Approval::BY {
            Self::ReviewTool
        } else {
            Self::Member(id.clone())
        }
    }
}

impl From<&Sender> for Actor {
    fn from(sender: &Sender) -> Self {
        match sender {
            Sender::CommandLine => Self::CommandLine,
            Sender::ReviewTool => Self::ReviewTool,
            Sender::Member(id) => Self::Member(id.clone()),
        }
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CommandLine => f.write_str("command line"),
            Self::ReviewTool => f.write_str("review tool"),
            Self::Hub => f.write_str("hub"),
            Self::Member(id) => write!(f, "staff:{id}"),
        }
    }
}
