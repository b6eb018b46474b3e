//! Commands about mailboxes that mail is fetched from.

use super::command::{Mailbox as Command, NewMailbox, Which};
use super::helpdesks::find;
use super::{Answer, table, time};
use crate::app::App;
use crate::audit::By;
use crate::config::{Hidden, Tls};
use crate::error::{Error, Result};
use crate::ids::{HelpdeskId, MailboxId};
use crate::mail_in::imap::{self, Afterwards, Kind, Mailbox, Settings, State};
use serde_json::{Value, json};

pub(super) async fn run(app: &App, command: Command) -> Result<Answer> {
    let by = By::console();
    match command {
        Command::List { helpdesk } => list(app, &helpdesk).await,
        Command::Add(new) => add(app, *new).await,
        Command::Password { which, password } => {
            let (of, id) = read(app, &which).await?;
            imap::set_password(app, of, id, &by, &Hidden(password.text)).await?;
            Ok(Answer::new(json!({"id": id}), "It signs in with it from now on."))
        }
        Command::Test { which } => test(app, &which).await,
        Command::Pause { which } => {
            let (of, id) = read(app, &which).await?;
            imap::pause(app, of, id, &by, "the console").await?;
            Ok(Answer::new(
                json!({"id": id}),
                "Nothing is fetched from it until it is resumed.",
            ))
        }
        Command::Resume { which } => {
            let (of, id) = read(app, &which).await?;
            imap::resume(app, of, id, &by).await?;
            Ok(Answer::new(json!({"id": id}), "It is looked into now."))
        }
        Command::Rescan { which, since } => {
            let (of, id) = read(app, &which).await?;
            imap::rescan(app, of, id, &by, day(&since)?).await?;
            Ok(Answer::new(json!({"id": id}), "It is gone through again."))
        }
        Command::Remove { which } => {
            let (of, id) = read(app, &which).await?;
            imap::remove(app, of, id, &by).await?;
            Ok(Answer::new(json!({"id": id}), "Removed. What was fetched stays."))
        }
    }
}

async fn list(app: &App, helpdesk: &str) -> Result<Answer> {
    let helpdesk = find(app, helpdesk).await?;
    let mailboxes = imap::list(app, helpdesk.id).await?;
    let rows: Vec<Vec<String>> = mailboxes.iter().map(row).collect();
    let text = if rows.is_empty() {
        "No mailbox.".to_owned()
    } else {
        table(&["MAILBOX", "NAME", "SERVER", "STATE", "LAST MAIL", "WHY"], &rows)
    };
    let json: Vec<Value> = mailboxes.iter().map(listed).collect();
    Ok(Answer::new(json!(json), text))
}

async fn add(app: &App, new: NewMailbox) -> Result<Answer> {
    let helpdesk = find(app, &new.helpdesk).await?;
    let tls = Tls::named(&new.tls)
        .ok_or_else(|| Error::unprocessable("invalid_tls", "--tls is one of tls, starttls and off"))?;
    let (host, port) = server(&new.server)?;
    let afterwards = match new.move_to {
        Some(folder) => Afterwards::Move(folder),
        None if new.leave => Afterwards::Leave,
        None => Afterwards::Seen,
    };
    let settings = Settings {
        name: new.name,
        host,
        port,
        tls,
        is_token: new.token,
        user: new.user,
        password: Hidden(new.password.text),
        folder: new.folder,
        afterwards,
    };
    let since = new.since.as_deref().map(day).transpose()?;
    let id = imap::add(app, helpdesk.id, &By::console(), &settings, since).await?;
    let text = format!(
        "Mailbox {id}\nTry it out with: helpdesky mailbox test --helpdesk {} --mailbox {id}",
        helpdesk.id
    );
    Ok(Answer::new(json!({"id": id}), text))
}

