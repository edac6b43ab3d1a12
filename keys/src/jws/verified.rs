//! What a signature vouches for: the claims, and the times among them.

use guichet_domain::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{JwsAlg, JwsRefusal, TimeRule};

/// A token whose signature holds. What the claims say is still to be judged.
#[derive(Clone)]
pub struct Verified<A = JwsAlg> {
    /// The claims.
    pub claims: Map<String, Value>,
    /// The algorithm that signed.
    pub alg: A,
    /// The `typ` in the header, as it stands there.
    pub typ: Option<String>,
    /// The `kid` in the header.
    pub kid: Option<String>,
}

impl<A> Verified<A> {
    /// The claims as a type.
    pub fn claims_as<T: DeserializeOwned>(self) -> Result<T, JwsRefusal> {
        serde_json::from_value(Value::Object(self.claims)).map_err(|_| JwsRefusal::Claims)
    }

    /// Checks `exp` (required), `nbf` and `iat` (where there are any); returns `exp`, up to which a
    /// replay guard must remember the token.
    pub fn check_times(&self, rule: TimeRule) -> Result<Timestamp, JwsRefusal> {
        let expires = self.time("exp")?.ok_or(JwsRefusal::Claims)?;
        if rule.now.before(rule.leeway) >= expires {
            return Err(JwsRefusal::Expired);
        }
        self.has_begun(rule)?;
        let horizon = rule.now.after(rule.leeway);
        if rule
            .longest
            .is_some_and(|longest| expires > horizon.after(longest))
        {
            return Err(JwsRefusal::TooLongLived);
        }
        Ok(expires)
    }

    /// Judges `nbf` and `iat` alone, each where it stands: for what need not expire.
    pub fn has_begun(&self, rule: TimeRule) -> Result<(), JwsRefusal> {
        let horizon = rule.now.after(rule.leeway);
        for name in ["nbf", "iat"] {
            if self.time(name)?.is_some_and(|time| time > horizon) {
                return Err(JwsRefusal::NotYet);
            }
        }
        Ok(())
    }

    /// `iat`: when it says it was made, for proofs that are fresh or worth nothing.
    pub fn iat(&self) -> Result<Option<Timestamp>, JwsRefusal> {
        self.time("iat")
    }

    /// A `NumericDate` (RFC 7519 §2): a number of seconds, perhaps with a fraction, which is dropped.
    fn time(&self, name: &str) -> Result<Option<Timestamp>, JwsRefusal> {
        let Some(value) = self.claims.get(name) else {
            return Ok(None);
        };
        if let Some(seconds) = value.as_i64() {
            return Ok(Some(Timestamp::from_seconds(seconds)));
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "saturates, as Timestamp does"
        )]
        let seconds = value.as_f64().ok_or(JwsRefusal::Claims)? as i64;
        Ok(Some(Timestamp::from_seconds(seconds)))
    }
}
