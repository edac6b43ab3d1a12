//! What the audit log says of the visits that a case is about: what whoever looks into it follows up, service by
//! service and provider by provider.

use std::collections::BTreeSet;

use guichet_domain::{AcrValue, ClientId, ProviderId, Timestamp};
use guichet_store::Fault;
use guichet_store::durable::EntryRecord;
use serde::Deserialize;

use super::{CaseEvidence, CaseOffice};

/// One entry of a visit: what happened, and nothing of whom it happened to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Track {
    /// The code of the visit.
    pub visit: String,
    /// Its place in the log.
    pub sequence: u64,
    /// When.
    pub at: Timestamp,
    /// What, in the log's word.
    pub kind: String,
    /// At which service.
    pub client: Option<ClientId>,
    /// By which provider.
    pub provider: Option<ProviderId>,
    /// At which level.
    pub level: Option<AcrValue>,
}

/// How many logins of a visit are looked for.
const LOGINS: u32 = 100;
/// How much of the log is read at once.
const PAGE: u32 = 1000;

impl CaseEvidence {
    /// The codes of the visits it is about.
    fn visits(&self) -> BTreeSet<&str> {
        let open = self.sign_ins.iter().map(|seen| seen.visit.as_str());
        self.visit.as_deref().into_iter().chain(open).collect()
    }
}

impl CaseOffice {
    /// What is on record of the visits that a case is about, oldest first; nothing of a visit that there never was.
    /// The caller has put on record that they look.
    pub async fn tracks(&self, evidence: &CaseEvidence) -> Result<Vec<Track>, Fault> {
        let mut found = Vec::new();
        for visit in evidence.visits() {
            // What the log gained since a node last read it on is looked through.
            let last = self.ledger.history().size().await?.checked_sub(1);
            let recent = self.traces.read_to().await?;
            let marks = self.traces.found(visit, LOGINS).await?;
            let spans = marks.iter().map(|mark| (mark.first, mark.last));
            for (first, last) in spans.chain(last.map(|last| (recent, last))) {
                self.between((first, last), visit, &mut found).await?;
            }
        }
        found.sort_by_key(|track: &Track| track.sequence);
        found.dedup();
        Ok(found)
    }

    async fn between(
        &self,
        (first, last): (u64, u64),
        visit: &str,
        found: &mut Vec<Track>,
    ) -> Result<(), Fault> {
        let mut next = first;
        while next <= last {
            let page = self.ledger.history().read(next, PAGE).await?;
            let within = page.iter().filter(|it| it.sequence <= last);
            found.extend(within.filter_map(|it| track(it, visit)));
            match page.last() {
                Some(end) => next = end.sequence + 1,
                None => return Ok(()),
            }
        }
        Ok(())
    }
}

/// An entry, where it is of this visit.
fn track(record: &EntryRecord, visit: &str) -> Option<Track> {
    let is_named = record
        .entry
        .windows(visit.len().max(1))
        .any(|it| it == visit.as_bytes());
    if !is_named {
        return None;
    }
    let entry: Entry = serde_json::from_slice(&record.entry).ok()?;
    (entry.browsing.as_deref() == Some(visit)).then_some(Track {
        visit: visit.to_owned(),
        sequence: record.sequence,
        at: entry.at,
        kind: entry.kind,
        client: entry.client,
        provider: entry.provider,
        level: entry.acr,
    })
}

#[derive(Deserialize)]
struct Entry {
    at: Timestamp,
    kind: String,
    #[serde(default)]
    browsing: Option<String>,
    #[serde(default)]
    client: Option<ClientId>,
    #[serde(default)]
    provider: Option<ProviderId>,
    #[serde(default)]
    acr: Option<AcrValue>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(visit: &str, rest: &str) -> Option<Track> {
        let entry = format!(r#"{{"v":1,"seq":7,"prev":"","at":5000,"kind":"code.issued",{rest}}}"#);
        let sequence = 7;
        let entry = entry.into_bytes();
        track(&EntryRecord { sequence, entry }, visit)
    }

    #[test]
    fn an_entry_is_of_the_visit_it_names_and_says_nothing_of_whom() {
        let code = "ABCD-2345-WXYZ";
        let rest = format!(
            r#""browsing":"{code}","client":"cantine","person":"AQEBAQEBAQEBAQEBAQEBAQ","details":{{"scope":"birthdate"}}"#
        );
        let found = read(code, &rest).unwrap();
        assert_eq!(found.client, Some("cantine".parse().unwrap()));
        let text = format!("{found:?}");
        assert!(
            !text.contains("AQEB") && !text.contains("birthdate"),
            "{text}"
        );
        assert_eq!(read("ABCD-2345-WXYY", &rest), None);
        assert_eq!(
            read(code, &format!(r#""details":{{"reference":"{code}"}}"#)),
            None
        );
        assert_eq!(read("", &rest), None);
    }
}
