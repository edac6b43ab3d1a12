//! An identity on its way from what the provider stated to what may be used: each type holds what was shown of
//! it by then.

use guichet_domain::{Acr, PivotIdentity};

use super::register::RegisterWord;
use crate::level::RequiredLevel;

/// A level that is at least the one the service needs. Made by [`SufficientAcr::check`] alone.
#[derive(Clone, Copy)]
pub(crate) struct SufficientAcr(Acr);

impl SufficientAcr {
    /// `obtained`, if it satisfies `required`.
    pub(crate) fn check(obtained: Acr, required: &RequiredLevel) -> Option<Self> {
        (obtained >= required.of_each()).then_some(Self(obtained))
    }

    /// The level.
    pub(crate) const fn level(self) -> Acr {
        self.0
    }
}

/// An identity whose level suffices and that is complete, as the provider stated it.
pub(crate) struct Judged {
    pub(super) acr: SufficientAcr,
    pub(super) pivot: PivotIdentity,
}

/// An identity that may be used: its level suffices, it is complete, the register has nothing against
/// it.
pub(crate) struct VerifiedIdentity {
    pub(super) acr: SufficientAcr,
    pub(super) pivot: PivotIdentity,
    pub(super) register: RegisterWord,
}

impl Judged {
    /// The level reached.
    pub(crate) const fn level(&self) -> Acr {
        self.acr.level()
    }

    /// As the register has it.
    pub(super) fn with(self, pivot: PivotIdentity) -> Self {
        Self { pivot, ..self }
    }

    /// With what the register had to say.
    pub(super) fn verified(self, register: RegisterWord) -> VerifiedIdentity {
        VerifiedIdentity {
            acr: self.acr,
            pivot: self.pivot,
            register,
        }
    }
}

impl VerifiedIdentity {
    pub(crate) const fn pivot(&self) -> &PivotIdentity {
        &self.pivot
    }

    pub(crate) const fn register(&self) -> &RegisterWord {
        &self.register
    }
}
