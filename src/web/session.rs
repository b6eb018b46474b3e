//! The sign-in cookie: a random token of 256 bits, of which the database keeps only the hash.
//! Whether the token still opens anything is the business of the room that keeps sessions.

use crate::app::App;
use crate::config::Config;
use crate::ids::Random;
use crate::web::cookies::{self, Keep};
use axum::http::{HeaderMap, HeaderValue};
use std::fmt;

/// The cookie of somebody who is signed in.
pub const COOKIE: &str = "helpdesky";
/// A cookie that was asked to be kept outlives the browser by this long; the session behind it has
/// limits of its own.
const KEPT_SECONDS: i64 = 90 * 24 * 60 * 60;
const TOKEN_CHARACTERS: usize = 43;

/// The secret in the cookie. Never printed, never stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Token(hidden)")
    }
}

impl Token {
    /// A new token.
    pub fn new(random: &Random) -> Self {
        Self(random.token())
    }

    /// The token of a cookie's value, when it has the form of one.
    pub fn parse(text: &str) -> Option<Self> {
        let plausible = text.len() == TOKEN_CHARACTERS
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        plausible.then(|| Self(text.to_owned()))
    }

    /// The token of the sign-in cookie, whether or not it is still good.
    pub fn of_request(app: &App, headers: &HeaderMap) -> Option<Self> {
        cookies::read(headers, &cookies::name(app.config(), COOKIE)).and_then(Self::parse)
    }

    /// The text, for cookies and one-time links.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The `Set-Cookie` that signs a browser in.
    pub fn cookie(&self, config: &Config, kept: bool) -> Option<HeaderValue> {
        let keep = if kept {
            Keep::Seconds(KEPT_SECONDS)
        } else {
            Keep::Session
        };
        cookies::set(config, COOKIE, &self.0, keep)
    }
}

/// The `Set-Cookie` that signs a browser out.
pub fn removal(config: &Config) -> Option<HeaderValue> {
    cookies::set(config, COOKIE, "", Keep::Remove)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_tokens_are_tokens() {
        let token = Token::new(&Random::system());
        assert_eq!(Token::parse(token.as_str()), Some(token.clone()));
        assert_eq!(Token::parse(""), None);
        assert_eq!(Token::parse(&token.as_str()[1..]), None);
        assert_eq!(Token::parse(&format!("{}\"", &token.as_str()[1..])), None);
        assert_eq!(format!("{token:?}"), "Token(hidden)");
    }
}
