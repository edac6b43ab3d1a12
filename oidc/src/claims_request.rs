//! Claims asked for one by one (OIDC Core §5.5), as far as they mean something here.

use guichet_domain::{AcrValue, Claim, IdentityClaims};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What the `claims` parameter asks for, of what its client is registered for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClaimsRequest {
    /// Claims for the userinfo answer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) userinfo: Vec<ClaimAsked>,
    /// Claims for the ID token.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) id_token: Vec<ClaimAsked>,
    /// The levels of an essential `acr`: one of them must be stated (§5.5.1.1).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) acr: Vec<AcrValue>,
    /// How the person proved who they are, for the ID token.
    #[serde(skip_serializing_if = "is_not")]
    pub(crate) amr: bool,
}

/// For serde, which asks by reference.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
const fn is_not(asked: &bool) -> bool {
    !*asked
}

/// A claim asked for by its name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ClaimAsked {
    pub(crate) claim: Claim,
    /// The values of which it must have one; any will do when there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) values: Vec<Value>,
}

impl ClaimsRequest {
    /// Whether nothing is asked for in this way.
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The claims asked for, wherever they are to stand.
    pub(crate) fn named(&self) -> impl Iterator<Item = Claim> {
        self.userinfo
            .iter()
            .chain(&self.id_token)
            .map(|asked| asked.claim)
    }

    /// Of `known`, what the userinfo answer gets for its name being asked for.
    pub(crate) fn for_userinfo(&self, known: &IdentityClaims) -> Vec<Claim> {
        fitting(&self.userinfo, known)
    }

    /// Of `known`, what the ID token gets.
    pub(crate) fn for_id_token(&self, known: &IdentityClaims) -> Vec<Claim> {
        fitting(&self.id_token, known)
    }

    /// The level to state for one that was reached: the highest asked for that it satisfies, where
    /// levels are essential, and otherwise itself.
    pub(crate) fn stated(&self, reached: AcrValue) -> AcrValue {
        reached.at_most(&self.acr)
    }
}

/// A claim asked for with values is left out when it has none of them: another value is not what was
/// asked for, and is nothing the client needs to know.
fn fitting(asked: &[ClaimAsked], known: &IdentityClaims) -> Vec<Claim> {
    let values = serde_json::to_value(known).unwrap_or_default();
    let fits = |asked: &&ClaimAsked| {
        asked.values.is_empty() || asked.values.contains(&values[asked.claim.as_str()])
    };
    asked.iter().filter(fits).map(|asked| asked.claim).collect()
}

#[cfg(test)]
mod tests {
    use guichet_domain::Acr;
    use serde_json::json;

    use super::*;

    fn asked(claim: Claim, values: &[Value]) -> ClaimAsked {
        ClaimAsked {
            claim,
            values: values.to_vec(),
        }
    }

    #[test]
    fn a_claim_that_has_none_of_the_values_asked_for_is_left_out() {
        let known = IdentityClaims {
            gender: Some("female".to_owned()),
            email_verified: Some(true),
            ..IdentityClaims::default()
        };
        let request = ClaimsRequest {
            userinfo: vec![
                asked(Claim::Gender, &[json!("male"), json!("female")]),
                asked(Claim::EmailVerified, &[json!("true")]),
                asked(Claim::Email, &[]),
                asked(Claim::GivenName, &[json!("Camille")]),
            ],
            ..ClaimsRequest::default()
        };
        assert_eq!(request.for_userinfo(&known), [Claim::Gender, Claim::Email]);
        assert!(request.for_id_token(&known).is_empty());
    }

    #[test]
    fn an_essential_level_is_stated_as_it_was_asked_for() {
        let of = |acr: &[Acr]| ClaimsRequest {
            acr: acr.iter().copied().map(AcrValue::alone).collect(),
            ..ClaimsRequest::default()
        };
        assert_eq!(
            of(&[Acr::Eidas1, Acr::Eidas2]).stated(Acr::Eidas3.into()),
            Acr::Eidas2
        );
        assert_eq!(of(&[]).stated(Acr::Eidas3.into()), Acr::Eidas3);
        assert_eq!(of(&[Acr::Eidas3]).stated(Acr::Eidas3.into()), Acr::Eidas3);
    }
}
