//! How a helpdesk's mail goes out: its sender, its relay, its signature. What it does not say, the
//! installation's settings say. Password and key are sealed where they lie, and leave this room only
//! towards the relay.

use super::relays::Limits;
use super::store::{self, Row};
use crate::app::App;
use crate::audit::{By, Entry};
use crate::config::{Auth, Hidden, Login, Mailer, Relay, Tls};
use crate::error::{Error, Result};
use crate::helpdesks;
use crate::ids::HelpdeskId;
use mail::dkim::{Algorithm, DkimKey, SecretKey};
use mail::{Mailbox, one_line};
use url::Url;
use zeroize::Zeroizing;

const NAME_CHARACTERS: usize = 80;
const URL_BYTES: usize = 500;
/// The highest rate that can be set.
pub const MOST_PER_MINUTE: u32 = 100_000;
/// The most connections that can be set.
pub const MOST_CONNECTIONS: u32 = 50;

/// How a helpdesk's mail goes out.
pub struct Settings {
    /// Who mail is from; the helpdesk's name unless it has another.
    pub from_name: String,
    /// The address mail is from, if there is one.
    pub from_address: Option<String>,
    /// The page of the host app with the Ticket Center, if it was told.
    pub support_url: Option<String>,
    /// The relay, if there is one.
    pub relay: Option<Relay>,
    /// True when the relay is the helpdesk's own.
    pub has_own_relay: bool,
    /// What the relay is not to be asked beyond.
    pub limits: Limits,
    /// What mail is signed with.
    pub dkim: Option<DkimKey>,
}

/// What is to be different. Absent fields stay as they are; an empty text takes a value away.
#[derive(Default)]
pub struct Change {
    /// Who mail is from.
    pub from_name: Option<String>,
    /// The address mail is from.
    pub from_address: Option<String>,
    /// The page of the host app with the Ticket Center.
    pub support_url: Option<String>,
    /// The relay.
    pub relay: Option<OwnRelay>,
    /// Mails in a minute; 0 for as many as it takes.
    pub per_minute: Option<u32>,
    /// Connections at once; 0 for as many as usual.
    pub connections: Option<u32>,
    /// The signature.
    pub dkim: Option<Signing>,
}

/// A helpdesk's own relay.
pub enum OwnRelay {
    /// The installation's.
    None,
    /// This one.
    Relay(Relay),
}

/// A helpdesk's signature.
pub enum Signing {
    /// None by us; most relays sign by themselves.
    Off,
    /// A new Ed25519 key under this selector.
    New {
        /// The selector.
        selector: String,
    },
    /// This key under this selector.
    Given {
        /// The selector.
        selector: String,
        /// A private key in PEM.
        pem: Zeroizing<String>,
    },
}

/// How mail of a helpdesk goes out now.
///
/// # Errors
/// When there is no such helpdesk, or what is sealed cannot be opened.
pub async fn of(app: &App, id: HelpdeskId) -> Result<Settings> {
    let helpdesk = helpdesks::get(app, id).await?;
    let row = app
        .db()
        .read(async move |tx: &mut db::Tx| store::find(tx, id).await)
        .await?
        .unwrap_or_default();
    let own = relay(app, id, &row)?;
    let from_name = if row.from_name.is_empty() {
        helpdesk.name.clone()
    } else {
        row.from_name.clone()
    };
    let from_address = some(&row.from_address).or_else(|| usual_address(app));
    let dkim = match &from_address {
        Some(address) => dkim(app, id, &row, address)?,
        None => None,
    };
    Ok(Settings {
        from_name,
        dkim,
        from_address,
        support_url: some(&row.support_url),
        has_own_relay: own.is_some(),
        relay: own.or_else(|| app.config().smtp.clone()),
        limits: limits(&row),
    })
}

