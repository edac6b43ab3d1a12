//! Whether a request may have evidence: every check, in order.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use guichet_domain::Timestamp;
use guichet_keys::{JwsAlg, JwsRefusal, TimeRule, TypRule, VerifyPolicy};
use http::Response;
use http::request::Parts;
use url::Url;

use super::asked::Asked;
use super::call::Call;
use super::{Served, UsedOnce, VoucherRefusal, online, written};
use crate::answer::Written;
use crate::digest::KEYED;
use crate::hub::{Hub, Unbelieved};
use crate::proof::{self, ProvenCall};
use crate::{FieldValue, Fields, Half, OwnKeys, Phase, PreviewState, Voucher, field_digest};

/// Verifies vouchers for one data provider.
pub struct VoucherVerifier {
    hub: Hub,
    id: String,
    endpoint: Url,
    used: Arc<dyn UsedOnce>,
}

/// What is asked for, of whom and by whom.
#[derive(Clone, Debug)]
pub struct AskedEvidence {
    /// What the hub says.
    pub voucher: Voucher,
    /// The fields that are asked for: those of the voucher, or some of them.
    pub fields: Vec<String>,
}

/// A request that passed every check.
pub struct Accepted {
    asked: AskedEvidence,
    /// The voucher as it came.
    text: String,
}

impl VoucherVerifier {
    /// For the data provider `id`, whose evidence endpoint the outside knows as `endpoint`.
    pub fn new(hub: Hub, id: &str, endpoint: Url, used: Arc<dyn UsedOnce>) -> Self {
        Self {
            hub,
            id: id.to_owned(),
            endpoint,
            used,
        }
    }

    /// Every check that needs nobody else, in order; the last one spends the voucher here. Before evidence
    /// leaves, [`confirm`](Self::confirm) asks the hub.
    pub async fn verify(&self, head: &Parts, body: &[u8]) -> Result<Accepted, VoucherRefusal> {
        let call = Call::of(&head.headers)?;
        let (voucher, expires) = self.believe(call.voucher).await?;
        self.check_parties(&voucher)?;
        let proven = ProvenCall {
            method: head.method.as_str(),
            url: &self.endpoint,
            token: call.voucher,
            jkt: &voucher.cnf.jkt,
        };
        proof::check(call.proof, &proven, self.hub.now())?;
        let asked = Asked::of(body, &voucher)?;
        self.spend(&voucher, expires).await?;
        let fields = asked.fields;
        Ok(Accepted {
            asked: AskedEvidence { voucher, fields },
            text: call.voucher.to_owned(),
        })
    }

    /// Whether the voucher is still good, by the hub's word. The hub says yes once, and writes down that
    /// the evidence leaves: to be asked right before it does.
    pub async fn confirm(&self, accepted: &Accepted) -> Result<(), VoucherRefusal> {
        online::confirm(&self.hub, &accepted.text, &accepted.asked.voucher).await
    }

    pub(super) fn hub(&self) -> &Hub {
        &self.hub
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Decryption, signature, type and times. It is encrypted to us since the service that carries it may
    /// not learn by which name we know the citizen.
    async fn believe(&self, text: &str) -> Result<(Voucher, Timestamp), VoucherRefusal> {
        let signed = self.hub.means().keys.decrypt(text)?;
        let signed = String::from_utf8(signed).map_err(|_| JwsRefusal::NotCompact)?;
        let verified = self.hub.verify(&signed, POLICY).await;
        let verified = verified.map_err(|error| match error {
            Unbelieved::Jws(refusal) => refusal.into(),
            Unbelieved::Hub(error) => {
                tracing::warn!(%error, "the hub's keys could not be fetched");
                VoucherRefusal::HubDown
            }
        })?;
        let expires = verified.check_times(TimeRule {
            now: self.hub.now(),
            leeway: LEEWAY,
            longest: Some(LONGEST),
        })?;
        let voucher: Voucher = verified.claims_as()?;
        Ok((voucher, expires))
    }

    /// Who gave it, for whom, and who receives: what is to be shown goes to the hub, what is sent to a
    /// service, never the other way round.
    fn check_parties(&self, voucher: &Voucher) -> Result<(), VoucherRefusal> {
        if voucher.iss != self.hub.issuer() {
            return Err(VoucherRefusal::Issuer);
        }
        if voucher.aud != self.id {
            return Err(VoucherRefusal::Audience);
        }
        let is_for_the_hub = voucher.client.id == voucher.iss;
        if is_for_the_hub == (voucher.phase == Phase::Prepare) {
            Ok(())
        } else {
            Err(VoucherRefusal::Phase)
        }
    }

    async fn spend(&self, voucher: &Voucher, expires: Timestamp) -> Result<(), VoucherRefusal> {
        let until = expires.after(LEEWAY).after(Duration::from_secs(1));
        let first = self.used.first_use(&voucher.jti, until, self.hub.now());
        match first.await {
            Ok(true) => Ok(()),
            Ok(false) => Err(VoucherRefusal::Used),
            Err(_) => Err(VoucherRefusal::HubDown),
        }
    }
}

/// Shows no voucher.
impl fmt::Debug for Accepted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Accepted").finish_non_exhaustive()
    }
}

