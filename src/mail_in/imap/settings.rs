//! Mailboxes as admins set them. The secret is sealed where it lies, and leaves this room only towards
//! the server.

use super::cursor::Cursor;
use super::store::{self, Row, Set};
use super::{Afterwards, Kind, MOST_MAILBOXES, Mailbox, State};
use crate::app::App;
use crate::audit::{By, Entry};
use crate::config::{Auth, Hidden, InvalidRelay, Login, Relay, Tls};
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::helpdesks;
use crate::ids::{HelpdeskId, MailboxId};
use db::Tx;
use mail::one_line;

const NAME_CHARACTERS: usize = 80;
const FOLDER_CHARACTERS: usize = 200;
const PORT: u16 = 993;
const PORT_IN_THE_CLEAR: u16 = 143;

/// What can be set.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What operators call it; the user when empty.
    pub name: String,
    /// Name or IP address of the server.
    pub host: String,
    /// Its port; 0 for the usual one.
    pub port: u16,
    /// How the connection is encrypted.
    pub tls: Tls,
    /// Whether the password is an OAuth 2 access token.
    pub is_token: bool,
    /// Who we are to the server.
    pub user: String,
    /// The password; empty keeps the one that is stored, while host, port and user stay as they are.
    pub password: Hidden,
    /// The folder that mail is fetched from; `INBOX` when empty.
    pub folder: String,
    /// What is done with a mail.
    pub afterwards: Afterwards,
}

/// All mailboxes of a helpdesk, in the order in which they were added.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(app: &App, helpdesk_id: HelpdeskId) -> Result<Vec<Mailbox>> {
    let rows = rows(app, helpdesk_id).await?;
    Ok(rows.into_iter().map(mailbox).collect())
}

/// One mailbox.
///
/// # Errors
/// When there is none of this id (`no_such_mailbox`).
pub async fn get(app: &App, helpdesk_id: HelpdeskId, id: MailboxId) -> Result<Mailbox> {
    row(app, helpdesk_id, id).await.map(mailbox)
}

/// Adds a mailbox. Mail is fetched that arrives from now on, and what has arrived since a date (epoch
/// milliseconds).
///
/// # Errors
/// `invalid_host`, `invalid_port`, `invalid_login`, `in_the_clear`, `invalid_folder`, `invalid_move`,
/// `too_many_mailboxes`.
pub async fn add(
    app: &App,
    helpdesk_id: HelpdeskId,
    by: &By,
    settings: &Settings,
    since_ms: Option<i64>,
) -> Result<MailboxId> {
    helpdesks::get(app, helpdesk_id).await?;
    let (id, now) = (app.new_id(), app.now_ms());
    let set = checked(app, helpdesk_id, id, settings, None)?;
    if rows(app, helpdesk_id).await?.len() >= MOST_MAILBOXES {
        return Err(Error::new(
            ErrorKind::Conflict,
            "too_many_mailboxes",
            format!("A helpdesk can have {MOST_MAILBOXES} mailboxes; remove one first"),
        ));
    }
    let (entry, cursor) = (
        Entry::new(app, helpdesk_id, by, "mailbox added"),
        Cursor::new(now, since_ms),
    );
    write(app, async move |tx: &mut Tx| {
        store::insert(tx, helpdesk_id, id, &set, &cursor, now).await?;
        entry.write(tx, &told(&set)).await
    })
    .await?;
    Ok(id)
}