/// Changes how mail of a helpdesk goes out.
///
/// # Errors
/// When a value cannot be used; the sentence says which and why.
pub async fn set(app: &App, id: HelpdeskId, by: &By, change: Change) -> Result<()> {
    helpdesks::get(app, id).await?;
    let before = app
        .db()
        .read(async move |tx: &mut db::Tx| store::find(tx, id).await)
        .await?;
    let (row, changed) = changed(app, id, before.unwrap_or_default(), change)?;
    let (entry, now) = (Entry::new(app, id, by, "mail settings changed"), app.now_ms());
    Ok(app
        .db()
        .write(async move |tx: &mut db::Tx| {
            store::put(tx, id, &row, now).await?;
            entry.write(tx, &changed).await
        })
        .await?)
}

/// The row with what is different, and the names of it.
fn changed(app: &App, id: HelpdeskId, mut row: Row, change: Change) -> Result<(Row, String)> {
    let mut names = Vec::new();
    if let Some(name) = change.from_name {
        names.push("from name");
        row.from_name = one_line(&name, NAME_CHARACTERS);
    }
    if let Some(address) = change.from_address {
        names.push("from address");
        row.from_address = from_address(&address)?;
    }
    if let Some(url) = change.support_url {
        names.push("support page");
        row.support_url = support_url(&url)?;
    }
    if let Some(relay) = change.relay {
        names.push("mail server");
        set_relay(app, id, &mut row, relay)?;
    }
    if let Some(per_minute) = change.per_minute {
        names.push("mails in a minute");
        row.per_minute = number(per_minute, MOST_PER_MINUTE)?;
    }
    if let Some(connections) = change.connections {
        names.push("connections");
        row.connections = number(connections, MOST_CONNECTIONS)?;
    }
    if let Some(signing) = change.dkim {
        names.push("DKIM");
        set_signing(app, id, &mut row, signing)?;
    }
    Ok((row, names.join(", ")))
}

fn from_address(text: &str) -> Result<String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(String::new());
    }
    let mailbox = Mailbox::new("", text).map_err(|why| {
        let sentence = format!("The address {why}; write one such as support@example.com");
        Error::unprocessable("invalid_address", sentence)
    })?;
    Ok(mailbox.address())
}

fn support_url(text: &str) -> Result<String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(String::new());
    }
    let url = Url::parse(text).ok().filter(|url| {
        let is_web = matches!(url.scheme(), "http" | "https") && url.has_host();
        is_web && url.username().is_empty() && url.password().is_none() && url.as_str().len() <= URL_BYTES
    });
    let url = url.ok_or_else(|| {
        Error::unprocessable(
            "invalid_url",
            "The support page needs an http or https address, for example https://app.example.com/support",
        )
    })?;
    Ok(url.into())
}

fn number(given: u32, most: u32) -> Result<Option<i64>> {
    match given {
        0 => Ok(None),
        good if good <= most => Ok(Some(i64::from(good))),
        _ => Err(Error::unprocessable(
            "invalid_number",
            format!("Write a number from 1 to {most}, or 0 for the usual"),
        )),
    }
}

fn set_relay(app: &App, id: HelpdeskId, row: &mut Row, relay: OwnRelay) -> Result<()> {
    *row = Row {
        relay_host: None,
        relay_port: None,
        relay_tls: None,
        relay_user: None,
        relay_auth: None,
        relay_password: None,
        ..std::mem::take(row)
    };
    let OwnRelay::Relay(relay) = relay else {
        return Ok(());
    };
    if let Some(login) = &relay.login {
        let sealed = app
            .sealing_key()
            .seal(
                app.random(),
                &context(id, "relay password"),
                login.password.0.as_bytes(),
            )
            .map_err(Error::internal)?;
        row.relay_user = Some(login.user.clone());
        row.relay_auth = Some(login.auth.name().to_owned());
        row.relay_password = Some(sealed);
    }
    row.relay_host = Some(relay.host);
    row.relay_port = Some(i64::from(relay.port));
    row.relay_tls = Some(relay.tls.name().to_owned());
    Ok(())
}

