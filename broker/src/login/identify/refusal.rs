//! Why an identity may not be used: what the person reads of it, and what the audit log calls it.

use guichet_domain::provider::LevelRefusal;
use guichet_domain::{Acr, AuditEvent, EventKind};

use crate::civil_register::RegisterRefusal;
use crate::login::notice::Setback;

/// Why an identity may not be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IdentityRefusal {
    /// The provider stated a level that it may not assert, or one that stands for nothing here.
    Level(LevelRefusal),
    /// The sign-in reached too low a level.
    LevelTooLow(Acr),
    /// A claim is missing or malformed: which.
    Incomplete(&'static str),
    /// The register does not confirm it.
    Register(RegisterRefusal),
    /// It is not the person whom the service named.
    SomebodyElse,
    /// It is not the person whose session was too weak.
    NotTheSession,
    /// It is not the person for whom the first of two providers vouched.
    Contradicted,
}

impl IdentityRefusal {
    /// For those who operate the hub.
    pub(crate) fn in_words(self) -> String {
        match self {
            Self::Level(LevelRefusal::NotAllowed) => {
                "it states a level that it may not assert".to_owned()
            }
            Self::Level(LevelRefusal::Unmapped) => "its acr stands for no level here".to_owned(),
            Self::LevelTooLow(obtained) => format!("the level reached, {obtained}, is too low"),
            Self::Incomplete(claim) => format!("{claim} is missing or malformed"),
            Self::Register(refusal) => format!("the civil register: {}", refusal.as_str()),
            Self::SomebodyElse => "not the person whom the service named".to_owned(),
            Self::NotTheSession => "not the person whose session was too weak".to_owned(),
            Self::Contradicted => "not the person for whom the first provider vouched".to_owned(),
        }
    }

    /// The same as a name, and what it is about.
    pub(crate) fn as_reason(self) -> (&'static str, String) {
        match self {
            Self::Level(LevelRefusal::NotAllowed) => ("identity-level-not-allowed", String::new()),
            Self::Level(LevelRefusal::Unmapped) => ("identity-level-unmapped", String::new()),
            Self::LevelTooLow(obtained) => ("identity-level-too-low", obtained.to_string()),
            Self::Incomplete(claim) => ("identity-incomplete", claim.to_string()),
            Self::Register(refusal) => ("identity-register", refusal.as_str().to_owned()),
            Self::SomebodyElse => ("identity-somebody-else", String::new()),
            Self::NotTheSession => ("identity-not-the-session", String::new()),
            Self::Contradicted => ("identity-contradicted", String::new()),
        }
    }

    pub(super) const fn setback(self) -> Setback {
        match self {
            Self::Level(_) => Setback::Untrustworthy,
            Self::LevelTooLow(obtained) => Setback::LevelTooLow { obtained },
            Self::Incomplete(_) => Setback::IdentityIncomplete,
            Self::Register(_) => Setback::NotConfirmed,
            Self::SomebodyElse => Setback::SomebodyElse,
            Self::NotTheSession => Setback::NotTheSession,
            Self::Contradicted => Setback::Contradicted,
        }
    }

    /// A level beyond its right is one of a provider's lies, and audited among them.
    pub(super) const fn kind(self) -> EventKind {
        match self {
            Self::Level(LevelRefusal::NotAllowed) => EventKind::ProviderFailed,
            Self::Contradicted => EventKind::IdentityContradicted,
            _ => EventKind::IdentityRefused,
        }
    }

    pub(super) fn describe(self, event: AuditEvent) -> AuditEvent {
        match self {
            Self::Level(LevelRefusal::NotAllowed) => event.detail("failure", "id_token_acr"),
            Self::Level(LevelRefusal::Unmapped) => event.detail("reason", "level_unmapped"),
            Self::LevelTooLow(obtained) => event
                .detail("reason", "level_too_low")
                .detail("obtained", obtained),
            Self::Incomplete(claim) => event.detail("reason", "incomplete").detail("claim", claim),
            Self::Register(refusal) => event
                .detail("reason", "register")
                .detail("register", refusal.as_str()),
            Self::SomebodyElse | Self::NotTheSession => event.detail("reason", "somebody_else"),
            Self::Contradicted => event,
        }
    }
}
