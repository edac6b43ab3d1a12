//! Who vouches for a client's certificate: chain, validity and purpose, checked by rustls-webpki.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use guichet_config::Settings;
use guichet_domain::Clock;
use guichet_oidc::PresentedCertificate;
use rustls::RootCertStore;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;

use super::{bad, certificates, provider};

/// The authorities trusted to name clients; perhaps none.
pub(crate) struct Authorities {
    verifier: Option<Arc<dyn ClientCertVerifier>>,
    clock: Arc<dyn Clock>,
}

impl fmt::Debug for Authorities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Authorities").finish_non_exhaustive()
    }
}

impl Authorities {
    /// Those of `client_certificates.authorities`.
    pub(crate) fn read(settings: &Settings, clock: Arc<dyn Clock>) -> Result<Self> {
        const KEY: &str = "client_certificates.authorities";
        let mut roots = RootCertStore::empty();
        for path in &settings.client_certificates.authorities {
            for certificate in certificates(path, KEY)? {
                roots.add(certificate).map_err(|error| bad(KEY, &error))?;
            }
        }
        Self::new(roots, clock)
    }

    /// These.
    pub(super) fn new(roots: RootCertStore, clock: Arc<dyn Clock>) -> Result<Self> {
        let verifier = if roots.is_empty() {
            None
        } else {
            let roots = Arc::new(roots);
            Some(WebPkiClientVerifier::builder_with_provider(roots, provider()).build()?)
        };
        Ok(Self { verifier, clock })
    }

    /// The certificate at the head of a chain, and whether an authority vouches for it now. `None` for
    /// an empty chain.
    pub(crate) fn judge(&self, chain: &[CertificateDer<'_>]) -> Option<PresentedCertificate> {
        let (own, intermediates) = chain.split_first()?;
        let seconds = u64::try_from(self.clock.now().seconds()).unwrap_or(0);
        let now = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        let is_trusted = self
            .verifier
            .as_ref()
            .is_some_and(|verifier| verifier.verify_client_cert(own, intermediates, now).is_ok());
        Some(PresentedCertificate {
            der: own.as_ref().into(),
            is_trusted,
        })
    }
}
