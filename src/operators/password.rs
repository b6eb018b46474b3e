//! Passwords: Argon2id, at least eight characters, none of the most common ones.

use crate::app::App;
use crate::error::{Error, Kind, Result};
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use std::sync::Arc;
use tokio::sync::Semaphore;

const SHORTEST: usize = 8;
const LONGEST: usize = 1024;
/// Each hash takes 19 MiB and a core: more at once would let sign-in attempts starve the rest.
const AT_ONCE: usize = 2;
/// More than this in the queue wait seconds for a core that others need as well.
const WAITING: usize = 20;
/// What people choose first (and attackers try first) among passwords that are long enough.
const COMMON: &[&str] = &[
    "password",
    "password1",
    "password123",
    "12345678",
    "123456789",
    "1234567890",
    "qwertyuiop",
    "qwerty123",
    "iloveyou",
    "11111111",
    "abcdefgh",
    "abcd1234",
    "letmein1",
    "helpdesky",
    "helpdesk",
    "administrator",
    "changeme",
    "welcome1",
    "passw0rd",
    "football",
    "baseball",
    "sunshine",
    "princess",
    "trustno1",
    "superman",
    "00000000",
    "88888888",
    "87654321",
    "1q2w3e4r",
    "1qaz2wsx",
    "q1w2e3r4",
    "asdfghjk",
    "asdfasdf",
    "zaq12wsx",
];

struct Gate {
    /// For those at work and those in the queue.
    entered: Semaphore,
    /// Held until the work is done, also when nobody waits for its answer any more.
    working: Arc<Semaphore>,
}

/// Checks a password that is to be set.
///
/// # Errors
/// When it is too short, too long or too common.
pub fn check_new(password: &str) -> Result<()> {
    let refused = |sentence: &str| Err(Error::unprocessable("weak_password", sentence));
    if password.chars().count() < SHORTEST {
        return refused("The password needs at least 8 characters; a sentence of 15 or more is better");
    }
    if password.len() > LONGEST {
        return refused("The password may have at most 1024 bytes");
    }
    if COMMON.contains(&password.to_lowercase().as_str()) {
        return refused("This password is among the first that attackers try; choose another");
    }
    Ok(())
}

/// Hashes a password for storage (PHC string).
///
/// # Errors
/// Only when the hash cannot be computed.
pub async fn hash(app: &App, password: &str) -> Result<String> {
    let salt: [u8; 16] = app.random().bytes();
    let password = password.to_owned();
    at_the_gate(app, move || {
        let hash: PasswordHash = Argon2::default()
            .hash_password_with_salt(password.as_bytes(), &salt)
            .ok()?;
        Some(hash.to_string())
    })
    .await?
    .ok_or_else(|| Error::internal(std::io::Error::other("a password could not be hashed")))
}

/// Checks a password against a stored hash; without one it takes the same time and says no.
pub(super) async fn verify(app: &App, password: &str, stored: Option<String>) -> Result<bool> {
    if password.len() > LONGEST {
        return Ok(false);
    }
    let password = password.to_owned();
    at_the_gate(app, move || {
        let argon2 = Argon2::default();
        match stored.as_deref().map(PasswordHash::new) {
            Some(Ok(hash)) => argon2.verify_password(password.as_bytes(), &hash).is_ok(),
            _ => {
                let spent: std::result::Result<PasswordHash, _> =
                    argon2.hash_password_with_salt(password.as_bytes(), b"salt for nobody!");
                std::hint::black_box(spent.is_ok());
                false
            }
        }
    })
    .await
}

async fn at_the_gate<T: Send + 'static>(app: &App, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let gate = app.room(|_| Gate {
        entered: Semaphore::new(AT_ONCE + WAITING),
        working: Arc::new(Semaphore::new(AT_ONCE)),
    });
    let Ok(_entered) = gate.entered.try_acquire() else {
        return Err(Error::new(
            Kind::TooMany {
                retry_after_seconds: 2,
            },
            "too_many_passwords",
            "Too many people are signing in right now. Go back and try again in a few seconds",
        ));
    };
    let turn = Arc::clone(&gate.working)
        .acquire_owned()
        .await
        .map_err(Error::internal)?;
    let worked = tokio::task::spawn_blocking(move || {
        let done = work();
        drop(turn);
        done
    });
    worked.await.map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::check_new;

    #[test]
    fn short_and_common_passwords_are_refused() {
        assert!(check_new("short").is_err());
        assert!(check_new("Password123").is_err());
        assert!(check_new("correct horse").is_ok());
        assert!(check_new("пароль из слов").is_ok());
    }
}
