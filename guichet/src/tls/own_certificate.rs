//! The hub's own certificate and key, followed when their files change: whoever renews them restarts
//! nothing.
//!
//! Only these two are ever replaced. Versions, suites and what is asked of clients belong to the
//! listener and were settled when it began, so that no reload can lower them (threat N-84).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use guichet_config::Settings;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::{bad, certificates, named, provider};
use crate::cli::BadSetting;
use crate::node::foundation;

/// The certificate that connections are shown from now on.
#[derive(Debug)]
pub(crate) struct OwnCertificate {
    chain: PathBuf,
    key: PathBuf,
    current: ArcSwap<CertifiedKey>,
}

impl OwnCertificate {
    /// Reads the two files of `[tls]`.
    pub(super) fn read(settings: &Settings) -> Result<Self, BadSetting> {
        let chain = named(settings.tls.certificate.as_deref(), CHAIN)?.to_owned();
        let key = named(settings.tls.key.as_deref(), KEY)?.to_owned();
        let current = ArcSwap::from_pointee(certified(&chain, &key)?);
        Ok(Self {
            chain,
            key,
            current,
        })
    }

    /// Looks at the files again; whether another certificate is shown now. Files that do not go
    /// together, as between the writing of one and of the other, change nothing.
    pub(crate) fn refresh(&self) -> Result<bool, BadSetting> {
        let fresh = certified(&self.chain, &self.key)?;
        let is_new = fresh.cert != self.current.load().cert;
        if is_new {
            self.current.store(Arc::new(fresh));
        }
        Ok(is_new)
    }
}

impl ResolvesServerCert for OwnCertificate {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current.load_full())
    }
}

const CHAIN: &str = "tls.certificate";
const KEY: &str = "tls.key";

/// A certificate and the key that goes with it.
fn certified(chain: &Path, key: &Path) -> Result<CertifiedKey, BadSetting> {
    let chain = certificates(chain, CHAIN)?;
    let key = foundation::read(key, KEY)?;
    let key = PrivateKeyDer::from_pem_slice(&key).map_err(|error| bad(KEY, &error))?;
    CertifiedKey::from_der(chain, key, &provider()).map_err(|error| bad(KEY, &error))
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test renews a certificate")]
mod tests {
    use std::fs;

    use super::*;

    const OLD: (&str, &str) = (
        include_str!("fixtures/server.pem"),
        include_str!("fixtures/server.key"),
    );
    const NEW: (&str, &str) = (
        include_str!("fixtures/renewed.pem"),
        include_str!("fixtures/renewed.key"),
    );

    #[test]
    fn a_renewed_certificate_is_shown_once_its_key_is_there_too() {
        let folder = tempfile::tempdir().unwrap();
        let (chain, key) = (
            folder.path().join("chain.pem"),
            folder.path().join("key.pem"),
        );
        fs::write(&chain, OLD.0).unwrap();
        fs::write(&key, OLD.1).unwrap();
        let mut settings = Settings::default();
        settings.tls.certificate = Some(chain.clone());
        settings.tls.key = Some(key.clone());
        let own = OwnCertificate::read(&settings).unwrap();
        let first = own.current.load().cert.clone();
        assert!(!own.refresh().unwrap());

        fs::write(&chain, NEW.0).unwrap();
        assert!(own.refresh().is_err(), "the old key, the new certificate");
        assert_eq!(own.current.load().cert, first);
        fs::write(&key, NEW.1).unwrap();
        assert!(own.refresh().unwrap());
        assert_ne!(own.current.load().cert, first);

        fs::write(&chain, "").unwrap();
        assert!(own.refresh().is_err(), "emptied");
        assert_ne!(own.current.load().cert, first);
    }
}
