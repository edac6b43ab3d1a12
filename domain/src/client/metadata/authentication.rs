//! How a client proves that it is itself, as its metadata say it.

use super::value::invalid;
use super::{ClientMetadata, ClientMetadataError};
use crate::client::{
    CertificateSubject, Client, ClientAuthentication, KeepSecret, Profile, SecretHash,
};
use crate::member::parsed;
use crate::{ClientId, JwsAlgName, Sealed};

impl ClientMetadata {
    pub(super) fn authentication(
        &self,
        id: &ClientId,
        known: Option<&Client>,
        keep: &impl KeepSecret,
    ) -> Result<ClientAuthentication, ClientMetadataError> {
        let alg: Option<JwsAlgName> = parsed(
            "token_endpoint_auth_signing_alg",
            self.token_endpoint_auth_signing_alg.as_deref(),
        )?;
        let alg_is_hmac = alg.map(JwsAlgName::is_hmac);
        let known = known.map(|known| &known.authentication);
        let method = self
            .token_endpoint_auth_method
            .as_deref()
            .unwrap_or(match self.profile {
                Some(Profile::FranceConnect) => "client_secret_post",
                Some(Profile::Standard | Profile::Fapi2) | None => "client_secret_basic",
            });
        match (method, alg_is_hmac) {
            ("client_secret_jwt", Some(false)) | ("private_key_jwt", Some(true)) => Err(invalid(
                "token_endpoint_auth_signing_alg",
                "not an algorithm of this token_endpoint_auth_method",
            )),
            ("client_secret_basic", _) => Ok(ClientAuthentication::ClientSecretBasic {
                secret: self.hashed(known, keep)?,
            }),
            ("client_secret_post", _) => Ok(ClientAuthentication::ClientSecretPost {
                secret: self.hashed(known, keep)?,
            }),
            ("client_secret_jwt", _) => Ok(ClientAuthentication::ClientSecretJwt {
                secret: self.sealed(id, alg, known, keep)?,
                alg,
            }),
            ("private_key_jwt", _) => Ok(ClientAuthentication::PrivateKeyJwt { alg }),
            ("tls_client_auth", _) => Ok(ClientAuthentication::TlsClientAuth {
                subject: self.certificate_subject()?,
            }),
            ("self_signed_tls_client_auth", _) => Ok(ClientAuthentication::SelfSignedTlsClientAuth),
            ("none", _) => Ok(ClientAuthentication::None),
            _ => Err(invalid(
                "token_endpoint_auth_method",
                "client_secret_basic, client_secret_post, client_secret_jwt, private_key_jwt, tls_client_auth, self_signed_tls_client_auth or none",
            )),
        }
    }

    fn hashed(
        &self,
        known: Option<&ClientAuthentication>,
        keep: &impl KeepSecret,
    ) -> Result<SecretHash, ClientMetadataError> {
        match (&self.client_secret, known) {
            (
                None,
                Some(
                    ClientAuthentication::ClientSecretBasic { secret }
                    | ClientAuthentication::ClientSecretPost { secret },
                ),
            ) => Ok(secret.clone()),
            _ => Ok(keep.hash(self.secret(16)?)),
        }
    }

    fn sealed(
        &self,
        id: &ClientId,
        alg: Option<JwsAlgName>,
        known: Option<&ClientAuthentication>,
        keep: &impl KeepSecret,
    ) -> Result<Sealed, ClientMetadataError> {
        match (&self.client_secret, known) {
            // Of another algorithm it may be too short.
            (
                None,
                Some(ClientAuthentication::ClientSecretJwt {
                    secret,
                    alg: before,
                }),
            ) if *before == alg => Ok(secret.clone()),
            _ => keep
                .seal(id, self.secret(shortest_hmac_key(alg))?)
                .ok_or_else(|| {
                    invalid(
                        "token_endpoint_auth_method",
                        "a secret cannot be sealed here",
                    )
                }),
        }
    }

    fn secret(&self, shortest: usize) -> Result<&str, ClientMetadataError> {
        match self.client_secret.as_deref() {
            Some(secret) if secret.len() >= shortest => Ok(secret),
            Some(_) => Err(invalid(
                "client_secret",
                format!("at least {shortest} characters are needed"),
            )),
            None => Err(invalid(
                "client_secret",
                "this token_endpoint_auth_method needs one",
            )),
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
                "tls_client_auth needs exactly one of tls_client_auth_subject_dn, _san_dns, _san_uri, _san_ip and _san_email",
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