async fn test(app: &App, which: &Which) -> Result<Answer> {
    let (of, id) = read(app, which).await?;
    let trial = imap::try_out(app, of, id).await?;
    let mut lines: Vec<String> = trial.dialogue.iter().map(ToString::to_string).collect();
    let said: Vec<Value> = trial
        .dialogue
        .iter()
        .map(|line| json!({"afterMs": line.after_ms, "line": line.to_string()}))
        .collect();
    let (good, verdict) = match &trial.outcome {
        Ok(1) => (true, "It works: the folder holds 1 mail".to_owned()),
        Ok(mails) => (true, format!("It works: the folder holds {mails} mails")),
        Err(words) => (false, words.clone()),
    };
    lines.push(format!("\n{verdict}"));
    Ok(Answer {
        good,
        ..Answer::new(
            json!({"good": good, "says": verdict, "dialogue": said}),
            lines.join("\n"),
        )
    })
}

async fn read(app: &App, which: &Which) -> Result<(HelpdeskId, MailboxId)> {
    let helpdesk = find(app, &which.helpdesk).await?;
    let unknown = |_| Error::not_found("no_such_mailbox", "There is no such mailbox");
    Ok((helpdesk.id, which.mailbox.parse().map_err(unknown)?))
}

/// Midnight of a day, in UTC.
fn day(typed: &str) -> Result<i64> {
    let date: Option<jiff::civil::Date> = typed.trim().parse().ok();
    let start = date.and_then(|date| date.to_zoned(jiff::tz::TimeZone::UTC).ok());
    let wrong = || Error::unprocessable("invalid_date", "A date is written as 2026-01-31");
    start
        .map(|start| start.timestamp().as_millisecond())
        .ok_or_else(wrong)
}

/// A host, with a port behind it or not; an address of IPv6 in brackets.
fn server(typed: &str) -> Result<(String, u16)> {
    let (host, port) = match typed.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') || host.ends_with(']') => (host, Some(port)),
        _ => (typed, None),
    };
    let port = match port {
        None => Some(0),
        Some(port) => port.parse().ok().filter(|port| *port > 0),
    };
    let wrong = || {
        Error::unprocessable(
            "invalid_port",
            "A server is written as imap.example.com or imap.example.com:993",
        )
    };
    Ok((host.to_owned(), port.ok_or_else(wrong)?))
}

fn state(mailbox: &Mailbox) -> (&'static str, &str) {
    match &mailbox.state {
        State::Due => ("due", ""),
        State::Connecting => ("connecting", ""),
        State::Connected { .. } => ("connected", mailbox.warning.as_str()),
        State::Waiting {
            kind: Kind::Unreachable,
            words,
            ..
        } => ("waiting", words),
        State::Waiting { words, .. } => ("stopped", words),
        State::Paused { .. } => ("paused", ""),
    }
}

fn row(mailbox: &Mailbox) -> Vec<String> {
    let (state, why) = state(mailbox);
    vec![
        mailbox.id.to_string(),
        mailbox.name.clone(),
        format!("{}:{}", mailbox.host, mailbox.port),
        state.to_owned(),
        mailbox.last_mail_at.map_or_else(|| "none".to_owned(), time),
        why.to_owned(),
    ]
}

fn listed(mailbox: &Mailbox) -> Value {
    let (state, why) = state(mailbox);
    let at = |ms: Option<i64>| ms.map(crate::clock::iso8601);
    json!({
        "id": mailbox.id, "name": mailbox.name, "host": mailbox.host, "port": mailbox.port,
        "tls": mailbox.tls.name(), "user": mailbox.user, "folder": mailbox.folder,
        "afterwards": mailbox.afterwards.name(), "moveTo": mailbox.afterwards.folder(), "state": state, "why": why,
        "lastMailAt": at(mailbox.last_mail_at), "lookedAt": at(mailbox.looked_at), "fetched": mailbox.fetched,
        "skipped": mailbox.skipped, "skippedBecause": mailbox.skip_words,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_and_days_are_read() {
        for (typed, read) in [
            ("imap.example.com", Some(("imap.example.com", 0))),
            ("imap.example.com:143", Some(("imap.example.com", 143))),
            ("[::1]:993", Some(("[::1]", 993))),
            ("::1", Some(("::1", 0))),
            ("imap.example.com:0", None),
            ("imap.example.com:x", None),
        ] {
            let found = server(typed).ok();
            let found = found.as_ref().map(|(host, port)| (host.as_str(), *port));
            assert_eq!(found, read, "{typed}");
        }
        assert_eq!(day("1970-01-02").unwrap(), 86_400_000);
        assert!(day("yesterday").is_err());
    }
}
