//! A receipt for whoever decided: from the decision at rest, the ledger's entries, and the latest signed
//! checkpoint.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::{ExchangeId, FieldName, PersonId, Timestamp};
use guichet_keys::Typ;
use guichet_ledger::{History, Signed, leaf_hash, verify_inclusion};
use guichet_store::Fault;
use guichet_store::durable::EvidenceGrantRecord;
use guichet_store::durable::exchange_entries::{ExchangePlace, Secrecy};

use super::LONGEST_RECEIPT;
use super::statement::{Ended, Hidden, Labelled, LogPart, Party, Proven, StatedPurpose, Statement};
use crate::grant::{Terms, digest_text};
use crate::{Desk, is_hidden};

/// What asking for a receipt yields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Made {
    /// The receipt, a compact JWS.
    Receipt(String),
    /// The decision is on record, and no checkpoint covers it yet: within a minute one will.
    NotYet,
    /// There is no such decision of this person, or none they may see now.
    Gone,
}

impl Desk {
    /// The receipt of one decision of this person.
    pub async fn receipt(
        &self,
        exchange: ExchangeId,
        person: PersonId,
        now: Timestamp,
    ) -> Result<Made, Fault> {
        let Some(record) = self.parts.grants.get(exchange).await? else {
            return Ok(Made::Gone);
        };
        if !self.is_theirs(&record, person).await? {
            return Ok(Made::Gone);
        }
        self.read_ledger().await?;
        let secrecy = self.parts.entries.secrecy_of(exchange).await?;
        if is_hidden(secrecy.as_ref(), now) {
            return Ok(Made::Gone);
        }
        let places = self.parts.entries.entries_of(exchange).await?;
        let Some(log) = self.log_part(&places).await? else {
            return Ok(Made::NotYet);
        };
        let terms = self.terms_of(&record)?;
        let statement = self.statement(&record, &terms, secrecy, log, now);
        let ring = self.parts.keys.ring();
        let alg = ring.algs().first().copied().unwrap_or_default();
        let decides = |index| places.iter().any(|it| it.decides && it.sequence == index);
        let receipt = fitting(statement, decides, |statement| {
            let signed = ring.sign_jwt(alg, Typ::Receipt, statement);
            signed.map_err(|error| Fault::new("sign a receipt", error))
        })?;
        Ok(Made::Receipt(receipt))
    }

    /// The entries that a checkpoint covers, proven; `None` when it does not cover the decision.
    async fn log_part(&self, places: &[ExchangePlace]) -> Result<Option<LogPart>, Fault> {
        let history = self.parts.ledger.history();
        let last = places.last().map_or(0, |place| place.sequence);
        let mut checkpoint = history.checkpoint().await?;
        if checkpoint
            .as_ref()
            .is_none_or(|(_, signed)| signed.size <= last)
        {
            self.parts.ledger.flush().await?;
            checkpoint = history.checkpoint().await?;
        }
        let Some((checkpoint, signed)) = checkpoint else {
            return Ok(None);
        };
        let covered = places.iter().take_while(|it| it.sequence < signed.size);
        let covered: Vec<_> = covered.copied().collect();
        let chosen = chosen(&covered);
        if !chosen.iter().any(|place| place.decides) {
            return Ok(None);
        }
        Ok(Some(LogPart {
            key: history.verifier_key(),
            checkpoint,
            left_out: (places.len() - chosen.len()) as u64,
            entries: proven(history, &chosen, signed).await?,
        }))
    }

    fn statement(
        &self,
        record: &EvidenceGrantRecord,
        terms: &Terms,
        secrecy: Option<Secrecy>,
        log: LogPart,
        now: Timestamp,
    ) -> Statement {
        let (ask, lang) = (&terms.ask, terms.locale.as_str());
        let evidence = ask.evidence_type();
        let labelled = |fields: &[FieldName]| {
            let label = |field| self.field_label(evidence, field, lang);
            let fields = fields.iter();
            fields.map(|field| named(&field, label(field))).collect()
        };
        let client = self.parts.clients.client(record.client.as_str());
        Statement {
            iss: self.parts.issuer.clone(),
            iat: now.seconds(),
            exchange: record.id,
            outcome: record.outcome.to_string(),
            decided: record.decided.to_string(),
            service: Party {
                id: record.client.to_string(),
                name: client.map_or_else(|| record.client.to_string(), |it| it.name.clone()),
            },
            data_provider: Party {
                id: record.data_provider.to_string(),
                name: self.holder_name(&record.data_provider),
            },
            evidence_type: named(&evidence, self.evidence_label(evidence, lang)),
            asked: labelled(ask.fields()),
            granted: labelled(&terms.fields),
            purpose: StatedPurpose {
                id: ask.purpose().to_string(),
                sentence: self.purpose_sentence(ask.purpose(), lang),
                legal: self.purpose_legal(ask.purpose(), lang),
            },
            basis: ask.basis().as_str().to_owned(),
            usage: ask.usage().clone(),
            valid_until: record.expires.to_string(),
            retention_days: ask.retention_days(),
            pulls: record.pulls,
            ended: record.ended.map(|(at, how)| Ended {
                at: at.to_string(),
                how: how.to_string(),
            }),
            locale: terms.locale.clone(),
            text_digest: digest_text(&terms.text_digest),
            hidden: secrecy.map(Hidden::of),
            log,
        }
    }
}

fn named(id: &impl ToString, label: String) -> Labelled {
    Labelled {
        id: id.to_string(),
        label,
    }
}

