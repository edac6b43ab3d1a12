//! The product's settings for the bench: two services, one provider, everything on loopback.

use std::path::Path;

use anyhow::Result;
use guichet_integration_tests::keys::SigningKey;
use guichet_integration_tests::machine::free_port;
use guichet_integration_tests::node_settings::toml;
use serde_json::{Value, json};

use crate::stub_provider::{CLIENT_ID, CLIENT_SECRET};
use crate::walker::{
    ENCRYPTED, FETCHING, HOLDER, PLAIN, PROVIDER, RENEWING, SIGNED, Service, UserinfoForm,
};

/// Where the product listens.
pub(crate) struct Addresses {
    /// The public address and issuer.
    pub(crate) issuer: String,
    /// The base of the management listener.
    pub(crate) management: String,
    listen: u16,
    manage: u16,
}

/// The keys of a service that fetches evidence and of who holds it: the hub must know them first.
pub(crate) struct Parties {
    /// Of the service.
    pub(crate) service: SigningKey,
    /// Of the data provider.
    pub(crate) holder: SigningKey,
}

impl Parties {
    /// Fresh ones.
    pub(crate) fn new() -> Result<Self> {
        Ok(Self {
            service: SigningKey::generate("bench-fetching")?,
            holder: SigningKey::generate("bench-holder")?,
        })
    }
}

/// Where the product keeps its records.
pub(crate) struct Stores {
    /// `sqlite:PATH` or a `postgres://` URL.
    pub(crate) durable: String,
    /// `memory` or a `redis://` URL.
    pub(crate) short_lived: String,
}

impl Addresses {
    /// On ports that are free now.
    pub(crate) fn free() -> Result<Self> {
        let (listen, manage) = (free_port()?, free_port()?);
        Ok(Self {
            issuer: format!("http://localhost:{listen}"),
            management: format!("http://127.0.0.1:{manage}"),
            listen,
            manage,
        })
    }
}

/// The settings file. The defaults stand wherever the bench does not need otherwise: one address sends all the load,
/// and the provider is on loopback.
pub(crate) fn settings(
    addresses: &Addresses,
    stores: &Stores,
    folder: &Path,
    provider: &str,
    parties: &Parties,
) -> String {
    let Stores {
        durable,
        short_lived,
    } = stores;
    let keys = folder.join("keys");
    let provider = json!({
        "id": PROVIDER, "name": "Fournisseur du banc", "issuer": provider,
        "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "token_endpoint_auth_method": "client_secret_post",
        "scope": "openid profile birth email", "levels": ["eidas1"], "civil_register": "skip",
    });
    format!(
        r#"
[hub]
issuer = "{issuer}"
listen = "127.0.0.1:{listen}"

[management]
listen = "127.0.0.1:{manage}"

[store]
durable = "{durable}"
short_lived = "{short_lived}"

[keys]
directory = "{keys}"

[egress]
private_networks = ["127.0.0.0/8"]

[civil_register]
default = "skip"

[limits]
records_in_memory = 1000000
requests_per_minute = 1000000000

{clients}
{fetching}
[[providers]]
{provider}
"#,
        issuer = addresses.issuer,
        listen = addresses.listen,
        manage = addresses.manage,
        keys = keys.display(),
        clients = [PLAIN, SIGNED, ENCRYPTED, RENEWING].map(client).concat(),
        fetching = exchange(parties),
        provider = members(&provider),
    )
}

/// Who asks for evidence, and who holds it: that one shows nothing ahead, so that nobody needs to serve it.
fn exchange(parties: &Parties) -> String {
    let jwks = |key: &SigningKey| json!({ "keys": [key.jwk(), to_encrypt_to()] });
    let service = json!({
        "client_id": FETCHING.id, "client_secret": FETCHING.secret, "client_name": "Service du banc",
        "redirect_uris": [FETCHING.redirect_uri], "token_endpoint_auth_method": "client_secret_post",
        "grant_types": ["authorization_code", "urn:ietf:params:oauth:grant-type:token-exchange"],
        "scope": "openid identite_pivot email", "kind": "public", "jwks": jwks(&parties.service),
        "evidence_rights": [{
            "evidence_type": "quotient-familial", "fields": ["quotient"], "purposes": ["tarif-cantine"],
        }],
    });
    let client = json!({
        "client_id": HOLDER.id, "client_secret": HOLDER.secret, "client_name": "Caisse du banc",
        "redirect_uris": [HOLDER.redirect_uri], "token_endpoint_auth_method": "client_secret_post",
        "scope": "openid", "sector": format!("data-provider:{}", HOLDER.id), "jwks": jwks(&parties.holder),
    });
    let holder = json!({
        "id": HOLDER.id, "name": "Caisse du banc", "client_id": HOLDER.id, "preview": "none",
        "evidence_endpoint": "http://127.0.0.1:9/evidence", "evidence": ["quotient-familial"],
    });
    format!(
        "[[clients]]\n{}\n[[clients]]\n{}\n[[data_providers]]\n{}\n",
        members(&service),
        members(&client),
        members(&holder)
    )
}

fn client(service: Service) -> String {
    let mut metadata = json!({
        "client_id": service.id, "client_secret": service.secret, "client_name": "Service du banc",
        "redirect_uris": [service.redirect_uri], "token_endpoint_auth_method": "client_secret_post",
        "scope": "openid identite_pivot email", "kind": "public",
    });
    if service.userinfo != UserinfoForm::Json {
        metadata["userinfo_signed_response_alg"] = "ES256".into();
    }
    if service.userinfo == UserinfoForm::Encrypted {
        metadata["userinfo_encrypted_response_alg"] = "ECDH-ES".into();
        metadata["userinfo_encrypted_response_enc"] = "A256GCM".into();
        let mut key = to_encrypt_to();
        key["alg"] = "ECDH-ES".into();
        metadata["jwks"] = json!({ "keys": [key] });
    }
    if service.refreshes {
        metadata["grant_types"] = json!(["authorization_code", "refresh_token"]);
    }
    format!("[[clients]]\n{}\n", members(&metadata))
}

/// The public key of RFC 7517, appendix A.1: nobody decrypts here.
fn to_encrypt_to() -> Value {
    json!({
        "kty": "EC", "crv": "P-256", "use": "enc", "alg": "ECDH-ES+A256KW", "kid": "bench",
        "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
    })
}

/// A JSON object as lines of TOML.
fn members(object: &Value) -> String {
    let members = object.as_object().into_iter().flatten();
    let lines: Vec<String> = members
        .map(|(name, value)| format!("{name} = {}", toml(value)))
        .collect();
    lines.join("\n")
}
