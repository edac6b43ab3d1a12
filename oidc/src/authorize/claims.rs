//! `claims`: what a client asks for by name (OIDC Core §5.5).
//!
//! Names nobody here knows are ignored (§5.5.1), and so are claims that no registered scope of the
//! client stands for: naming one is no way around onboarding (threat N-40). Two members are demands
//! rather than wishes: `sub` with a value, and an essential `acr`. An application of FranceConnect that
//! names `amr` and is not registered for it is told.

use std::collections::BTreeMap;

use guichet_domain::{AcrValue, Claim, Client, OAuthError, SubjectIdentifier};
use serde::Deserialize;
use serde_json::Value;

use super::scope::AMR;
use crate::claims_request::{ClaimAsked, ClaimsRequest};
use crate::parameters::Parameters;
use crate::profile::Rules;
use crate::refusal::Refusal;

/// What the parameter says, read once.
pub(super) struct Named {
    /// What is asked for.
    pub(super) request: ClaimsRequest,
    /// The one person it is about, if it names one.
    pub(super) subject: Option<SubjectIdentifier>,
    /// The levels it names.
    pub(super) levels: NamedLevels,
}

/// Levels named by the claim `acr`.
#[derive(Default)]
pub(crate) struct NamedLevels {
    /// Essential: one of them must be reached.
    pub(super) demanded: Vec<AcrValue>,
    /// Voluntary: as good as `acr_values`.
    pub(super) wished: Vec<AcrValue>,
}

/// Reads `claims`.
pub(super) fn named(client: &Client, asked: &Parameters) -> Result<Named, Refusal> {
    let members: Members = match asked.get("claims") {
        Some(text) => serde_json::from_str(text).map_err(|_| MALFORMED)?,
        None => Members::default(),
    };
    let acr = members.id_token.get("acr").and_then(Option::as_ref);
    let levels = acr.map(levels).transpose()?.unwrap_or_default();
    let mut named = NamedLevels::default();
    if acr.is_some_and(|acr| acr.essential) {
        named.demanded = levels;
    } else {
        named.wished = levels;
    }
    Ok(Named {
        subject: members.subject()?,
        request: ClaimsRequest {
            userinfo: of_identity(client, &members.userinfo),
            id_token: of_identity(client, &members.id_token),
            acr: named.demanded.clone(),
            amr: amr(client, &members)?,
        },
        levels: named,
    })
}

/// The two members that mean something; others are ignored.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Members {
    userinfo: BTreeMap<String, Option<Wish>>,
    id_token: BTreeMap<String, Option<Wish>>,
}

/// How a claim is asked for (§5.5.1).
#[derive(Default, Deserialize)]
#[serde(default)]
struct Wish {
    essential: bool,
    value: Option<Value>,
    values: Vec<Value>,
}

impl Wish {
    fn values(&self) -> impl Iterator<Item = &Value> {
        self.value.iter().chain(&self.values)
    }
}

impl Members {
    /// The subject demanded, in either member: one value, or nobody could tell whom it is about.
    fn subject(&self) -> Result<Option<SubjectIdentifier>, Refusal> {
        let wishes = [&self.userinfo, &self.id_token];
        let wishes = wishes
            .iter()
            .filter_map(|member| member.get("sub")?.as_ref());
        let mut values: Vec<&Value> = wishes.flat_map(Wish::values).collect();
        values.dedup();
        match values.as_slice() {
            [] => Ok(None),
            [one] => {
                let subject = one.as_str().and_then(|text| text.parse().ok());
                subject.map(Some).ok_or(NOBODY)
            }
            _ => Err(Refusal::new(
                OAuthError::InvalidRequest,
                "claims names several values of sub",
            )),
        }
    }
}

/// Whether the client asks how the person proved who they are, where it would not be told anyway.
fn amr(client: &Client, members: &Members) -> Result<bool, Refusal> {
    let asks = Rules::of(client).amr_when_asked && members.id_token.contains_key(AMR);
    if asks && !client.scopes.contains(AMR) {
        return Err(NOT_TOLD);
    }
    Ok(asks)
}

/// Claims about a person that the client may ask for.
fn of_identity(client: &Client, member: &BTreeMap<String, Option<Wish>>) -> Vec<ClaimAsked> {
    let registered = client.scopes.claims();
    let asked = member.iter().filter_map(|(name, wish)| {
        let claim: Claim = name.parse().ok()?;
        let values = wish.iter().flat_map(Wish::values).cloned().collect();
        registered
            .contains(&claim)
            .then_some(ClaimAsked { claim, values })
    });
    asked.collect()
}

