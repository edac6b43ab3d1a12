//! Whom to write to about a habilitation: names and addresses rest sealed and are shown to those who may read
//! the file, nobody else.

use guichet_domain::{HabilitationId, Sealed, is_email_address};
use guichet_keys::{KeysError, Sealer};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Wrong;

/// Who they are, in the order of the form.
pub(crate) const CONTACTS: [&str; 4] = ["controller", "dpo", "technical", "security"];

/// The four contacts. Personal data: no `Debug`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Contacts {
    /// Who answers for the processing.
    pub(crate) controller: Contact,
    /// The data protection officer.
    pub(crate) dpo: Contact,
    /// Who looks after the connection.
    pub(crate) technical: Contact,
    /// Who is told of incidents.
    pub(crate) security: Contact,
}

/// One of them.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Contact {
    /// Their name.
    pub(crate) name: String,
    /// Their e-mail address.
    pub(crate) address: String,
}

impl Contacts {
    /// Each with what they are.
    pub(crate) fn each(&self) -> [(&'static str, &Contact); 4] {
        let [controller, dpo, technical, security] = CONTACTS;
        [
            (controller, &self.controller),
            (dpo, &self.dpo),
            (technical, &self.technical),
            (security, &self.security),
        ]
    }

    /// The one of this name, to be written.
    pub(crate) fn of(&mut self, name: &str) -> Option<&mut Contact> {
        match name {
            "controller" => Some(&mut self.controller),
            "dpo" => Some(&mut self.dpo),
            "technical" => Some(&mut self.technical),
            "security" => Some(&mut self.security),
            _ => None,
        }
    }

    /// What is wrong with them.
    pub(super) fn wrongs(&self) -> Vec<Wrong> {
        let mut wrongs = Vec::new();
        for (role, contact) in self.each() {
            let name = contact.name.trim();
            if name.is_empty() || name.chars().count() > 200 || name.chars().any(char::is_control) {
                wrongs.push(Wrong::new(format!("{role}.name"), "onboarding-wrong-line"));
            }
            if !is_email_address(contact.address.trim()) {
                wrongs.push(Wrong::new(
                    format!("{role}.address"),
                    "onboarding-wrong-address",
                ));
            }
        }
        wrongs
    }

    /// Line by line, as differences are shown.
    pub(crate) fn lines(&self) -> Vec<(String, String)> {
        let lines = self.each().map(|(role, contact)| {
            let text = format!("{} <{}>", contact.name, contact.address);
            (format!("contact {role}"), text)
        });
        lines
            .into_iter()
            .filter(|(_, text)| text != " <>")
            .collect()
    }

    pub(super) fn seal(&self, with: &Sealer, of: &HabilitationId) -> Result<Sealed, KeysError> {
        with.seal_json(of.as_str().as_bytes(), self)
    }

    /// Nobody where there is nothing, or it was sealed under keys that are gone.
    pub(super) fn open(with: &Sealer, of: &HabilitationId, sealed: Option<&Sealed>) -> Self {
        let opened = sealed.map(|sealed| with.open_json(of.as_str().as_bytes(), sealed));
        opened.and_then(Result::ok).unwrap_or_default()
    }
}
