//! Who sent an invitation.

use serde::{Deserialize, Serialize};

use crate::StaffId;
use crate::id::IdError;

/// Who sent an invitation. At rest a text: a member's identifier, which has no space in it, or nothing for
/// the command line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Option<String>", into = "Option<String>")]
pub enum Sender {
    /// Somebody with a shell on the machine.
    #[default]
    CommandLine,
    /// The review tool outside, by a message that it signed.
    ReviewTool,
    /// A member of the staff.
    Member(StaffId),
}

impl TryFrom<Option<String>> for Sender {
    type Error = IdError;

    fn try_from(text: Option<String>) -> Result<Self, IdError> {
        match text.as_deref() {
            None => Ok(Self::CommandLine),
            Some(REVIEW_TOOL) => Ok(Self::ReviewTool),
            Some(id) => id.parse().map(Self::Member),
        }
    }
}

impl From<Sender> for Option<String> {
    fn from(sender: Sender) -> Self {
        match sender {
            Sender::CommandLine => None,
            Sender::ReviewTool => Some(REVIEW_TOOL.to_owned()),
            Sender::Member(id) => Some(id.to_string()),
        }
    }
}

const REVIEW_TOOL: &str = "review tool";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn senders_rest_as_before_and_the_review_tool_beside_them() {
        let member = Sender::Member("alice".parse().unwrap());
        for (sender, text) in [
            (Sender::CommandLine, "null"),
            (member, "\"alice\""),
            (Sender::ReviewTool, "\"review tool\""),
        ] {
            assert_eq!(serde_json::to_string(&sender).unwrap(), text);
            assert_eq!(serde_json::from_str::<Sender>(text).unwrap(), sender);
        }
        assert!(serde_json::from_str::<Sender>("\"some body\"").is_err());
    }
}
