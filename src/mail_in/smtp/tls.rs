//! The certificate for STARTTLS (RFC 3207). It is read again when its file has changed, so that a renewed
//! one needs no restart.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// A certificate chain and its key, in two files.
pub(super) struct Certificate {
    chain: PathBuf,
    key: PathBuf,
    read: Mutex<(Option<SystemTime>, Arc<ServerConfig>)>,
}

impl Certificate {
    /// Reads the files.
    ///
    /// # Errors
    /// Says which one is wrong, and what it should hold.
    pub(super) fn open(chain: &Path, key: &Path) -> Result<Self, String> {
        let config = read(chain, key)?;
        Ok(Self {
            chain: chain.to_owned(),
            key: key.to_owned(),
            read: Mutex::new((changed_at(chain), config)),
        })
    }

    /// Does handshakes with the certificate as it is now. A new one that cannot be read leaves the old one.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        let mut read_at = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = changed_at(&self.chain);
        if changed != read_at.0 {
            match read(&self.chain, &self.key) {
                Ok(config) => *read_at = (changed, config),
                Err(error) => tracing::warn!(%error, "the new certificate for mail cannot be used"),
            }
        }
        TlsAcceptor::from(Arc::clone(&read_at.1))
    }
}

fn changed_at(file: &Path) -> Option<SystemTime> {
    file.metadata().and_then(|data| data.modified()).ok()
}

fn read(chain: &Path, key: &Path) -> Result<Arc<ServerConfig>, String> {
    let bad = |name: &str, file: &Path, why: String, wanted: &str| {
        format!(
            "{name}, {}: {why}; name a file with {wanted} in PEM",
            file.display()
        )
    };
    let bad_chain = |why: String| bad("smtp_certificate", chain, why, "the whole chain of certificates");
    let bad_key = |why: String| bad("smtp_private_key", key, why, "the key of the certificate");
    let certificates = CertificateDer::pem_file_iter(chain)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| bad_chain(error.to_string()))?;
    if certificates.is_empty() {
        return Err(bad_chain("holds no certificate".to_owned()));
    }
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| bad_key(error.to_string()))?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("TLS cannot be set up: {error}"))?
        .with_no_client_auth()
        .with_single_cert(certificates, private)
        .map_err(|error| bad_key(error.to_string()))?;
    Ok(Arc::new(config))
}
