//! Settings: by flag, by environment (`HELPDESKY_*`, or `HELPDESKY_*_FILE` naming a file), or in
//! one TOML file, in this order. A setting that is unknown or wrong stops the start with its cause
//! and remedy.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use tracing_subscriber::filter::{LevelFilter, Targets};
use url::Url;

mod given;
mod incoming;
mod relay;

use given::{Given, read_environment, read_file, read_flags};

pub use incoming::MailIn;
pub use relay::{Auth, InvalidRelay, Login, Relay, Tls};

/// Flags that every command understands.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct SettingFlags {
    /// Data folder [default: ./data; env: HELPDESKY_DATA]
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Settings file [default: helpdesky.toml in the data folder; env: HELPDESKY_CONFIG]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// PostgreSQL instead of SQLite, as postgres://user:password@host/name [env: HELPDESKY_DATABASE_URL]
    #[arg(long, global = true, value_name = "URL")]
    pub database_url: Option<String>,
    /// Address to listen on [default: 127.0.0.1:8080; env: HELPDESKY_LISTEN]
    #[arg(long, global = true, value_name = "ADDRESS:PORT")]
    pub listen: Option<String>,
    /// Address under which browsers reach this installation [default: http://LISTEN; env: HELPDESKY_BASE_URL]
    #[arg(long, global = true, value_name = "URL")]
    pub base_url: Option<String>,
    /// Reverse proxies whose X-Forwarded-For is believed, separated by commas [env: HELPDESKY_TRUSTED_PROXIES]
    #[arg(long, global = true, value_name = "IP,IP")]
    pub trusted_proxies: Option<String>,
    /// Relay for outgoing mail, as smtps://user:password@host or smtp://host?tls=off [env: HELPDESKY_SMTP_URL, better HELPDESKY_SMTP_URL_FILE]
    #[arg(long, global = true, value_name = "URL")]
    pub smtp_url: Option<String>,
    /// Address that mail is from, unless a helpdesk has its own [env: HELPDESKY_MAIL_FROM]
    #[arg(long, global = true, value_name = "ADDRESS")]
    pub mail_from: Option<String>,
    /// Where mail goes: smtp, file (the folder mail in the data folder) or console [default: smtp; env: HELPDESKY_MAILER]
    #[arg(long, global = true, value_name = "MAILER")]
    pub mailer: Option<String>,
    /// on, or off to keep every mail back, for a copy of an installation [default: on; env: HELPDESKY_MAIL_DELIVERY]
    #[arg(long, global = true, value_name = "on|off")]
    pub mail_delivery: Option<String>,
    /// Domain whose mail this installation takes, as in.example.com [env: HELPDESKY_MAIL_DOMAIN]
    #[arg(long, global = true, value_name = "DOMAIN")]
    pub mail_domain: Option<String>,
    /// Address to listen on for mail that comes in, as 0.0.0.0:25 [env: HELPDESKY_SMTP_LISTEN]
    #[arg(long, global = true, value_name = "ADDRESS:PORT")]
    pub smtp_listen: Option<String>,
    /// text or json [default: text; env: HELPDESKY_LOG_FORMAT]
    #[arg(long, global = true, value_name = "FORMAT")]
    pub log_format: Option<String>,
    /// What to log, for example info or debug [default: info; env: HELPDESKY_LOG]
    #[arg(long, global = true, value_name = "FILTER")]
    pub log: Option<String>,
}

