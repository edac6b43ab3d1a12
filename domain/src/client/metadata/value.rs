//! Members of a client's metadata that providers do not have, from text to type.

use super::ClientMetadataError;
use crate::reason::Reason;
use crate::{InvalidMember, RedirectUri};

pub(super) fn invalid(member: &'static str, reason: impl Into<Reason>) -> ClientMetadataError {
    InvalidMember::new(member, reason).into()
}

pub(super) fn redirect_uris(
    member: &'static str,
    uris: &[String],
) -> Result<Vec<RedirectUri>, ClientMetadataError> {
    uris.iter()
        .map(|uri| {
            uri.parse()
                .map_err(|source| ClientMetadataError::RedirectUri {
                    member,
                    uri: uri.clone(),
                    source,
                })
        })
        .collect()
}
