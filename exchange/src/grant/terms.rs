//! What rests of a decision: what was asked, what was shown, what was granted. Names and digests.

use guichet_domain::FieldName;
use guichet_store::Fault;
use guichet_store::durable::EvidenceGrantRecord;
use serde::{Deserialize, Serialize};

use crate::{Ask, Desk, Digests};

/// The terms of a decision, sealed at rest.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Terms {
    /// What the service asked for.
    pub(crate) ask: Ask,
    /// Which fields may leave.
    pub(crate) fields: Vec<FieldName>,
    /// Of the values the citizen saw; empty when none was shown.
    pub(crate) digests: Digests,
    /// SHA-256 of the text that was shown.
    #[serde(with = "guichet_domain::id::base64url_bytes")]
    pub(crate) text_digest: Vec<u8>,
    /// In which language.
    pub(crate) locale: String,
}

impl Terms {
    /// Whether the citizen saw the values: the word for it in the ledger and in vouchers.
    pub(crate) fn preview(&self) -> &'static str {
        if self.digests.is_empty() {
            "not_shown"
        } else {
            "shown"
        }
    }

    /// The digests that pull number `count` is held to: of what the citizen saw, for each field that may
    /// leave. `None` where they saw no value; and for every later pull of what may be fetched again and
    /// again, since values change and the citizen agreed to whatever they will be.
    pub(crate) fn shown_for(&self, count: u32) -> Option<Digests> {
        let is_bound = count == 1 && !self.digests.is_empty();
        is_bound.then(|| self.digests.only(&self.fields))
    }
}

impl Desk {
    pub(crate) fn terms_of(&self, record: &EvidenceGrantRecord) -> Result<Terms, Fault> {
        let opened = self.terms.open_json(record.id.as_bytes(), &record.terms);
        opened.map_err(|error| Fault::new("the terms of a decision do not open", error))
    }
}