/// All settings, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// Data folder.
    pub data: PathBuf,
    /// PostgreSQL URL; SQLite in the data folder when absent.
    pub database_url: Option<String>,
    /// Where to listen.
    pub listen: SocketAddr,
    /// Where browsers reach us, without a trailing slash.
    pub base_url: String,
    /// 32 bytes in hex or base64 that seal secrets at rest; a key file in the data folder when absent.
    pub key: Option<Hidden>,
    /// Proxies whose forwarded addresses are believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Log lines as JSON.
    pub log_json: bool,
    /// Filter for log lines.
    pub log: Targets,
    /// Signed calls allowed per contact and minute.
    pub contact_calls_per_minute: u32,
    /// Signed calls allowed per contact at once.
    pub contact_burst: u32,
    /// Failed verifications answered per client address and minute.
    pub failures_per_minute: u32,
    /// Life of an embed token.
    pub token_seconds: u32,
    /// How many bytes a file of a message may have.
    pub attachment_bytes: u32,
    /// The relay of helpdesks that have none of their own.
    pub smtp: Option<Relay>,
    /// Certificates, in PEM, that a relay may be verified with besides the system's.
    pub smtp_ca: Option<PathBuf>,
    /// The resolver that is asked about DNS records, when it is not the system's.
    pub dns_server: Option<SocketAddr>,
    /// Where Cloudflare Turnstile is reached, without a trailing slash.
    pub turnstile_url: String,
    /// The address that mail is from, unless a helpdesk has its own.
    pub mail_from: Option<String>,
    /// Where mail goes.
    pub mailer: Mailer,
    /// Whether mail that is due leaves; else it waits.
    pub mail_delivery: bool,
    /// How mail comes in.
    pub mail_in: MailIn,
}

/// Where mail goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mailer {
    /// To a relay.
    Smtp,
    /// Into a folder, one file for each mail: for development.
    File,
    /// To the terminal: for development.
    Console,
    /// Into memory: for tests, which set it by themselves.
    Memory,
}

/// A value that must not be printed.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Hidden(pub String);

impl fmt::Debug for Hidden {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("(hidden)")
    }
}

/// A setting that is unknown or wrong: where it stands, why, and what to write instead.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);

impl Config {
    /// Puts flags, environment and file together and checks everything.
    ///
    /// # Errors
    /// The first setting that is unknown or wrong.
    pub fn load(
        flags: &SettingFlags,
        environment: impl Iterator<Item = (OsString, OsString)>,
    ) -> Result<Self, ConfigError> {
        let mut given = BTreeMap::new();
        read_flags(flags, &mut given);
        read_environment(environment, &mut given)?;
        let data = given
            .get("data")
            .map_or_else(|| PathBuf::from("data"), |data| PathBuf::from(&data.value));
        read_file(
            &given.get("config").map(|file| PathBuf::from(&file.value)),
            &data,
            &mut given,
        )?;
        Self::check(data, &given)
    }

