//! One line that survives a redirect: what was done, and how to undo it. It travels in a cookie
//! signed for this browser, so that nobody else can put words on the page.

use crate::app::App;
use crate::web::cookies::{self, Keep};
use crate::web::csrf::Seal;
use axum::http::{HeaderMap, HeaderValue};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

const COOKIE: &str = "helpdesky-flash";
const PURPOSE: &str = "flash";
const KEPT_SECONDS: i64 = 60;

/// What the next page says once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flash {
    /// The sentence.
    pub text: String,
    /// The form that undoes it.
    pub undo: Option<Undo>,
}

/// A form of hidden fields with one button.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undo {
    /// Where it is sent.
    pub action: String,
    /// Names and values.
    pub fields: Vec<(String, String)>,
}

impl Flash {
    /// A line without undo.
    pub fn say(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            undo: None,
        }
    }

    /// The same with a button that undoes it.
    #[must_use]
    pub fn undone_by(self, action: String, fields: Vec<(String, String)>) -> Self {
        Self {
            undo: Some(Undo { action, fields }),
            ..self
        }
    }

    /// The line waiting for this browser.
    pub fn of_request(app: &App, headers: &HeaderMap, seal: &Seal) -> Option<Self> {
        let value = cookies::read(headers, &cookies::name(app.config(), COOKIE))?;
        let (payload, signature) = value.split_once('.')?;
        if !seal.verify(PURPOSE, payload.as_bytes(), signature) {
            return None;
        }
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
    }

    /// The `Set-Cookie` that carries it to the next page.
    pub fn cookie(&self, app: &App, seal: &Seal) -> Option<HeaderValue> {
        let payload = URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).ok()?);
        let value = format!("{payload}.{}", seal.sign(PURPOSE, payload.as_bytes()));
        cookies::set(app.config(), COOKIE, &value, Keep::Seconds(KEPT_SECONDS))
    }
}

/// The `Set-Cookie` that takes the line away once it was shown.
pub fn removal(app: &App) -> Option<HeaderValue> {
    cookies::set(app.config(), COOKIE, "", Keep::Remove)
}
