//! One entry of the ledger, as far as it counts for anything: which sign-in it moves on, and what its client
//! did. Nothing of the person is looked at.

use std::collections::BTreeMap;

use guichet_domain::{AcrValue, ClientId, EventKind, LoginId, ProviderId, Timestamp};
use guichet_store::durable::EntryRecord;
use guichet_store::durable::statistics::{SignInOutcome, SignInWay};
use serde::Deserialize;

/// What an entry says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    /// When.
    pub(crate) at: Timestamp,
    /// Of which sign-in.
    pub(crate) login: Option<LoginId>,
    /// Of which service.
    pub(crate) client: Option<ClientId>,
    /// Of which provider.
    pub(crate) provider: Option<ProviderId>,
    /// At which level.
    pub(crate) level: Option<AcrValue>,
    /// What happened to the sign-in.
    pub(crate) what: What,
    /// What the client did, in words.
    pub(crate) marks: Vec<String>,
    /// How often: entries about refusals stand for several.
    pub(crate) times: u64,
}

/// What happened to a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// It began.
    Began(SignInWay),
    /// It waits in this step.
    Waits(u8),
    /// It is over; in this step, where the entry says.
    Ended(SignInOutcome, Option<u8>),
    /// Nothing: the entry is about a client alone.
    Nothing,
}

/// What is looked at. A kind that this program does not know yet counts for nothing.
#[derive(Deserialize)]
struct Entry {
    at: Timestamp,
    kind: EventKind,
    #[serde(default)]
    login: Option<LoginId>,
    #[serde(default)]
    client: Option<ClientId>,
    #[serde(default)]
    provider: Option<ProviderId>,
    #[serde(default)]
    acr: Option<AcrValue>,
    #[serde(default)]
    details: BTreeMap<String, String>,
}

/// What an entry says; `None` when it counts for nothing.
pub(crate) fn said(record: &EntryRecord) -> Option<Said> {
    let entry: Entry = serde_json::from_slice(&record.entry).ok()?;
    let (what, marks) = (entry.what(), entry.marks());
    if what == What::Nothing && marks.is_empty() {
        return None;
    }
    let unrecorded = entry.detail("unrecorded_since_last");
    Some(Said {
        at: entry.at,
        login: entry.login,
        times: 1 + unrecorded.parse::<u64>().unwrap_or(0).min(MOST_AT_ONCE),
        client: entry.client,
        provider: entry.provider,
        level: entry.acr,
        what,
        marks,
    })
}

/// No entry stands for more.
const MOST_AT_ONCE: u64 = 1_000_000_000;

impl Entry {
    fn detail(&self, name: &str) -> &str {
        self.details.get(name).map_or("", String::as_str)
    }

    /// The steps are those of the table in `broker/src/login/mod.rs`.
    fn what(&self) -> What {
        use EventKind as K;
        match self.kind {
            K::LoginStarted if self.detail("again").is_empty() => What::Began(SignInWay::Provider),
            K::SsoStarted => What::Began(SignInWay::Session),
            K::ServiceReturned | K::DeferredApproved => {
                What::Ended(SignInOutcome::SignedIn, Some(RETURN))
            }
            K::ConsentRefused => What::Ended(SignInOutcome::Declined, None),
            K::LoginAbandoned => {
                What::Ended(SignInOutcome::Abandoned, step_named(self.detail("step")))
            }
            K::LoginRefused => What::Ended(SignInOutcome::Refused, None),
            // Whatever else says an error ended there.
            _ if self.login.is_some() && !self.detail("error").is_empty() => {
                What::Ended(SignInOutcome::Refused, None)
            }
            // Somebody else's callback moves nothing.
            K::ProviderFailed if matches!(self.detail("failure"), "wrong_state" | "mix_up") => {
                What::Nothing
            }
            K::LoginStarted
            | K::ProviderShown
            | K::ProviderFailed
            | K::IdentityRefused
            | K::IdentityContradicted => What::Waits(CHOICE),
            K::ProviderChosen => What::Waits(UPSTREAM),
            K::ProviderReturned => What::Waits(IDENTITY),
            K::IdentityVerified | K::ConsentShown => What::Waits(CONSENT),
            K::ConsentGiven if !self.detail("evidence").is_empty() => What::Waits(EVIDENCE),
            K::ConsentGiven => What::Waits(RETURN),
            _ => What::Nothing,
        }
    }

    /// What the client did, in words that stay.
    fn marks(&self) -> Vec<String> {
        use EventKind as K;
        if self.client.is_none() {
            return Vec::new();
        }
        match self.kind {
            K::LoginStarted | K::SsoStarted => {
                let with = self.detail("with").split_whitespace().map(str::to_owned);
                let scopes = self.detail("scope").split_whitespace();
                let scopes = scopes.map(|scope| format!("scope:{scope}"));
                std::iter::once("asked".to_owned())
                    .chain(with)
                    .chain(scopes)
                    .collect()
            }
            K::LoginRefused | K::TokenRefused => vec![format!("error:{}", self.detail("error"))],
            K::EvidenceRequested => vec![format!("evidence:{}", self.detail("evidence_type"))],
            K::TokenIssued => vec!["token".to_owned()],
            K::TokenRefreshed => vec!["refresh".to_owned()],
            K::UserinfoServed => vec!["userinfo".to_owned()],
            K::LogoutStarted => vec!["logout".to_owned()],
            K::LogoutNotified => vec!["logout_told".to_owned()],
            K::LogoutNotificationFailed => vec!["logout_not_told".to_owned()],
            K::CodeReplayed => vec!["code_replayed".to_owned()],
            K::RefreshTokenReused => vec!["refresh_token_reused".to_owned()],
            _ => Vec::new(),
        }
    }
}

