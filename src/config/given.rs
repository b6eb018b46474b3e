//! What was given for each setting: by flag, by environment, or in the file.

use super::{ConfigError, SettingFlags};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Names as they stand in the TOML file; `HELPDESKY_` and upper case in the environment.
pub(super) const NAMES: &[&str] = &[
    "data",
    "config",
    "database_url",
    "listen",
    "base_url",
    "key",
    "trusted_proxies",
    "log_format",
    "log",
    "contact_calls_per_minute",
    "contact_burst",
    "failures_per_minute",
    "token_seconds",
    "attachment_bytes",
    "smtp_url",
    "smtp_ca",
    "dns_server",
    "turnstile_url",
    "mail_from",
    "mailer",
    "mail_delivery",
    "mail_domain",
    "smtp_listen",
    "smtp_certificate",
    "smtp_private_key",
    "smtp_proxy",
    "mail_relays",
    "mail_authserv_id",
    "mail_bytes",
];
/// Read by host apps, which may run in the same environment; never by us.
const OF_HOST_APPS: &[&str] = &["HELPDESKY_HMAC_SECRET", "HELPDESKY_HELPDESK_ID"];
const PREFIX: &str = "HELPDESKY_";

/// What was given for a setting, and where.
pub(super) struct Given {
    pub(super) value: String,
    pub(super) place: String,
}

pub(super) fn read_flags(flags: &SettingFlags, given: &mut BTreeMap<&'static str, Given>) {
    let path = |path: &Option<PathBuf>| path.as_ref().map(|path| path.to_string_lossy().into_owned());
    for (name, value) in [
        ("data", path(&flags.data)),
        ("config", path(&flags.config)),
        ("database_url", flags.database_url.clone()),
        ("listen", flags.listen.clone()),
        ("base_url", flags.base_url.clone()),
        ("trusted_proxies", flags.trusted_proxies.clone()),
        ("smtp_url", flags.smtp_url.clone()),
        ("mail_from", flags.mail_from.clone()),
        ("mailer", flags.mailer.clone()),
        ("mail_delivery", flags.mail_delivery.clone()),
        ("mail_domain", flags.mail_domain.clone()),
        ("smtp_listen", flags.smtp_listen.clone()),
        ("log_format", flags.log_format.clone()),
        ("log", flags.log.clone()),
    ] {
        if let Some(value) = value {
            given.insert(
                name,
                Given {
                    value,
                    place: format!("--{}", name.replace('_', "-")),
                },
            );
        }
    }
}

pub(super) fn read_environment(
    environment: impl Iterator<Item = (OsString, OsString)>,
    given: &mut BTreeMap<&'static str, Given>,
) -> Result<(), ConfigError> {
    for (variable, value) in environment {
        let Some(variable) = variable.to_str() else {
            continue;
        };
        let Some(rest) = variable.strip_prefix(PREFIX) else {
            continue;
        };
        if OF_HOST_APPS.contains(&variable) || is_of_a_service(rest) {
            continue;
        }
        let setting = rest.to_ascii_lowercase();
        let known = |wanted: &str| NAMES.iter().copied().find(|name| *name == wanted);
        let value = value
            .to_str()
            .ok_or_else(|| ConfigError(format!("{variable} is not UTF-8")))?
            .to_owned();
        let (name, value) = if let Some(name) = known(&setting) {
            (name, value)
        } else if let Some(name) = setting.strip_suffix("_file").and_then(known) {
            let text = std::fs::read_to_string(&value).map_err(|error| {
                ConfigError(format!(
                    "{variable}: cannot read {value}: {error}; name a readable file"
                ))
            })?;
            (name, text.trim_end_matches(['\r', '\n']).to_owned())
        } else {
            let known = NAMES
                .iter()
                .map(|name| format!("{PREFIX}{}", name.to_ascii_uppercase()));
            return Err(ConfigError(format!(
                "{variable} is not a setting; remove it or use one of {}",
                known.collect::<Vec<_>>().join(", ")
            )));
        };
        given.entry(name).or_insert(Given {
            value,
            place: variable.to_owned(),
        });
    }
    Ok(())
}

/// Kubernetes tells every container of a Service named `helpdesky` where it is: HELPDESKY_PORT,
/// HELPDESKY_SERVICE_HOST, HELPDESKY_PORT_80_TCP_ADDR and so on.
fn is_of_a_service(rest: &str) -> bool {
    rest == "PORT" || rest.starts_with("PORT_") || rest.starts_with("SERVICE_")
}

pub(super) fn read_file(
    named: &Option<PathBuf>,
    data: &Path,
    given: &mut BTreeMap<&'static str, Given>,
) -> Result<(), ConfigError> {
    let path = named.clone().unwrap_or_else(|| data.join("helpdesky.toml"));
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => {
            return Err(ConfigError(format!(
                "cannot read the settings file {}: {error}",
                path.display()
            )));
        }
    };
    let table: toml::Table = text.parse().map_err(|error| {
        ConfigError(format!(
            "the settings file {} is not TOML: {error}",
            path.display()
        ))
    })?;
    for (key, value) in table {
        let Some(name) = NAMES.iter().copied().find(|name| *name == key) else {
            return Err(ConfigError(format!(
                "{}: {key} is not a setting; remove it or use one of {}",
                path.display(),
                NAMES.join(", ")
            )));
        };
        let value = match value {
            toml::Value::String(text) => text,
            toml::Value::Integer(number) => number.to_string(),
            _ => {
                return Err(ConfigError(format!(
                    "{}: {key} must be a text or a number",
                    path.display()
                )));
            }
        };
        given.entry(name).or_insert(Given {
            value,
            place: format!("{} in {}", key, path.display()),
        });
    }
    Ok(())
}