fn set_signing(app: &App, id: HelpdeskId, row: &mut Row, signing: Signing) -> Result<()> {
    let invalid = |why: mail::dkim::InvalidKey| Error::unprocessable("invalid_dkim_key", why.to_string());
    let (selector, key) = match signing {
        Signing::Off => {
            (row.dkim_selector, row.dkim_algorithm, row.dkim_key) = (None, None, None);
            return Ok(());
        }
        Signing::New { selector } => (selector, SecretKey::ed25519(&app.random().bytes())),
        Signing::Given { selector, pem } => (selector, SecretKey::from_pem(&pem).map_err(invalid)?),
    };
    DkimKey::new(&key, &selector, "example.com").map_err(invalid)?;
    let sealed = app
        .sealing_key()
        .seal(app.random(), &context(id, "dkim key"), key.bytes())
        .map_err(Error::internal)?;
    row.dkim_selector = Some(selector.to_ascii_lowercase());
    row.dkim_algorithm = Some(key.algorithm().name().to_owned());
    row.dkim_key = Some(sealed);
    Ok(())
}

fn relay(app: &App, id: HelpdeskId, row: &Row) -> Result<Option<Relay>> {
    let (Some(host), Some(port), Some(tls)) = (&row.relay_host, row.relay_port, &row.relay_tls) else {
        return Ok(None);
    };
    let login = match (&row.relay_user, &row.relay_password) {
        (Some(user), Some(sealed)) => {
            let password = app
                .sealing_key()
                .open(&context(id, "relay password"), sealed)
                .map_err(Error::internal)?;
            Some(Login {
                user: user.clone(),
                password: Hidden(String::from_utf8_lossy(&password).into_owned()),
                auth: row
                    .relay_auth
                    .as_deref()
                    .and_then(Auth::named)
                    .unwrap_or(Auth::Any),
            })
        }
        _ => None,
    };
    let port = u16::try_from(port).unwrap_or_default();
    let tls = Tls::named(tls).unwrap_or(Tls::Implicit);
    Relay::new(host, port, tls, login)
        .map(Some)
        .map_err(Error::internal)
}

fn dkim(app: &App, id: HelpdeskId, row: &Row, from_address: &str) -> Result<Option<DkimKey>> {
    let (Some(selector), Some(algorithm), Some(sealed)) =
        (&row.dkim_selector, &row.dkim_algorithm, &row.dkim_key)
    else {
        return Ok(None);
    };
    let key = app
        .sealing_key()
        .open(&context(id, "dkim key"), sealed)
        .map_err(Error::internal)?;
    let algorithm = Algorithm::named(algorithm).unwrap_or(Algorithm::Rsa);
    let key = SecretKey::from_bytes(algorithm, &key);
    let domain = Mailbox::new("", from_address)
        .map_err(Error::internal)?
        .domain()
        .to_owned();
    DkimKey::new(&key, selector, &domain)
        .map(Some)
        .map_err(Error::internal)
}

fn limits(row: &Row) -> Limits {
    let usual = Limits::default();
    let count = |number: i64| u32::try_from(number).ok();
    Limits {
        connections: row.connections.and_then(count).unwrap_or(usual.connections),
        per_minute: row.per_minute.and_then(count).or(usual.per_minute),
    }
}

/// The address that mail is from unless a helpdesk has its own. Mail that goes nowhere, as in
/// development, needs no address of anybody's.
pub fn usual_address(app: &App) -> Option<String> {
    let in_development = || (app.config().mailer != Mailer::Smtp).then(|| "helpdesk@localhost".to_owned());
    app.config().mail_from.clone().or_else(in_development)
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// What is sealed opens in its place only.
fn context(id: HelpdeskId, what: &str) -> Vec<u8> {
    [id.0.as_bytes(), what.as_bytes()].concat()
}
