//! Rules tried out on claims somebody made up: input, output, and what each rule did. For operators
//! (`guichet provider test`); a login keeps none of this.

use guichet_domain::{Acr, Amr, Claim, IdentityClaims, Provider};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{ClaimsMapping, Input, RuleError};
use crate::upstream::Asserted;

/// What would come of a sign-in.
#[derive(Serialize)]
pub struct Trial {
    /// What the provider would have said.
    pub input: Value,
    /// What each rule of its record does with it, in the order of the claims.
    pub rules: Vec<RuleTrace>,
    /// The claims that would be kept; none when a rule fails.
    pub claims: Option<IdentityClaims>,
    /// The `acr` in the provider's words, after the rules.
    pub acr: Option<String>,
    /// The level it stands for.
    pub level: Option<Acr>,
    /// The methods that would be kept.
    pub amr: Vec<Amr>,
    /// Members of the input that go no further: no claim of ours, and no part of the protocol.
    pub dropped: Vec<String>,
}

/// What one rule did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleTrace {
    /// The claim it makes.
    pub claim: String,
    /// The rule.
    pub rule: String,
    /// Its result; `null` leaves the claim out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<Value>,
    /// Why it failed; a sign-in would be refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl Trial {
    /// Tries the rules of `record` on `input`: `{"id_token": {...}, "userinfo": {...}}`, or the members
    /// of a userinfo answer alone.
    pub fn run(record: &Provider, input: Value) -> Result<Self, RuleError> {
        let mapping = ClaimsMapping::compile(&record.claims_mapping)?;
        let (id_token, userinfo) = parts(&input).ok_or_else(|| RuleError {
            claim: "*".to_owned(),
            reason: "claims are an object, or `id_token` and `userinfo`, each an object".to_owned(),
        })?;
        let parts = Input {
            id_token: &id_token,
            userinfo: userinfo.as_ref(),
        };
        let asserted = Asserted::of(&parts, record, &mapping).ok();
        let acr = asserted.as_ref().and_then(|it| it.acr.clone());
        Ok(Self {
            rules: mapping.trace(&parts)?,
            level: asserted
                .as_ref()
                .and_then(|it| record.level_of(it.acr.as_deref()).ok()),
            acr,
            amr: asserted.as_ref().map_or_else(Vec::new, |it| it.amr.clone()),
            claims: asserted.map(|it| it.claims),
            dropped: dropped(&parts),
            input,
        })
    }
}

impl ClaimsMapping {
    /// What each rule does, whatever became of the others.
    fn trace(&self, input: &Input<'_>) -> Result<Vec<RuleTrace>, RuleError> {
        let context = self.context(input)?;
        let traced = self.rules.iter().map(|rule| {
            let (result, error) = match rule.apply(&context) {
                Ok(value) => (Some(value), None),
                Err(reason) => (None, Some(reason)),
            };
            RuleTrace {
                claim: rule.claim.clone(),
                rule: rule.text.clone(),
                result,
                error,
            }
        });
        Ok(traced.collect())
    }
}

type Members = Map<String, Value>;

fn parts(input: &Value) -> Option<(Members, Option<Members>)> {
    let members = input.as_object()?;
    let part = |name: &str| match members.get(name) {
        None => Some(None),
        Some(part) => part.as_object().cloned().map(Some),
    };
    let is_split = members.contains_key("id_token") || members.contains_key("userinfo");
    if is_split {
        Some((part("id_token")?.unwrap_or_default(), part("userinfo")?))
    } else {
        Some((Members::new(), Some(members.clone())))
    }
}

fn dropped(input: &Input<'_>) -> Vec<String> {
    let of = |members: &Members, protocol: &[&str]| {
        let names = members.keys();
        names
            .filter(|name| !name.parse().is_ok_and(Claim::is_a_providers))
            .filter(|name| !protocol.contains(&name.as_str()))
            .cloned()
            .collect::<Vec<_>>()
    };
    let mut dropped = of(input.id_token, &OF_AN_ID_TOKEN);
    if let Some(userinfo) = input.userinfo {
        dropped.extend(of(userinfo, &OF_USERINFO));
    }
    dropped.sort_unstable();
    dropped.dedup();
    dropped
}

/// Members of an ID token that are judged, not passed on.
const OF_AN_ID_TOKEN: [&str; 13] = [
    "iss",
    "sub",
    "aud",
    "azp",
    "exp",
    "iat",
    "nbf",
    "nonce",
    "at_hash",
    "auth_time",
    "acr",
    "amr",
    "jti",
];
/// Members of a userinfo answer that are.
const OF_USERINFO: [&str; 5] = ["iss", "sub", "aud", "exp", "iat"];
