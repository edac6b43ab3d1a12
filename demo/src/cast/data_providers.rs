//! The data providers of the demo and the evidence each holds.

use super::Member;

/// A data provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DataProvider {
    /// "Famille": family quotients.
    Famille,
    /// "Impôts": reference tax incomes.
    Impots,
    /// "Véhicules": registrations.
    Vehicules,
}

impl DataProvider {
    /// All three.
    pub const ALL: [Self; 3] = [Self::Famille, Self::Impots, Self::Vehicules];

    /// Its place in the cast.
    pub const fn member(self) -> Member {
        match self {
            Self::Famille => Member::Famille,
            Self::Impots => Member::Impots,
            Self::Vehicules => Member::Vehicules,
        }
    }

    /// The scopes of the evidence it holds.
    pub const fn scopes(self) -> &'static [&'static str] {
        match self {
            Self::Famille => &["cnaf_quotient_familial", "cnaf_enfants"],
            Self::Impots => &["dgfip_rfr", "dgfip_nbpart"],
            Self::Vehicules => &["mi_siv_carte_grise"],
        }
    }
}