    fn check(data: PathBuf, given: &BTreeMap<&'static str, Given>) -> Result<Self, ConfigError> {
        let listen = parse(
            given,
            "listen",
            "127.0.0.1:8080",
            "an address and port, for example 127.0.0.1:8080",
            |v| v.parse::<SocketAddr>().ok(),
        )?;
        let base_url = parse(
            given,
            "base_url",
            &format!("http://{listen}"),
            "an http or https URL without a path, for example https://support.example.com",
            base_url,
        )?;
        let trusted_proxies = parse(
            given,
            "trusted_proxies",
            "",
            "IP addresses separated by commas, for example 10.0.0.2",
            |v| {
                v.split(',')
                    .map(str::trim)
                    .filter(|ip| !ip.is_empty())
                    .map(|ip| ip.parse().ok())
                    .collect()
            },
        )?;
        let log_json = parse(given, "log_format", "text", "text or json", |v| match v {
            "text" => Some(false),
            "json" => Some(true),
            _ => None,
        })?;
        let database_url = parse(given, "database_url", "", "a postgres:// URL", |v| match v {
            "" => Some(None),
            url if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
                Some(Some(url.to_owned()))
            }
            // The keyword form of libpq, `host=… dbname=…`, names sockets without escaping.
            words if words.contains("host=") => Some(Some(words.to_owned())),
            _ => None,
        })?;
        let number = |name: &'static str, default: &str| {
            parse(given, name, default, "a whole number from 1 to 1000000", |v| {
                v.parse::<u32>().ok().filter(|n| (1..=1_000_000).contains(n))
            })
        };
        let smtp = relay_of(given)?;
        let mail_from = parse(
            given,
            "mail_from",
            "",
            "one address, for example support@example.com",
            |v| match v {
                "" => Some(None),
                address => mail::Mailbox::new("", address)
                    .ok()
                    .map(|from| Some(from.address())),
            },
        )?;
        let mail_delivery = parse(given, "mail_delivery", "on", "on or off", |v| match v {
            "on" => Some(true),
            "off" => Some(false),
            _ => None,
        })?;
        let mailer = parse(given, "mailer", "smtp", "smtp, file or console", |v| match v {
            "smtp" => Some(Mailer::Smtp),
            "file" => Some(Mailer::File),
            "console" => Some(Mailer::Console),
            _ => None,
        })?;
        Ok(Self {
            data,
            database_url,
            listen,
            base_url,
            key: given.get("key").map(|key| Hidden(key.value.clone())),
            trusted_proxies,
            log_json,
            log: parse(
                given,
                "log",
                "info",
                "error, warn, info, debug, trace or off, or a list such as info,hyper=debug",
                log_filter,
            )?,
            contact_calls_per_minute: number("contact_calls_per_minute", "600")?,
            contact_burst: number("contact_burst", "100")?,
            failures_per_minute: number("failures_per_minute", "1000")?,
            token_seconds: number("token_seconds", "3600")?,
            attachment_bytes: parse(
                given,
                "attachment_bytes",
                "10485760",
                "a whole number of bytes from 1024 to 104857600",
                |v| {
                    let sizes = 1_024..=104_857_600;
                    v.parse::<u32>().ok().filter(|bytes| sizes.contains(bytes))
                },
            )?,
            smtp,
            dns_server: parse(
                given,
                "dns_server",
                "",
                "an IP address and a port, for example 9.9.9.9:53",
                |text| match text {
                    "" => Some(None),
                    text => text.parse().ok().map(Some),
                },
            )?,
            turnstile_url: parse(
                given,
                "turnstile_url",
                "https://challenges.cloudflare.com",
                "an https URL without a path, for example https://challenges.cloudflare.com",
                |text| {
                    self::base_url(text).filter(|url| url.starts_with("https://") || is_on_this_machine(url))
                },
            )?,
            smtp_ca: given.get("smtp_ca").map(|file| PathBuf::from(&file.value)),
            mail_from,
            mailer,
            mail_delivery,
            mail_in: incoming::check(given)?,
        })
    }

    /// Settings for a fresh installation in this folder, everything else by default.
    pub fn for_folder(data: &Path) -> Self {
        let given = BTreeMap::new();
        // The defaults are checked by a test; there is nothing a caller could do about an error.
        Self::check(data.to_owned(), &given).unwrap_or_else(|_| std::process::abort())
    }

    /// The SQLite file, when PostgreSQL is not used.
    pub fn sqlite_path(&self) -> PathBuf {
        self.data.join("helpdesky.sqlite")
    }

    /// True when browsers reach us over TLS, so that cookies can and must be Secure.
    pub fn is_https(&self) -> bool {
        self.base_url.starts_with("https://")
    }
}

/// Whether nothing that is said to this address leaves the machine.
fn is_on_this_machine(url: &str) -> bool {
    let host = Url::parse(url)
        .ok()
        .and_then(|url| url.host().map(|host| host.to_owned()));
    match host {
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        _ => false,
    }
}

fn base_url(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    plain.then(|| url.origin().ascii_serialization())
}

/// The relay. Its URL holds a password, so that a wrong one is not repeated.
fn relay_of(given: &BTreeMap<&'static str, Given>) -> Result<Option<Relay>, ConfigError> {
    let Some(Given { value, place }) = given.get("smtp_url") else {
        return Ok(None);
    };
    let relay = Relay::parse(value.trim()).ok_or_else(|| {
        ConfigError(format!(
            "{place} is no good smtp_url; write smtps://user:password@host, or smtp://host for STARTTLS; special characters of a password as %XX; a password without TLS goes to this machine only"
        ))
    })?;
    Ok(Some(relay))
}

fn parse<T>(
    given: &BTreeMap<&'static str, Given>,
    name: &'static str,
    default: &str,
    wanted: &str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<T, ConfigError> {
    let (value, place) = given
        .get(name)
        .map_or((default, "the default"), |given| (&given.value, &given.place));
    read(value.trim())
        .ok_or_else(|| ConfigError(format!("{place}: {value:?} is no good {name}; write {wanted}")))
}

/// A level for everything, or levels of targets: a word alone that is no level is a slip of the pen.
fn log_filter(text: &str) -> Option<Targets> {
    let is_fine = |part: &str| part.contains('=') || part.trim().parse::<LevelFilter>().is_ok();
    text.split(',').all(is_fine).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests;
