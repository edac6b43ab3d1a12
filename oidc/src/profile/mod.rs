//! What each profile demands of its clients beyond the standards, as one table: [`Rules`] has a column
//! for every difference, and each profile is one row in a file of its own.

mod fapi2;
mod franceconnect;
mod standard;

use std::time::Duration;

use guichet_domain::client::Profile;
use guichet_domain::{Client, OAuthError};
use guichet_keys::JwsAlg;

/// What differs from one profile to the next.
pub(crate) struct Rules {
    /// Authorization requests must be pushed, whatever the registration says.
    pub(crate) pushed_only: bool,
    /// The longest a pushed request may wait.
    pub(crate) longest_pushed: Duration,
    /// The longest a code may live.
    pub(crate) longest_code: Duration,
    /// The longest an access token or an ID token may live, where the settings allow longer.
    pub(crate) longest_token: Option<Duration>,
    /// What clients may sign with: request objects, assertions.
    pub(crate) client_algs: &'static [JwsAlg],
    /// How request objects are read.
    pub(crate) objects: ObjectRules,
    /// What must stand in an authorization request beyond what OIDC Core demands.
    pub(crate) demands: Demands,
    /// What `prompt` may be, and means.
    pub(crate) prompts: Prompts,
    /// The error for a level that cannot be reached here.
    pub(crate) unmet_level: OAuthError,
    /// Whether signed userinfo bears `exp`.
    pub(crate) userinfo_expires: bool,
    /// Whether an ID token says how the person proved who they are only to a client that is registered
    /// for the scope `amr` and asks for it.
    pub(crate) amr_when_asked: bool,
}

/// What must stand in an authorization request beyond what OIDC Core demands.
#[derive(Clone, Copy)]
pub(crate) struct Demands {
    /// Parameters, each with what is said when it is missing.
    pub(crate) parameters: &'static [(&'static str, &'static str)],
    /// The fewest characters of a nonce.
    pub(crate) shortest_nonce: usize,
}

/// What `prompt` may be, and means.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Prompts {
    /// What OIDC Core says.
    AsAsked,
    /// `login` and `consent` may stand and change nothing: single sign-on is the hub's to grant, and a
    /// page is shown at every login. Other values are refused.
    LoginAndConsent,
}

/// How request objects are read.
pub(crate) struct ObjectRules {
    /// They say it all: parameters beside them do not count, `client_id`, `aud` and both times must be
    /// there (RFC 9101 §5). Otherwise as the object and the registration have it.
    pub(crate) alone: bool,
    /// The longest from `nbf` to `exp`, and from `nbf` to now; both must be there then.
    pub(crate) longest: Option<Duration>,
}

impl Rules {
    /// The rules of a client.
    pub(crate) const fn of(client: &Client) -> &'static Self {
        match client.profile {
            Profile::Standard => &standard::RULES,
            Profile::FranceConnect => &franceconnect::RULES,
            Profile::Fapi2 => &fapi2::RULES,
        }
    }

    /// How long a token lives that lives this long by the settings.
    pub(crate) fn bounded(&self, lifetime: Duration) -> Duration {
        self.longest_token
            .map_or(lifetime, |longest| lifetime.min(longest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fapi2_is_nowhere_weaker_than_the_standard_profile() {
        let (standard, fapi2) = (&standard::RULES, &fapi2::RULES);
        assert!(fapi2.pushed_only && fapi2.objects.alone);
        assert!(fapi2.longest_pushed <= standard.longest_pushed);
        assert!(fapi2.longest_code <= standard.longest_code);
        assert!(fapi2.objects.longest.is_some());
        let is_known = |alg: &JwsAlg| standard.client_algs.contains(alg);
        assert!(fapi2.client_algs.iter().all(is_known));
    }
}
