//! Cloudflare Turnstile, for helpdesks that want it in place of the proof of work
//! (<https://developers.cloudflare.com/turnstile/get-started/server-side-validation/>).
//!
//! A visitor's browser gets a token from Cloudflare in a frame of ours; here Cloudflare is asked about it,
//! with the helpdesk's secret. The address that is asked is a setting of the installation, and nothing that
//! a visitor sends can change it. What cannot be verified is not taken: the check fails closed.

use crate::app::App;
use crate::error::{Error, Kind, Result};
use crate::ids::HelpdeskId;
use crate::outbound::http::{self, Answer};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::net::IpAddr;
use std::time::Duration;
use tokio::sync::Semaphore;
use uuid::Uuid;

/// Where a browser loads it from, below the setting `turnstile_url`.
const SCRIPT: &str = "/turnstile/v0/api.js?render=explicit";
const VERIFICATION: &str = "/turnstile/v0/siteverify";
/// What Cloudflare promises of its tokens.
const LONGEST_TOKEN: usize = 2_048;
const LONGEST_KEY: usize = 100;
const PATIENCE: Duration = Duration::from_secs(8);
/// Questions under way at a time: a flood must not become one at Cloudflare.
const AT_ONCE: usize = 16;

/// What a helpdesk has at Cloudflare.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Turnstile {
    /// Public; goes to browsers.
    pub site_key: String,
    /// Sealed, in base64.
    sealed_secret: String,
}

/// What Cloudflare says of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Verdict {
    Good,
    /// A token that is wrong, old, or was shown before.
    BadToken,
    /// The helpdesk's secret is none.
    BadSecret,
    /// Nothing can be told now.
    Unknown(String),
}

#[derive(Deserialize)]
struct Verified {
    success: bool,
    #[serde(rename = "error-codes", default)]
    errors: Vec<String>,
}

struct Questions(Semaphore);

/// The address of Cloudflare's script.
pub fn script_url(app: &App) -> String {
    format!("{}{SCRIPT}", app.config().turnstile_url)
}

/// Takes keys as they were typed, once Cloudflare knows the secret.
///
/// # Errors
/// `invalid_site_key`, `invalid_secret`, or `check_unavailable` when Cloudflare cannot be asked.
pub async fn checked(app: &App, id: HelpdeskId, site_key: &str, secret: &str) -> Result<Turnstile> {
    let is_key = |text: &str| {
        (1..=LONGEST_KEY).contains(&text.len())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    let (site_key, secret) = (site_key.trim(), secret.trim());
    if !is_key(site_key) {
        return Err(Error::unprocessable(
            "invalid_site_key",
            "This is no site key; copy it from Turnstile in Cloudflare’s dashboard",
        ));
    }
    let wrong = || {
        Error::unprocessable(
            "invalid_secret",
            "Cloudflare does not know this secret key; copy it anew from Turnstile in its dashboard",
        )
    };
    if !is_key(secret) {
        return Err(wrong());
    }
    // A token that is none: whether the secret is one is told apart from that.
    match ask(app, secret, "a-token-that-is-none", None).await {
        Verdict::Good | Verdict::BadToken => {}
        Verdict::BadSecret => return Err(wrong()),
        Verdict::Unknown(words) => {
            return Err(Error::new(
                Kind::Unavailable,
                "check_unavailable",
                format!("Cloudflare could not be asked about the secret, so nothing was saved: {words}"),
            ));
        }
    }
    let sealed = app
        .sealing_key()
        .seal(app.random(), &context(id), secret.as_bytes())
        .map_err(Error::internal)?;
    Ok(Turnstile {
        site_key: site_key.to_owned(),
        sealed_secret: STANDARD.encode(sealed),
    })
}

/// A visitor's token, which may be one.
#[derive(Clone, Copy, Debug)]
pub struct Token<'a>(&'a str);

impl<'a> Token<'a> {
    /// Looks at no more than its shape.
    ///
    /// # Errors
    /// `check_missing` and `check_refused`.
    pub fn new(given: Option<&'a str>) -> Result<Self> {
        let token = given.unwrap_or_default();
        if token.is_empty() {
            let sentence = "This form is checked by Cloudflare Turnstile, and its token is missing";
            return Err(Error::unprocessable("check_missing", sentence));
        }
        if token.len() > LONGEST_TOKEN || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(refused());
        }
        Ok(Self(token))
    }
}

fn refused() -> Error {
    let sentence = "Cloudflare Turnstile refused the check, or it was used before; do it again";
    Error::unprocessable("check_refused", sentence)
}

