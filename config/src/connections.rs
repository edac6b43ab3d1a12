//! Settings of connections: the hub's own TLS, the certificates that clients present, and proofs of
//! possession where there are none.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::{Lifetime, Listener};

/// A TLS listener of the hub's own, beside the plain one: for clients with certificates, or where no reverse proxy ends TLS.
#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Tls {
    /// Where it listens; nowhere when empty.
    pub listen: Option<Listener>,
    /// The PEM file of its certificate and the chain behind it.
    pub certificate: Option<PathBuf>,
    /// The PEM file of its private key.
    pub key: Option<PathBuf>,
    /// How often the two files are looked at: a renewed certificate needs no restart.
    pub refresh: Lifetime,
}

impl Default for Tls {
    fn default() -> Self {
        Self {
            listen: None,
            certificate: None,
            key: None,
            refresh: Lifetime::minutes(1),
        }
    }
}

/// Certificates that clients present (RFC 8705).
#[derive(Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ClientCertificates {
    /// Whether the TLS listener asks for one. Browsers then ask people: give browsers another way in.
    pub ask: bool,
    /// PEM files of the authorities trusted to name clients, for `tls_client_auth`; self-signed certificates need none.
    pub authorities: Vec<PathBuf>,
    /// What stands in the issuer's place in the addresses of endpoints where clients present them, when it is not the issuer: `https://mtls.hub.example`.
    pub address: Option<Url>,
    /// The header in which the proxies of `hub.trusted_proxies` pass them on. A proxy must take the header out of what it receives.
    pub proxy_header: Option<CertificateHeader>,
}

/// How a reverse proxy passes on a client's certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CertificateHeader {
    /// `Client-Cert` and `Client-Cert-Chain` (RFC 9440).
    ClientCert,
    /// `X-SSL-Client-Cert`, holding nginx's `$ssl_client_escaped_cert`.
    XSslClientCert,
}

/// Proofs of possession (RFC 9449).
#[derive(Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Dpop {
    /// Whether every proof must hold a nonce of the hub; those of FAPI 2.0 clients always must.
    pub nonce_required: bool,
}
