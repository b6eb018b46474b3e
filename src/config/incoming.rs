//! Settings of mail that comes in.

use super::{ConfigError, Given, parse};
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

const MIB: u64 = 1024 * 1024;
/// The longest mail that can be read in the end.
const MOST_BYTES: u64 = 64 * MIB;

/// How mail comes in.
#[derive(Clone, Debug, Default)]
pub struct MailIn {
    /// The domain of forwarding and reply addresses, in lower case; none are made without it.
    pub domain: Option<String>,
    /// Where the SMTP listener listens; there is none without it.
    pub listen: Option<SocketAddr>,
    /// Certificate chain and private key in PEM, for STARTTLS; none is offered without them.
    pub certificate: Option<(PathBuf, PathBuf)>,
    /// Whether connections of the trusted proxies begin with the PROXY protocol.
    pub is_proxied: bool,
    /// Servers whose Authentication-Results count when they hand mail in by SMTP.
    pub relays: Vec<IpAddr>,
    /// What those servers, and those behind a mailbox, call themselves in Authentication-Results.
    pub authserv_id: Option<String>,
    /// The longest mail that is taken, in bytes.
    pub most_bytes: u64,
}

pub(super) fn check(given: &BTreeMap<&'static str, Given>) -> Result<MailIn, ConfigError> {
    let domain = parse(
        given,
        "mail_domain",
        "",
        "a domain whose mail reaches this installation, for example in.example.com",
        optional(domain),
    )?;
    let listen = parse(
        given,
        "smtp_listen",
        "",
        "an address and port, for example 0.0.0.0:25",
        optional(|v| v.parse::<SocketAddr>().ok()),
    )?;
    let path = |name: &str| given.get(name).map(|file| PathBuf::from(&file.value));
    let certificate = match (path("smtp_certificate"), path("smtp_private_key")) {
        (Some(certificate), Some(key)) => Some((certificate, key)),
        (None, None) => None,
        _ => {
            return Err(ConfigError(
                "smtp_certificate and smtp_private_key go together; name both files, in PEM, or none"
                    .to_owned(),
            ));
        }
    };
    if listen.is_some() && domain.is_none() {
        return Err(ConfigError(
            "smtp_listen needs mail_domain: say whose mail is taken, for example --mail-domain in.example.com"
                .to_owned(),
        ));
    }
    Ok(MailIn {
        domain,
        listen,
        certificate,
        is_proxied: parse(given, "smtp_proxy", "off", "on or off", |v| match v {
            "on" => Some(true),
            "off" => Some(false),
            _ => None,
        })?,
        relays: parse(
            given,
            "mail_relays",
            "",
            "IP addresses of mail servers, separated by commas",
            |v| {
                v.split(',')
                    .map(str::trim)
                    .filter(|ip| !ip.is_empty())
                    .map(|ip| ip.parse().ok())
                    .collect()
            },
        )?,
        authserv_id: parse(
            given,
            "mail_authserv_id",
            "",
            "the first word of its Authentication-Results, for example mx.example.com",
            optional(|v| {
                v.chars()
                    .all(|c| c.is_ascii_graphic() && c != ';')
                    .then(|| v.to_owned())
            }),
        )?,
        most_bytes: parse(
            given,
            "mail_bytes",
            "26214400",
            "a whole number of bytes from 1048576 to 67108864",
            |v| v.parse().ok().filter(|n| (MIB..=MOST_BYTES).contains(n)),
        )?,
    })
}

/// An empty value is none.
fn optional<T>(read: impl Fn(&str) -> Option<T>) -> impl Fn(&str) -> Option<Option<T>> {
    move |v| {
        if v.is_empty() {
            Some(None)
        } else {
            read(v).map(Some)
        }
    }
}

fn domain(text: &str) -> Option<String> {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let is_domain = text.len() <= 190 && text.split('.').count() > 1 && text.split('.').all(is_label);
    is_domain.then(|| text.to_ascii_lowercase())
}
