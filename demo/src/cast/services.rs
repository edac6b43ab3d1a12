//! The four services of the demo as the hub registers them.
//!
//! They differ on purpose, so that a login through each exercises another way of being a client.

use guichet_domain::client::EvidenceRightMetadata;
use guichet_domain::{Acr, ClientKind, ClientMetadata, GrantType, SigningAlg};

use super::data_providers::client_of;
use super::{Addresses, DataProvider, Member};

/// A service of the demo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Service {
    /// "Carte grise": vehicle registration, by a public body.
    CarteGrise,
    /// "Plainte en ligne": complaints to the police; needs `eidas2`.
    Plainte,
    /// "Cantine": the school canteen of a town.
    Cantine,
    /// "Banque": a private bank.
    Banque,
}

/// The evidence a service asks citizens for, and what for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WantedEvidence {
    /// By its name in the catalogue.
    pub evidence_type: &'static str,
    /// Its fields that the service has a right to.
    pub fields: &'static [&'static str],
    /// By its name in the catalogue.
    pub purpose: &'static str,
}

impl Service {
    /// All four.
    pub const ALL: [Self; 4] = [Self::CarteGrise, Self::Plainte, Self::Cantine, Self::Banque];

    /// Its place in the cast.
    pub const fn member(self) -> Member {
        match self {
            Self::CarteGrise => Member::CarteGrise,
            Self::Plainte => Member::Plainte,
            Self::Cantine => Member::Cantine,
            Self::Banque => Member::Banque,
        }
    }

    /// Its `client_id` at the hub.
    pub const fn client_id(self) -> &'static str {
        self.member().slug()
    }

    /// Its secret at the hub. Fictional, like everything here.
    pub const fn client_secret(self) -> &'static str {
        match self {
            Self::CarteGrise => "demo-secret-of-the-service-carte-grise",
            Self::Plainte => "demo-secret-of-the-service-plainte-en-ligne",
            Self::Cantine => "demo-secret-of-the-service-cantine",
            Self::Banque => "demo-secret-of-the-service-banque",
        }
    }

    /// How it authenticates: the value of `token_endpoint_auth_method`.
    pub const fn authentication(self) -> &'static str {
        match self {
            Self::CarteGrise | Self::Cantine => "client_secret_basic",
            Self::Plainte | Self::Banque => "client_secret_post",
        }
    }

    /// The level it needs.
    pub const fn acr(self) -> Acr {
        match self {
            Self::Plainte => Acr::Eidas2,
            Self::CarteGrise | Self::Cantine | Self::Banque => Acr::Eidas1,
        }
    }

    /// The scopes of a sign-in, separated by spaces. Evidence is asked for later, in the procedure.
    pub const fn scope(self) -> &'static str {
        match self {
            Self::CarteGrise => "openid identite_pivot email",
            Self::Plainte => "openid profile birth email",
            Self::Cantine => "openid given_name family_name email",
            Self::Banque => "openid given_name family_name birthdate email",
        }
    }

    /// The evidence it asks for in the middle of a procedure.
    pub const fn evidence(self) -> Option<WantedEvidence> {
        match self {
            Self::CarteGrise => Some(WantedEvidence {
                evidence_type: "certificat-immatriculation",
                fields: &["immatriculation", "modele", "premiere_immatriculation"],
                purpose: "changement-titulaire",
            }),
            Self::Cantine => Some(WantedEvidence {
                evidence_type: "quotient-familial",
                fields: &["quotient", "enfants"],
                purpose: "tarif-cantine",
            }),
            Self::Plainte | Self::Banque => None,
        }
    }

    /// How its ID tokens are signed.
    pub const fn id_token_alg(self) -> SigningAlg {
        match self {
            Self::Banque => SigningAlg::Rs256,
            Self::CarteGrise | Self::Plainte | Self::Cantine => SigningAlg::Es256,
        }
    }

    /// How its userinfo answers are signed; `None` for plain JSON.
    pub const fn userinfo_alg(self) -> Option<SigningAlg> {
        match self {
            Self::Cantine => Some(SigningAlg::Es256),
            Self::CarteGrise | Self::Plainte | Self::Banque => None,
        }
    }

    const fn kind(self) -> ClientKind {
        match self {
            Self::Banque => ClientKind::Private,
            Self::CarteGrise | Self::Plainte | Self::Cantine => ClientKind::Public,
        }
    }
}

