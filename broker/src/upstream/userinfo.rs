//! The claims about the person, from the provider's userinfo endpoint (OIDC Core §5.3): JSON, a signed
//! JWT, or one that is encrypted for us.

use guichet_keys::{TypRule, VerifyPolicy, verify};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Request, StatusCode};
use serde_json::{Map, Value};

use super::envelope::opened;
use super::id_token::{VerifiedIdToken, accepted_algs};
use super::lie::Lie;
use super::means::Means;
use super::{ProviderFailure, Upstream};

/// An answer of the userinfo endpoint, not yet believed.
pub(crate) enum Userinfo {
    /// As JSON, vouched for by the connection alone.
    Plain(Map<String, Value>),
    /// As a JWT, perhaps encrypted.
    Token(String),
}

impl Upstream {
    /// Asks for the claims; `None` where the provider has no such endpoint.
    pub(crate) async fn ask_userinfo(
        &self,
        access_token: &str,
        means: &Means,
    ) -> Result<Option<Userinfo>, ProviderFailure> {
        let Some(endpoint) = &self.addresses.userinfo else {
            return Ok(None);
        };
        let scheme = if self.record.requests.dpop {
            "DPoP"
        } else {
            "Bearer"
        };
        let mut authorization = HeaderValue::from_str(&format!("{scheme} {access_token}"))
            .map_err(|_| ProviderFailure::Garbled)?;
        authorization.set_sensitive(true);
        let make = || {
            Request::get(endpoint.as_str())
                .header(ACCEPT, "application/json, application/jwt;q=0.9")
                .header(AUTHORIZATION, authorization.clone())
                .body(Vec::new())
                .map_err(|_| ProviderFailure::Unusable)
        };
        let answer = self.send_proved(Some(access_token), means, make).await?;
        if answer.status() != StatusCode::OK {
            return Err(ProviderFailure::of_status(answer.status()));
        }
        let body = answer.body();
        if is_jwt(answer.headers()) {
            let text = std::str::from_utf8(body).map_err(|_| ProviderFailure::Garbled)?;
            return Ok(Some(Userinfo::Token(text.trim().to_owned())));
        }
        serde_json::from_slice(body)
            .map(|members| Some(Userinfo::Plain(members)))
            .map_err(|_| ProviderFailure::Garbled)
    }

    /// What a userinfo answer says, if it is signed as registered and speaks of the person of the ID
    /// token (§5.3.2).
    pub(crate) fn read_userinfo(
        &self,
        answer: &Userinfo,
        id_token: &VerifiedIdToken,
        means: &Means,
    ) -> Result<Map<String, Value>, Lie> {
        let members = match answer {
            Userinfo::Plain(_) if self.record.answers.userinfo_alg.is_some() => {
                return Err(Lie::UserinfoForm);
            }
            Userinfo::Plain(members) => members.clone(),
            Userinfo::Token(token) => self.signed_members(token, means)?,
        };
        if members.get("sub").and_then(Value::as_str) == Some(id_token.subject()) {
            Ok(members)
        } else {
            Err(Lie::UserinfoSubject)
        }
    }

    fn signed_members(&self, token: &str, means: &Means) -> Result<Map<String, Value>, Lie> {
        let answers = &self.record.answers;
        let ring = means.keys.decryption_ring();
        let jwt =
            opened(token, answers.userinfo_encryption, ring).ok_or(Lie::UserinfoEncryption)?;
        let policy = VerifyPolicy {
            algs: &accepted_algs(answers.userinfo_alg),
            typ: TypRule::JwtOrAbsent,
        };
        let claims = verify(&jwt, &self.keys, policy)
            .map_err(Lie::of_userinfo)?
            .claims;
        // §5.3.2: both should be there; where they are, they must be right.
        let wrong = |name: &str, right: &str| match claims.get(name) {
            None => false,
            Some(Value::Array(values)) => !values.iter().any(|value| value == right),
            Some(value) => value != right,
        };
        if wrong("iss", &self.record.issuer) {
            return Err(Lie::UserinfoIssuer);
        }
        if wrong("aud", &self.record.client_id) {
            return Err(Lie::UserinfoAudience);
        }
        Ok(claims)
    }
}

fn is_jwt(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/jwt")
}
