//! The citizen's word about one evidence: on record first, then a grant.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::{
    AcrValue, ClientId, EventKind, ExchangeId, FieldName, GrantId, PersonId, Timestamp,
};
use guichet_oidc::AuthorizationDetail;
use guichet_store::Fault;
use guichet_store::durable::{EvidenceGrantRecord, EvidenceOutcome};
use serde_json::Value;

use super::Terms;
use crate::desk::exchange_event;
use crate::{Ask, Desk, Digests, Usage};

/// A decision to be put on record.
pub struct Decision<'a> {
    /// The exchange, drawn when the evidence was first shown.
    pub exchange: ExchangeId,
    /// What was asked.
    pub ask: &'a Ask,
    /// What the tokens of this sign-in hang off.
    pub grant: GrantId,
    /// Who decides.
    pub person: PersonId,
    /// Which service asked.
    pub client: &'a ClientId,
    /// The level of the sign-in.
    pub acr: AcrValue,
    /// What they decided.
    pub word: Word,
    /// Of the values they saw.
    pub digests: &'a Digests,
    /// SHA-256 of the text they saw.
    pub text_digest: [u8; 32],
    /// In which language.
    pub locale: &'a str,
    /// The time.
    pub now: Timestamp,
}

/// What a citizen may say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    /// Send these fields: all that was asked for, or fewer.
    Sent {
        /// Which.
        fields: Vec<FieldName>,
    },
    /// Send nothing.
    Refused,
    /// Send nothing: it is wrong.
    Contested,
}

impl Desk {
    /// Puts a decision on record, then makes it a grant, which [`begin`](Self::begin) makes live. What the
    /// service is told of it; `None` when nothing is sent. Whoever dies in between leaves an entry without a grant: nobody was told of it, and
    /// nothing is fetched by it. Asked again with one exchange it answers the same: the first decision counts.
    pub async fn decide(
        &self,
        decision: Decision<'_>,
    ) -> Result<Option<AuthorizationDetail>, Fault> {
        if let Some(known) = self.parts.grants.get(decision.exchange).await? {
            return self.told_again(&decision, &known).await;
        }
        if !self.is_reached(decision.ask.evidence_type(), decision.acr) {
            return Err(Fault::bare("a decision below the level of its evidence"));
        }
        let (outcome, fields) = settled(&decision)?;
        let terms = Terms {
            ask: decision.ask.clone(),
            fields,
            digests: decision.digests.clone(),
            text_digest: decision.text_digest.to_vec(),
            locale: decision.locale.to_owned(),
        };
        let record = self.record_of(&decision, outcome, &terms).await?;
        let event = exchange_event(EventKind::EvidenceDecided, decision.exchange, decision.now)
            .client(decision.client)
            .acr(decision.acr)
            .detail("data_provider", &record.data_provider)
            .detail("evidence_type", terms.ask.evidence_type())
            .detail("purpose", terms.ask.purpose())
            .detail("basis", terms.ask.basis().as_str())
            .detail("asked", listed(terms.ask.fields()))
            .detail("granted", listed(&terms.fields))
            .detail("outcome", outcome)
            .detail("preview", terms.preview())
            .detail("text_digest", digest_text(&decision.text_digest))
            .detail("locale", decision.locale)
            .detail("mark", self.mark_of(decision.exchange, decision.person));
        let event = match record.predecessor {
            Some(predecessor) => event.detail("predecessor", predecessor),
            None => event,
        };
        self.append(event).await?;
        self.parts.grants.record(&record).await?;
        // Of two at once the first counts.
        let kept = self.parts.grants.get(decision.exchange).await?;
        let kept = kept.ok_or(Fault::bare("a decision that was written is not there"))?;
        self.told_again(&decision, &kept).await
    }

    /// What shows the citizen, and nobody else, that this decision is theirs.
    fn mark_of(&self, exchange: ExchangeId, person: PersonId) -> String {
        self.parts.ledger.people().of(person).mark(exchange)
    }

    async fn told_again(
        &self,
        decision: &Decision<'_>,
        known: &EvidenceGrantRecord,
    ) -> Result<Option<AuthorizationDetail>, Fault> {
        let is_theirs = known.client == *decision.client
            && known.grant == decision.grant
            && self.is_theirs(known, decision.person).await?;
        if !is_theirs {
            return Err(Fault::bare(
                "an exchange of somebody else's, or of another sign-in",
            ));
        }
        let terms = self.terms_of(known)?;
        Ok(self.granted(known, &terms))
    }

