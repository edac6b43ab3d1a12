//! Single members of declared metadata, from text to type: what clients and providers share.

use std::str::FromStr;

use url::Url;

use crate::reason::{Reason, Rule};
use crate::{ContentEncryption, Encryption, KeyManagementAlg};

/// A member whose value may not stand there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{member}: {reason}")]
pub struct InvalidMember {
    /// The member.
    pub member: &'static str,
    /// What is wrong and what may stand there.
    pub reason: Reason,
}

impl InvalidMember {
    /// `member` cannot be what it is, for `reason`.
    pub fn new(member: &'static str, reason: impl Into<Reason>) -> Self {
        Self {
            member,
            reason: reason.into(),
        }
    }
}

/// What is wrong with a record, and never what stands there: it may be a secret.
pub fn told(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rsplit_once(", expected") {
        Some((what, expected)) if what.starts_with("invalid") => {
            let kind = what.split(':').next().unwrap_or_default();
            format!("{kind}, expected{expected}")
        }
        _ => text,
    }
}

/// The value of a member that need not be there.
pub(crate) fn parsed<T>(
    member: &'static str,
    value: Option<&str>,
) -> Result<Option<T>, InvalidMember>
where
    T: FromStr<Err: Into<Reason>>,
{
    value
        .map(|text| {
            text.parse()
                .map_err(|error| InvalidMember::new(member, error))
        })
        .transpose()
}

/// Refuses values other than `allowed`.
pub(crate) fn only(
    member: &'static str,
    values: Option<&[String]>,
    allowed: &[&str],
) -> Result<(), InvalidMember> {
    let mut values = values.unwrap_or_default().iter();
    if values.all(|value| allowed.contains(&value.as_str())) {
        Ok(())
    } else {
        Err(InvalidMember::new(
            member,
            Rule::Only.of(allowed.join(", ")),
        ))
    }
}

/// An address of the web, when there is one.
pub(crate) fn web_url(
    member: &'static str,
    value: Option<&str>,
) -> Result<Option<Url>, InvalidMember> {
    value.map(|text| a_web_url(member, text)).transpose()
}

/// An address that parameters are added to, or that says itself who is meant: it has no fragment.
pub(crate) fn web_url_without_fragment(
    member: &'static str,
    value: Option<&str>,
) -> Result<Option<Url>, InvalidMember> {
    match web_url(member, value)? {
        Some(url) if url.fragment().is_some() => Err(InvalidMember::new(member, Rule::NoFragment)),
        url => Ok(url),
    }
}

/// Addresses of the web.
pub(crate) fn web_urls(
    member: &'static str,
    values: Option<&[String]>,
) -> Result<Vec<Url>, InvalidMember> {
    values
        .unwrap_or_default()
        .iter()
        .map(|text| a_web_url(member, text))
        .collect()
}

fn a_web_url(member: &'static str, text: &str) -> Result<Url, InvalidMember> {
    let url = Url::parse(text).map_err(|error| InvalidMember::new(member, error))?;
    if matches!(url.scheme(), "https" | "http") && url.has_host() && url.username().is_empty() {
        Ok(url)
    } else {
        Err(InvalidMember::new(member, Rule::Https))
    }
}

/// A pair of `*_encrypted_response_alg` and `*_encrypted_response_enc`, each with its name.
pub(crate) fn encryption(
    (alg_member, alg): (&'static str, Option<&str>),
    (enc_member, enc): (&'static str, Option<&str>),
) -> Result<Option<Encryption>, InvalidMember> {
    let alg: Option<KeyManagementAlg> = parsed(alg_member, alg)?;
    let enc: Option<ContentEncryption> = parsed(enc_member, enc)?;
    match (alg, enc) {
        (None, None) => Ok(None),
        (Some(alg), enc) => Ok(Some(Encryption {
            alg,
            // OIDC Registration §2 has this default.
            enc: enc.unwrap_or(ContentEncryption::A128CbcHs256),
        })),
        (None, Some(_)) => Err(InvalidMember::new(
            enc_member,
            Rule::NeededToo.of(alg_member),
        )),
    }
}
