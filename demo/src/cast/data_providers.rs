//! The data providers of the demo and the evidence each holds.

use guichet_domain::{ClientMetadata, DataProviderMetadata, Preview};

use super::services::metadata;
use super::{Addresses, Member};

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

    /// Its name at the hub: as a data provider, and as the client that it introspects with.
    pub const fn id(self) -> &'static str {
        self.member().slug()
    }

    /// What it holds, by its name in the catalogue.
    pub const fn evidence_type(self) -> &'static str {
        match self {
            Self::Famille => "quotient-familial",
            Self::Impots => "revenu-fiscal",
            Self::Vehicules => "certificat-immatriculation",
        }
    }

    /// Where a citizen sees what would leave.
    pub const fn preview(self) -> Preview {
        match self {
            Self::Famille | Self::Impots => Preview::Fetched,
            Self::Vehicules => Preview::OwnPage,
        }
    }
}

impl DataProvider {
    /// How many entries of its register it may have indexed a day.
    const fn indexed_a_day(self) -> u32 {
        match self {
            Self::Impots => 10_000,
            Self::Famille | Self::Vehicules => 0,
        }
    }

    /// Whether it may be told who a citizen is, if they say so, where it does not know them yet.
    const fn may_receive_identity(self) -> bool {
        matches!(self, Self::Vehicules)
    }
}

/// What the hub is told of its data providers.
pub fn data_providers(addresses: &Addresses) -> Vec<DataProviderMetadata> {
    let record = |provider: DataProvider| DataProviderMetadata {
        id: provider.id().to_owned(),
        name: Some(provider.member().name().to_owned()),
        client_id: provider.id().to_owned(),
        evidence_endpoint: addresses.at(provider.member(), "/evidence"),
        evidence: vec![provider.evidence_type().to_owned()],
        preview: Some(provider.preview()),
        indexed_a_day: Some(provider.indexed_a_day()),
        may_receive_identity: Some(provider.may_receive_identity()),
        ..DataProviderMetadata::default()
    };
    DataProvider::ALL.map(record).into()
}

/// The client that a data provider is: it introspects vouchers, and citizens sign in there once, so that
/// it knows whom a voucher means.
pub(super) fn client_of(provider: DataProvider, addresses: &Addresses) -> ClientMetadata {
    let at = |path: &str| addresses.at(provider.member(), path);
    ClientMetadata {
        redirect_uris: vec![at("/callback")],
        client_uri: Some(at("/")),
        policy_uri: Some(at("/help")),
        token_endpoint_auth_method: Some("private_key_jwt".to_owned()),
        jwks_uri: Some(at("/jwks")),
        events_uri: Some(at("/events")),
        scope: Some("openid identite_pivot".to_owned()),
        // Where vouchers name citizens too: a sign-in and a voucher mean the same person.
        sector: Some(format!("data-provider:{}", provider.id())),
        default_acr_values: Some(vec!["eidas1".to_owned()]),
        ..metadata(provider.id(), provider.member().name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hub_would_register_every_data_provider() {
        for declared in data_providers(&Addresses::default()) {
            let checked = declared.check();
            let checked = checked.unwrap_or_else(|error| panic!("{}: {error}", declared.id));
            assert!(checked.offers(&declared.evidence[0].parse().unwrap()));
            let may_know = declared.id == DataProvider::Vehicules.id();
            assert_eq!(checked.may_receive_identity, may_know);
        }
    }
}
