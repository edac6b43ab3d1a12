//! Whether a client brings keys and secrets of its own: what opens the sandbox opens nothing else, whichever of
//! the two came first.

use guichet_domain::{Client, ClientAuthentication, InvalidMember, KeySource, Rule, Timestamp};
use guichet_oidc::ClientSecrets;
use guichet_store::Fault;
use serde_json::Value;

/// Refuses a client what one on the other side has, be that the sandbox or production: its secret, a key, or the
/// address of its keys.
pub(super) fn check(
    client: &Client,
    given: Option<&str>,
    (secrets, now): (&ClientSecrets, Timestamp),
    apart: &[&Client],
) -> Result<Result<(), InvalidMember>, Fault> {
    let reason = Rule::SharedKeys;
    for other in apart {
        if shares_keys(client.keys.as_ref(), other.keys.as_ref()) {
            return Ok(Err(InvalidMember::new("jwks", reason)));
        }
        if let Some(given) = given
            && has_secret(other)
            && !secrets.is_another(other, given, now)?
        {
            return Ok(Err(InvalidMember::new("client_secret", reason)));
        }
    }
    Ok(Ok(()))
}

fn has_secret(client: &Client) -> bool {
    matches!(
        client.authentication,
        ClientAuthentication::ClientSecretBasic { .. }
            | ClientAuthentication::ClientSecretPost { .. }
            | ClientAuthentication::ClientSecretJwt { .. }
    )
}

fn shares_keys(one: Option<&KeySource>, other: Option<&KeySource>) -> bool {
    match (one, other) {
        (Some(KeySource::JwksUri(one)), Some(KeySource::JwksUri(other))) => one == other,
        (Some(KeySource::Jwks(one)), Some(KeySource::Jwks(other))) => {
            let known: Vec<_> = materials(other);
            materials(one).iter().any(|it| known.contains(it))
        }
        _ => false,
    }
}

/// What makes a key that key, whatever it is called (RFC 7638).
fn materials(jwks: &Value) -> Vec<[Option<&str>; 4]> {
    let keys = jwks["keys"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    keys.iter()
        .map(|key| ["crv", "x", "y", "n"].map(|name| key.get(name).and_then(Value::as_str)))
        .collect()
}
