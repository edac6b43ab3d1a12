//! What a request must carry before anything else is looked at: one voucher and one proof.

use http::HeaderMap;
use http::header::AUTHORIZATION;

use super::VoucherRefusal;

/// The credentials of a request, unbelieved.
pub(super) struct Call<'a> {
    pub(super) voucher: &'a str,
    pub(super) proof: &'a str,
}

impl<'a> Call<'a> {
    pub(super) fn of(headers: &'a HeaderMap) -> Result<Self, VoucherRefusal> {
        let authorization = only(headers, AUTHORIZATION.as_str())?;
        let (scheme, voucher) = authorization
            .split_once(' ')
            .ok_or(VoucherRefusal::Credentials)?;
        if !scheme.eq_ignore_ascii_case("DPoP") || voucher.is_empty() {
            return Err(VoucherRefusal::Credentials);
        }
        Ok(Self {
            voucher,
            proof: only(headers, "DPoP")?,
        })
    }
}

/// The header `name`, which must stand there once: of two, two readers may take different ones.
fn only<'a>(headers: &'a HeaderMap, name: &str) -> Result<&'a str, VoucherRefusal> {
    let mut all = headers.get_all(name).iter();
    match (all.next(), all.next()) {
        (Some(value), None) => value.to_str().map_err(|_| VoucherRefusal::Credentials),
        _ => Err(VoucherRefusal::Credentials),
    }
}
