//! What evidence may be asked for, and on which ground.

use guichet_domain::PurposeId;
use serde::{Deserialize, Serialize};

use super::Label;

/// What evidence is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Purpose {
    pub(super) id: PurposeId,
    pub(super) sentence: Label,
    pub(super) legal: Label,
    pub(super) basis: Basis,
    pub(super) retention_days: u32,
}

/// The ground on which evidence is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The citizen asked the service to fetch it.
    ExplicitRequest,
    /// The citizen agrees to it.
    Consent,
    /// A law has the service fetch it: the citizen is informed, and may say that it is wrong.
    LegalObligation,
}

impl Purpose {
    /// Its name in requests and rights.
    pub fn id(&self) -> &PurposeId {
        &self.id
    }

    /// What citizens read: at most 120 characters.
    pub fn sentence(&self) -> &Label {
        &self.sentence
    }

    /// The text of law it rests on.
    pub fn legal(&self) -> &Label {
        &self.legal
    }

    /// The ground.
    pub fn basis(&self) -> Basis {
        self.basis
    }

    /// How long a service may keep what it got, in days.
    pub fn retention_days(&self) -> u32 {
        self.retention_days
    }
}

impl Basis {
    /// Its name in requests, vouchers and receipts.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ExplicitRequest => "explicit_request",
            Self::Consent => "consent",
            Self::LegalObligation => "legal_obligation",
        }
    }

    /// Whether the citizen may agree to values that nobody can show them yet. What a law has fetched they
    /// must be able to call wrong before it leaves.
    pub const fn may_be_sent_unseen(self) -> bool {
        !matches!(self, Self::LegalObligation)
    }

    /// Whether the citizen may say no.
    pub const fn may_be_refused(self) -> bool {
        !matches!(self, Self::LegalObligation)
    }
}
