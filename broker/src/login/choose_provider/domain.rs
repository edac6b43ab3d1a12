//! Finding a provider by the domain of an e-mail address: for people who know their address and not
//! the name of their account.
//!
//! Only the domain is looked at, and only in the records of providers, so that the answer is the same
//! for every address of a domain: whether anybody has that address, nobody learns (threat N-95). The
//! address itself is neither kept nor passed on.

use std::sync::Arc;

use guichet_domain::{Client, Provider};

use super::EligibleProvider;
use crate::hub::Hub;
use crate::level::RequiredLevel;

impl Hub {
    /// The first provider on the page for owners of an address in the domain of `email` that may be
    /// used.
    pub(super) fn provider_for(
        &self,
        email: &str,
        client: &Client,
        required: &RequiredLevel,
    ) -> Option<EligibleProvider> {
        let domain = domain_of(email)?;
        let providers = self.parts().providers.providers();
        let mut theirs = providers.iter().filter(|provider| knows(provider, &domain));
        theirs.find_map(|provider| self.usable(provider, client, required).ok())
    }
}

/// Whether any of `providers` can be found in this way.
pub(super) fn is_of_use(providers: &[Arc<Provider>]) -> bool {
    let mut offered = providers
        .iter()
        .filter(|provider| provider.active && provider.display.displayed);
    offered.any(|provider| !provider.audience.email_domains.is_empty())
}

fn knows(provider: &Provider, domain: &str) -> bool {
    let domains = &provider.audience.email_domains;
    domains.iter().any(|known| known == domain)
}

/// The domain of an address, or the domain alone, in lower case.
fn domain_of(email: &str) -> Option<String> {
    let domain = email.trim().rsplit('@').next()?;
    let is_domain = (1..=253).contains(&domain.len())
        && domain
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    is_domain.then(|| domain.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_domain_is_what_stands_after_the_last_at() {
        let domain = |text| domain_of(text);
        assert_eq!(
            domain(" Camille@Laposte.NET ").as_deref(),
            Some("laposte.net")
        );
        assert_eq!(domain("laposte.net").as_deref(), Some("laposte.net"));
        assert_eq!(domain("a@b@c.fr").as_deref(), Some("c.fr"));
        for nonsense in ["", "camille@", "camille@a b.fr", "x@exa\u{301}mple.fr"] {
            assert_eq!(domain(nonsense), None, "{nonsense}");
        }
    }
}
