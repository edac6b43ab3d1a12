//! The two embedded identity providers of the demo: how the hub knows them, and they the hub.

use guichet_domain::provider::{ProviderAuthentication, SandboxUse};
use guichet_domain::{Acr, CivilRegisterPolicy, ClientMetadata, ProviderMetadata};

use super::services::metadata;
use super::{Addresses, Member};

/// An identity provider of the demo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IdentityProvider {
    /// "Compte Citoyen": `eidas1` by password, `eidas2` with a second factor.
    CompteCitoyen,
    /// "Identité Postale": `eidas1` by password.
    IdentitePostale,
}

/// Where a provider sends browsers and logout tokens back to at the hub: paths below the hub's base
/// URL, each beginning with a slash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReturnPaths<'a> {
    /// After a sign-in; the provider's id is appended as a segment.
    pub callback: &'a str,
    /// After a sign-out.
    pub post_logout: &'a str,
    /// For logout tokens, if the hub takes any.
    pub backchannel_logout: Option<&'a str>,
}

impl IdentityProvider {
    /// Both.
    pub const ALL: [Self; 2] = [Self::CompteCitoyen, Self::IdentitePostale];

    /// Its place in the cast.
    pub const fn member(self) -> Member {
        match self {
            Self::CompteCitoyen => Member::CompteCitoyen,
            Self::IdentitePostale => Member::IdentitePostale,
        }
    }

    /// Its `ProviderId` at the hub, and so the last segment of its redirect URI there.
    pub const fn id(self) -> &'static str {
        self.member().slug()
    }

    const fn levels(self) -> &'static [Acr] {
        match self {
            Self::CompteCitoyen => &[Acr::Eidas1, Acr::Eidas2],
            Self::IdentitePostale => &[Acr::Eidas1],
        }
    }

    /// The secret the hub has there. Fictional, like everything here.
    const fn secret(self) -> &'static str {
        match self {
            Self::CompteCitoyen => "demo-secret-of-the-hub-at-compte-citoyen",
            Self::IdentitePostale => "demo-secret-of-the-hub-at-identite-postale",
        }
    }

    const fn authentication(self) -> ProviderAuthentication {
        match self {
            Self::CompteCitoyen => ProviderAuthentication::ClientSecretBasic,
            Self::IdentitePostale => ProviderAuthentication::ClientSecretPost,
        }
    }
}

/// What the hub is told of its providers.
pub fn providers(addresses: &Addresses) -> Vec<ProviderMetadata> {
    let provider = |(order, provider): (i64, IdentityProvider)| ProviderMetadata {
        id: provider.id().to_owned(),
        name: Some(provider.member().name().to_owned()),
        issuer: addresses.of(provider.member()).to_owned(),
        client_id: HUB_CLIENT_ID.to_owned(),
        client_secret: Some(provider.secret().to_owned()),
        token_endpoint_auth_method: Some(provider.authentication()),
        scope: Some("openid profile birth email".to_owned()),
        levels: Some(provider.levels().to_vec()),
        civil_register: Some(CivilRegisterPolicy::Required),
        active: Some(true),
        // Nobody of the demo is who they are: it serves what is tried out as well.
        sandbox: Some(SandboxUse::Also),
        order: Some(order),
        ..ProviderMetadata::default()
    };
    (1..).zip(IdentityProvider::ALL).map(provider).collect()
}

/// What `provider` is told of its one client, the hub.
pub fn hub_as_client(
    provider: IdentityProvider,
    addresses: &Addresses,
    paths: ReturnPaths<'_>,
) -> ClientMetadata {
    let at_hub = |path: &str| addresses.at(Member::Hub, path);
    let method = match provider.authentication() {
        ProviderAuthentication::ClientSecretPost => "client_secret_post",
        _ => "client_secret_basic",
    };
    ClientMetadata {
        client_secret: Some(provider.secret().to_owned()),
        token_endpoint_auth_method: Some(method.to_owned()),
        redirect_uris: vec![at_hub(&format!("{}/{}", paths.callback, provider.id()))],
        post_logout_redirect_uris: vec![at_hub(paths.post_logout)],
        backchannel_logout_uri: paths.backchannel_logout.map(at_hub),
        client_uri: Some(at_hub("/")),
        scope: Some("openid profile birth email".to_owned()),
        ..metadata(HUB_CLIENT_ID, Member::Hub.name())
    }
}

/// How the hub is called at both.
const HUB_CLIENT_ID: &str = "guichet";

#[cfg(test)]
mod tests {
    use guichet_domain::{Sealed, SecretHash};

    use super::*;

    #[test]
    fn both_sides_agree_on_each_other() {
        let addresses = Addresses::default();
        let paths = ReturnPaths {
            callback: "/callback",
            post_logout: "/signed-out",
            backchannel_logout: Some("/backchannel-logout"),
        };
        for (declared, provider) in providers(&addresses).iter().zip(IdentityProvider::ALL) {
            let seal = |secret: &str| Sealed::from_bytes(secret.as_bytes().to_vec());
            let known = declared.check(seal, CivilRegisterPolicy::Skip).unwrap();
            let hub = hub_as_client(provider, &addresses, paths);
            assert_eq!(known.client_id, hub.client_id);
            assert_eq!(declared.client_secret, hub.client_secret);
            let client = hub.check(|_| SecretHash::from_bytes([0; 32])).unwrap();
            let callback = format!("http://localhost:8000/callback/{}", known.id);
            assert!(client.redirect_uri(&callback).is_some());
        }
    }
}
