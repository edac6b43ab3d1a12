//! Software statements: somebody whom the operator trusts says what a piece of software is (RFC 7591
//! §2.3). What it says wins over what the client says.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::{ClientMetadata, KeySource, OAuthError};
use guichet_keys::{JwkSet, JwsAlg, TimeRule, TypRule, VerifyPolicy, verify};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::time::Duration;

use super::answer::{Failed, Unregistrable};
use super::intake::{self, Asked};
use super::policy::{RegistrationPolicy, StatementIssuer};
use crate::Engine;
use crate::fetch::Document;

/// The metadata of a request, with what its software statement says over it.
pub(super) async fn merge(
    engine: &Engine,
    policy: &RegistrationPolicy,
    asked: Asked,
) -> Result<ClientMetadata, Failed> {
    let mut members = asked.members;
    match &asked.software_statement {
        Some(statement) => {
            let said = verified(engine, policy, statement).await?;
            members.extend(
                said.into_iter()
                    .filter(|(name, _)| !OF_THE_STATEMENT.contains(&name.as_str())),
            );
        }
        None if policy.statements.required => return Err(invalid("one is needed here").into()),
        None => {}
    }
    Ok(intake::metadata(members)?)
}

/// What a statement says, once its signature and its times hold.
async fn verified(
    engine: &Engine,
    policy: &RegistrationPolicy,
    statement: &str,
) -> Result<Map<String, Value>, Failed> {
    let issuer = claimed_issuer(statement).ok_or_else(|| invalid("not a JWT with an iss"))?;
    let trusted = policy
        .statements
        .issuers
        .iter()
        .find(|known| known.issuer == issuer)
        .ok_or_else(|| {
            Unregistrable::statement(
                OAuthError::UnapprovedSoftwareStatement,
                "its issuer is not one that is trusted here",
            )
        })?;
    let keys = keys(engine, trusted).await?;
    let verified = verify(
        statement,
        &keys,
        VerifyPolicy {
            algs: &JwsAlg::ALL,
            typ: TypRule::JwtOrAbsent,
        },
    )
    .map_err(|_| invalid("its signature does not hold"))?;
    let rule = TimeRule {
        now: engine.now(),
        leeway: LEEWAY,
        longest: None,
    };
    // It need not expire (RFC 7591 §2.3); what it does say of its times counts.
    let times = if verified.claims.contains_key("exp") {
        verified.check_times(rule).map(drop)
    } else {
        verified.has_begun(rule)
    };
    times.map_err(|_| invalid("it has expired or is not valid yet"))?;
    Ok(verified.claims)
}

/// Whom a statement claims to be from: only to know whose keys to verify it with.
fn claimed_issuer(statement: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Claimed {
        iss: String,
    }
    let payload = URL_SAFE_NO_PAD.decode(statement.split('.').nth(1)?).ok()?;
    let claimed: Claimed = serde_json::from_slice(&payload).ok()?;
    Some(claimed.iss)
}

async fn keys(engine: &Engine, issuer: &StatementIssuer) -> Result<JwkSet, Unregistrable> {
    let unreadable = |_| invalid("the keys of its issuer cannot be read");
    match &issuer.keys {
        KeySource::Jwks(set) => JwkSet::from_value(set).map_err(unreadable),
        KeySource::JwksUri(url) => {
            let fetched = engine.parts().fetch.get(url, Document::Jwks).await;
            let set = fetched.map_err(|_| invalid("the keys of its issuer cannot be fetched"))?;
            JwkSet::parse(&set).map_err(unreadable)
        }
    }
}

/// What a statement says of itself, or may not say of a client.
const OF_THE_STATEMENT: [&str; 10] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "client_id",
    "client_secret",
    "software_statement",
];

const LEEWAY: Duration = Duration::from_mins(1);

fn invalid(reason: &str) -> Unregistrable {
    Unregistrable::statement(OAuthError::InvalidSoftwareStatement, reason)
}
