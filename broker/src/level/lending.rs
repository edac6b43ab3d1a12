//! How high single sign-on goes: the policy of the hub, beside which each client has a word of its own
//! (`sso` in its record).

use guichet_domain::{Acr, AcrValue};

/// Whether a session answers several requests, and at which level at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SingleSignOn {
    /// Whether it does at all.
    pub enabled: bool,
    /// The highest level it lends. A request for more signs in anew each time; a session that reached
    /// more lends this and says so.
    pub highest: Acr,
}

impl Default for SingleSignOn {
    /// Up to `eidas2`: `eidas3` says that somebody has just shown who they are.
    fn default() -> Self {
        Self {
            enabled: true,
            highest: Acr::Eidas2,
        }
    }
}

impl SingleSignOn {
    /// The level that a session which reached `reached` lends; none where there is no single sign-on.
    pub(crate) fn lends(self, reached: AcrValue) -> Option<AcrValue> {
        let level = reached.level.min(self.highest);
        self.enabled.then_some(AcrValue { level, ..reached })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_lends_no_more_than_the_policy_and_no_more_than_it_reached() {
        let up_to_two = SingleSignOn::default();
        let lends = |reached: AcrValue| up_to_two.lends(reached).map(AcrValue::as_str);
        assert_eq!(lends(Acr::Eidas3.into()), Some("eidas2"));
        assert_eq!(lends(Acr::Eidas1.into()), Some("eidas1"));
        let two_high = AcrValue::corroborated(Acr::Eidas3);
        assert_eq!(lends(two_high), Some("eidas2-corroborated"));
        let none = SingleSignOn {
            enabled: false,
            ..up_to_two
        };
        assert_eq!(none.lends(Acr::Eidas1.into()), None);
    }
}
