//! Who answers for the processing of personal data.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

/// Who answers for the processing of personal data: shown to citizens beside their rights, and in the register of processing at `/processing-register`.
#[derive(Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DataProtection {
    /// The controller: the operator's legal name.
    pub controller: String,
    /// Where the data protection officer is reached: an address or a page.
    pub contact: String,
    /// The data-protection authority.
    pub authority: String,
    /// Where it takes complaints.
    pub authority_uri: Option<Url>,
}
