//! Both sides of an exchange of evidence, and those who judge it, on stock libraries: see `peers/README.md`. Nothing
//! of our kit is among them.

use std::io::Write as _;
use std::path::Path;

use anyhow::Result;
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use crate::claims::{changed, now};
use crate::keys::{SigningKey, random_text};
use crate::machine::free_port;
use crate::peers::{node, python, ready, seen_by, verdict};
use crate::process::Process;

/// A service or a data provider. It has a port and keys before it has a process: the hub must know them first.
pub struct Party {
    /// Its `client_id`, which for a data provider is its name too.
    pub id: String,
    /// Its base address.
    pub address: String,
    port: u16,
    signs: SigningKey,
    opens: SigningKey,
}

impl Party {
    /// A party with fresh keys on a free port.
    pub fn new(id: &str) -> Result<Self> {
        let port = free_port()?;
        Ok(Self {
            id: id.to_owned(),
            // By number: a production node reaches networks its settings name, and no `localhost`.
            address: format!("http://127.0.0.1:{port}"),
            port,
            signs: SigningKey::generate(&format!("{id}-signs"))?,
            opens: SigningKey::generate(&format!("{id}-opens"))?,
        })
    }

    /// The same party in other hands.
    pub fn again(&self) -> Result<Self> {
        Ok(Self {
            id: self.id.clone(),
            address: self.address.clone(),
            port: self.port,
            signs: self.signs.again()?,
            opens: self.opens.again()?,
        })
    }

    /// Its public keys.
    pub fn jwks(&self) -> Value {
        json!({ "keys": [self.signs.jwk(), to_encrypt_to(self.opens.jwk())] })
    }

    /// What is encrypted for it opens with this.
    pub fn decryption_jwk(&self) -> Result<Value> {
        Ok(to_encrypt_to(self.opens.private_jwk()?))
    }

    /// A client assertion (RFC 7523 §2.2), for what the test does in its place.
    pub fn assertion(&self, issuer: &str) -> Result<String> {
        self.assertion_at(issuer, now())
    }

    /// The same, made at this time.
    pub fn assertion_at(&self, issuer: &str, at: i64) -> Result<String> {
        self.signs.sign(&json!({
            "iss": self.id, "sub": self.id, "aud": issuer, "jti": random_text()?,
            "iat": at, "exp": at + 60,
        }))
    }

    /// A statement of this type, signed for the hub.
    pub fn statement(&self, issuer: &str, typ: &str, of: &Value) -> Result<String> {
        let claims = json!({
            "iss": self.id, "aud": issuer, "iat": now(), "jti": random_text()?,
        });
        let header = json!({ "alg": "ES256", "typ": typ, "kid": self.signs.kid });
        self.signs.sign_with(&header, &changed(claims, of))
    }

    /// The registration of a service that may ask for this evidence (a member of `evidence_rights`).
    pub fn service(&self, right: &Value) -> Value {
        json!({
            "client_id": self.id,
            "client_name": "Mairie de Ville",
            "redirect_uris": [format!("{}/callback", self.address)],
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks": self.jwks(),
            "grant_types": ["authorization_code", "urn:ietf:params:oauth:grant-type:token-exchange"],
            "dpop_bound_access_tokens": true,
            "scope": "openid",
            "evidence_rights": [right],
        })
    }

    /// The registration of the client that a data provider is; it comes back to `redirect_uri`.
    pub fn data_provider(&self, redirect_uri: &str) -> Value {
        json!({
            "client_id": self.id,
            "client_name": "Caisse Famille",
            "redirect_uris": [redirect_uri],
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks_uri": self.keys_address(),
            "events_uri": format!("{}/events", self.address),
            "scope": "openid",
            "sector": format!("data-provider:{}", self.id),
        })
    }

    /// Where a data provider's public keys are.
    pub fn keys_address(&self) -> String {
        format!("{}/jwks", self.address)
    }

    /// Where a data provider is asked.
    pub fn evidence_endpoint(&self) -> String {
        format!("{}/evidence", self.address)
    }

    /// Serves it as a service on `openid-client`: see the head of `evidence-service.mjs`.
    pub async fn serve_as_service(&self, issuer: &str) -> Result<Process> {
        let mut command = node("evidence-service.mjs")?;
        let settings = json!({
            "port": self.port, "issuer": issuer, "client_id": self.id,
            "redirect_uri": format!("{}/callback", self.address),
            "private_jwk": self.signs.private_jwk()?, "decryption_jwk": self.decryption_jwk()?,
        });
        command.arg(settings.to_string());
        ready("evidence-service", command).await
    }

    /// Serves it as a data provider on `joserfc`, which holds what stands in `files`: see the head of
    /// `data_provider.py`.
    pub async fn serve_as_data_provider(
        &self,
        issuer: &str,
        evidence_type: &str,
        files: &Path,
    ) -> Result<Process> {
        let mut command = python("data_provider.py")?;
        let settings = json!({
            "port": self.port, "issuer": issuer, "id": self.id, "client_id": self.id,
            "signing_jwk": self.signs.private_jwk()?, "decryption_jwk": self.decryption_jwk()?,
            "evidence_type": evidence_type, "files": files,
        });
        command.arg(settings.to_string());
        ready("data-provider", command).await
    }
}

/// What a data provider served so far, and what it asked the hub.
pub fn seen_at(data_provider: &Process) -> Vec<Value> {
    seen_by(data_provider)
}

/// What `joserfc` finds in everything that is signed in one exchange: see `evidence_judge.py`.
///
/// # Errors
/// The first thing that does not hold.
pub fn verified_exchange(settings: &Value) -> Result<Value> {
    let file = written(settings)?;
    verdict(python("evidence_judge.py")?.arg(file.path()))
}

/// What a citizen's receipt says, once it was verified by the documentation and RFC 9162 alone: see
/// `receipt_judge.py`.
pub fn verified_receipt(issuer: &str, receipt: &str) -> Result<Value> {
    let settings = json!({ "issuer": issuer, "receipt": receipt });
    verdict(python("receipt_judge.py")?.arg(settings.to_string()))
}

/// What is wrong with what was said, by the description that the hub publishes of itself: see `schema_judge.mjs`.
pub fn held_against_description(said: &Value) -> Result<Value> {
    let file = written(said)?;
    verdict(node("schema_judge.mjs")?.arg(file.path()))
}

fn to_encrypt_to(mut jwk: Value) -> Value {
    jwk["use"] = "enc".into();
    jwk["alg"] = "ECDH-ES+A256KW".into();
    jwk
}

/// As a file: it is more than a command line takes.
fn written(settings: &Value) -> Result<NamedTempFile> {
    let mut file = NamedTempFile::new()?;
    file.write_all(settings.to_string().as_bytes())?;
    Ok(file)
}
