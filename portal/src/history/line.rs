//! An entry as people read it, and as their programs do: the same on the page and in every export.

use guichet_domain::{EventKind, Scopes};
use guichet_store::durable::histories::{HistoryClass, HistoryRow};
use guichet_web::{Locale, full_date, time_of_day};
use serde::Serialize;

use super::entry::Entry;
use crate::Portal;

/// One line. Names are those that the citizen reads elsewhere; there is nobody else's.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Line {
    /// The entry's place in the ledger.
    pub(crate) entry: u64,
    /// When, RFC 3339.
    pub(crate) time: String,
    /// What it is, in a word.
    pub(crate) class: &'static str,
    /// What happened, in the ledger's word.
    pub(crate) kind: String,
    /// The same in a sentence.
    pub(crate) what: String,
    /// Who did it.
    pub(crate) who: String,
    /// For whom, where somebody acted for the citizen: nobody does so far.
    pub(crate) acting_for: Option<String>,
    /// The service.
    pub(crate) service: Option<String>,
    /// The identity provider.
    pub(crate) provider: Option<String>,
    /// The data provider.
    pub(crate) data_provider: Option<String>,
    /// What was told, or decided about.
    pub(crate) about: Option<String>,
    /// The level of the sign-in.
    pub(crate) level: Option<String>,
    /// The means of the sign-in.
    pub(crate) means: Option<String>,
    /// Where, as far as what stands in front of the hub said so.
    pub(crate) place: Option<String>,
    /// The identification code of the visit.
    pub(crate) code: Option<String>,
    /// What it is, as people call it.
    #[serde(skip)]
    pub(crate) class_name: String,
    /// When, in words; for what is read by people.
    #[serde(skip)]
    pub(crate) day: String,
    /// The hour of it.
    #[serde(skip)]
    pub(crate) hour: String,
}

impl Portal {
    /// The line of an entry; `None` when the ledger holds none there, which its own verification says.
    pub(crate) fn history_line(&self, row: &HistoryRow, locale: Locale) -> Option<Line> {
        let entry = Entry::parse(&row.entry)?;
        let teller = Teller {
            portal: self,
            locale,
            entry: &entry,
        };
        Some(teller.line(row))
    }
}

/// Tells one entry in one language.
struct Teller<'a> {
    portal: &'a Portal,
    locale: Locale,
    entry: &'a Entry,
}

