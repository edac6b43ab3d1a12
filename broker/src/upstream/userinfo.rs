//! The claims about the person, from the provider's userinfo endpoint (OIDC Core §5.3): JSON, or a
//! signed JWT.

use guichet_domain::IdentityClaims;
use guichet_keys::{TypRule, VerifyPolicy, verify};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, Request, StatusCode};
use serde_json::{Map, Value};

use super::id_token::{ALGS, Lie, VerifiedIdToken};
use super::transport::Transport;
use super::{ProviderFailure, Upstream};

impl Upstream {
    /// Everything the provider says of the person: what stands in the ID token, and over it what its
    /// userinfo endpoint says, which must speak of the same `sub` (OIDC Core §5.3.2).
    pub(crate) async fn claims(
        &self,
        id_token: &VerifiedIdToken,
        access_token: &str,
        transport: &Transport,
    ) -> Result<IdentityClaims, ProviderFailure> {
        let Some(endpoint) = &self.userinfo else {
            return Ok(id_token.claims().clone());
        };
        let request = Request::get(endpoint.as_str())
            .header(ACCEPT, "application/json, application/jwt;q=0.9")
            .header(AUTHORIZATION, format!("Bearer {access_token}"))
            .body(Vec::new())
            .map_err(|_| ProviderFailure::Unusable)?;
        let answer = transport
            .send(request)
            .await
            .map_err(|error| ProviderFailure::from(&error))?;
        if answer.status() != StatusCode::OK {
            return Err(ProviderFailure::Error);
        }
        let members = if is_jwt(answer.headers()) {
            self.signed_members(answer.body())?
        } else {
            serde_json::from_slice(answer.body()).map_err(|_| ProviderFailure::Garbled)?
        };
        if members.get("sub").and_then(Value::as_str) != Some(id_token.subject()) {
            return Err(ProviderFailure::Lie(Lie::UserinfoSubject));
        }
        let said = identity_claims(&members).ok_or(ProviderFailure::Garbled)?;
        Ok(over(id_token.claims().clone(), said))
    }

    fn signed_members(&self, body: &[u8]) -> Result<Map<String, Value>, ProviderFailure> {
        let jwt = std::str::from_utf8(body).map_err(|_| ProviderFailure::Garbled)?;
        let policy = VerifyPolicy {
            algs: &ALGS,
            typ: TypRule::JwtOrAbsent,
        };
        let verified = verify(jwt.trim(), &self.keys, policy)
            .map_err(|refusal| ProviderFailure::Lie(refusal.into()))?;
        let claims = verified.claims;
        // §5.3.2: both should be there; where they are, they must be right.
        let wrong = |name: &str, right: &str| match claims.get(name) {
            None => false,
            Some(Value::Array(values)) => !values.iter().any(|value| value == right),
            Some(value) => value != right,
        };
        if wrong("iss", &self.record.issuer) {
            return Err(ProviderFailure::Lie(Lie::Issuer));
        }
        if wrong("aud", &self.record.client_id) {
            return Err(ProviderFailure::Lie(Lie::Audience));
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

/// The identity claims among `members`; others are dropped (threat N-17). `None` when one of them has
/// a wrong type.
pub(super) fn identity_claims(members: &Map<String, Value>) -> Option<IdentityClaims> {
    let mut known: Map<String, Value> = members
        .iter()
        .filter(|(name, value)| name.parse::<guichet_domain::Claim>().is_ok() && !value.is_null())
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    // Some providers write it as text.
    if let Some(flag) = known.get_mut("email_verified") {
        match flag.as_str() {
            Some("true") => *flag = Value::Bool(true),
            Some("false") => *flag = Value::Bool(false),
            _ => (),
        }
    }
    serde_json::from_value(Value::Object(known)).ok()
}

fn over(below: IdentityClaims, above: IdentityClaims) -> IdentityClaims {
    // The same names, together and one by one.
    let (given_name, given_name_array) = match above.given_name {
        Some(names) => (Some(names), above.given_name_array),
        None => (below.given_name, below.given_name_array),
    };
    // An address and whether it was verified belong together.
    let (email, email_verified) = match above.email {
        Some(email) => (Some(email), above.email_verified),
        None => (below.email, below.email_verified),
    };
    IdentityClaims {
        given_name,
        given_name_array,
        family_name: above.family_name.or(below.family_name),
        preferred_username: above.preferred_username.or(below.preferred_username),
        gender: above.gender.or(below.gender),
        birthdate: above.birthdate.or(below.birthdate),
        // The hub's own to say.
        idp_birthdate: None,
        idp_id: None,
        birthplace: above.birthplace.or(below.birthplace),
        birthcountry: above.birthcountry.or(below.birthcountry),
        email,
        email_verified,
        phone_number: above.phone_number.or(below.phone_number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(json: Value) -> Map<String, Value> {
        match json {
            Value::Object(members) => members,
            _ => unreachable!("an object"),
        }
    }

    #[test]
    fn only_identity_claims_of_the_right_type_are_taken() {
        let taken = identity_claims(&members(serde_json::json!({
            "sub": "1", "given_name": "Camille", "acr": "eidas3", "groups": ["admin"],
            "email_verified": "true", "phone_number": null,
        })));
        let taken = taken.unwrap();
        assert_eq!(
            serde_json::to_string(&taken).unwrap(),
            r#"{"given_name":"Camille","email_verified":true}"#
        );
        let wrong = identity_claims(&members(serde_json::json!({"given_name": 5})));
        assert!(wrong.is_none());
    }

    #[test]
    fn the_userinfo_answer_goes_over_the_token_and_verification_stays_with_its_address() {
        let claims = |json| identity_claims(&members(json)).unwrap();
        let below = claims(serde_json::json!({
            "given_name": "A", "family_name": "B", "email": "a@x", "email_verified": true}));
        let above = claims(serde_json::json!({"given_name": "C", "email": "c@x"}));
        let both = over(below, above);
        assert_eq!(both.given_name.as_deref(), Some("C"));
        assert_eq!(both.family_name.as_deref(), Some("B"));
        assert_eq!(both.email.as_deref(), Some("c@x"));
        assert_eq!(both.email_verified, None);
    }
}
