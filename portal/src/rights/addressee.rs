//! Whom a citizen's request is for: where what is wrong, or is to be forgotten, comes from.

use std::collections::{BTreeMap, BTreeSet};

use guichet_domain::client::ClientDirectory as _;
use guichet_domain::{ClientId, DataProviderId, PersonId, ProviderId, Sector};
use guichet_store::Fault;
use guichet_store::durable::RightKind;
use guichet_web::Locale;
use serde::Serialize;

use crate::Portal;

/// Whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Addressee {
    /// Whoever operates this hub.
    Hub,
    /// The civil register.
    Register,
    /// The data-protection authority.
    Authority,
    /// An identity provider.
    Provider(ProviderId),
    /// A service.
    Service(ClientId),
    /// A data provider.
    DataProvider(DataProviderId),
}

/// One of those that a form offers.
#[derive(Serialize)]
pub(super) struct Choice {
    value: String,
    label: String,
}

impl Addressee {
    /// As it rests, and as a form posts it.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Hub | Self::Register | Self::Authority => self.kind().to_owned(),
            Self::Provider(id) => format!("provider {id}"),
            Self::Service(id) => format!("service {id}"),
            Self::DataProvider(id) => format!("holder {id}"),
        }
    }

    /// The one of this text.
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text.split_once(' ') {
            None => match text {
                "hub" => Some(Self::Hub),
                "register" => Some(Self::Register),
                "authority" => Some(Self::Authority),
                _ => None,
            },
            Some(("provider", id)) => id.parse().ok().map(Self::Provider),
            Some(("service", id)) => id.parse().ok().map(Self::Service),
            Some(("holder", id)) => id.parse().ok().map(Self::DataProvider),
            Some(_) => None,
        }
    }

    /// The end of the texts' names that say how it is dealt with.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Hub => "hub",
            Self::Register => "register",
            Self::Authority => "authority",
            Self::Provider(_) => "provider",
            Self::Service(_) => "service",
            Self::DataProvider(_) => "holder",
        }
    }
}

impl Portal {
    /// What an addressee is called.
    pub(super) fn addressee_name(&self, addressee: &Addressee, locale: Locale) -> String {
        let text = |id: &str| self.pages.text(locale, id, &[]);
        match addressee {
            Addressee::Hub if self.authority.controller.is_empty() => text("rights-to-hub"),
            Addressee::Hub => self.authority.controller.clone(),
            Addressee::Register => text("rights-to-register"),
            Addressee::Authority if self.authority.name.is_empty() => text("rights-authority"),
            Addressee::Authority => self.authority.name.clone(),
            Addressee::Provider(id) => {
                let known = self.registry.provider(id.as_str());
                known.map_or_else(|| id.to_string(), |it| it.name.clone())
            }
            Addressee::Service(id) => self.service_name(id),
            Addressee::DataProvider(id) => match &self.exchange {
                Some(desk) => desk.holder_name(id),
                None => id.to_string(),
            },
        }
    }

    /// Where an addressee says how it deals with such requests, as far as that is registered.
    pub(super) fn addressee_page(&self, addressee: &Addressee) -> Option<String> {
        match addressee {
            Addressee::Authority => self.authority.uri.as_ref().map(ToString::to_string),
            Addressee::Service(id) => {
                let client = self.registry.client(id.as_str())?;
                let page = client.policy_uri.as_ref().or(client.client_uri.as_ref());
                page.map(ToString::to_string)
            }
            _ => None,
        }
    }

    /// Those whom a person may ask something of this kind: who knows them, and where their data comes from.
    pub(super) async fn addressees(
        &self,
        person: PersonId,
        kind: RightKind,
    ) -> Result<Vec<Addressee>, Fault> {
        if kind == RightKind::Complaint {
            return Ok(vec![Addressee::Authority]);
        }
        let mut offered = Vec::new();
        if kind == RightKind::Rectification {
            offered.push(Addressee::Register);
            let providers = self.registry.providers();
            let providers = providers.iter().filter(|provider| provider.active);
            offered.extend(providers.map(|it| Addressee::Provider(it.id.clone())));
        }
        if let Some(desk) = &self.exchange {
            let decided = desk.of_person(person, MOST).await?;
            let holders: BTreeSet<_> = decided.into_iter().map(|it| it.data_provider).collect();
            offered.extend(holders.into_iter().map(Addressee::DataProvider));
        }
        let names = self.names_of(person).await?;
        let sectors: BTreeSet<Sector> = names.into_iter().map(|name| name.sector).collect();
        let clients = self.registry.clients();
        let known = clients.iter().filter(|it| sectors.contains(&it.sector));
        let services: BTreeMap<_, _> = known.map(|it| (it.name.clone(), it.id.clone())).collect();
        offered.extend(services.into_values().map(Addressee::Service));
        offered.push(Addressee::Hub);
        Ok(offered)
    }

    /// The same, as a form offers them.
    pub(super) fn choices(&self, offered: &[Addressee], locale: Locale) -> Vec<Choice> {
        let choice = |it: &Addressee| Choice {
            value: it.text(),
            label: self.addressee_name(it, locale),
        };
        offered.iter().map(choice).collect()
    }
}

/// How far back decisions on evidence are looked at.
const MOST: u32 = 1000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_addressee_is_found_again_by_its_text_and_nothing_else_is_one() {
        let all = [
            Addressee::Hub,
            Addressee::Register,
            Addressee::Authority,
            Addressee::Provider("cc".parse().unwrap()),
            Addressee::Service("cantine".parse().unwrap()),
            Addressee::DataProvider("famille".parse().unwrap()),
        ];
        for one in all {
            assert_eq!(Addressee::parse(&one.text()), Some(one));
        }
        for stranger in [
            "",
            "service",
            "service ",
            "hub x",
            "staff admin",
            "service a b",
        ] {
            assert_eq!(Addressee::parse(stranger), None, "{stranger}");
        }
    }
}
