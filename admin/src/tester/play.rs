//! What an attempt is answered: right in everything but the one thing that its case is about.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use guichet_domain::Timestamp;
use guichet_keys::{KeysError, LoneKey, Typ};
use serde_json::{Value, json};
use url::Url;

use super::Case;
use super::run::Attempt;

/// A person who does not exist, and another.
const SUB: &str = "tester-personne-fictive";
const OTHER_SUB: &str = "tester-quelqu-un-d-autre";
/// How long an ID token is good.
const LIFETIME: Duration = Duration::from_mins(5);
const A_DAY: Duration = Duration::from_hours(24);

/// Where the browser goes back to.
pub(super) fn answer(issuer: &str, attempt: &Attempt, code: &str) -> Option<Url> {
    let mut address = Url::parse(&attempt.redirect_uri).ok()?;
    {
        let mut query = address.query_pairs_mut();
        query.append_pair("code", code);
        match (attempt.case, &attempt.state) {
            (Case::MissingState, _) | (_, None) => {}
            (Case::WrongState, Some(state)) => {
                query.append_pair("state", &format!("{state}-of-somebody-else"));
            }
            (_, Some(state)) => {
                query.append_pair("state", state);
            }
        }
        let is_mixed_up = attempt.case == Case::MixedUpResponse;
        query.append_pair("iss", &somebody(issuer, is_mixed_up));
    }
    Some(address)
}

/// The ID token of an attempt whose code was the one of `original`.
pub(super) fn id_token(
    (issuer, client): (&str, &str),
    (attempt, original): (&Attempt, &Attempt),
    key: &LoneKey,
    now: Timestamp,
) -> Result<String, KeysError> {
    let case = attempt.case;
    let made = if case == Case::Expired {
        now.before(A_DAY)
    } else {
        now
    };
    let seconds = |at: Timestamp| at.millis().div_euclid(1000);
    let mut claims = json!({
        "iss": somebody(issuer, case == Case::MixedUpToken),
        "sub": SUB,
        "aud": somebody(client, case == Case::WrongAudience),
        "iat": seconds(made),
        "auth_time": seconds(made),
        "exp": seconds(made.after(LIFETIME)),
        "acr": "eidas1",
    });
    if let Some(nonce) = &original.nonce {
        let is_wrong = case == Case::WrongNonce;
        claims["nonce"] = somebody(nonce, is_wrong).into();
    }
    Ok(match case {
        Case::AlgNone => {
            let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
            format!(
                "{}.{}.",
                part(&json!({"alg": "none", "typ": "JWT"})),
                part(&claims)
            )
        }
        Case::BadSignature => broken(&key.sign(Typ::Jwt, &claims)?),
        _ => key.sign(Typ::Jwt, &claims)?,
    })
}

/// What userinfo says.
pub(super) fn userinfo(attempt: &Attempt) -> Value {
    let sub = if attempt.case == Case::SwappedSub {
        OTHER_SUB
    } else {
        SUB
    };
    json!({"sub": sub, "given_name": "Essai", "family_name": "FICTIF", "email": "essai@example.invalid"})
}

/// The text, or one that is somebody else's.
fn somebody(text: &str, else_: bool) -> String {
    let more = if else_ { "-of-somebody-else" } else { "" };
    format!("{text}{more}")
}

/// The token with one character of its signature changed: the first, all of whose bits count.
fn broken(token: &str) -> String {
    let Some((rest, signature)) = token.rsplit_once('.') else {
        return token.to_owned();
    };
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    let changed: String = std::iter::once(first)
        .chain(signature.chars().skip(1))
        .collect();
    format!("{rest}.{changed}")
}