/// The levels that `acr` is asked for with. Essential, and none of them known here: nobody could ever
/// satisfy it (§5.5.1.1).
fn levels(acr: &Wish) -> Result<Vec<AcrValue>, Refusal> {
    let known: Vec<AcrValue> = acr
        .values()
        .filter_map(|value| value.as_str()?.parse().ok())
        .collect();
    if acr.essential && known.is_empty() && acr.values().next().is_some() {
        return Err(Refusal::new(
            OAuthError::UnmetAuthenticationRequirements,
            "no acr value that claims demands is known here",
        ));
    }
    Ok(known)
}

const MALFORMED: Refusal = Refusal::new(
    OAuthError::InvalidRequest,
    "claims is not a JSON object as OIDC Core 5.5 has it",
);
const NOT_TOLD: Refusal = Refusal::new(
    OAuthError::InvalidScope,
    "claims names amr, which the client is not registered for",
);
const NOBODY: Refusal = Refusal::new(
    OAuthError::LoginRequired,
    "claims names a sub that nobody has here",
);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use guichet_domain::Acr;

    use super::*;

    fn read(text: &str) -> Result<Named, Refusal> {
        let metadata: guichet_domain::ClientMetadata = serde_json::from_value(serde_json::json!({
            "client_id": "c", "client_secret": "a-secret-of-the-tests", "scope": "openid email",
            "redirect_uris": ["https://c.example/cb"],
        }))
        .unwrap();
        let client = metadata.check(guichet_keys::client_secret_hash).unwrap();
        named(&client, &Parameters::default().with("claims", text))
    }

    #[test]
    fn what_no_registered_scope_stands_for_is_left_out() {
        let named = read(
            r#"{"userinfo": {"email": null, "family_name": {"essential": true}, "x": 1, "y": null},
                "id_token": {"email_verified": {"value": true}}, "other": 5}"#,
        );
        // A wish that is no object is malformed, whatever it is for.
        assert_eq!(named.err(), Some(MALFORMED));
        let named = read(
            r#"{"userinfo": {"email": null, "family_name": {"essential": true}, "y": null},
                "id_token": {"email_verified": {"value": true}}, "other": 5}"#,
        )
        .ok()
        .unwrap();
        let of_member =
            |asked: &[ClaimAsked]| asked.iter().map(|asked| asked.claim).collect::<Vec<_>>();
        assert_eq!(of_member(&named.request.userinfo), [Claim::Email]);
        assert_eq!(of_member(&named.request.id_token), [Claim::EmailVerified]);
        assert!(named.request.acr.is_empty() && named.subject.is_none());
    }

    #[test]
    fn an_essential_level_is_a_demand_and_any_other_a_wish() {
        let named =
            read(r#"{"id_token": {"acr": {"essential": true, "values": ["eidas2", "x"]}}}"#);
        assert_eq!(named.ok().unwrap().request.acr, [Acr::Eidas2]);
        let named = read(r#"{"id_token": {"acr": {"values": ["eidas2"]}}}"#)
            .ok()
            .unwrap();
        assert!(named.request.acr.is_empty());
        assert_eq!(named.levels.wished, [Acr::Eidas2]);
        let refused = read(r#"{"id_token": {"acr": {"essential": true, "value": "urn:high"}}}"#);
        assert_eq!(
            refused.err().map(|refusal| refusal.error),
            Some(OAuthError::UnmetAuthenticationRequirements)
        );
        assert!(read(r#"{"id_token": {"acr": {"essential": true}}}"#).is_ok());
    }

    #[test]
    fn a_subject_is_named_once() {
        let named = read(
            r#"{"userinfo": {"sub": {"value": "abc"}}, "id_token": {"sub": {"value": "abc"}}}"#,
        );
        assert_eq!(named.ok().unwrap().subject.unwrap().as_str(), "abc");
        for text in [
            r#"{"userinfo": {"sub": {"value": "abc"}}, "id_token": {"sub": {"value": "abd"}}}"#,
            r#"{"id_token": {"sub": {"values": ["abc", "abd"]}}}"#,
            r#"{"id_token": {"sub": {"value": 5}}}"#,
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,200}") {
            if serde_json::from_str::<Value>(&text).is_err() && !text.is_empty() {
                prop_assert!(read(&text).is_err());
            }
        }
    }
}
