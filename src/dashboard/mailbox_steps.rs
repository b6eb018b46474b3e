//! What is done with one mailbox besides changing it: trying it out, pausing, going through it again,
//! removing it.

use super::access::{Administrator, parsed};
use super::guide::Nothing;
use super::mailboxes::{address, mailbox_page, place, since};
use super::pages::email_settings::Trial;
use super::pages::mailboxes::{MailboxPage, RemoveMailboxPage};
use super::{Answer, frame};
use crate::app::App;
use crate::error::Kind;
use crate::ids::MailboxId;
use crate::mail_in::imap;
use crate::web::csrf::Form;
use crate::web::flash::Flash;
use crate::web::form::FieldErrors;
use crate::web::page::View;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;

/// The form of a date.
#[derive(Debug, Deserialize)]
pub struct RescanFields {
    since: String,
}

/// `POST /h/{helpdesk}/settings/mailboxes/{mailbox}/trial`: connects, and shows the dialogue.
///
/// # Errors
/// When there is no such mailbox, or the reader is no administrator.
pub async fn trial(
    State(app): State<App>,
    Administrator(reader): Administrator,
    Path((_, id)): Path<(String, String)>,
    view: View,
    Form(Nothing {}): Form<Nothing>,
) -> Answer {
    let id: MailboxId = parsed(&id)?;
    let tried = imap::try_out(&app, reader.member.helpdesk_id, id).await;
    let mut page = mailbox_page(&app, &reader, id, view).await?;
    page.trial = Some(match tried {
        Ok(trial) => told(&trial),
        Err(error) if error.kind == Kind::Conflict => Trial {
            good: false,
            headline: error.sentence,
            remedy: None,
            dialogue: Vec::new(),
        },
        Err(error) => return Err(error.into()),
    });
    Ok(page.shell.view.show(&page))
}

/// `POST /h/{helpdesk}/settings/mailboxes/{mailbox}/pause`.
///
/// # Errors
/// When there is no such mailbox, or the reader is no administrator.
pub async fn pause(
    State(app): State<App>,
    Administrator(reader): Administrator,
    Path((_, id)): Path<(String, String)>,
    view: View,
    Form(Nothing {}): Form<Nothing>,
) -> Answer {
    let (id, member) = (parsed(&id)?, &reader.member);
    imap::pause(&app, member.helpdesk_id, id, &member.by(), &member.operator.name).await?;
    let say = Flash::say("Mailbox paused");
    Ok(view.redirect(&app, &address(&reader, id), Some(&say)))
}

/// `POST /h/{helpdesk}/settings/mailboxes/{mailbox}/pause/removal`: fetches again, at once.
///
/// # Errors
/// When there is no such mailbox, or the reader is no administrator.
pub async fn resume(
    State(app): State<App>,
    Administrator(reader): Administrator,
    Path((_, id)): Path<(String, String)>,
    view: View,
    Form(Nothing {}): Form<Nothing>,
) -> Answer {
    let (id, member) = (parsed(&id)?, &reader.member);
    imap::resume(&app, member.helpdesk_id, id, &member.by()).await?;
    let say = Flash::say("The mailbox is looked into now");
    Ok(view.redirect(&app, &address(&reader, id), Some(&say)))
}

/// `POST /h/{helpdesk}/settings/mailboxes/{mailbox}/rescan`: goes through it again since a date.
///
/// # Errors
/// When there is no such mailbox, or the reader is no administrator.
pub async fn rescan(
    State(app): State<App>,
    Administrator(reader): Administrator,
    Path((_, id)): Path<(String, String)>,
    view: View,
    Form(fields): Form<RescanFields>,
) -> Answer {
    let (id, member) = (parsed(&id)?, &reader.member);
    let Ok(Some(since_ms)) = since(&view, &fields.since) else {
        let page = MailboxPage {
            rescan_since: fields.since,
            errors: FieldErrors::one("rescan_since", "Write a date such as 2026-01-31"),
            ..mailbox_page(&app, &reader, id, view).await?
        };
        return Ok(page.shell.view.show_as(StatusCode::UNPROCESSABLE_ENTITY, &page));
    };
    imap::rescan(&app, member.helpdesk_id, id, &member.by(), since_ms).await?;
    let say = Flash::say("The mailbox is gone through again");
    Ok(view.redirect(&app, &address(&reader, id), Some(&say)))
}

/// `GET /h/{helpdesk}/settings/mailboxes/{mailbox}/removal`: the step before it is removed.
///
/// # Errors
/// When there is no such mailbox, or the reader is no administrator.
pub async fn removal(
    State(app): State<App>,
    Administrator(reader): Administrator,
    Path((_, id)): Path<(String, String)>,
    view: View,
) -> Answer {
    let id: MailboxId = parsed(&id)?;
    let mailbox = imap::get(&app, reader.member.helpdesk_id, id).await?;
    let page = RemoveMailboxPage {
        shell: frame::build(&app, &reader, view, "settings").await?,
        id: id.to_string(),
        place: format!("{} at {}", mailbox.user, place(&mailbox.host, mailbox.port)),
        name: mailbox.name,
    };
    Ok(page.shell.view.show(&page))
}

/// `POST /h/{helpdesk}/settings/mailboxes/{mailbox}/removal`.
///
/// # Errors
/// When there is no such mailbox, or the reader is no administrator.
pub async fn remove(
    State(app): State<App>,
    Administrator(reader): Administrator,
    Path((_, id)): Path<(String, String)>,
    view: View,
    Form(Nothing {}): Form<Nothing>,
) -> Answer {
    let member = &reader.member;
    imap::remove(&app, member.helpdesk_id, parsed(&id)?, &member.by()).await?;
    let back = format!("{}/settings/mailboxes", frame::base(member.helpdesk_id));
    Ok(view.redirect(&app, &back, Some(&Flash::say("Mailbox removed"))))
}

fn told(trial: &imap::Trial) -> Trial {
    let (good, headline, remedy) = match &trial.outcome {
        Ok(mails) => {
            let s = if *mails == 1 { "" } else { "s" };
            let how = if trial.tells {
                "The server tells of new mail by itself."
            } else {
                "The server does not tell of new mail by itself: it is asked every minute."
            };
            let headline = format!("It works: the folder holds {mails} mail{s}");
            (true, headline, Some(how.to_owned()))
        }
        Err(words) => (false, words.clone(), None),
    };
    Trial {
        good,
        headline,
        remedy,
        dialogue: trial.dialogue.iter().map(ToString::to_string).collect(),
    }
}
