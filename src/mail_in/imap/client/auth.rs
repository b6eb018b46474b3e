//! Signing in: AUTHENTICATE PLAIN (RFC 4616), LOGIN, and XOAUTH2 as the large providers want it.

use super::{Line, shown};
use crate::config::{Auth, Login};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use mail::imap::quoted;

/// What we say to sign in, in every kind.
pub(super) struct Steps {
    auth: Auth,
    user: String,
    password: String,
    plain: String,
    xoauth2: String,
}

impl Steps {
    pub(super) fn new(login: &Login) -> Self {
        let (user, password) = (&login.user, &login.password.0);
        Self {
            auth: login.auth,
            plain: STANDARD.encode(format!("\0{user}\0{password}")),
            xoauth2: STANDARD.encode(format!("user={user}\x01auth=Bearer {password}\x01\x01")),
            user: user.clone(),
            password: password.clone(),
        }
    }

    /// Everything from which the password can be read.
    pub(super) fn secrets(&self) -> Vec<String> {
        let escaped = quoted(&self.password).unwrap_or_default();
        vec![
            self.plain.clone(),
            self.xoauth2.clone(),
            STANDARD.encode(&self.password),
            escaped.trim_matches('"').to_owned(),
            self.password.clone(),
        ]
    }

    /// The lines to say, one after another, in a kind that the server offers.
    pub(super) fn spoken(&self, capabilities: &[String]) -> Option<Vec<Line>> {
        let can = |name: &str| capabilities.iter().any(|known| known == name);
        match self.auth {
            Auth::XOAuth2 => can("AUTH=XOAUTH2").then(|| sasl("XOAUTH2", &self.xoauth2, can("SASL-IR"))),
            Auth::Any | Auth::Plain if can("AUTH=PLAIN") => Some(sasl("PLAIN", &self.plain, can("SASL-IR"))),
            Auth::Any | Auth::Login if !can("LOGINDISABLED") => Some(self.login()),
            _ => None,
        }
    }

    fn login(&self) -> Vec<Line> {
        if let (Some(user), Some(password)) = (quoted(&self.user), quoted(&self.password)) {
            return vec![(
                format!("LOGIN {user} {password}"),
                format!("LOGIN {user} (hidden)"),
            )];
        }
        // What cannot stand in quotes goes as literals, each once the server has asked for it.
        let (user, password) = (&self.user, &self.password);
        vec![
            shown(&format!("LOGIN {{{}}}", user.len())),
            (
                format!("{user} {{{}}}", password.len()),
                "(the user name)".to_owned(),
            ),
            (password.clone(), "(hidden)".to_owned()),
        ]
    }
}

/// With its answer in the same line (RFC 4959), or once the server asks for it.
fn sasl(kind: &str, answer: &str, in_one: bool) -> Vec<Line> {
    if in_one {
        return vec![(
            format!("AUTHENTICATE {kind} {answer}"),
            format!("AUTHENTICATE {kind} (hidden)"),
        )];
    }
    vec![
        shown(&format!("AUTHENTICATE {kind}")),
        (answer.to_owned(), "(hidden)".to_owned()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Hidden;

    fn said(auth: Auth, password: &str, capabilities: &[&str]) -> Option<Vec<String>> {
        let login = Login {
            user: "user".to_owned(),
            password: Hidden(password.to_owned()),
            auth,
        };
        let capabilities: Vec<String> = capabilities.iter().map(ToString::to_string).collect();
        let spoken = Steps::new(&login).spoken(&capabilities)?;
        for (_, shown) in &spoken {
            assert!(!shown.contains(password), "{shown}");
        }
        Some(spoken.into_iter().map(|(line, _)| line).collect())
    }

    #[test]
    fn the_first_kind_that_is_offered_and_wanted_is_spoken() {
        let lines = |lines: &[&str]| Some(lines.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(
            said(Auth::Any, "pass", &["AUTH=PLAIN"]),
            lines(&["AUTHENTICATE PLAIN", "AHVzZXIAcGFzcw=="])
        );
        assert_eq!(
            said(Auth::Any, "pass", &["AUTH=PLAIN", "SASL-IR"]),
            lines(&["AUTHENTICATE PLAIN AHVzZXIAcGFzcw=="])
        );
        assert_eq!(
            said(Auth::Any, "p\"a\\ss", &["IDLE"]),
            lines(&["LOGIN \"user\" \"p\\\"a\\\\ss\""])
        );
        assert_eq!(
            said(Auth::Any, "p\u{e4}ss", &[]),
            lines(&["LOGIN {4}", "user {5}", "p\u{e4}ss"])
        );
        assert_eq!(said(Auth::Any, "pass", &["LOGINDISABLED"]), None);
        assert_eq!(
            said(Auth::XOAuth2, "pass", &["AUTH=PLAIN", "SASL-IR", "AUTH=XOAUTH2"]),
            lines(&["AUTHENTICATE XOAUTH2 dXNlcj11c2VyAWF1dGg9QmVhcmVyIHBhc3MBAQ=="])
        );
        assert_eq!(
            said(Auth::XOAuth2, "pass", &["AUTH=PLAIN"]),
            None,
            "a token is no password"
        );
    }
}