/// Changes a mailbox. Another server, user or folder is another mailbox: it begins with what arrives from
/// now on.
///
/// # Errors
/// As [`add`], and when there is no such mailbox.
pub async fn change(
    app: &App,
    helpdesk_id: HelpdeskId,
    id: MailboxId,
    by: &By,
    settings: &Settings,
) -> Result<()> {
    let (before, now) = (row(app, helpdesk_id, id).await?, app.now_ms());
    let set = checked(app, helpdesk_id, id, settings, Some(&before))?;
    let is_another = [
        (&before.set.host, &set.host),
        (&before.set.user, &set.user),
        (&before.set.folder, &set.folder),
    ]
    .iter()
    .any(|(before, after)| before != after);
    let entry = Entry::new(app, helpdesk_id, by, "mailbox changed");
    write(app, async move |tx: &mut Tx| {
        store::set(tx, helpdesk_id, id, &set, now).await?;
        if is_another {
            store::drop_marks(tx, helpdesk_id, id).await?;
            store::set_cursor(tx, helpdesk_id, id, &Cursor::new(now, None), now).await?;
        }
        entry.write(tx, &told(&set)).await
    })
    .await
}

/// Replaces the password, or the access token, and tries it at once.
///
/// # Errors
/// `invalid_login`, or when there is no such mailbox.
pub async fn set_password(
    app: &App,
    helpdesk_id: HelpdeskId,
    id: MailboxId,
    by: &By,
    password: &Hidden,
) -> Result<()> {
    if password.0.is_empty() {
        return Err(invalid(InvalidRelay::Login));
    }
    let row = row(app, helpdesk_id, id).await?;
    let settings = Settings {
        password: password.clone(),
        ..of(&row.set)
    };
    change(app, helpdesk_id, id, by, &settings).await
}

/// Stops fetching until somebody resumes it.
///
/// # Errors
/// When there is no such mailbox.
pub async fn pause(app: &App, helpdesk_id: HelpdeskId, id: MailboxId, by: &By, name: &str) -> Result<()> {
    let (row, now) = (row(app, helpdesk_id, id).await?, app.now_ms());
    let (entry, name) = (
        Entry::new(app, helpdesk_id, by, "mailbox paused"),
        one_line(name, NAME_CHARACTERS),
    );
    write(app, async move |tx: &mut Tx| {
        store::pause(tx, helpdesk_id, id, &name, now).await?;
        entry.write(tx, &told(&row.set)).await
    })
    .await
}

/// Fetches again, at once: whether it was paused, or waits because of a problem.
///
/// # Errors
/// When there is no such mailbox.
pub async fn resume(app: &App, helpdesk_id: HelpdeskId, id: MailboxId, by: &By) -> Result<()> {
    let (row, now) = (row(app, helpdesk_id, id).await?, app.now_ms());
    let entry = Entry::new(app, helpdesk_id, by, "mailbox resumed");
    write(app, async move |tx: &mut Tx| {
        store::resume(tx, helpdesk_id, id, now).await?;
        entry.write(tx, &told(&row.set)).await
    })
    .await
}

/// Goes through everything that arrived since a date (epoch milliseconds) once more. What is here already
/// is recognised by its content.
///
/// # Errors
/// When there is no such mailbox.
pub async fn rescan(app: &App, helpdesk_id: HelpdeskId, id: MailboxId, by: &By, since_ms: i64) -> Result<()> {
    row(app, helpdesk_id, id).await?;
    let (entry, now) = (
        Entry::new(app, helpdesk_id, by, "mailbox gone through again"),
        app.now_ms(),
    );
    write(app, async move |tx: &mut Tx| {
        // Whoever works at it may have moved the cursor since it was read above: from here on nobody does.
        store::take_away(tx, helpdesk_id, id, now).await?;
        let Some(row) = store::find(tx, helpdesk_id, id).await? else {
            return Ok(());
        };
        let mut cursor = row.cursor.clone();
        cursor.rescan(since_ms);
        store::set_cursor(tx, helpdesk_id, id, &cursor, now).await?;
        let detail = format!("{}, since {}", told(&row.set), crate::clock::iso8601(since_ms));
        entry.write(tx, &detail).await
    })
    .await
}