/// The steps of the spine, by number.
pub(crate) const REQUEST: u8 = 1;
pub(crate) const CHOICE: u8 = 2;
pub(crate) const UPSTREAM: u8 = 3;
pub(crate) const IDENTITY: u8 = 4;
pub(crate) const CONSENT: u8 = 5;
pub(crate) const EVIDENCE: u8 = 6;
pub(crate) const RETURN: u8 = 7;

/// The step by the name that the store has for it.
fn step_named(name: &str) -> Option<u8> {
    Some(match name {
        "awaiting_provider" => CHOICE,
        "awaiting_upstream" => UPSTREAM,
        "awaiting_identity" => IDENTITY,
        "awaiting_consent" | "decided" => CONSENT,
        "awaiting_evidence" => EVIDENCE,
        "consented" => RETURN,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entry(kind: &str, rest: &str) -> Option<Said> {
        let text = format!(r#"{{"v":1,"seq":7,"prev":"","at":5000,"kind":"{kind}"{rest}}}"#);
        said(&EntryRecord {
            sequence: 7,
            entry: text.into_bytes(),
        })
    }

    #[test]
    fn a_beginning_says_how_carefully_its_client_asks() {
        let details = r#","client":"cantine","login":"AQEBAQEBAQEBAQEBAQEBAQ","details":{"scope":"openid email","with":"nonce pkce"}"#;
        let said = entry("login.started", details).unwrap();
        assert_eq!(said.what, What::Began(SignInWay::Provider));
        let marks = ["asked", "nonce", "pkce", "scope:openid", "scope:email"];
        assert_eq!(said.marks, marks);
        assert_eq!(
            entry("sso.started", "").unwrap().what,
            What::Began(SignInWay::Session)
        );
        let again = entry("login.started", r#","details":{"again":"another_account"}"#);
        assert_eq!(again.unwrap().what, What::Waits(CHOICE));
    }

    #[test]
    fn every_step_of_the_spine_is_one_here() {
        let waits = |kind: &str, rest: &str| entry(kind, rest).map(|said| said.what);
        let login = r#","login":"AQEBAQEBAQEBAQEBAQEBAQ""#;
        for (kind, details, step) in [
            ("provider.shown", "", CHOICE),
            ("provider.chosen", "", UPSTREAM),
            ("provider.failed", r#""failure":"timeout""#, CHOICE),
            ("provider.returned", "", IDENTITY),
            ("identity.verified", "", CONSENT),
            ("consent.shown", "", CONSENT),
            ("consent.given", r#""evidence":"2""#, EVIDENCE),
            ("consent.given", "", RETURN),
        ] {
            let rest = format!(r#"{login},"details":{{{details}}}"#);
            assert_eq!(waits(kind, &rest), Some(What::Waits(step)), "{kind}");
        }
        let ended = |outcome, step| Some(What::Ended(outcome, step));
        assert_eq!(
            waits(
                "login.abandoned",
                r#","details":{"step":"awaiting_evidence","error":"access_denied"}"#
            ),
            ended(SignInOutcome::Abandoned, Some(EVIDENCE))
        );
        let refused = format!(r#"{login},"details":{{"error":"access_denied"}}"#);
        assert_eq!(
            waits("identity.refused", &refused),
            ended(SignInOutcome::Refused, None)
        );
        assert_eq!(
            waits("consent.refused", &refused),
            ended(SignInOutcome::Declined, None)
        );
        let forged = format!(r#"{login},"details":{{"failure":"wrong_state"}}"#);
        assert_eq!(waits("provider.failed", &forged), None);
    }

    #[test]
    fn refusals_that_were_not_recorded_count_as_well() {
        let details = r#","client":"cantine","details":{"error":"invalid_grant","unrecorded_since_last":"41"}"#;
        let said = entry("token.refused", details).unwrap();
        assert_eq!((said.times, said.what), (42, What::Nothing));
        assert_eq!(said.marks, ["error:invalid_grant"]);
        assert_eq!(entry("key.rotated", ""), None);
        assert_eq!(entry("kind.of_tomorrow", ""), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_fall_over(bytes: Vec<u8>, text in "[a-z_.]{0,30}") {
            prop_assert_eq!(said(&EntryRecord { sequence: 0, entry: bytes }), None);
            let details = format!(r#","client":"a","details":{{"with":"{text}","unrecorded_since_last":"{text}"}}"#);
            let read = entry("login.started", &details).unwrap();
            prop_assert_eq!(read.times, 1);
        }
    }
}