/// What the hub is told of its clients: the services, and the data providers, where citizens sign in once.
pub fn clients(addresses: &Addresses) -> Vec<ClientMetadata> {
    let services = Service::ALL.map(|service| client(service, addresses));
    let providers = DataProvider::ALL.map(|provider| client_of(provider, addresses));
    services.into_iter().chain(providers).collect()
}

fn client(service: Service, addresses: &Addresses) -> ClientMetadata {
    let at = |path: &str| addresses.at(service.member(), path);
    let declared = declared(service, addresses);
    let Some(wanted) = service.evidence() else {
        return declared;
    };
    let right = EvidenceRightMetadata {
        evidence_type: wanted.evidence_type.to_owned(),
        fields: wanted.fields.iter().map(ToString::to_string).collect(),
        purposes: vec![wanted.purpose.to_owned()],
        until: None,
    };
    // What is not ready is picked up later, with fresh tokens.
    let grants = [
        GrantType::AuthorizationCode,
        GrantType::RefreshToken,
        GrantType::TokenExchange,
    ];
    ClientMetadata {
        redirect_uris: vec![at("/callback"), at("/evidence/callback")],
        jwks_uri: Some(at("/jwks")),
        events_uri: Some(at("/events")),
        grant_types: Some(grants.map(|grant| grant.as_str().to_owned()).into()),
        evidence_rights: Some(vec![right]),
        ..declared
    }
}

fn declared(service: Service, addresses: &Addresses) -> ClientMetadata {
    let at = |path: &str| addresses.at(service.member(), path);
    ClientMetadata {
        client_secret: Some(service.client_secret().to_owned()),
        redirect_uris: vec![at("/callback")],
        post_logout_redirect_uris: vec![at("/signed-out")],
        backchannel_logout_uri: Some(at("/backchannel-logout")),
        initiate_login_uri: Some(at("/initiate-login")),
        client_uri: Some(at("/")),
        policy_uri: Some(at("/help")),
        token_endpoint_auth_method: Some(service.authentication().to_owned()),
        scope: Some(service.scope().to_owned()),
        id_token_signed_response_alg: Some(service.id_token_alg().as_str().to_owned()),
        userinfo_signed_response_alg: service.userinfo_alg().map(|alg| alg.as_str().to_owned()),
        default_acr_values: Some(vec![service.acr().as_str().to_owned()]),
        kind: Some(service.kind()),
        messages: (service.kind() == ClientKind::Public).then_some(true),
        ..metadata(service.client_id(), service.member().name())
    }
}

/// Metadata that says no more than who it is.
pub(super) fn metadata(client_id: &str, name: &str) -> ClientMetadata {
    ClientMetadata {
        client_id: client_id.to_owned(),
        client_name: Some(name.to_owned()),
        require_pkce: Some(true),
        active: Some(true),
        ..ClientMetadata::default()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use guichet_domain::SecretHash;

    use super::*;

    #[test]
    fn the_hub_would_register_every_service() {
        let checked = clients(&Addresses::default()).into_iter().map(|declared| {
            let name = declared.client_id.clone();
            let client = declared.check(|_| SecretHash::from_bytes([0; 32]));
            client.unwrap_or_else(|error| panic!("{name}: {error}"))
        });
        let checked: Vec<_> = checked.collect();
        let sectors: BTreeSet<_> = checked.iter().map(|client| client.sector.clone()).collect();
        assert_eq!(
            sectors.len(),
            7,
            "each service and each data provider knows a citizen by another name"
        );
        let private: Vec<_> = checked
            .iter()
            .filter(|client| client.needs_consent())
            .collect();
        assert_eq!(private.len(), 1);
        assert_eq!(private[0].name, "Banque");
        assert!(checked.iter().all(guichet_domain::Client::must_use_pkce));
    }

    #[test]
    fn the_services_are_clients_in_different_ways() {
        let of = |service: Service| (service.authentication(), service.userinfo_alg());
        let ways: BTreeSet<_> = Service::ALL.map(of).into_iter().collect();
        assert!(ways.len() >= 3);
    }
}
