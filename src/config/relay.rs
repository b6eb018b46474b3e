//! A relay for outgoing mail: where it is, how it is kept from prying eyes, and who we are to it.

use super::Hidden;
use percent_encoding::percent_decode_str;
use std::net::IpAddr;
use url::Url;

const HOST_BYTES: usize = 253;
/// Longer than any password, shorter than what servers read as a line.
const LOGIN_BYTES: usize = 4_000;

/// How the connection is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Tls {
    /// From the first byte (port 465).
    Implicit,
    /// By STARTTLS, and not at all without it (port 587).
    StartTls,
    /// Never: for a relay on this machine or in a network of its own (port 25).
    Off,
}

/// How the password is shown to the relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Auth {
    /// PLAIN when it is offered, otherwise LOGIN.
    Any,
    /// PLAIN.
    Plain,
    /// LOGIN.
    Login,
    /// An OAuth 2 access token in place of a password.
    XOAuth2,
}

/// Who we are to the relay.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Login {
    /// User name.
    pub user: String,
    /// Password, or access token.
    pub password: Hidden,
    /// How it is shown.
    pub auth: Auth,
}

/// A relay that may be used as it stands here.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Relay {
    /// Name or IP address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// How the connection is encrypted.
    pub tls: Tls,
    /// Who we are to it; nobody when absent.
    pub login: Option<Login>,
}

/// Why a relay cannot be used. The sentence completes "this relay …".
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRelay {
    /// Not a host.
    #[error("needs the name or the IP address of its host")]
    Host,
    /// Not a port.
    #[error("needs a port from 1 to 65535")]
    Port,
    /// User or password cannot be sent.
    #[error("has a user or password that is empty, too long or holds control characters")]
    Login,
    /// A password in the clear.
    #[error("would be shown the password without TLS; only one on this machine may be")]
    InTheClear,
}

impl Tls {
    /// The name, as stored and shown.
    pub fn name(self) -> &'static str {
        match self {
            Self::Implicit => "tls",
            Self::StartTls => "starttls",
            Self::Off => "off",
        }
    }

    /// The mode with this name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Implicit, Self::StartTls, Self::Off]
            .into_iter()
            .find(|tls| tls.name() == name)
    }

    /// The port that is meant when none is said.
    pub fn port(self) -> u16 {
        match self {
            Self::Implicit => 465,
            Self::StartTls => 587,
            Self::Off => 25,
        }
    }
}

impl Auth {
    /// The name, as stored and shown.
    pub fn name(self) -> &'static str {
        match self {
            Self::Any => "any",
            Self::Plain => "plain",
            Self::Login => "login",
            Self::XOAuth2 => "xoauth2",
        }
    }

    /// The kind with this name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Any, Self::Plain, Self::Login, Self::XOAuth2]
            .into_iter()
            .find(|auth| auth.name() == name)
    }
}

impl Relay {
    /// Takes a relay that can be used and that no password is shown to in the clear.
    ///
    /// # Errors
    /// [`InvalidRelay`] says what is wrong with it.
    pub fn new(host: &str, port: u16, tls: Tls, login: Option<Login>) -> Result<Self, InvalidRelay> {
        let host = host
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
            .unwrap_or(host)
            .to_ascii_lowercase();
        if !is_host(&host) {
            return Err(InvalidRelay::Host);
        }
        if port == 0 {
            return Err(InvalidRelay::Port);
        }
        if let Some(login) = &login {
            let is_sendable = |text: &str| {
                !text.is_empty() && text.len() <= LOGIN_BYTES && !text.chars().any(char::is_control)
            };
            if !is_sendable(&login.user) || !is_sendable(&login.password.0) {
                return Err(InvalidRelay::Login);
            }
            if tls == Tls::Off && !is_this_machine(&host) {
                return Err(InvalidRelay::InTheClear);
            }
        }
        Ok(Self {
            host,
            port,
            tls,
            login,
        })
    }

    /// Reads `smtps://user:password@host:port` or `smtp://host:port?tls=starttls|off&auth=KIND`.
    pub fn parse(url: &str) -> Option<Self> {
        Self::read(url, None)
    }