impl Teller<'_> {
    fn line(&self, row: &HistoryRow) -> Line {
        let (entry, at) = (self.entry, self.entry.at.millis());
        let by = self.by(row.class);
        let client = entry.client.as_ref().map(|id| self.portal.service_name(id));
        let holder = self.data_provider();
        // What a data provider says itself, it says as a client.
        let (service, data_provider) = if by == "holder" && holder.is_none() {
            (None, client)
        } else {
            (client, holder)
        };
        Line {
            entry: row.sequence,
            time: entry.at.to_string(),
            class: row.class.as_str(),
            kind: entry.kind.clone(),
            what: self.what(),
            who: self.text(&format!("history-by-{by}")),
            acting_for: None,
            service,
            provider: self.provider(),
            data_provider,
            about: self.about(),
            level: entry.acr.map(|acr| self.level(acr.level.as_str())),
            means: self.means(),
            place: self.place(),
            code: entry.browsing.clone(),
            class_name: self.text(&format!("history-class-{}", row.class.as_str())),
            day: full_date(self.locale, at),
            hour: time_of_day(self.locale, at),
        }
    }

    /// The sentence of this kind: of the kind with what it came to, of the kind, or that something was done.
    fn what(&self) -> String {
        let kind = self.entry.kind.replace(['.', '_'], "-");
        let came_to = ["outcome", "half", "how"]
            .into_iter()
            .map(|name| self.entry.detail(name))
            .find(|word| !word.is_empty());
        let narrow = came_to.map(|word| format!("history-{kind}-{word}"));
        let wide = format!("history-{kind}");
        let names = narrow.into_iter().chain([wide]);
        let mut told = names.filter_map(|name| self.known_text(&name));
        told.next().unwrap_or_else(|| self.text("history-other"))
    }

    /// Who did it: the end of a text's name.
    fn by(&self, class: HistoryClass) -> &'static str {
        use EventKind as K;
        let own = self.entry.detail("opened_by") == "the person";
        match self.entry.kind() {
            Some(K::EvidenceDelivered) if self.entry.detail("half") == "released" => "holder",
            Some(
                K::EvidenceReleased
                | K::EvidencePrepared
                | K::EvidenceNotFound
                | K::EvidenceErased
                | K::EvidenceErasureRefused,
            ) => "holder",
            Some(
                K::UserinfoServed
                | K::TokenExchanged
                | K::TokenIssued
                | K::TokenRefreshed
                | K::TokenRefused
                | K::TokenRevoked
                | K::CodeReplayed
                | K::RefreshTokenReused
                | K::EvidenceRequested
                | K::EvidenceVoucherIssued
                | K::DeferredRequested
                | K::MessageLeft
                | K::LoginStarted
                | K::EvidenceDelivered,
            ) => "service",
            Some(K::ProviderReturned | K::ProviderFailed | K::ProviderSignedOut) => "provider",
            Some(K::PersonFrozen | K::PersonClosed) if own => "you",
            Some(K::RightsAnswered) if self.entry.detail("outcome") == "withdrawn" => "you",
            Some(
                K::PersonFrozen
                | K::PersonClosed
                | K::RightsAnswered
                | K::WaysReopened
                | K::CorrectionProposed
                | K::CorrectionConfirmed
                | K::CorrectionUndone,
            ) => "agent",
            Some(
                K::PersonRenamed
                | K::PersonBarred
                | K::RegisterAsked
                | K::IdentityRefused
                | K::IdentityContradicted
                | K::EvidenceUnconfirmed
                | K::EvidenceRefused
                | K::ServiceReturned
                | K::ConsentShown
                | K::EvidenceShown
                | K::SsoStarted
                | K::HistoryStated
                | K::RightsFailed
                | K::WayRefused
                | K::AlertSent,
            ) => "hub",
            Some(K::EvidenceRevoked) if self.entry.detail("how") == "given_back" => "service",
            Some(K::EvidenceRevoked) if self.entry.detail("how") == "withdrawn" => "agent",
            Some(K::EvidenceRevoked) if self.entry.detail("how") == "unused" => "hub",
            _ if class == HistoryClass::Look => "agent",
            _ => "you",
        }
    }

    fn provider(&self) -> Option<String> {
        let id = self.entry.provider.as_ref()?;
        let known = self.portal.registry.provider(id.as_str());
        let name = known.map_or_else(|| id.to_string(), |it| it.name.clone());
        let with = self.entry.detail("with");
        if with.is_empty() {
            return Some(name);
        }
        let known = self.portal.registry.provider(with);
        let other = known.map_or_else(|| with.to_owned(), |it| it.name.clone());
        Some(format!("{name}, {other}"))
    }

    fn data_provider(&self) -> Option<String> {
        let id = self.entry.detail("data_provider").parse().ok()?;
        let desk = self.portal.exchange.as_ref()?;
        Some(desk.holder_name(&id))
    }

    /// The evidence and its fields, or what the scopes of a sign-in stand for.
    fn about(&self) -> Option<String> {
        let purpose = self.entry.detail("purpose");
        if self.entry.kind() == Some(EventKind::SupportLooked) {
            let why = self.known_text(&format!("history-support-purpose-{purpose}"));
            let why = why.unwrap_or_default();
            let ticket = self.entry.detail("ticket");
            let handle = self.entry.detail("handle");
            let told = [why.as_str(), handle, ticket];
            let told: Vec<&str> = told.into_iter().filter(|it| !it.is_empty()).collect();
            return Some(told.join(", "));
        }
        let lang = self.locale.tag();
        if let (Some(desk), Ok(evidence)) = (
            self.portal.exchange.as_ref(),
            self.entry.detail("evidence_type").parse(),
        ) {
            return Some(desk.evidence_label(&evidence, lang));
        }
        let scopes: Scopes = self.entry.detail("scope").parse().ok()?;
        let told = self.portal.told_by(&scopes, self.locale);
        (!told.is_empty()).then(|| told.join(", "))
    }

    fn place(&self) -> Option<String> {
        let place = self.entry.detail("place");
        (!place.is_empty()).then(|| place.to_owned())
    }

    fn level(&self, level: &str) -> String {
        self.text(&format!("history-level-{level}"))
    }

    fn means(&self) -> Option<String> {
        let methods = self.entry.detail("amr").split_whitespace();
        let known = methods.filter_map(|it| self.known_text(&format!("method-{it}")));
        let known: Vec<String> = known.collect();
        (!known.is_empty()).then(|| known.join(", "))
    }

    fn text(&self, id: &str) -> String {
        self.portal.pages.text(self.locale, id, &[])
    }

    /// A text that may be missing, as one of a kind that another program knows.
    fn known_text(&self, id: &str) -> Option<String> {
        self.portal.known_text(self.locale, id)
    }
}
