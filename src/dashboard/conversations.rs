//! The inbox: the lists, and a conversation beside its list.

use super::access::{Reader, parsed};
use super::pages::inbox::{Composer, InboxPage};
use super::{Answer, frame, guide};
use crate::app::App;
use crate::conversations::{Cursor, by_operator, viewers};
use crate::error::Result;
use crate::ids::ConversationId;
use crate::mail_in::mails::{self as received, Listed};
use crate::mail_out::post;
use crate::web::page::View;
use crate::web::query::Query;
use crate::{notifications, operators};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;

mod copies;
mod filters;
mod letters;
pub(super) mod list;
mod mails;
pub(super) mod thread;
mod which;

pub use which::{OpenedFrom, Which};

/// Which list, and where in it.
#[derive(Debug, Default, Deserialize)]
pub struct Wanted {
    view: Option<String>,
    before: Option<String>,
}

/// `GET /h/{helpdesk}/conversations`.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(
    State(app): State<App>,
    reader: Reader,
    Query(wanted): Query<Wanted>,
    view: View,
) -> Answer {
    let which = Which::named(wanted.view.as_deref());
    let before = wanted.before.as_deref().and_then(Cursor::decode);
    let shell = frame::build(&app, &reader, view, which.list_name()).await?;
    let members = operators::list(&app, reader.member.helpdesk_id).await?;
    let list = list::read(&app, &reader, &shell, which, &members, before, None).await?;
    let guide = guide::read(&app, &reader, &shell, &list).await?;
    let page = InboxPage {
        shell,
        list,
        conversation: None,
        guide,
    };
    Ok(page.shell.view.show(&page))
}

/// `GET /h/{helpdesk}/conversations/{conversation}`. Marks nothing: only a visible page does.
///
/// # Errors
/// When there is no such conversation in this helpdesk.
pub async fn show(
    State(app): State<App>,
    reader: Reader,
    Path((_, id)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
    view: View,
) -> Answer {
    let entry = wanted.before.as_deref().and_then(|number| number.parse().ok());
    let place = Place {
        which: Which::named(wanted.view.as_deref()),
        id: parsed(&id)?,
        before: entry.filter(|entry: &i64| *entry > 0),
    };
    let composer = Composer {
        key: app.random().token(),
        ..Composer::default()
    };
    let page = open(&app, &reader, view, place, composer).await?;
    Ok(page.shell.view.show(&page))
}

/// The page again, with what could not be sent still in the box.
pub(super) async fn refuse(
    app: &App,
    reader: &Reader,
    view: View,
    id: ConversationId,
    which: Which,
    composer: Composer,
) -> Answer {
    let status = if composer.answered_after.is_some() {
        StatusCode::CONFLICT
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let place = Place {
        which,
        id,
        before: None,
    };
    let page = open(app, reader, view, place, composer).await?;
    Ok(page.shell.view.show_as(status, &page))
}

/// A conversation, opened from a list, and the entry before which its page ends.
struct Place {
    which: Which,
    id: ConversationId,
    before: Option<i64>,
}

/// The box with its switch, where mail can leave.
async fn with_mailing(app: &App, reader: &Reader, composer: Composer, is_mailed: bool) -> Result<Composer> {
    let hold_seconds = match is_mailed {
        true => Some(
            notifications::holds(app, reader.member.helpdesk_id)
                .await?
                .contact_seconds,
        ),
        false => None,
    };
    Ok(Composer {
        hold_seconds,
        most_bytes: app.config().attachment_bytes,
        ..composer
    })
}

/// The mails that became the entries shown.
async fn letters(app: &App, reader: &Reader, opened: &by_operator::Opened) -> Result<Vec<Listed>> {
    let first = opened.entries.first().map(by_operator::Entry::number);
    let last = opened.entries.last().map(by_operator::Entry::number);
    let (Some(first), Some(last)) = (first, last) else {
        return Ok(Vec::new());
    };
    let id = opened.conversation.id;
    received::of_entries(app, reader.member.helpdesk_id, id, (first, last + 1)).await
}

async fn open(app: &App, reader: &Reader, view: View, place: Place, composer: Composer) -> Result<InboxPage> {
    let (which, id) = (place.which, place.id);
    let shell = frame::build(app, reader, view, which.list_name()).await?;
    let opened = by_operator::show(app, &reader.member, id, place.before).await?;
    // Where no mail can leave, a line about it below each answer would be noise.
    let is_mailed = post::is_set_up(app, reader.member.helpdesk_id).await?;
    let around = thread::Around {
        viewers: viewers::others(app, &reader.member, id).await?,
        letters: letters(app, reader, &opened).await?,
        copies: copies::read(app, reader, &opened).await?,
        mails: match is_mailed {
            true => Some(notifications::states(app, &reader.member, id).await?),
            false => None,
        },
    };
    let members = operators::list(app, reader.member.helpdesk_id).await?;
    let list = list::read(app, reader, &shell, which, &members, None, Some(id)).await?;
    let composer = with_mailing(app, reader, composer, is_mailed).await?;
    let conversation = thread::pane(reader, &shell, &place, opened, &members, composer, around);
    Ok(InboxPage {
        shell,
        list,
        conversation: Some(conversation),
        guide: None,
    })
}
