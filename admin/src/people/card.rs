//! Name and address of somebody: the one place where they stand in clear.

use guichet_domain::{InvalidMember, Rule, Sealed, StaffId, is_email_address};
use guichet_keys::{KeysError, Sealer};
use serde::{Deserialize, Serialize};

/// Name and address. Personal data: no `Debug`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// What colleagues call them.
    pub name: String,
    /// Where mail reaches them; empty for a client.
    pub address: String,
}

impl Card {
    /// A card whose name is one line, and whose address is one where there is one.
    pub fn new(name: &str, address: &str) -> Result<Self, InvalidMember> {
        let (name, address) = (name.trim(), address.trim());
        let is_line =
            (1..=LONGEST).contains(&name.chars().count()) && !name.chars().any(char::is_control);
        if !is_line {
            let reason = Rule::OneLine;
            return Err(InvalidMember::new("name", reason));
        }
        if !address.is_empty() && !is_email_address(address) {
            return Err(InvalidMember::new("address", Rule::MailAddress));
        }
        Ok(Self {
            name: name.to_owned(),
            address: address.to_owned(),
        })
    }

    pub(crate) fn seal(&self, with: &Sealer, id: &StaffId) -> Result<Sealed, KeysError> {
        with.seal_json(id.as_str().as_bytes(), self)
    }

    /// What was sealed for `id`; nothing where it was sealed for somebody else, or under keys that are gone.
    pub(super) fn open(with: &Sealer, id: &StaffId, sealed: &Sealed) -> Self {
        let opened = with.open_json(id.as_str().as_bytes(), sealed);
        opened.unwrap_or_default()
    }
}

const LONGEST: usize = 200;
