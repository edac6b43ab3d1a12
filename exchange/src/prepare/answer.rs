//! What is believed of a data provider's answer: little, and the evidence in it only when it is signed,
//! encrypted to us and bound to what was asked.

use std::collections::BTreeMap;
use std::sync::Arc;

use guichet_domain::{Client, DataProvider, FieldName, Timestamp};
use guichet_keys::TextDigest;
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::{Posted, Prepared, Without};
use crate::{Ask, Desk, Digests, FieldDigest};

/// What the answer must be to.
pub(super) struct Expected<'a> {
    pub(super) holder: Arc<DataProvider>,
    pub(super) client: Arc<Client>,
    pub(super) ask: &'a Ask,
    pub(super) alias: String,
    pub(super) request_digest: TextDigest,
    /// The hash of the voucher's `jti`.
    pub(super) voucher: String,
    pub(super) now: Timestamp,
}

/// Whatever an answer may say.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Said {
    evidence: Option<String>,
    preview_uri: Option<Url>,
    digests: BTreeMap<FieldName, FieldDigest>,
    status: Option<String>,
    retry_after: Option<u64>,
    link_uri: Option<Url>,
}

impl Desk {
    pub(super) async fn read(&self, expected: &Expected<'_>, posted: &Posted) -> Prepared {
        let Ok(said) = serde_json::from_slice::<Said>(&posted.body) else {
            return Without::Down.into();
        };
        let status = said.status.as_deref();
        let without = match (posted.status, status) {
            (200, _) => return self.read_evidence(expected, said).await,
            (202, Some("later")) => Without::Later {
                seconds: said.retry_after.unwrap_or(SOON).clamp(1, LATEST),
            },
            (404, Some("no_match")) => Without::NoMatch,
            (409, Some("several_matches")) => Without::Several,
            (403, Some("needs_link")) => Without::NeedsLink {
                uri: said.link_uri.filter(|uri| is_at_home(expected, uri)),
                may_be_told: expected.holder.may_receive_identity,
            },
            _ => Without::Down,
        };
        without.into()
    }

    async fn read_evidence(&self, expected: &Expected<'_>, said: Said) -> Prepared {
        if let Some(evidence) = &said.evidence {
            let values = self.open(expected, evidence).await;
            return values.map_or(Without::Down.into(), |values| Prepared::Shown {
                digests: digests_of(&values, said.digests),
                values,
            });
        }
        let uri = said.preview_uri.filter(|uri| is_at_home(expected, uri));
        let digests = Digests::stated(said.digests, expected.ask.fields());
        match (uri, digests) {
            (Some(uri), Some(digests)) => Prepared::OwnPage { uri, digests },
            _ => Without::Down.into(),
        }
    }
}

/// The data provider's own of the values it shows, where it states them all: those tell nothing to anybody
/// else. It is the one who compares them with what it sends.
fn digests_of(values: &[(FieldName, Value)], stated: BTreeMap<FieldName, FieldDigest>) -> Digests {
    let shown: Vec<FieldName> = values.iter().map(|(field, _)| field.clone()).collect();
    let own = || Digests::of(values.iter().map(|(field, value)| (field, value)));
    Digests::stated(stated, &shown).unwrap_or_else(own)
}

/// A data provider sends citizens to itself and nowhere else.
fn is_at_home(expected: &Expected<'_>, uri: &Url) -> bool {
    let home = &expected.holder.evidence_endpoint;
    uri.origin() == home.origin() && uri.username().is_empty() && uri.password().is_none()
}

/// When to come back to one that does not say, and the longest that is believed, in seconds.
const SOON: u64 = 60;
const LATEST: u64 = 7 * 24 * 60 * 60;
