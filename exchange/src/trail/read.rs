//! One entry of the ledger, as far as it is about an exchange.

use std::collections::BTreeMap;

use guichet_domain::{EventKind, Timestamp};
use guichet_store::durable::exchange_entries::{ExchangeEntry, Secrecy, Told};
use guichet_store::durable::{DeliveryHalf, EntryRecord};
use serde::Deserialize;

/// What an entry says of an exchange; `None` when it is about none.
pub(super) fn said(record: &EntryRecord) -> Option<ExchangeEntry> {
    // Most entries are about none: they are not worth parsing.
    let names_one = |entry: &[u8]| entry.windows(MEMBER.len()).any(|part| part == MEMBER);
    if !names_one(&record.entry) {
        return None;
    }
    let entry: Entry = serde_json::from_slice(&record.entry).ok()?;
    Some(ExchangeEntry {
        exchange: entry.details.get("exchange")?.parse().ok()?,
        sequence: record.sequence,
        told: entry.told(),
    })
}

const MEMBER: &[u8] = br#""exchange":""#;

/// What is looked at. A kind that this program does not know yet is an entry all the same.
#[derive(Deserialize)]
struct Entry {
    at: Timestamp,
    kind: String,
    #[serde(default)]
    details: BTreeMap<String, String>,
}

impl Entry {
    fn told(&self) -> Option<Told> {
        let is = |kind: EventKind| self.kind == kind.as_str();
        if is(EventKind::EvidenceDecided) || is(EventKind::EvidenceNarrowed) {
            return Some(Told::Decided);
        }
        if is(EventKind::EvidenceReleased) {
            return Some(Told::Released {
                pull: self.detail("pull")?,
                data_provider: self.detail("data_provider")?,
                at: self.at,
            });
        }
        if is(EventKind::EvidenceDelivered) {
            let half = match self.details.get("half")?.as_str() {
                "released" => DeliveryHalf::Released,
                "received" => DeliveryHalf::Received,
                _ => return None,
            };
            let pull = self.detail("pull");
            return Some(Told::Delivered { half, pull });
        }
        if is(EventKind::EvidenceHidden) {
            return Some(Told::Hidden(Secrecy {
                until: self.detail("hidden_until")?,
                authority: self.detail("authority")?,
                order: self.detail("order")?,
            }));
        }
        None
    }

    fn detail<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.details.get(name)?.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entry(text: &str) -> Option<ExchangeEntry> {
        said(&EntryRecord {
            sequence: 7,
            entry: text.as_bytes().to_vec(),
        })
    }

    fn about(kind: &str, details: &str) -> Option<ExchangeEntry> {
        let id = "AQEBAQEBAQEBAQEBAQEBAQ";
        entry(&format!(
            r#"{{"v":1,"seq":7,"prev":"","at":5000,"kind":"{kind}","details":{{"exchange":"{id}"{details}}}}}"#
        ))
    }

    #[test]
    fn every_entry_about_an_exchange_is_found_and_some_are_counted() {
        let told = |kind: &str, details: &str| about(kind, details).unwrap().told;
        assert_eq!(about("evidence.shown", "").unwrap().sequence, 7);
        assert_eq!(told("evidence.shown", ""), None);
        assert_eq!(told("evidence.of_tomorrow", r#","half":"released""#), None);
        assert_eq!(told("evidence.decided", ""), Some(Told::Decided));
        assert_eq!(
            told(
                "evidence.released",
                r#","data_provider":"famille","pull":"2""#
            ),
            Some(Told::Released {
                pull: 2,
                data_provider: "famille".parse().unwrap(),
                at: Timestamp::from_seconds(5),
            })
        );
        let half = |word: &str, more: &str| {
            told("evidence.delivered", &format!(r#","half":"{word}"{more}"#))
        };
        let delivered = |half, pull| Some(Told::Delivered { half, pull });
        assert_eq!(
            half("released", r#","pull":"2""#),
            delivered(DeliveryHalf::Released, Some(2))
        );
        assert_eq!(
            half("received", ""),
            delivered(DeliveryHalf::Received, None)
        );
        assert_eq!(half("other", ""), None);
        let hidden = r#","hidden_until":"2027-01-01T00:00:00Z","authority":"Tribunal","order":"1""#;
        assert!(matches!(
            told("evidence.hidden", hidden),
            Some(Told::Hidden(_))
        ));
    }

    #[test]
    fn an_entry_about_no_exchange_is_passed_over() {
        assert_eq!(entry(r#"{"at":1,"kind":"token.issued"}"#), None);
        assert_eq!(
            entry(r#"{"at":1,"kind":"x","exchange":"AQEBAQEBAQEBAQEBAQEBAQ"}"#),
            None
        );
        assert_eq!(
            entry(r#"{"at":1,"kind":"x","details":{"exchange":"short"}}"#),
            None
        );
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_fall_over(bytes: Vec<u8>, text in "\\PC{0,80}") {
            let read = said(&EntryRecord { sequence: 0, entry: bytes });
            prop_assert_eq!(read, None);
            let about = format!(r#"{{"at":1,"kind":"evidence.hidden","details":{{"exchange":"{text}"}}}}"#);
            prop_assert!(entry(&about).is_none_or(|read| read.told.is_none()));
        }
    }
}
