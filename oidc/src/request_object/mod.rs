//! Request objects: parameters that a client signed, and perhaps encrypted for us (OIDC Core §6,
//! RFC 9101). The signature, what the object says of itself, and then what counts of it.

mod judge;
mod unpack;

use guichet_domain::{Client, OAuthError};
use serde_json::{Map, Value};

use crate::Engine;
use crate::parameters::Parameters;
use crate::profile::Rules;
use crate::refusal::{Failure, Refusal};

/// What a client signed.
pub(crate) struct RequestObject {
    claims: Map<String, Value>,
    /// It declares itself by the type of RFC 9101 §10.8, and so is read by the rules of RFC 9101.
    is_declared: bool,
}

impl RequestObject {
    /// Opens and verifies what came as `request`, or was found at `request_uri`.
    pub(crate) async fn check(
        engine: &Engine,
        client: &Client,
        text: &str,
    ) -> Result<Self, Failure> {
        let verified = unpack::verified(engine, client, text).await?;
        let rules = &Rules::of(client).objects;
        judge::itself(engine, client, &verified.claims, rules)?;
        Ok(Self {
            is_declared: is_declared(verified.typ.as_deref()),
            claims: verified.claims,
        })
    }

    /// The parameters that count. The object wins over what stands beside it. Where the profile, the
    /// registration or the object's own type calls for RFC 9101, nothing beside it counts at all
    /// (§6.3); otherwise what it leaves out may stand beside it (OIDC Core §6.1).
    pub(crate) fn parameters(
        &self,
        client: &Client,
        beside: &Parameters,
        known: &[&'static str],
    ) -> Result<Parameters, Refusal> {
        let inside = Parameters::of_claims(&self.claims, known)
            .ok_or(refused("a parameter in the request object is malformed"))?;
        if ["request", "request_uri"]
            .iter()
            .any(|name| inside.is_sent(name))
        {
            return Err(refused("a request object must not hold another"));
        }
        let is_alone =
            Rules::of(client).objects.alone || client.requests.require_signed || self.is_declared;
        match inside.get("client_id") {
            Some(id) if id != client.id.as_str() => {
                return Err(refused("the request object is of another client"));
            }
            None if is_alone => return Err(refused("the request object lacks client_id")),
            Some(_) | None => (),
        }
        let types = (beside.get("response_type"), inside.get("response_type"));
        if matches!(types, (Some(beside), Some(inside)) if beside != inside) {
            return Err(Refusal::new(
                OAuthError::InvalidRequest,
                "response_type differs between the request object and what stands beside it",
            ));
        }
        Ok(if is_alone {
            inside
        } else {
            inside.or_from(beside, &["request", "request_uri"])
        })
    }
}

/// Whether `typ` says `oauth-authz-req+jwt`.
fn is_declared(typ: Option<&str>) -> bool {
    typ.is_some_and(|typ| {
        let typ = typ.to_ascii_lowercase();
        typ.strip_prefix("application/").unwrap_or(&typ) == "oauth-authz-req+jwt"
    })
}

const fn refused(description: &'static str) -> Refusal {
    Refusal::new(OAuthError::InvalidRequestObject, description)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_type_is_known_whatever_its_case_and_prefix() {
        for typ in [
            "oauth-authz-req+jwt",
            "OAuth-Authz-Req+JWT",
            "application/oauth-authz-req+jwt",
        ] {
            assert!(is_declared(Some(typ)), "{typ}");
        }
        for typ in [None, Some("JWT"), Some("at+jwt"), Some("")] {
            assert!(!is_declared(typ), "{typ:?}");
        }
    }
}