impl Accepted {
    /// What is asked for.
    pub fn asked(&self) -> &AskedEvidence {
        &self.asked
    }
}

impl AskedEvidence {
    /// `found` without what was not asked for.
    pub(super) fn only_asked(&self, mut found: Fields) -> Fields {
        found.retain(|name, _| self.fields.contains(name));
        found
    }

    /// Whether a value is another than the citizen saw and decided about: by the digests that we gave the hub
    /// when it was shown, or by those that the hub made of what it showed.
    pub(super) fn differs_from_what_was_shown(&self, found: &Fields, keys: &OwnKeys) -> bool {
        let preview = &self.voucher.preview;
        let is_shown = |name: &String, value: &FieldValue| {
            preview.digests.get(name).is_some_and(|shown| {
                let digest = if shown.starts_with(KEYED) {
                    keys.field_digest(&self.voucher.exchange, name, value)
                } else {
                    field_digest(name, value)
                };
                *shown == digest
            })
        };
        preview.state == PreviewState::Shown
            && !found.iter().all(|(name, value)| is_shown(name, value))
    }

    /// By which we know these values again. The hub keeps it and cannot tell what it is of.
    fn digests(&self, found: &Fields, keys: &OwnKeys) -> BTreeMap<String, String> {
        let exchange = &self.voucher.exchange;
        let digest = |(name, value): (&String, &FieldValue)| {
            (name.clone(), keys.field_digest(exchange, name, value))
        };
        found.iter().map(digest).collect()
    }

    /// The answer that holds the evidence; with our half of the receipt when it leaves for good, and with
    /// what we know the values by when it is shown first.
    pub(super) fn released(&self, envelope: String, fields: &Fields, keys: &OwnKeys) -> Served {
        let released = self.voucher.phase == Phase::Release;
        let half = released.then(|| Half::released(&self.voucher, &envelope));
        let digests = match self.voucher.phase {
            Phase::Prepare => self.digests(fields, keys),
            Phase::Release => BTreeMap::new(),
        };
        let body = Written {
            evidence: Some(envelope),
            digests,
            ..Written::default()
        };
        Served {
            response: written(http::StatusCode::OK, &body),
            half,
        }
    }

    /// The answer that names the page where the citizen sees the values.
    pub(super) fn to_be_seen_at(&self, page: Url, found: Fields, keys: &OwnKeys) -> Served {
        let body = Written {
            preview_uri: Some(page),
            digests: self.digests(&self.only_asked(found), keys),
            ..Written::default()
        };
        let response: Response<Vec<u8>> = written(http::StatusCode::OK, &body);
        Served::alone(response)
    }
}

const POLICY: VerifyPolicy<'_> = VerifyPolicy {
    algs: &JwsAlg::OURS,
    typ: TypRule::Exactly("evidence-voucher+jwt"),
};
/// How far our clock and the hub's may be apart.
const LEEWAY: Duration = Duration::from_secs(5);
/// The longest a voucher may live.
const LONGEST: Duration = Duration::from_mins(1);
