//! What a provider's record makes of its claims: rules in CEL, the Common Expression Language, one for
//! each claim of ours (threat N-75).
//!
//! A rule sees three variables: `claims` (the userinfo answer over the ID token), `id_token` and
//! `userinfo`. It reads and computes; it cannot loop, define, call out or keep anything: the macros of
//! the language that iterate are not there, nor are the functions whose results can be much larger than
//! what they are given (`sandbox`). So what a rule costs is bounded by its length and by the size of
//! what came, both of which are limited. Its result must be what the claim is (`result`).
//!
//! | file | does |
//! |---|---|
//! | `sandbox` | what may stand in a rule |
//! | `result` | what may come out |
//! | `trial` | rules tried out, with each one's trace |

mod result;
mod sandbox;
mod trial;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use cel::{Context, Env, Program};
use serde_json::{Map, Value};

pub use trial::{RuleTrace, Trial};

/// The rules of one record, compiled once.
pub struct ClaimsMapping {
    env: Arc<Env>,
    rules: Vec<Rule>,
}

struct Rule {
    claim: String,
    text: String,
    program: Program,
}

/// Why a rule cannot be used, or failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{claim}: {reason}")]
pub struct RuleError {
    /// The claim it is for.
    pub claim: String,
    /// What is wrong. Names places and types, never values.
    pub reason: String,
}

/// What rules are applied to: the members of what a provider signed or sent, believed.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// The ID token's.
    pub id_token: &'a Map<String, Value>,
    /// The userinfo answer's, where there was one.
    pub userinfo: Option<&'a Map<String, Value>>,
}

impl ClaimsMapping {
    /// Compiles the rules of a record, each for the claim it stands under.
    pub fn compile(rules: &BTreeMap<String, String>) -> Result<Self, RuleError> {
        let env = Arc::new(sandbox::env());
        let compiled = rules.iter().map(|(claim, text)| {
            let program = sandbox::compile(&env, text).map_err(|reason| RuleError {
                claim: claim.clone(),
                reason,
            })?;
            Ok(Rule {
                claim: claim.clone(),
                text: text.clone(),
                program,
            })
        });
        let rules = compiled.collect::<Result<_, _>>()?;
        Ok(Self { env, rules })
    }

    /// What each rule makes of `input`; `null` where a claim is to be left out.
    pub fn apply(&self, input: &Input<'_>) -> Result<Map<String, Value>, RuleError> {
        let mut made = Map::new();
        if self.rules.is_empty() {
            return Ok(made);
        }
        let context = self.context(input)?;
        for rule in &self.rules {
            let value = rule.apply(&context).map_err(|reason| RuleError {
                claim: rule.claim.clone(),
                reason,
            })?;
            made.insert(rule.claim.clone(), value);
        }
        Ok(made)
    }

    fn context(&self, input: &Input<'_>) -> Result<Context<'static, 'static>, RuleError> {
        let all = |reason: &str| RuleError {
            claim: "*".to_owned(),
            reason: reason.to_owned(),
        };
        if !is_moderate(input) {
            return Err(all("the provider's answer is too large for rules"));
        }
        let mut claims = input.id_token.clone();
        if let Some(userinfo) = input.userinfo {
            claims.extend(
                userinfo
                    .iter()
                    .map(|(name, value)| (name.clone(), value.clone())),
            );
        }
        let nothing = Map::new();
        let mut context = Context::with_env(Arc::clone(&self.env));
        for (name, members) in [
            ("claims", &claims),
            ("id_token", input.id_token),
            ("userinfo", input.userinfo.unwrap_or(&nothing)),
        ] {
            let value = cel::to_value(members).map_err(|_| all("an answer that is no data"))?;
            context.add_variable_from_value(name, value);
        }
        Ok(context)
    }
}

impl Rule {
    fn apply(&self, context: &Context<'_, '_>) -> Result<Value, String> {
        let value = self
            .program
            .execute(context)
            .map_err(|error| sandbox::told(&error, self.program.expression()))?;
        result::checked(&self.claim, &value)
    }
}

/// Rules run over no more than this, whatever the line lets through.
fn is_moderate(input: &Input<'_>) -> bool {
    let size = |members: &Map<String, Value>| {
        serde_json::to_vec(members).map_or(usize::MAX, |bytes| bytes.len())
    };
    let userinfo = input.userinfo.map_or(0, size);
    size(input.id_token).saturating_add(userinfo) <= LARGEST_INPUT
}

/// In bytes of JSON, an ID token and a userinfo answer together.
const LARGEST_INPUT: usize = 16 * 1024;
