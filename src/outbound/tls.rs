//! Whom TLS believes: the certificates of the system and those of the setting `smtp_ca`. There is no
//! way to switch this off.

use super::{Dialogue, Speaker, Stream, Trouble};
use crate::app::App;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

struct Trust(Result<Arc<ClientConfig>, String>);

/// The settings of every encrypted connection to a mail server; read once.
///
/// # Errors
/// Says what is wrong with the file of the setting.
pub fn trust(app: &App) -> Result<Arc<ClientConfig>, String> {
    app.room(|app| Trust(read(app.config().smtp_ca.as_deref())))
        .0
        .clone()
}

/// Goes on under TLS. Whatever was received before must have been read: what nobody asked for is an
/// attempt to put words into the server's mouth.
///
/// # Errors
/// [`Trouble`]: among others, that the server did not prove its name.
pub async fn encrypt(
    stream: Box<dyn Stream>,
    config: Arc<ClientConfig>,
    host: &str,
    patience: Duration,
    dialogue: &Dialogue,
) -> Result<Box<dyn Stream>, Trouble> {
    let name = ServerName::try_from(host.to_owned()).map_err(|error| Trouble::Io(error.to_string()))?;
    let connected = timeout(patience, TlsConnector::from(config).connect(name, stream)).await;
    let stream = connected.map_err(|_| Trouble::TimedOut(patience))??;
    let version = stream.get_ref().1.protocol_version();
    let version = version.and_then(|version| version.as_str()).unwrap_or("TLS");
    dialogue.add(Speaker::Nobody, || format!("encrypted by {version} and verified"));
    Ok(Box::new(stream))
}

fn read(ca: Option<&Path>) -> Result<Arc<ClientConfig>, String> {
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