/// Asks whether a visitor's browser passed. A token is good once; for the same form, whose answer may have
/// been lost, it is good again (Cloudflare's `idempotency_key`).
///
/// # Errors
/// `check_refused`; `check_unavailable` when nothing can be told.
pub async fn verify(
    app: &App,
    id: HelpdeskId,
    turnstile: &Turnstile,
    Token(token): Token<'_>,
    (form, client): (&str, IpAddr),
) -> Result<()> {
    let words = match secret(app, id, turnstile) {
        Ok(secret) => match ask(app, &secret, token, Some((form, client))).await {
            Verdict::Good => return Ok(()),
            Verdict::BadToken => return Err(refused()),
            Verdict::BadSecret => "Cloudflare does not know the secret key any more".to_owned(),
            Verdict::Unknown(words) => words,
        },
        Err(error) => error.to_string(),
    };
    tracing::warn!(helpdesk = %id, words, "a message of the Contact Form was refused: Turnstile could not be asked");
    Err(Error::new(
        Kind::Unavailable,
        "check_unavailable",
        "Cloudflare Turnstile cannot be asked at the moment, so nothing was sent; try again in a minute",
    ))
}

fn secret(app: &App, id: HelpdeskId, turnstile: &Turnstile) -> Result<zeroize::Zeroizing<String>> {
    let sealed = STANDARD
        .decode(&turnstile.sealed_secret)
        .map_err(Error::internal)?;
    let plain = app
        .sealing_key()
        .open(&context(id), &sealed)
        .map_err(Error::internal)?;
    Ok(zeroize::Zeroizing::new(
        String::from_utf8_lossy(&plain).into_owned(),
    ))
}

fn context(id: HelpdeskId) -> Vec<u8> {
    [b"turnstile secret ".as_slice(), id.0.as_bytes()].concat()
}

/// Of the form's token and the address of whoever sent it, where it is one that was sent.
async fn ask(app: &App, secret: &str, token: &str, sent: Option<(&str, IpAddr)>) -> Verdict {
    let questions = app.room(|_| Questions(Semaphore::new(AT_ONCE)));
    let place = tokio::time::timeout(PATIENCE, questions.0.acquire()).await;
    let Ok(Ok(_place)) = place else {
        return Verdict::Unknown("too many questions are under way".to_owned());
    };
    let address = format!("{}{VERIFICATION}", app.config().turnstile_url);
    let Ok(url) = address.parse() else {
        return Verdict::Unknown("the setting turnstile_url is no address".to_owned());
    };
    let sent = sent.map(|(form, client)| (idempotency_key(form), client.to_string()));
    let mut fields = vec![("secret", secret), ("response", token)];
    if let Some((key, client)) = &sent {
        fields.extend([("idempotency_key", key.as_str()), ("remoteip", client)]);
    }
    match http::post_form(app, &url, &fields, PATIENCE).await {
        Ok(answer) => verdict(&answer),
        Err(trouble) => Verdict::Unknown(trouble.to_string()),
    }
}

/// The same for the same form, and a UUID (RFC 9562, version 8), as Cloudflare wants it.
fn idempotency_key(form: &str) -> String {
    let hash: [u8; 32] = Sha256::digest(form.as_bytes()).into();
    let bytes = hash.first_chunk::<16>().copied().unwrap_or_default();
    Uuid::new_v8(bytes).to_string()
}

fn verdict(answer: &Answer) -> Verdict {
    let Ok(verified) = serde_json::from_slice::<Verified>(&answer.body) else {
        return Verdict::Unknown(format!("it answered {} with something else", answer.status));
    };
    let says = |code: &str| verified.errors.iter().any(|error| error == code);
    if verified.success {
        Verdict::Good
    } else if says("invalid-input-secret") || says("missing-input-secret") {
        Verdict::BadSecret
    } else if says("invalid-input-response") || says("missing-input-response") || says("timeout-or-duplicate")
    {
        Verdict::BadToken
    } else {
        let codes = mail::one_line(&verified.errors.join(", "), 100);
        Verdict::Unknown(format!("it answered {}: {codes}", answer.status))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_yes_is_good() {
        let of = |body: &str| {
            verdict(&Answer {
                status: 200,
                body: body.as_bytes().to_vec(),
            })
        };
        assert_eq!(of(r#"{"success":true}"#), Verdict::Good);
        for (codes, expected) in [
            (r#"["invalid-input-response"]"#, Verdict::BadToken),
            (r#"["timeout-or-duplicate"]"#, Verdict::BadToken),
            (
                r#"["invalid-input-secret","invalid-input-response"]"#,
                Verdict::BadSecret,
            ),
        ] {
            assert_eq!(
                of(&format!(r#"{{"success":false,"error-codes":{codes}}}"#)),
                expected
            );
        }
        for unclear in [
            "",
            "<html>",
            "{}",
            r#"{"success":"true"}"#,
            r#"{"success":1}"#,
            r#"{"success":false}"#,
            r#"{"success":false,"error-codes":["internal-error"]}"#,
        ] {
            assert!(matches!(of(unclear), Verdict::Unknown(_)), "{unclear}");
        }
    }
}
