//! Cookies: read from a request, written for a response.

use crate::config::Config;
use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};

/// The value of a cookie, as the browser sent it.
pub fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split("; "))
        .find_map(|pair| {
            let (found, value) = pair.split_once('=')?;
            (found == name).then_some(value)
        })
}

/// The name of one of our own cookies. With TLS it carries the `__Host-` prefix, which keeps other
/// hosts of the same domain from setting it; over plain http browsers refuse that prefix.
pub fn name(config: &Config, plain: &str) -> String {
    if config.is_https() {
        format!("__Host-{plain}")
    } else {
        plain.to_owned()
    }
}

/// How long a browser keeps a cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Until the browser is closed.
    Session,
    /// So many seconds.
    Seconds(i64),
    /// Not at all: removes it.
    Remove,
}

/// A `Set-Cookie` that scripts cannot read and other sites cannot send with a POST.
pub fn set(config: &Config, plain_name: &str, value: &str, keep: Keep) -> Option<HeaderValue> {
    let name = name(config, plain_name);
    let secure = if config.is_https() { "; Secure" } else { "" };
    let age = match keep {
        Keep::Session => String::new(),
        Keep::Seconds(seconds) => format!("; Max-Age={seconds}"),
        Keep::Remove => "; Max-Age=0".to_owned(),
    };
    HeaderValue::from_str(&format!(
        "{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}"
    ))
    .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_right_cookie_is_read_among_its_likes() {
        let mut headers = HeaderMap::new();
        headers.append(
            COOKIE,
            HeaderValue::from_static("xhelpdesky=1; helpdesky=a=b; helpdesky2=3"),
        );
        headers.append(COOKIE, HeaderValue::from_static("theme=dark"));
        assert_eq!(read(&headers, "helpdesky"), Some("a=b"));
        assert_eq!(read(&headers, "theme"), Some("dark"));
        assert_eq!(read(&headers, "desky"), None);
    }

    #[test]
    fn cookies_follow_the_scheme_of_the_base_url() {
        let mut config = Config::for_folder(std::path::Path::new("unused"));
        let plain = set(&config, "helpdesky", "v", Keep::Session).unwrap();
        assert_eq!(plain, "helpdesky=v; Path=/; HttpOnly; SameSite=Lax");
        config.base_url = "https://help.example".to_owned();
        let secure = set(&config, "helpdesky", "v", Keep::Seconds(60)).unwrap();
        assert_eq!(
            secure,
            "__Host-helpdesky=v; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=60"
        );
    }
}
