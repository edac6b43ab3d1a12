//! An answer to a client as a JWT: signed by us, and encrypted where the client registered that (JARM §2).

use guichet_domain::Client;
use guichet_keys::Typ;
use guichet_store::Fault;
use serde_json::{Map, Value};

use crate::Engine;
use crate::refusal::key_fault;

/// The value of `response`. `fields` are those of the answer, `iss` among them; a receiver need not
/// believe it for longer than a code lives.
pub(crate) async fn response(
    engine: &Engine,
    client: &Client,
    fields: &[(&'static str, String)],
) -> Result<String, Fault> {
    let mut claims: Map<String, Value> = fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), Value::from(value.as_str())))
        .collect();
    let expires = engine.now().after(engine.settings().code_lifetime);
    claims.insert("aud".to_owned(), client.id.as_str().into());
    claims.insert("exp".to_owned(), expires.seconds().into());
    let signed = engine
        .parts()
        .keys
        .ring()
        .sign_jwt(client.authorization_alg, Typ::Jwt, &claims)
        .map_err(key_fault("sign an authorization response"))?;
    match client.authorization_encryption {
        Some(with) => engine.encrypt_for(client, with, &signed).await,
        None => Ok(signed),
    }
}
