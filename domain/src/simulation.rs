//! A login that never was, as it is asked for and told: what would happen for a service, a provider and a
//! citizen, rule by rule. `broker` answers it, by the code that a real login asks.

use serde::Serialize;
use serde_json::{Value, json};

use crate::Acr;

/// What is tried out.
#[derive(Clone, Debug)]
pub struct Rehearsal {
    /// The parameters of the authorization request, form encoded.
    pub parameters: String,
    /// The provider that the citizen would choose.
    pub provider: String,
    /// What that provider would say of them: `{"id_token": {...}, "userinfo": {...}}`.
    pub claims: Value,
}

/// One rule, and what it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct RuleOutcome {
    /// Which rule: `client`, `redirect_uri`, `request`, `switch`, `level`, `idp_hint`, `provider`, `claims`,
    /// `identity`, `register`, `consent`, `subject` or `released`.
    pub rule: &'static str,
    /// Whether the login goes on: `passes`, `stops`, or `tells` where there is nothing to be stopped by.
    pub verdict: Verdict,
    /// What it says, in words for those who operate the hub.
    pub says: String,
    /// The same as a name, for whoever says it in another language; empty where there is nothing to say.
    pub reason: String,
    /// What the reason is about: a level, a claim, a word of the hub's own.
    pub what: String,
    /// More of it, for programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<Value>,
}

/// What becomes of a login at a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It goes on.
    Passes,
    /// It ends there.
    Stops,
    /// It goes on; this is how.
    Tells,
}

/// What would happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Simulation {
    /// Whether the service would get a code.
    pub signs_in: bool,
    /// The rules in the order in which they are asked, up to the one that stops it.
    pub rules: Vec<RuleOutcome>,
}

/// What a provider would say of nobody in particular, at this level.
pub fn somebody(level: Acr) -> Value {
    json!({
        "id_token": {"sub": "example", "acr": level.as_str(), "amr": ["pwd"]},
        "userinfo": {
            "sub": "example", "given_name": "Camille Aimée", "family_name": "MARTIN",
            "birthdate": "1990-04-12", "gender": "female", "birthplace": "69383",
            "birthcountry": "99100", "email": "camille@example.org", "email_verified": true,
        },
    })
}
