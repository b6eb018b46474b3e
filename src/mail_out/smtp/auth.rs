//! Signing in: PLAIN (RFC 4616), LOGIN, and XOAUTH2 as the large providers want it.

use crate::config::{Auth, Login};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// What we say to sign in, in every kind.
pub(super) struct Steps {
    auth: Auth,
    password: String,
    user: String,
    plain: String,
    xoauth2: String,
}

impl Steps {
    pub(super) fn new(login: &Login) -> Self {
        let (user, password) = (&login.user, &login.password.0);
        Self {
            auth: login.auth,
            password: password.clone(),
            user: STANDARD.encode(user),
            plain: STANDARD.encode(format!("\0{user}\0{password}")),
            xoauth2: STANDARD.encode(format!("user={user}\x01auth=Bearer {password}\x01\x01")),
        }
    }

    /// Everything from which the password can be read.
    pub(super) fn secrets(&self) -> Vec<String> {
        let encoded = STANDARD.encode(&self.password);
        vec![
            self.plain.clone(),
            self.xoauth2.clone(),
            encoded,
            self.password.clone(),
        ]
    }

    /// The lines to say and to show, one after another, in a kind that the server offers.
    pub(super) fn spoken(&self, offered: &[String]) -> Option<Vec<(String, &'static str)>> {
        let offers = |kind: &str| offered.iter().any(|offer| offer == kind);
        let plain = || vec![(format!("AUTH PLAIN {}", self.plain), "AUTH PLAIN (hidden)")];
        let login = || {
            vec![
                ("AUTH LOGIN".to_owned(), "AUTH LOGIN"),
                (self.user.clone(), "(the user name)"),
                (STANDARD.encode(&self.password), "(hidden)"),
            ]
        };
        match self.auth {
            Auth::Any | Auth::Plain if offers("PLAIN") => Some(plain()),
            Auth::Any | Auth::Login if offers("LOGIN") => Some(login()),
            Auth::XOAuth2 if offers("XOAUTH2") => Some(vec![(
                format!("AUTH XOAUTH2 {}", self.xoauth2),
                "AUTH XOAUTH2 (hidden)",
            )]),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Hidden;

    fn said(auth: Auth, offered: &[&str]) -> Option<Vec<String>> {
        let login = Login {
            user: "user".to_owned(),
            password: Hidden("pass".to_owned()),
            auth,
        };
        let offered: Vec<String> = offered.iter().map(ToString::to_string).collect();
        let spoken = Steps::new(&login).spoken(&offered)?;
        Some(spoken.into_iter().map(|(line, _)| line).collect())
    }

    #[test]
    fn the_first_kind_that_is_offered_and_wanted_is_spoken() {
        let plain = vec!["AUTH PLAIN AHVzZXIAcGFzcw==".to_owned()];
        let login = ["AUTH LOGIN", "dXNlcg==", "cGFzcw=="].map(str::to_owned).to_vec();
        assert_eq!(said(Auth::Any, &["LOGIN", "PLAIN"]), Some(plain.clone()));
        assert_eq!(said(Auth::Any, &["CRAM-MD5", "LOGIN"]), Some(login.clone()));
        assert_eq!(said(Auth::Login, &["PLAIN", "LOGIN"]), Some(login));
        assert_eq!(said(Auth::Plain, &["LOGIN"]), None);
        assert_eq!(said(Auth::Any, &["XOAUTH2"]), None, "a password is no token");
        assert_eq!(
            said(Auth::XOAuth2, &["PLAIN", "XOAUTH2"]),
            Some(vec![
                "AUTH XOAUTH2 dXNlcj11c2VyAWF1dGg9QmVhcmVyIHBhc3MBAQ==".to_owned()
            ])
        );
        assert_eq!(said(Auth::XOAuth2, &["PLAIN"]), None);
    }
}
