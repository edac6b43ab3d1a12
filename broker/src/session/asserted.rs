//! Who said what of the person in a session: kept beside the claims, sealed with them, gone with them.

use guichet_domain::{Acr, Amr, Claim, IdentityClaims, ProviderId, Timestamp};
use serde::{Deserialize, Serialize};

/// Something a session was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Assertion {
    /// By whom.
    pub(crate) by: Source,
    /// When: for a provider, when the person signed in there.
    pub(crate) at: Timestamp,
    /// When the hub was told.
    pub(crate) heard: Timestamp,
    /// Which claims.
    pub(crate) claims: Vec<Claim>,
}

/// Who can say something of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Source {
    /// A provider, at a sign-in.
    Provider {
        /// Which.
        id: ProviderId,
        /// The level that the sign-in reached.
        acr: Acr,
        /// By which methods.
        amr: Vec<Amr>,
    },
    /// The civil register, which confirmed or corrected what a provider said.
    Register,
}

/// The claims that civil status settles: those of the pivot identity.
pub(crate) const CIVIL_STATUS: [Claim; 6] = [
    Claim::FamilyName,
    Claim::GivenName,
    Claim::Gender,
    Claim::Birthdate,
    Claim::Birthplace,
    Claim::Birthcountry,
];

/// The claims that have a value.
pub(crate) fn stated(claims: &IdentityClaims) -> Vec<Claim> {
    let is_stated = |claim: &Claim| match claim {
        Claim::EmailVerified => claims.email_verified.is_some(),
        claim => claims.shown(*claim).is_some(),
    };
    Claim::ALL.into_iter().filter(is_stated).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::login::tests::complete_claims;

    #[test]
    fn what_has_a_value_was_stated_and_nothing_else() {
        let mut claims = complete_claims();
        claims.phone_number = None;
        claims.birthplace = Some(String::new());
        let stated = stated(&claims);
        assert!(stated.contains(&Claim::FamilyName));
        assert!(!stated.contains(&Claim::PhoneNumber) && !stated.contains(&Claim::Birthplace));
    }
}
