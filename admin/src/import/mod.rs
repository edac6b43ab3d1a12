//! What other products export, as records of ours: `keycloak.rs` reads a realm, `franceconnect.rs` a list of
//! service providers. Nothing is registered here: what comes out is read by a person, then applied. Each
//! record of the export has a line in the report, whatever became of it.

mod franceconnect;
mod keycloak;

use std::collections::HashSet;

use guichet_domain::{
    CivilRegisterPolicy, ClientMetadata, InvalidMember, ProviderMetadata, Sealed,
};
use guichet_keys::client_secret_hash;
use serde::Serialize;

pub use franceconnect::franceconnect;
pub use keycloak::keycloak;

/// What a client may ask for of whom the export does not say what it needs: who signs in, and nothing of them.
const SIGN_IN_ALONE: &str = "openid";

/// What an export holds.
#[derive(Default)]
pub struct Imported {
    /// Its clients. A secret that the export shows in clear is there.
    pub clients: Vec<ClientMetadata>,
    /// Its identity providers, by the same rule.
    pub providers: Vec<ProviderMetadata>,
    /// What became of each record, in the order of the export.
    pub lines: Vec<ImportLine>,
}

/// What became of one record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ImportLine {
    /// Where in the export: a line number or a name.
    pub place: String,
    /// The record's name here.
    pub id: String,
    /// Whether it was taken.
    pub taken: bool,
    /// Why not, or what to look at.
    pub remarks: Vec<String>,
}

/// Why an export cannot be read at all.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(String);

impl Imported {
    /// Takes a client if it may be one, once. A secret that the export does not show is to come.
    fn client(&mut self, place: &str, metadata: ClientMetadata, remarks: Vec<String>) {
        let mut line = ImportLine {
            place: place.to_owned(),
            id: metadata.client_id.clone(),
            taken: false,
            remarks,
        };
        let mut complete = metadata.clone();
        complete.client_secret.get_or_insert_with(some_secret);
        let is_there = self
            .clients
            .iter()
            .any(|it| it.client_id == metadata.client_id);
        if is_there {
            line.remarks
                .push("there is one of this name already".to_owned());
        } else if let Err(error) = complete.check(client_secret_hash) {
            line.remarks.push(error.to_string());
        } else {
            line.taken = true;
            self.clients.push(metadata);
        }
        self.lines.push(line);
    }

    /// The same of a provider.
    fn provider(&mut self, place: &str, metadata: ProviderMetadata, remarks: Vec<String>) {
        let mut line = ImportLine {
            place: place.to_owned(),
            id: metadata.id.clone(),
            taken: false,
            remarks,
        };
        let mut complete = metadata.clone();
        complete.client_secret.get_or_insert_with(some_secret);
        let no_seal = |_: &str| Sealed::from_bytes(Vec::new());
        let is_there = self.providers.iter().any(|it| it.id == metadata.id);
        let checked: Result<_, InvalidMember> =
            complete.check(no_seal, CivilRegisterPolicy::Required);
        if is_there {
            line.remarks
                .push("there is one of this name already".to_owned());
        } else if let Err(error) = checked {
            line.remarks.push(error.to_string());
        } else {
            line.taken = true;
            self.providers.push(metadata);
        }
        self.lines.push(line);
    }

    /// A record that is nothing of ours.
    fn left(&mut self, place: &str, id: &str, why: &str) {
        self.lines.push(ImportLine {
            place: place.to_owned(),
            id: id.to_owned(),
            taken: false,
            remarks: vec![why.to_owned()],
        });
    }
}

/// Of the length that every method takes; for a check alone.
fn some_secret() -> String {
    "-".repeat(64)
}

/// Addresses without what only another product reads as a pattern; each that is left out is told.
fn addresses(member: &str, found: Vec<String>, remarks: &mut Vec<String>) -> Vec<String> {
    let mut seen = HashSet::new();
    found
        .into_iter()
        .filter(|address| {
            let is_pattern = address.contains('*');
            if is_pattern {
                remarks.push(format!(
                    "{member}: {address}: a pattern: name each address it stood for"
                ));
            }
            !is_pattern && seen.insert(address.clone())
        })
        .collect()
}

#[cfg(test)]
mod tests;
