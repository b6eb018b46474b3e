//! The outbox: which mails wait, which could not be delivered, and what can be done about them.

use super::access::{Reader, parsed};
use super::conversations::Which;
use super::pages::outbox::{OutboxPage, Part, Row, Tone};
use super::{Answer, frame};
use crate::app::App;
use crate::error::{Error, Kind};
use crate::ids::{ConversationId, NotificationId};
use crate::notifications::{self, Filter, Listed, State as Mailing};
use crate::operators::members::Changer;
use crate::web::csrf::Form;
use crate::web::flash::Flash;
use crate::web::page::View;
use crate::web::query::Query;
use axum::extract::{Path, State};
use axum::response::Response;
use serde::Deserialize;

/// The parts, with what an empty one says. The first shows everything.
const PARTS: [(Option<Mailing>, &str, &str); 8] = [
    (None, "All", "No mail yet"),
    (Some(Mailing::Held), "Waiting", "No mail waits"),
    (
        Some(Mailing::Retrying),
        "Retrying",
        "No mail is being tried again",
    ),
    (Some(Mailing::Failed), "Failed", "No mail failed"),
    (Some(Mailing::Bounced), "Bounced", "No mail came back"),
    (Some(Mailing::Uncertain), "Uncertain", "No delivery is uncertain"),
    (
        Some(Mailing::Unreachable),
        "Not sent",
        "Every contact can be reached",
    ),
    (Some(Mailing::Accepted), "Sent", "No mail was sent yet"),
];

/// Which part, and where in it.
#[derive(Debug, Default, Deserialize)]
pub struct Wanted {
    state: Option<String>,
    before: Option<String>,
}

/// Where to go back to: a part of the outbox, or a conversation.
#[derive(Debug, Deserialize)]
pub struct Fields {
    part: Option<String>,
    conversation: Option<String>,
    view: Option<String>,
}

/// `GET /h/{helpdesk}/outbox`.
///
/// # Errors
/// When the database cannot be read.
pub async fn show(
    State(app): State<App>,
    reader: Reader,
    Query(wanted): Query<Wanted>,
    view: View,
) -> Answer {
    let state = wanted.state.as_deref().and_then(Mailing::from_name);
    let before = wanted
        .before
        .as_deref()
        .and_then(|id| id.parse::<NotificationId>().ok());
    let shell = frame::build(&app, &reader, view, "outbox").await?;
    let found = notifications::outbox(&app, reader.member.helpdesk_id, Filter { state }, before).await?;
    let empty = PARTS.iter().find(|part| part.0 == state);
    let page = OutboxPage {
        parts: PARTS
            .iter()
            .map(|(of, label, _)| Part {
                label,
                href: address(&shell.base, of.map(Mailing::name)),
                on: *of == state,
            })
            .collect(),
        rows: found
            .items
            .into_iter()
            .map(|mail| row(&shell.base, mail))
            .collect(),
        empty: empty.map_or("No mail", |part| part.2),
        here: state.map_or("", Mailing::name).to_owned(),
        older: found.next.map(|id| {
            let here = address(&shell.base, state.map(Mailing::name));
            let joint = if here.contains('?') { '&' } else { '?' };
            format!("{here}{joint}before={id}")
        }),
        newest: before.map(|_| address(&shell.base, state.map(Mailing::name))),
        shell,
    };
    Ok(page.shell.view.show(&page))
}

fn address(base: &str, state: Option<&str>) -> String {
    match state {
        Some(state) => format!("{base}/outbox?state={state}"),
        None => format!("{base}/outbox"),
    }
}

fn row(base: &str, mail: Listed) -> Row {
    let (state, tone) = match mail.state {
        Mailing::Held => ("Waiting", Tone::Quiet),
        Mailing::Sending => ("Being sent", Tone::Quiet),
        Mailing::Retrying => ("Retrying", Tone::Unsure),
        Mailing::Accepted => ("Sent", Tone::Good),
        Mailing::Failed => ("Failed", Tone::Bad),
        Mailing::Bounced => ("Bounced", Tone::Bad),
        Mailing::Uncertain => ("Uncertain", Tone::Unsure),
        Mailing::Cancelled => ("Cancelled", Tone::Quiet),
        Mailing::Seen => ("Read before", Tone::Good),
        Mailing::Unreachable => ("Not sent", Tone::Unsure),
    };
    let retried = matches!(
        mail.state,
        Mailing::Retrying | Mailing::Failed | Mailing::Bounced | Mailing::Uncertain | Mailing::Unreachable
    );
    let reason = if mail.changed_by.is_empty() {
        mail.words
    } else {
        format!("By {}", mail.changed_by)
    };
    Row {
        id: mail.id.to_string(),
        to: mail.address,
        subject: mail.subject,
        automatic: mail.automatic,
        href: format!("{base}/conversations/{}", mail.conversation_id),
        state,
        tone,
        reason,
        due_ms: mail
            .due_at
            .filter(|_| matches!(mail.state, Mailing::Held | Mailing::Retrying)),
        at_ms: mail.ended_at.unwrap_or(mail.created_at),
        may_retry: retried,
        may_drop: retried || mail.state == Mailing::Held,
    }
}

/// `POST /h/{helpdesk}/outbox/{mail}/retry`.
///
/// # Errors
/// When there is no such mail in this helpdesk.
pub async fn retry(
    State(app): State<App>,
    reader: Reader,
    Path((_, id)): Path<(String, String)>,
    view: View,
    Form(fields): Form<Fields>,
) -> Answer {
    let (id, member) = (parsed::<NotificationId>(&id)?, reader.member.clone());
    let done = notifications::retry(&app, member.helpdesk_id, &Changer::Member(member.clone()), id).await;
    answer(&app, &reader, &view, fields, done, "The email is tried again")
}

/// `POST /h/{helpdesk}/outbox/{mail}/removal`.
///
/// # Errors
/// When there is no such mail in this helpdesk.
pub async fn remove(
    State(app): State<App>,
    reader: Reader,
    Path((_, id)): Path<(String, String)>,
    view: View,
    Form(fields): Form<Fields>,
) -> Answer {
    let (id, member) = (parsed::<NotificationId>(&id)?, reader.member.clone());
    let done = notifications::drop_it(&app, member.helpdesk_id, &Changer::Member(member.clone()), id).await;
    answer(&app, &reader, &view, fields, done, "The email was dropped")
}

/// Goes back to where the button was. A mail that moved on meanwhile is told, not refused.
fn answer(
    app: &App,
    reader: &Reader,
    view: &View,
    fields: Fields,
    done: Result<(), Error>,
    good: &str,
) -> Result<Response, crate::web::error_page::ErrorPage> {
    let say = match done {
        Ok(()) => good.to_owned(),
        Err(error) if error.kind == Kind::Conflict => error.sentence,
        Err(error) => return Err(error.into()),
    };
    let base = frame::base(reader.member.helpdesk_id);
    let conversation = fields
        .conversation
        .and_then(|id| id.parse::<ConversationId>().ok());
    let back = match conversation {
        Some(id) => Which::named(fields.view.as_deref()).conversation(&base, id),
        None => {
            let state = fields.part.as_deref().and_then(Mailing::from_name);
            address(&base, state.map(Mailing::name))
        }
    };
    Ok(view.redirect(app, &back, Some(&Flash::say(say))))
}
