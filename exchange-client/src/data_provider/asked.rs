//! The body of a request: what is asked for, which must be what the voucher is for.

use guichet_keys::same;
use serde::{Deserialize, Serialize};

use super::VoucherRefusal;
use crate::{Voucher, request_digest};

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Asked {
    pub(crate) evidence_type: String,
    pub(crate) fields: Vec<String>,
    /// Makes each request another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) nonce: Option<String>,
}

impl Asked {
    /// What `body` asks for, once it is the request that `voucher` was made for and asks for no more.
    pub(super) fn of(body: &[u8], voucher: &Voucher) -> Result<Self, VoucherRefusal> {
        let digest = request_digest(body);
        if !same(digest.as_bytes(), voucher.request_digest.as_bytes()) {
            return Err(VoucherRefusal::OtherRequest);
        }
        let asked: Self = serde_json::from_slice(body).map_err(|_| VoucherRefusal::Body)?;
        let is_covered = asked.evidence_type == voucher.evidence_type
            && !asked.fields.is_empty()
            && asked
                .fields
                .iter()
                .all(|name| voucher.fields.contains(name));
        is_covered.then_some(asked).ok_or(VoucherRefusal::Beyond)
    }
}