/// Removes a mailbox. What was fetched stays; on the server nothing changes.
///
/// # Errors
/// When there is no such mailbox.
pub async fn remove(app: &App, helpdesk_id: HelpdeskId, id: MailboxId, by: &By) -> Result<()> {
    let row = row(app, helpdesk_id, id).await?;
    let entry = Entry::new(app, helpdesk_id, by, "mailbox removed");
    write(app, async move |tx: &mut Tx| {
        store::remove(tx, helpdesk_id, id).await?;
        entry.write(tx, &told(&row.set)).await
    })
    .await
}

/// The server with the secret.
pub(super) fn server(app: &App, row: &Row) -> Result<Relay> {
    let context = context(row.helpdesk_id, row.id);
    let password = app
        .sealing_key()
        .open(&context, &row.set.secret)
        .map_err(Error::internal)?;
    let login = Login {
        user: row.set.user.clone(),
        password: Hidden(String::from_utf8_lossy(&password).into_owned()),
        auth: Auth::named(&row.set.auth).unwrap_or(Auth::Any),
    };
    let port = u16::try_from(row.set.port).unwrap_or_default();
    let tls = Tls::named(&row.set.tls).unwrap_or(Tls::Implicit);
    Relay::new(&row.set.host, port, tls, Some(login)).map_err(Error::internal)
}

pub(super) async fn row(app: &App, helpdesk_id: HelpdeskId, id: MailboxId) -> Result<Row> {
    let found = app
        .db()
        .read(async move |tx: &mut Tx| store::find(tx, helpdesk_id, id).await)
        .await?;
    found.ok_or_else(|| Error::not_found("no_such_mailbox", "There is no such mailbox"))
}

/// What is set, without the password.
fn of(set: &Set) -> Settings {
    Settings {
        name: set.name.clone(),
        host: set.host.clone(),
        port: u16::try_from(set.port).unwrap_or_default(),
        tls: Tls::named(&set.tls).unwrap_or(Tls::Implicit),
        is_token: set.auth == Auth::XOAuth2.name(),
        user: set.user.clone(),
        password: Hidden(String::new()),
        folder: set.folder.clone(),
        afterwards: afterwards(set),
    }
}

pub(super) fn afterwards(set: &Set) -> Afterwards {
    Afterwards::named(&set.afterwards, &set.move_to).unwrap_or(Afterwards::Leave)
}

async fn rows(app: &App, helpdesk_id: HelpdeskId) -> Result<Vec<Row>> {
    let most = i64::try_from(MOST_MAILBOXES).unwrap_or(i64::MAX);
    Ok(app
        .db()
        .read(async move |tx: &mut Tx| store::list(tx, helpdesk_id, most).await)
        .await?)
}

async fn write<Body>(app: &App, body: Body) -> Result<()>
where
    Body: AsyncFn(&mut Tx) -> std::result::Result<(), db::Error> + Send + Sync + 'static,
{
    Ok(app.db().write(body).await?)
}

/// What was typed, once all of it can be used.
fn checked(
    app: &App,
    helpdesk_id: HelpdeskId,
    id: MailboxId,
    settings: &Settings,
    before: Option<&Row>,
) -> Result<Set> {
    let port = match (settings.port, settings.tls) {
        (0, Tls::Implicit) => PORT,
        (0, Tls::StartTls | Tls::Off) => PORT_IN_THE_CLEAR,
        (port, _) => port,
    };
    let (host, user) = (settings.host.trim(), settings.user.trim());
    // Otherwise somebody who may change settings could have a stored password sent to a server of theirs.
    let kept = before.filter(|before| {
        settings.password.0.is_empty()
            && before.set.host.eq_ignore_ascii_case(host)
            && before.set.port == i64::from(port)
            && before.set.user == user
    });
    let password = match kept {
        Some(before) => server(app, before)?.login.map(|login| login.password),
        None => Some(settings.password.clone()),
    };
    let auth = if settings.is_token {
        Auth::XOAuth2
    } else {
        Auth::Any
    };
    let login = password.map(|password| Login {
        user: user.to_owned(),
        password,
        auth,
    });
    let server = Relay::new(host, port, settings.tls, login).map_err(invalid)?;
    let password = server.login.as_ref().map(|login| login.password.0.as_bytes());
    let secret = app
        .sealing_key()
        .seal(
            app.random(),
            &context(helpdesk_id, id),
            password.unwrap_or_default(),
        )
        .map_err(Error::internal)?;
    let folder = folder("invalid_folder", &settings.folder, "INBOX")?;
    let move_to = match &settings.afterwards {
        Afterwards::Move(to) => self::folder("invalid_move", to, "")?,
        Afterwards::Seen | Afterwards::Leave => String::new(),
    };
    if matches!(settings.afterwards, Afterwards::Move(_)) && (move_to.is_empty() || move_to == folder) {
        let sentence = "Write the name of another folder that mails are moved to";
        return Err(Error::unprocessable("invalid_move", sentence));
    }
    Ok(Set {
        name: one_line(or(&settings.name, user), NAME_CHARACTERS),
        host: server.host,
        port: i64::from(port),
        tls: settings.tls.name().to_owned(),
        auth: auth.name().to_owned(),
        user: user.to_owned(),
        secret,
        folder,
        afterwards: settings.afterwards.name().to_owned(),
        move_to,
    })
}

