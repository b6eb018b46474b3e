//! Secrets at rest: XChaCha20-Poly1305 under a key that lives outside the database.
//!
//! With SQLite the key is a file in the data folder, made at the first start; with PostgreSQL it is
//! given by setting, because several nodes share it. The database holds a check value, so that a
//! node with another key refuses to start instead of failing later.

use crate::app::StartError;
use crate::config::Config;
use crate::ids::Random;
use base64::Engine;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use db::Db;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use std::fmt;
use zeroize::Zeroizing;

/// Where the key lies in the data folder, when it is not given.
pub(crate) const KEY_FILE: &str = "secret.key";
const NONCE: usize = 24;

/// The installation's key. Never printed, wiped from memory when dropped.
pub struct SealingKey(Zeroizing<[u8; 32]>);

impl fmt::Debug for SealingKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SealingKey(hidden)")
    }
}

/// The sealed bytes were made with another key or for another place, or are damaged.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("a sealed value cannot be opened")]
pub struct CannotOpen;

impl SealingKey {
    /// Encrypts `plain` for one place (`context`); the answer is nonce and ciphertext.
    ///
    /// # Errors
    /// Only for texts longer than the cipher allows.
    pub fn seal(&self, random: &Random, context: &[u8], plain: &[u8]) -> Result<Vec<u8>, CannotOpen> {
        let nonce: [u8; NONCE] = random.bytes();
        let cipher = XChaCha20Poly1305::new((&*self.0).into());
        let sealed = cipher
            .encrypt(
                &XNonce::from(nonce),
                Payload {
                    msg: plain,
                    aad: context,
                },
            )
            .map_err(|_| CannotOpen)?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Decrypts what [`SealingKey::seal`] made for the same place.
    ///
    /// # Errors
    /// [`CannotOpen`] for anything else.
    pub fn open(&self, context: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, CannotOpen> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE>().ok_or(CannotOpen)?;
        let cipher = XChaCha20Poly1305::new((&*self.0).into());
        let plain = cipher
            .decrypt(
                &XNonce::from(*nonce),
                Payload {
                    msg: sealed,
                    aad: context,
                },
            )
            .map_err(|_| CannotOpen)?;
        Ok(Zeroizing::new(plain))
    }

    /// A MAC over `message` that is good for one purpose only.
    pub fn mac(&self, purpose: &str, message: &[u8]) -> [u8; 32] {
        let purpose_key = hmac_sha256(&*self.0, &[purpose.as_bytes()]);
        hmac_sha256(&purpose_key, &[message])
    }
}

/// HMAC-SHA256 (RFC 2104) over the parts, one after another.
pub fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    use hmac::KeyInit;
    // HMAC takes keys of any length; the error type exists for other MACs.
    let Ok(mut mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(key) else {
        return [0; 32];
    };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// Finds or makes the key, and holds it against the database's check value.
pub(crate) async fn open_key(
    config: &Config,
    db: &Db,
    random: &Random,
    now_ms: i64,
) -> Result<SealingKey, StartError> {
    let key = match &config.key {
        Some(text) => decode(&text.0).ok_or_else(|| {
            StartError::Other(
                "the setting key must be 32 bytes in hex or base64; make one with: openssl rand -hex 32"
                    .to_owned(),
            )
        })?,
        None if config.database_url.is_some() => {
            return Err(StartError::Other(
                "with PostgreSQL the sealing key is shared by all nodes and must be given: set HELPDESKY_KEY_FILE (or HELPDESKY_KEY) to the output of: openssl rand -hex 32".to_owned(),
            ));
        }
        None => key_file(config, random)?,
    };
    let key = SealingKey(key);
    let check = key.mac("check value", b"helpdesky").to_vec();
    let stored = db
        .write(async move |tx: &mut db::Tx| {
            crate::installation::store::remember_key_check(tx, &check, now_ms).await?;
            let stored = crate::installation::store::key_check(tx).await?;
            Ok::<_, db::Error>(stored == Some(check.clone()))
        })
        .await
        .map_err(|error| StartError::Other(format!("cannot read the installation's record: {error}")))?;
    if stored {
        return Ok(key);
    }
    Err(StartError::Other(
        "this database was set up with another sealing key; give that one (HELPDESKY_KEY, HELPDESKY_KEY_FILE, or secret.key in the data folder)".to_owned(),
    ))
}

fn decode(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    let text = text.trim();
    let bytes = if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        (0..64)
            .step_by(2)
            .map(|at| {
                text.get(at..at + 2)
                    .and_then(|pair| u8::from_str_radix(pair, 16).ok())
            })
            .collect()
    } else {
        base64::engine::general_purpose::STANDARD.decode(text).ok()
    };
    bytes
        .and_then(|bytes: Vec<u8>| <[u8; 32]>::try_from(bytes).ok())
        .map(Zeroizing::new)
}

fn key_file(config: &Config, random: &Random) -> Result<Zeroizing<[u8; 32]>, StartError> {
    let path = config.data.join(KEY_FILE);
    let broken = |error: &dyn fmt::Display| {
        StartError::Other(format!(
            "cannot use the key file {}: {error}; restore it from your backup",
            path.display()
        ))
    };
    match std::fs::read_to_string(&path) {
        Ok(text) => decode(&text).ok_or_else(|| broken(&"it does not hold 32 bytes in hex")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let key = Zeroizing::new(random.bytes::<32>());
            let text: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
            write_for_owner(&path, &text).map_err(|error| broken(&error))?;
            Ok(key)
        }
        Err(error) => Err(broken(&error)),
    }
}

/// Writes a new file that only its owner can read, and makes sure that it is on disk: a database
/// sealed with a key that a power cut took away would be lost.
fn write_for_owner(path: &std::path::Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    writeln!(file, "{text}")?;
    file.sync_all()?;
    if let Some(folder) = path.parent() {
        std::fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_value_opens_only_in_its_place_and_with_its_key() {
        let random = Random::system();
        let key = SealingKey(Zeroizing::new([7; 32]));
        let sealed = key.seal(&random, b"here", b"secret").unwrap();
        assert!(!sealed.windows(6).any(|window| window == b"secret"));
        assert_eq!(key.open(b"here", &sealed).unwrap().as_slice(), b"secret");
        assert!(key.open(b"there", &sealed).is_err());
        assert!(
            SealingKey(Zeroizing::new([8; 32]))
                .open(b"here", &sealed)
                .is_err()
        );
        assert!(key.open(b"here", b"short").is_err());
    }
}
