//! How a client proves that it is itself, as its metadata say it.

use super::value::invalid;
use super::{ClientMetadata, ClientMetadataError};
use crate::client::{CertificateSubject, ClientAuthentication, KeepSecret, Profile, Secrets};
use crate::member::parsed;
use crate::reason::Rule;
use crate::{ClientId, JwsAlgName};

impl ClientMetadata {
    /// The method it says, or that of its profile.
    pub(super) fn method(&self) -> &str {
        let said = self.token_endpoint_auth_method.as_deref();
        said.unwrap_or(match self.profile {
            Some(Profile::FranceConnect) => "client_secret_post",
            Some(Profile::Standard | Profile::Fapi2) | None => "client_secret_basic",
        })
    }

    pub(super) fn authentication(
        &self,
        id: &ClientId,
        keep: &impl KeepSecret,
    ) -> Result<ClientAuthentication, ClientMetadataError> {
        let alg: Option<JwsAlgName> = parsed(
            "token_endpoint_auth_signing_alg",
            self.token_endpoint_auth_signing_alg.as_deref(),
        )?;
        let alg_is_hmac = alg.map(JwsAlgName::is_hmac);
        match (self.method(), alg_is_hmac) {
            ("client_secret_jwt", Some(false)) | ("private_key_jwt", Some(true)) => Err(invalid(
                "token_endpoint_auth_signing_alg",
                Rule::AnotherMethodsAlgorithm,
            )),
            ("client_secret_basic", _) => Ok(ClientAuthentication::ClientSecretBasic {
                secret: Secrets::declared(keep.hash(self.secret(16)?)),
            }),
            ("client_secret_post", _) => Ok(ClientAuthentication::ClientSecretPost {
                secret: Secrets::declared(keep.hash(self.secret(16)?)),
            }),
            ("client_secret_jwt", _) => match keep.seal(id, self.secret(shortest_hmac_key(alg))?) {
                Some(sealed) => Ok(ClientAuthentication::ClientSecretJwt {
                    secret: Secrets::declared(sealed),
                    alg,
                }),
                None => Err(invalid("token_endpoint_auth_method", Rule::Unsealable)),
            },
            ("private_key_jwt", _) => Ok(ClientAuthentication::PrivateKeyJwt { alg }),
            ("tls_client_auth", _) => Ok(ClientAuthentication::TlsClientAuth {
                subject: self.certificate_subject()?,
            }),
            ("self_signed_tls_client_auth", _) => Ok(ClientAuthentication::SelfSignedTlsClientAuth),
            ("none", _) => Ok(ClientAuthentication::None),
            _ => Err(invalid("token_endpoint_auth_method", Rule::Method)),
        }
    }

    fn secret(&self, shortest: usize) -> Result<&str, ClientMetadataError> {
        match self.client_secret.as_deref() {
            Some(secret) if secret.len() >= shortest => Ok(secret),
            Some(_) => Err(invalid("client_secret", Rule::SecretLength.of(shortest))),
            None => Err(invalid("client_secret", Rule::MethodNeedsOne)),
        }
    }

    /// Exactly one of the five (RFC 8705 §2.1.2).
    fn certificate_subject(&self) -> Result<CertificateSubject, ClientMetadataError> {
        const ADDRESS: &str = "tls_client_auth_san_ip";
        let address = parsed(ADDRESS, self.tls_client_auth_san_ip.as_deref())?;
        let named = [
            self.tls_client_auth_subject_dn
                .clone()
                .map(CertificateSubject::Dn),
            self.tls_client_auth_san_dns
                .clone()
                .map(CertificateSubject::SanDns),
            self.tls_client_auth_san_uri
                .clone()
                .map(CertificateSubject::SanUri),
            address.map(CertificateSubject::SanIp),
            self.tls_client_auth_san_email
                .clone()
                .map(CertificateSubject::SanEmail),
        ];
        let mut named = named.into_iter().flatten();
        match (named.next(), named.next()) {
            (Some(subject), None) => Ok(subject),
            _ => Err(invalid(
                "tls_client_auth_subject_dn",
                Rule::OneCertificateName,
            )),
        }
    }
}

/// RFC 7518 §3.2: a key at least as long as the hash. Where no algorithm is registered, the secret
/// serves those it is long enough for.
fn shortest_hmac_key(alg: Option<JwsAlgName>) -> usize {
    match alg.map(JwsAlgName::as_str) {
        Some("HS512") => 64,
        Some("HS384") => 48,
        _ => 32,
    }
}
