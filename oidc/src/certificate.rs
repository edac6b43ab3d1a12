//! The certificate that a client presents when it connects (RFC 8705).

use std::sync::Arc;

use guichet_keys::certificate_thumbprint;
use http::request::Parts;

/// A client's certificate, as an extension of the request. Whoever terminates TLS puts it there, after
/// the client proved that it holds its key; the engine reads no header for it (threat N-61).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresentedCertificate {
    /// The certificate itself, DER.
    pub der: Arc<[u8]>,
    /// Whether it is valid now and leads to an authority trusted to name clients.
    pub is_trusted: bool,
}

impl PresentedCertificate {
    /// The one of this request, if there is one.
    pub(crate) fn of(head: &Parts) -> Option<&Self> {
        head.extensions.get()
    }

    /// Its `x5t#S256` (RFC 8705 §3.1).
    pub(crate) fn thumbprint(&self) -> String {
        certificate_thumbprint(&self.der)
    }
}
