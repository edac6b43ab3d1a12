//! Words that several pages of the account have in common.

use guichet_domain::client::ClientDirectory as _;
use guichet_domain::{Claim, ClientId, Scopes};
use guichet_web::Locale;

use crate::Portal;

impl Portal {
    /// What a service is called; its identifier when it is gone.
    pub(crate) fn service_name(&self, id: &ClientId) -> String {
        if id.as_str() == crate::CLIENT_ID {
            return self.pages.text(Locale::French, "portal-title", &[]);
        }
        let client = self.registry.client(id.as_str());
        client.map_or_else(|| id.to_string(), |it| it.name.clone())
    }

    /// What a service is told by these scopes, in words; nothing for one that stands for nothing of the
    /// citizen.
    pub(crate) fn told_by(&self, scopes: &Scopes, locale: Locale) -> Vec<String> {
        let claims = scopes.claims().into_iter();
        let mut told: Vec<String> = claims
            .filter(|claim| !matches!(claim, Claim::GivenNameArray | Claim::EmailVerified))
            .filter_map(|claim| self.claim_text(claim, locale))
            .collect();
        if let Some(desk) = &self.exchange {
            let facts = scopes.iter();
            let facts = facts.filter_map(|scope| desk.catalogue().label(scope, locale.tag()));
            told.extend(facts.map(str::to_owned));
        }
        told
    }

    /// What a claim is called where the citizen agrees to it.
    fn claim_text(&self, claim: Claim, locale: Locale) -> Option<String> {
        self.known_text(
            locale,
            &format!("claim-{}", claim.as_str().replace('_', "-")),
        )
    }

    /// A text, if there is one of this name.
    pub(crate) fn known_text(&self, locale: Locale, id: &str) -> Option<String> {
        Some(self.pages.text(locale, id, &[])).filter(|text| text != id)
    }
}
