//! What a service says to a citizen in their account: a procedure was opened, waits for them, was decided, an
//! appointment, a document that is ready.

use guichet_keys::Typ;
use serde_json::{Map, Value};

use crate::hub::{Hub, HubError, Proof};

impl Hub {
    /// Leaves a message: its members are `sub`, `reference`, `kind`, `title` (`fr`, `en`) and optionally `uri`,
    /// `at`, `until`. Signed with our keys where we publish them, which `signs` says; the hub wants that of
    /// whoever does. The same `reference` again replaces what was there: worth trying again when it fails.
    pub async fn tell_citizen(
        &self,
        mut message: Map<String, Value>,
        signs: bool,
    ) -> Result<(), HubError> {
        let text = if signs {
            message.insert("iss".to_owned(), self.client_id().into());
            message.insert("aud".to_owned(), self.issuer().into());
            message.insert("iat".to_owned(), self.now().seconds().into());
            self.means().keys.sign(Typ::CitizenMessage, &message)?
        } else {
            Value::Object(message).to_string()
        };
        let url = format!("{}/account/messages", self.issuer());
        let form = [("message", text.as_str())];
        self.post(&url, &form, Proof::None).await.map(drop)
    }
}
