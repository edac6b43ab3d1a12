//! The receipt of a delivery, in two halves: the data provider says what it released, the service what
//! it received. The hub puts them side by side; the citizen sees when one is missing.

use guichet_keys::Typ;

use crate::digest::hash;
use crate::hub::{Hub, HubError, Statement};
use crate::{ExchangeName, Voucher, sha256_text};

/// One half.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Half {
    kind: HalfKind,
    /// By the name the poster knows it by.
    exchange: ExchangeName,
    /// The voucher that was spent, by the hash of its `jti`: of several pulls, it is this one.
    voucher: String,
    /// The digest of the encrypted evidence.
    digest: String,
}

/// Whose half it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HalfKind {
    /// The data provider's.
    Released,
    /// The service's.
    Received,
}

impl HalfKind {
    const fn word(self) -> &'static str {
        match self {
            Self::Released => "released",
            Self::Received => "received",
        }
    }
}

impl Half {
    /// The half of whoever released `envelope` for this voucher.
    pub(crate) fn released(voucher: &Voucher, envelope: &str) -> Self {
        Self {
            kind: HalfKind::Released,
            exchange: ExchangeName::Exchange(voucher.exchange.clone()),
            voucher: hash(&voucher.jti),
            digest: sha256_text(envelope),
        }
    }

    /// The half of whoever received `envelope` under the grant `grant_id`, by the voucher that the evidence in
    /// it names.
    pub(crate) fn received(grant_id: &str, voucher: &str, envelope: &str) -> Self {
        Self {
            kind: HalfKind::Received,
            exchange: ExchangeName::GrantId(grant_id.to_owned()),
            voucher: voucher.to_owned(),
            digest: sha256_text(envelope),
        }
    }

    /// Whose half it is.
    pub fn kind(&self) -> HalfKind {
        self.kind
    }

    /// The digest of the encrypted evidence.
    pub fn digest(&self) -> &str {
        &self.digest
    }
}

impl Hub {
    /// Signs a half and hands it to the hub. Worth trying again when it fails: it is how the citizen
    /// learns that the delivery happened.
    pub async fn deliver(&self, half: &Half) -> Result<(), HubError> {
        self.state(Statement {
            typ: Typ::EvidenceDelivery,
            path: "/exchange/deliveries",
            exchange: &half.exchange,
            says: vec![
                ("half", half.kind.word()),
                ("voucher", &half.voucher),
                ("digest", &half.digest),
            ],
            signed_as: "receipt",
        })
        .await
    }
}
