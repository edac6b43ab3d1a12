//! Single members of metadata, from text to type.

use std::str::FromStr;

use url::Url;

use super::ClientMetadataError;
use crate::{ContentEncryption, Encryption, KeyManagementAlg, RedirectUri};

pub(super) fn invalid(member: &'static str, reason: impl std::fmt::Display) -> ClientMetadataError {
    ClientMetadataError::Invalid {
        member,
        reason: reason.to_string(),
    }
}

/// The value of a member that need not be there.
pub(super) fn parsed<T>(
    member: &'static str,
    value: Option<&str>,
) -> Result<Option<T>, ClientMetadataError>
where
    T: FromStr<Err: std::fmt::Display>,
{
    value
        .map(|text| text.parse().map_err(|error| invalid(member, error)))
        .transpose()
}

/// Refuses values other than `allowed`.
pub(super) fn only(
    member: &'static str,
    values: Option<&[String]>,
    allowed: &[&str],
) -> Result<(), ClientMetadataError> {
    match values
        .unwrap_or_default()
        .iter()
        .find(|value| !allowed.contains(&value.as_str()))
    {
        Some(_) => Err(invalid(
            member,
            format!("only {} may stand here", allowed.join(", ")),
        )),
        None => Ok(()),
    }
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

pub(super) fn web_url(
    member: &'static str,
    value: Option<&str>,
) -> Result<Option<Url>, ClientMetadataError> {
    value.map(|text| a_web_url(member, text)).transpose()
}

pub(super) fn web_urls(
    member: &'static str,
    values: Option<&[String]>,
) -> Result<Vec<Url>, ClientMetadataError> {
    values
        .unwrap_or_default()
        .iter()
        .map(|text| a_web_url(member, text))
        .collect()
}

fn a_web_url(member: &'static str, text: &str) -> Result<Url, ClientMetadataError> {
    let url = Url::parse(text).map_err(|error| invalid(member, error))?;
    if matches!(url.scheme(), "https" | "http") && url.has_host() && url.username().is_empty() {
        Ok(url)
    } else {
        Err(invalid(
            member,
            "an https URL is needed (http for tests on this machine)",
        ))
    }
}

/// A pair of `*_encrypted_response_alg` and `*_encrypted_response_enc`, each with its name.
pub(super) fn encryption(
    (alg_member, alg): (&'static str, Option<&str>),
    (enc_member, enc): (&'static str, Option<&str>),
) -> Result<Option<Encryption>, ClientMetadataError> {
    let alg: Option<KeyManagementAlg> = parsed(alg_member, alg)?;
    let enc: Option<ContentEncryption> = parsed(enc_member, enc)?;
    match (alg, enc) {
        (None, None) => Ok(None),
        (Some(alg), enc) => Ok(Some(Encryption {
            alg,
            // OIDC Registration §2 has this default.
            enc: enc.unwrap_or(ContentEncryption::A128CbcHs256),
        })),
        (None, Some(_)) => Err(invalid(enc_member, format!("{alg_member} must stand too"))),
    }
}
