//! An entry of the ledger, as far as it is about somebody: whose it is, and what it is to them.

use std::collections::BTreeMap;

use guichet_domain::{
    AcrValue, ClientId, EventKind, ExchangeId, LedgerName, ProviderId, Timestamp,
};
use guichet_store::durable::EntryRecord;
use guichet_store::durable::histories::{HistoryClass, HistoryEntry, Whose};
use serde::Deserialize;

/// What is looked at. A kind that this program does not know yet is an entry all the same.
#[derive(Debug, Deserialize)]
pub(crate) struct Entry {
    pub(crate) seq: u64,
    pub(crate) at: Timestamp,
    pub(crate) kind: String,
    #[serde(default)]
    pub(crate) browsing: Option<String>,
    #[serde(default)]
    pub(crate) client: Option<ClientId>,
    #[serde(default)]
    pub(crate) provider: Option<ProviderId>,
    #[serde(default)]
    pub(crate) person: Option<LedgerName>,
    #[serde(default)]
    pub(crate) acr: Option<AcrValue>,
    #[serde(default)]
    pub(crate) details: BTreeMap<String, String>,
}

impl Entry {
    /// The entry that these bytes are; `None` when they are none.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    /// A detail; empty when there is none.
    pub(crate) fn detail(&self, name: &str) -> &str {
        self.details.get(name).map_or("", String::as_str)
    }

    /// What happened, where this program knows it.
    pub(crate) fn kind(&self) -> Option<EventKind> {
        let mut all = EventKind::ALL.iter().copied();
        all.find(|kind| kind.as_str() == self.kind)
    }

    /// The exchange it is about.
    pub(crate) fn exchange(&self) -> Option<ExchangeId> {
        self.details.get("exchange")?.parse().ok()
    }

    /// Whom it is about, as it says so.
    pub(crate) fn whose(&self) -> Option<Whose> {
        match self.person {
            Some(name) => Some(Whose::Named(name)),
            None => self.exchange().map(Whose::Exchange),
        }
    }

    /// What it is to whoever it is about.
    pub(crate) fn class(&self) -> HistoryClass {
        use EventKind as K;
        let Some(kind) = self.kind() else {
            return HistoryClass::Change;
        };
        match kind {
            K::IdentityVerified
            | K::ConsentGiven
            | K::DeferredApproved
            | K::SessionEnded
            | K::ProviderSignedOut => HistoryClass::SignIn,
            // Without a page: nothing else says that the person is signed in there.
            K::SsoStarted if self.detail("prompt") == "none" => HistoryClass::SignIn,
            K::EvidenceDecided if matches!(self.detail("outcome"), "refused" | "contested") => {
                HistoryClass::Refusal
            }
            K::UserinfoServed
            | K::TokenExchanged
            | K::EvidenceIdentified
            | K::EvidenceShown
            | K::EvidenceDecided
            | K::EvidenceReleased
            | K::EvidenceDelivered
            | K::EvidenceUnconfirmed => HistoryClass::Exchange,
            K::ConsentRefused
            | K::LoginRefused
            | K::LoginAbandoned
            | K::IdentityRefused
            | K::IdentityContradicted
            | K::PersonBarred
            | K::DeferredRefused
            | K::EvidenceRefused
            | K::EvidenceNotFound
            | K::RefreshTokenReused
            | K::CodeReplayed
            | K::TokenRefused
            | K::WayRefused => HistoryClass::Refusal,
            K::PersonShown
            | K::CaseShown
            | K::RightsShown
            | K::SupportLooked
            | K::SupportAsked
            | K::EvidenceHidden => HistoryClass::Look,
            K::LoginStarted
            | K::SsoStarted
            | K::ProviderShown
            | K::ProviderChosen
            | K::ProviderReturned
            | K::ProviderFailed
            | K::RegisterAsked
            | K::RegisterFailed
            | K::RegisterDeceased
            | K::RegisterBypassed
            | K::ConsentShown
            | K::ServiceReturned
            | K::DeferredRequested
            | K::TokenIssued
            | K::TokenRefreshed
            | K::TokenIntrospected
            | K::EvidenceRequested
            | K::EvidenceIndexed
            | K::EvidencePrepared
            | K::EvidenceVoucherIssued
            | K::EventDelivered
            | K::EventFailed
            | K::EventGivenUp
            | K::LogoutStarted
            | K::LogoutPassedOn
            | K::LogoutNotified
            | K::LogoutNotificationFailed
            | K::CorrectionProposed
            | K::CorrectionFailed
            | K::PersonThawFailed
            | K::MessageLeft
            | K::HistoryStated
            | K::AlertSent
            | K::WaysChangeFailed => HistoryClass::Step,
            _ => HistoryClass::Change,
        }
    }
}