fn invalid(why: InvalidRelay) -> Error {
    let code = match why {
        InvalidRelay::Host => "invalid_host",
        InvalidRelay::Port => "invalid_port",
        InvalidRelay::Login => "invalid_login",
        InvalidRelay::InTheClear => "in_the_clear",
    };
    Error::unprocessable(code, format!("The mail server {why}"))
}

fn folder(code: &'static str, typed: &str, usual: &str) -> Result<String> {
    let name = or(typed, usual);
    let fits = name.chars().count() <= FOLDER_CHARACTERS && !name.chars().any(char::is_control);
    if fits {
        return Ok(name.to_owned());
    }
    let sentence = format!("A folder's name has at most {FOLDER_CHARACTERS} characters, all in one line");
    Err(Error::unprocessable(code, sentence))
}

fn or<'a>(typed: &'a str, usual: &'a str) -> &'a str {
    let typed = typed.trim();
    if typed.is_empty() { usual } else { typed }
}

/// For the audit log.
fn told(set: &Set) -> String {
    format!(
        "{}: {} at {}:{}, {}",
        set.name, set.user, set.host, set.port, set.folder
    )
}

/// What is sealed opens in its place only.
fn context(helpdesk_id: HelpdeskId, id: MailboxId) -> Vec<u8> {
    [
        helpdesk_id.0.as_bytes(),
        id.0.as_bytes(),
        b"mailbox secret".as_slice(),
    ]
    .concat()
}

fn mailbox(row: Row) -> Mailbox {
    let state = state(&row);
    let afterwards = afterwards(&row.set);
    Mailbox {
        id: row.id,
        name: row.set.name,
        host: row.set.host,
        port: u16::try_from(row.set.port).unwrap_or_default(),
        tls: Tls::named(&row.set.tls).unwrap_or(Tls::Implicit),
        is_token: row.set.auth == Auth::XOAuth2.name(),
        user: row.set.user,
        folder: row.set.folder,
        afterwards,
        state,
        looked_at: row.looked_at,
        last_mail_at: row.last_mail_at,
        fetched: row.fetched,
        skipped: row.skipped,
        skip_words: row.skip_words,
        warning: row.warning,
        scan_since: row.cursor.scan_since,
    }
}

fn state(row: &Row) -> State {
    if let Some(at) = row.paused_at {
        let by = row.paused_by.clone();
        return State::Paused { at, by };
    }
    if row.node_id.is_some() {
        return match row.connected_at {
            Some(since) => State::Connected { since },
            None => State::Connecting,
        };
    }
    if row.problem.is_empty() {
        return State::Due;
    }
    State::Waiting {
        until: row.due_at.unwrap_or_default(),
        kind: Kind::named(&row.problem_kind),
        words: row.problem.clone(),
    }
}
