//! The receipt of a delivery, in two halves: the data provider says what it released, the service what
//! it received. The hub puts them side by side; the citizen sees when one is missing.

use guichet_keys::Typ;
use serde::Serialize;

use crate::hub::{Hub, HubError};
use crate::{ExchangeName, sha256_text};

/// One half.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Half {
    kind: HalfKind,
    /// By the name the poster knows it by.
    exchange: ExchangeName,
    /// The digest of the encrypted evidence.
    digest: String,
}

/// Whose half it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HalfKind {
    /// The data provider's.
    Released,
    /// The service's.
    Received,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    iat: i64,
    jti: String,
    #[serde(flatten)]
    of: &'a ExchangeName,
    half: HalfKind,
    digest: &'a str,
}

impl Half {
    /// The half of whoever released `envelope` in the exchange that its voucher names.
    pub(crate) fn released(exchange: &str, envelope: &str) -> Self {
        Self {
            kind: HalfKind::Released,
            exchange: ExchangeName::Exchange(exchange.to_owned()),
            digest: sha256_text(envelope),
        }
    }

    /// The half of whoever received `envelope` under the grant `grant_id`.
    pub(crate) fn received(grant_id: &str, envelope: &str) -> Self {
        Self {
            kind: HalfKind::Received,
            exchange: ExchangeName::GrantId(grant_id.to_owned()),
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
        let receipt = self.means().keys.sign(
            Typ::EvidenceDelivery,
            &Claims {
                iss: self.client_id(),
                aud: self.issuer(),
                iat: self.now().seconds(),
                jti: self.fresh(),
                of: &half.exchange,
                half: half.kind,
                digest: &half.digest,
            },
        )?;
        let (name, exchange) = half.exchange.member();
        let kind = match half.kind {
            HalfKind::Released => "released",
            HalfKind::Received => "received",
        };
        let url = format!("{}/exchange/deliveries", self.issuer());
        let form = [
            (name, exchange),
            ("half", kind),
            ("digest", &half.digest),
            ("receipt", &receipt),
        ];
        self.post(&url, &form, crate::hub::Proof::None).await?;
        Ok(())
    }
}