    /// Reads the same without its password, which was given elsewhere.
    pub fn parse_with(url: &str, password: &str) -> Option<Self> {
        Self::read(url, Some(password))
    }

    fn read(url: &str, given: Option<&str>) -> Option<Self> {
        let url = Url::parse(url).ok()?;
        let mut tls = match url.scheme() {
            "smtps" => Tls::Implicit,
            "smtp" => Tls::StartTls,
            _ => return None,
        };
        let mut auth = Auth::Any;
        for (name, value) in url.query_pairs() {
            match name.as_ref() {
                "tls" => tls = Tls::named(&value)?,
                "auth" => auth = Auth::named(&value)?,
                _ => return None,
            }
        }
        // `smtps` says TLS, and a parameter that takes it away again is a mistake.
        let contradicts = url.scheme() == "smtps" && tls != Tls::Implicit;
        if contradicts || !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return None;
        }
        let decoded = |text: &str| percent_decode_str(text).decode_utf8().ok().map(String::from);
        let password = match (url.password(), given) {
            (Some(password), None) => Some(decoded(password)?),
            (None, given) => given.map(str::to_owned),
            (Some(_), Some(_)) => return None,
        };
        let login = match (url.username(), password) {
            ("", None) => None,
            (user, password) => Some(Login {
                user: decoded(user)?,
                password: Hidden(password?),
                auth,
            }),
        };
        Self::new(url.host_str()?, url.port().unwrap_or(tls.port()), tls, login).ok()
    }

    /// Host and port for people; no user, no password.
    pub fn place(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

/// An IP address, or a name as resolvers take it; names in private networks have underscores.
fn is_host(host: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    host.parse::<IpAddr>().is_ok() || (host.len() <= HOST_BYTES && host.split('.').all(is_label))
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_says_everything_about_a_relay() {
        let relay = Relay::parse("smtps://user%40example.com:p%3Ass@Relay.example").unwrap();
        let login = relay.login.as_ref().unwrap();
        assert_eq!(
            (relay.place().as_str(), relay.tls),
            ("relay.example:465", Tls::Implicit)
        );
        assert_eq!(
            (login.user.as_str(), login.password.0.as_str()),
            ("user@example.com", "p:ss")
        );
        assert_eq!(login.auth, Auth::Any);
        assert!(!format!("{relay:?}").contains("p:ss"));

        for (url, place, tls) in [
            ("smtp://relay.example", "relay.example:587", Tls::StartTls),
            ("smtp://my_relay:2525?tls=off", "my_relay:2525", Tls::Off),
            ("smtp://[::1]?tls=off", "[::1]:25", Tls::Off),
            ("smtp://relay.example?tls=tls", "relay.example:465", Tls::Implicit),
            ("smtp://u:p@127.0.0.1?tls=off", "127.0.0.1:25", Tls::Off),
        ] {
            let relay = Relay::parse(url).unwrap();
            assert_eq!((relay.place().as_str(), relay.tls), (place, tls), "{url}");
        }
        let token = Relay::parse("smtp://u:t@relay.example?auth=xoauth2").unwrap();
        assert_eq!(token.login.unwrap().auth, Auth::XOAuth2);
    }

    #[test]
    fn what_is_no_relay_or_would_show_a_password_is_refused() {
        for bad in [
            "",
            "relay.example",
            "http://relay.example",
            "smtp://",
            "smtp://relay.example:0",
            "smtp://relay..example",
            "smtp://relay.example/folder",
            "smtp://relay.example#x",
            "smtp://relay.example?tls=maybe",
            "smtp://relay.example?verify=no",
            "smtps://relay.example?tls=off",
            "smtps://relay.example?tls=starttls",
            "smtp://user@relay.example",
            "smtp://:password@relay.example",
            "smtp://u:a%0D%0Ab@relay.example",
            "smtp://u:a%00b@relay.example",
            "smtp://u:p@relay.example?tls=off",
            "smtp://u:p@10.0.0.1?tls=off",
        ] {
            assert_eq!(Relay::parse(bad), None, "{bad}");
        }
    }
}