    async fn record_of(
        &self,
        decision: &Decision<'_>,
        outcome: EvidenceOutcome,
        terms: &Terms,
    ) -> Result<EvidenceGrantRecord, Fault> {
        let sealed = self.terms.seal_json(decision.exchange.as_bytes(), terms);
        let sealed = sealed.map_err(|error| Fault::new("seal the terms of a decision", error))?;
        let limits = Limits::of(&terms.ask, outcome, decision.now);
        Ok(EvidenceGrantRecord {
            id: decision.exchange,
            alias: self.alias(decision.exchange),
            grant: decision.grant,
            person: decision.person,
            client: decision.client.clone(),
            data_provider: terms.ask.data_provider().clone(),
            evidence_type: terms.ask.evidence_type().clone(),
            terms: sealed,
            outcome,
            decided: decision.now,
            begun: None,
            expires: limits.expires,
            max_pulls: limits.max_pulls,
            every: limits.every,
            pulls: 0,
            last_pull: None,
            ended: None,
            predecessor: self.predecessor(decision, limits.max_pulls).await?,
        })
    }

    /// The decision whose place this one takes. One that sends nothing leaves the other as it is.
    async fn predecessor(
        &self,
        decision: &Decision<'_>,
        max_pulls: u32,
    ) -> Result<Option<ExchangeId>, Fault> {
        if max_pulls == 0 {
            return Ok(None);
        }
        let (ask, client) = (decision.ask, decision.client);
        let standing = self.standing(ask, decision.person, client, decision.now);
        Ok(standing.await?.map(|(record, _)| record.id))
    }

    /// What the service is told of a grant; `None` when nothing is sent.
    pub(crate) fn granted(
        &self,
        record: &EvidenceGrantRecord,
        terms: &Terms,
    ) -> Option<AuthorizationDetail> {
        if record.max_pulls == 0 {
            return None;
        }
        let holder = record.data_provider.as_str();
        let holder = self.parts.data_providers.data_provider(holder)?;
        let detail = terms.ask.narrowed(&terms.fields).detail()?;
        let mut members = detail.members().clone();
        let endpoint = Value::from(holder.evidence_endpoint.as_str());
        members.insert("grant_id".to_owned(), record.id.to_string().into());
        members.insert("evidence_endpoint".to_owned(), endpoint);
        members.try_into().ok()
    }
}

/// How often, how fast and how long.
struct Limits {
    max_pulls: u32,
    every: Duration,
    expires: Timestamp,
}

impl Limits {
    fn of(ask: &Ask, outcome: EvidenceOutcome, now: Timestamp) -> Self {
        let sends = matches!(outcome, EvidenceOutcome::Sent | EvidenceOutcome::Partly);
        let (max_pulls, every, expires) = match ask.usage() {
            Usage::Single => (1, Duration::ZERO, now.after(SINGLE_FOR)),
            Usage::Recurring {
                every_days,
                max_pulls,
                until,
            } => (
                *max_pulls,
                Duration::from_hours(24 * u64::from(*every_days)),
                *until,
            ),
        };
        Self {
            max_pulls: if sends { max_pulls } else { 0 },
            every,
            expires,
        }
    }
}

/// How long what was granted once may be fetched: a data provider may answer later.
const SINGLE_FOR: Duration = Duration::from_hours(7 * 24);

/// The outcome and what leaves. What was not asked for never does; nor does, where values were shown, a field
/// that had none: nobody agrees to what they did not see. What the law orders is not refused.
fn settled(decision: &Decision<'_>) -> Result<(EvidenceOutcome, Vec<FieldName>), Fault> {
    let asked = decision.ask.fields();
    let was_shown = |field: &&FieldName| decision.digests.is_empty() || decision.digests.has(field);
    let there: Vec<FieldName> = asked.iter().filter(was_shown).cloned().collect();
    let (outcome, fields) = match &decision.word {
        Word::Contested => (EvidenceOutcome::Contested, Vec::new()),
        Word::Refused => (EvidenceOutcome::Refused, Vec::new()),
        Word::Sent { fields } => {
            let is_kept = |field: &&FieldName| fields.contains(field);
            let kept: Vec<FieldName> = there.iter().filter(is_kept).cloned().collect();
            match kept.len() {
                0 => (EvidenceOutcome::Refused, kept),
                all if all == asked.len() => (EvidenceOutcome::Sent, kept),
                _ => (EvidenceOutcome::Partly, kept),
            }
        }
    };
    let is_less = match outcome {
        EvidenceOutcome::Refused => true,
        EvidenceOutcome::Partly => fields.len() < there.len(),
        EvidenceOutcome::Sent | EvidenceOutcome::Contested => false,
    };
    if is_less && !decision.ask.may_be_refused() {
        return Err(Fault::bare("what the law orders was refused"));
    }
    Ok((outcome, fields))
}

/// `sha-256:` and base64url.
pub(crate) fn digest_text(digest: &[u8]) -> String {
    format!("sha-256:{}", URL_SAFE_NO_PAD.encode(digest))
}

pub(crate) fn listed(fields: &[FieldName]) -> String {
    let names: Vec<&str> = fields.iter().map(FieldName::as_str).collect();
    names.join(" ")
}