/// The decision, what changed it, the first and the latest of the entries: a receipt has an end.
fn chosen(places: &[ExchangePlace]) -> Vec<ExchangePlace> {
    let (first, latest) = (FIRST, places.len().saturating_sub(LATEST));
    let all = places.iter().copied().enumerate();
    all.filter(|(at, place)| place.decides || *at < first || *at >= latest)
        .map(|(_, place)| place)
        .collect()
}

/// The receipt, with as many entries as a verifier reads.
fn fitting(
    mut statement: Statement,
    decides: impl Fn(u64) -> bool,
    sign: impl Fn(&Statement) -> Result<String, Fault>,
) -> Result<String, Fault> {
    loop {
        let receipt = sign(&statement)?;
        if receipt.len() <= LONGEST_RECEIPT {
            return Ok(receipt);
        }
        leave_one_out(&mut statement.log, &decides)?;
    }
}

/// The oldest of the latest entries, or else the latest of the first; of decisions and what took fields
/// away, the first and the latest stay.
fn leave_one_out(log: &mut LogPart, decides: &impl Fn(u64) -> bool) -> Result<(), Fault> {
    let others = log.entries.iter().enumerate();
    let others = others.filter(|(_, entry)| !decides(entry.index));
    let others: Vec<usize> = others.map(|(at, _)| at).collect();
    let middle = others.iter().copied().find(|at| *at >= FIRST);
    let decision = (log.entries.len() > 2).then_some(1);
    let at = middle.or_else(|| others.last().copied()).or(decision);
    log.entries.remove(at.ok_or(TOO_LONG)?);
    log.left_out += 1;
    Ok(())
}

const TOO_LONG: Fault = Fault::bare("a receipt is too long with its decision alone");

/// How many of the first entries.
const FIRST: usize = 8;
/// How many of the latest.
const LATEST: usize = 12;

/// Each entry with its proof. What does not prove itself is not handed out.
async fn proven(
    history: &History,
    places: &[ExchangePlace],
    signed: Signed,
) -> Result<Vec<Proven>, Fault> {
    let mut prover = history.prover();
    let mut all = Vec::with_capacity(places.len());
    for place in places {
        let index = place.sequence;
        let entry = history.read(index, 1).await?.into_iter().next();
        let entry = entry.filter(|entry| entry.sequence == index).ok_or(TORN)?;
        let proof = prover.inclusion(index, signed.size).await?.ok_or(TORN)?;
        let leaf = leaf_hash(&entry.entry);
        if !verify_inclusion(leaf, index, signed.size, &proof, &signed.root) {
            return Err(TORN);
        }
        all.push(Proven {
            index,
            entry: Some(String::from_utf8(entry.entry).map_err(|_| TORN)?),
            leaf: URL_SAFE_NO_PAD.encode(leaf),
            proof: proof.iter().map(|it| URL_SAFE_NO_PAD.encode(it)).collect(),
        });
    }
    Ok(all)
}

const TORN: Fault =
    Fault::bare("the audit log does not prove an entry of its own: run `guichet ledger verify`");

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn log(entries: u64, long: usize) -> LogPart {
        let entry = |index| Proven {
            index,
            entry: Some("e".repeat(long)),
            leaf: String::new(),
            proof: Vec::new(),
        };
        LogPart {
            key: String::new(),
            checkpoint: String::new(),
            entries: (0..entries).map(entry).collect(),
            left_out: 5,
        }
    }

    fn statement(log: &LogPart) -> Statement {
        let party = json!({"id": "x", "name": "X"});
        let statement = json!({
            "iss": "https://hub.example", "iat": 1, "exchange": "AQEBAQEBAQEBAQEBAQEBAQ", "outcome": "sent",
            "decided": "", "service": party, "data_provider": party,
            "evidence_type": {"id": "x", "label": "X"}, "asked": [], "granted": [],
            "purpose": {"id": "x", "sentence": "", "legal": ""}, "basis": "consent",
            "usage": "single", "valid_until": "", "retention_days": 1, "pulls": 0, "locale": "fr",
            "text_digest": "", "log": log,
        });
        serde_json::from_value(statement).unwrap()
    }

    /// The entries of what comes of it, and how many were left out.
    fn fitted(log: &LogPart, decides: u64) -> (Vec<u64>, u64) {
        let signed = fitting(
            statement(log),
            |index| index == decides,
            |it| Ok(serde_json::to_string(it).unwrap()),
        );
        let signed = signed.unwrap();
        assert!(signed.len() <= LONGEST_RECEIPT);
        let fitted: Statement = serde_json::from_str(&signed).unwrap();
        let entries = fitted.log.entries.iter();
        (entries.map(|it| it.index).collect(), fitted.log.left_out)
    }

    #[test]
    fn a_receipt_is_never_longer_than_what_a_verifier_reads() {
        let (all, left_out) = fitted(&log(20, 1000), 0);
        assert_eq!((all.len(), left_out), (20, 5));
        // What is in the middle goes first; the decision never.
        let (some, left_out) = fitted(&log(20, 4000), 8);
        let expected: Vec<u64> = (0..=8).chain(14..20).collect();
        assert_eq!((some, left_out), (expected, 10));
        let (few, left_out) = fitted(&log(20, 21_000), 19);
        assert_eq!((few, left_out), (vec![0, 19], 23));
        let alone = fitting(
            statement(&log(1, 70_000)),
            |_| true,
            |it| Ok(serde_json::to_string(it).unwrap()),
        );
        assert!(alone.is_err());
    }
}
