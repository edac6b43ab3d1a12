//! The four services of the demo as the hub registers them.
//!
//! They differ on purpose, so that a login through each exercises another way of being a client.

use guichet_domain::{Acr, ClientKind, ClientMetadata, SigningAlg};

use super::{Addresses, Member};

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

    /// The scopes it asks for, separated by spaces.
    pub const fn scope(self) -> &'static str {
        match self {
            Self::CarteGrise => "openid identite_pivot email mi_siv_carte_grise",
            Self::Plainte => "openid profile birth email",
            Self::Cantine => "openid given_name family_name email cnaf_quotient_familial",
            Self::Banque => "openid given_name family_name birthdate email",
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

/// What the hub is told of its services.
pub fn clients(addresses: &Addresses) -> Vec<ClientMetadata> {
    Service::ALL
        .map(|service| client(service, addresses))
        .into()
}

fn client(service: Service, addresses: &Addresses) -> ClientMetadata {
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
            4,
            "each service knows a citizen by another name"
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
