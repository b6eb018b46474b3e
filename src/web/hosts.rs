//! Under which names the dashboard answers. A name that is not ours leads here only when somebody
//! points their own at this address, to read pages with the browser of whoever can reach it (DNS
//! rebinding), or to slip a name of theirs into what is made from it.
//!
//! Addresses in digits, `localhost` and names of one word cannot be anybody's on the internet, and
//! proxies and containers use them; they pass.

use crate::config::Config;
use crate::error::{Error, Result};
use axum::extract::Request;
use axum::http::header::HOST;
use std::net::IpAddr;

/// Lets a request pass that was sent to a name of ours.
///
/// # Errors
/// `unknown_host`, with the remedy; `host_twice` when the request names two.
pub(super) fn check(config: &Config, request: &Request) -> Result<()> {
    let named = request.headers().get_all(HOST).iter();
    let mut named: Vec<&str> = named.map(|host| host.to_str().unwrap_or_default()).collect();
    if named.len() > 1 {
        return Err(Error::invalid("host_twice", "This request names two hosts"));
    }
    // HTTP/2, and requests in the form that is meant for proxies.
    named.extend(request.uri().authority().map(axum::http::uri::Authority::as_str));
    let own = own_host(&config.base_url);
    match named.into_iter().find(|host| !is_ours(own, host)) {
        None => Ok(()),
        Some(_) => Err(Error::forbidden(
            "unknown_host",
            format!(
                "This dashboard is at {}. To reach it by another name, start the server with that name in --base-url",
                config.base_url
            ),
        )),
    }
}

fn own_host(base_url: &str) -> &str {
    let rest = base_url.split_once("://").map_or(base_url, |(_, rest)| rest);
    without_port(rest.split('/').next().unwrap_or(rest))
}

fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && !host.ends_with(':') => host,
        _ => authority,
    }
}

fn is_ours(own: &str, authority: &str) -> bool {
    let host = without_port(authority);
    let digits = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case(own)
        || digits.parse::<IpAddr>().is_ok()
        || (!host.is_empty()
            && host
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_others_are_told_from_ours() {
        let own = own_host("https://help.example.com:8443/desk");
        assert_eq!(own, "help.example.com");
        for ours in [
            "help.example.com",
            "HELP.example.com:443",
            "127.0.0.1:8080",
            "[::1]:8080",
            "[::1]",
            "localhost:8080",
            "helpdesky",
            "desk_1:80",
        ] {
            assert!(is_ours(own, ours), "{ours}");
        }
        for others in [
            "evil.example",
            "help.example.com.evil.example",
            "evil.example:8080",
            "help.example.com@evil.example",
            "xhelp.example.com",
            "127.0.0.1.evil.example",
            "",
            "a b",
            "évil",
            "help.example.com:80:90",
        ] {
            assert!(!is_ours(own, others), "{others}");
        }
    }
}
