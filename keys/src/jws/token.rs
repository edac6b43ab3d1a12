//! A compact JWS taken apart (RFC 7515 §7.1), strictly.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::{JwsAlg, JwsRefusal, TypRule, Verified, VerifyPolicy};
use crate::jwk::VerifyingKey;
use crate::strict_json;

/// The longest token looked at, in bytes.
pub(super) const MAX_TOKEN: usize = 16 * 1024;

/// A token taken apart, nothing of it believed yet.
pub(crate) struct Token<'a> {
    /// Header and payload as they were signed.
    pub(super) signed: &'a str,
    payload: Vec<u8>,
    signature: &'a str,
    /// The signature's bytes.
    pub(super) signature_bytes: Vec<u8>,
    /// The `alg` in the header.
    pub(super) alg: String,
    typ: Option<String>,
    /// The `kid` in the header.
    pub(crate) kid: Option<String>,
    /// The `jwk` in the header, whatever it is: only a token that is its own proof is judged by it.
    pub(super) jwk: Option<Value>,
}

impl<'a> Token<'a> {
    /// Takes a compact JWS apart.
    pub(crate) fn parse(jwt: &'a str) -> Result<Self, JwsRefusal> {
        Self::parse_within(jwt, MAX_TOKEN)
    }

    /// The same for one of at most `longest` bytes.
    pub(super) fn parse_within(jwt: &'a str, longest: usize) -> Result<Self, JwsRefusal> {
        if jwt.len() > longest {
            return Err(JwsRefusal::TooLong);
        }
        let (signed, signature) = jwt.rsplit_once('.').ok_or(JwsRefusal::NotCompact)?;
        let (header, payload) = signed.split_once('.').ok_or(JwsRefusal::NotCompact)?;
        // The decoder refuses padding, other alphabets, a second dot and non-canonical last bits.
        let decoded = |part: &str| {
            URL_SAFE_NO_PAD
                .decode(part)
                .map_err(|_| JwsRefusal::NotCompact)
        };
        let signature_bytes = decoded(signature)?;
        let payload = decoded(payload)?;
        let mut members = strict_json::object(&decoded(header)?).ok_or(JwsRefusal::Header)?;
        if members.contains_key("crit") || members.contains_key("b64") {
            return Err(JwsRefusal::Critical);
        }
        let text = |name: &str| match members.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(JwsRefusal::Header),
        };
        Ok(Self {
            signed,
            payload,
            signature,
            signature_bytes,
            alg: text("alg")?.ok_or(JwsRefusal::Header)?,
            typ: text("typ")?,
            kid: text("kid")?,
            jwk: members.remove("jwk"),
        })
    }

    /// The algorithm, if `policy` accepts it and the type.
    pub(crate) fn check(&self, policy: VerifyPolicy<'_>) -> Result<JwsAlg, JwsRefusal> {
        let alg = JwsAlg::named(&self.alg).filter(|alg| policy.algs.contains(alg));
        let alg = alg.ok_or(JwsRefusal::Alg)?;
        self.check_typ(policy.typ)?;
        Ok(alg)
    }

    /// Refuses another type than `rule` admits.
    pub(super) fn check_typ(&self, rule: TypRule) -> Result<(), JwsRefusal> {
        if rule.admits(self.typ.as_deref()) {
            Ok(())
        } else {
            Err(JwsRefusal::Typ)
        }
    }

    /// Whether the signature is `key`'s.
    pub(crate) fn holds_under(&self, key: &VerifyingKey, alg: JwsAlg) -> bool {
        key.verifies(alg, self.signed.as_bytes(), self.signature)
    }

    /// The claims; only after the signature was found to hold.
    pub(crate) fn verified<A>(self, alg: A) -> Result<Verified<A>, JwsRefusal> {
        Ok(Verified {
            claims: strict_json::object(&self.payload).ok_or(JwsRefusal::Claims)?,
            alg,
            typ: self.typ,
            kid: self.kid,
        })
    }
}
