//! Whom TLS believes: the certificates of the system and those of the setting `smtp_ca`. There is no
//! way to switch this off.

use std::path::Path;
use std::sync::Arc;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// The settings of every encrypted connection to a relay.
///
/// # Errors
/// Says what is wrong with the file of the setting.
pub(in crate::mail_out) fn trust(ca: Option<&Path>) -> Result<Arc<ClientConfig>, String> {
    let mut roots = RootCertStore::empty();
    for certificate in rustls_native_certs::load_native_certs().certs {
        // One that rustls cannot read is one that no server can be verified with.
        drop(roots.add(certificate));
    }
    if let Some(file) = ca {
        let bad = |why: String| {
            format!(
                "smtp_ca, {}: {why}; name a file of certificates in PEM",
                file.display()
            )
        };
        let mut added = 0;
        for certificate in CertificateDer::pem_file_iter(file).map_err(|error| bad(error.to_string()))? {
            let certificate = certificate.map_err(|error| bad(error.to_string()))?;
            roots.add(certificate).map_err(|error| bad(error.to_string()))?;
            added += 1;
        }
        if added == 0 {
            return Err(bad("holds no certificate".to_owned()));
        }
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("TLS cannot be set up: {error}"))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}