/// What an entry says of somebody; `None` when it is about nobody.
pub(super) fn said(record: &EntryRecord) -> Option<HistoryEntry> {
    // Many entries are about nobody: they are not worth parsing.
    let has = |member: &[u8]| record.entry.windows(member.len()).any(|it| it == member);
    if !has(br#""person":""#) && !has(br#""exchange":""#) {
        return None;
    }
    let entry = Entry::parse(&record.entry)?;
    Some(HistoryEntry {
        whose: entry.whose()?,
        sequence: record.sequence,
        at: entry.at,
        class: entry.class(),
        client: entry.client,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ID: &str = "AQEBAQEBAQEBAQEBAQEBAQ";

    fn read(rest: &str) -> Option<HistoryEntry> {
        said(&EntryRecord {
            sequence: 7,
            entry: format!(r#"{{"v":1,"seq":7,"prev":"","at":5000,{rest}}}"#).into_bytes(),
        })
    }

    #[test]
    fn an_entry_is_of_whom_it_names_or_of_whoever_decides_its_exchange() {
        let named = read(&format!(
            r#""kind":"consent.given","client":"cantine","person":"{ID}""#
        ));
        let named = named.unwrap();
        assert_eq!(named.whose, Whose::Named(LedgerName::from_bytes([1; 16])));
        assert_eq!((named.sequence, named.class), (7, HistoryClass::SignIn));
        assert_eq!(named.client, Some("cantine".parse().unwrap()));
        let about = format!(r#""kind":"evidence.released","details":{{"exchange":"{ID}"}}"#);
        let about = read(&about).unwrap();
        assert_eq!(
            about.whose,
            Whose::Exchange(ExchangeId::from_bytes([1; 16]))
        );
        assert_eq!(about.class, HistoryClass::Exchange);
        assert_eq!(read(r#""kind":"node.started""#), None);
        assert_eq!(
            read(&format!(r#""kind":"x","details":{{"person":"{ID}"}}"#)),
            None
        );
    }

    #[test]
    fn what_was_decided_says_what_it_is() {
        let class = |kind: &str, details: &str| {
            let rest = format!(r#""kind":"{kind}","person":"{ID}","details":{{{details}}}"#);
            read(&rest).unwrap().class
        };
        assert_eq!(
            class("evidence.decided", r#""outcome":"sent""#),
            HistoryClass::Exchange
        );
        assert_eq!(
            class("evidence.decided", r#""outcome":"refused""#),
            HistoryClass::Refusal
        );
        assert_eq!(class("sso.started", ""), HistoryClass::Step);
        assert_eq!(
            class("sso.started", r#""prompt":"none""#),
            HistoryClass::SignIn
        );
        assert_eq!(class("person.shown", ""), HistoryClass::Look);
        assert_eq!(class("of.tomorrow", ""), HistoryClass::Change);
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_fall_over(bytes: Vec<u8>, text in "\\PC{0,80}") {
            let record = |entry| EntryRecord { sequence: 0, entry };
            prop_assert_eq!(said(&record(bytes)), None);
            let about = format!(r#"{{"person":"{text}","exchange":"{text}"}}"#);
            prop_assert_eq!(said(&record(about.into_bytes())), None);
        }
    }
}
