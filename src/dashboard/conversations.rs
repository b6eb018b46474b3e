//! The inbox: the lists, and a conversation beside its list.

use super::access::{Reader, parsed};
use super::pages::inbox::{Composer, Conversation, Guide, InboxPage, PANE, PanePage};
use super::pages::shell::Shell;
use super::{Answer, frame};
use crate::app::App;
use crate::conversations::{Cursor, by_operator, viewers};
use crate::error::Result;
use crate::ids::ConversationId;
use crate::operators::{self, Member};
use crate::secrets;
use crate::web::page::View;
use crate::web::query::Query;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;

mod filters;
mod list;
pub(super) mod thread;
mod which;

pub use which::Which;

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
    let guide = if list.groups.is_empty() && shell.cursor == 0 {
        let secrets = secrets::list(&app, reader.member.helpdesk_id).await?;
        Some(Guide {
            has_secret: secrets.iter().any(|secret| secret.is_live(app.now_ms())),
        })
    } else {
        None
    };
    let page = InboxPage {
        shell,
        list,
        conversation: None,
        guide,
    };
    Ok(page.shell.view.show(&page))
}

/// `GET /h/{helpdesk}/conversations/{conversation}`. Marks nothing: only a visible page does. A page
/// that shows the list already asks for the conversation alone.
///
/// # Errors
/// When there is no such conversation in this helpdesk.
pub async fn show(
    State(app): State<App>,
    reader: Reader,
    Path((_, id)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
    view: View,
    headers: HeaderMap,
) -> Answer {
    let (id, which) = (parsed(&id)?, Which::named(wanted.view.as_deref()));
    let entry = wanted.before.as_deref().and_then(|number| number.parse().ok());
    let place = Place {
        which,
        id,
        before: entry.filter(|entry: &i64| *entry > 0),
    };
    let composer = Composer {
        key: app.random().token(),
        ..Composer::default()
    };
    let shell = frame::build(&app, &reader, view, which.list_name()).await?;
    let members = operators::list(&app, reader.member.helpdesk_id).await?;
    let conversation = pane(&app, &reader, &shell, &place, &members, composer).await?;
    if headers.get("turbo-frame").is_some_and(|frame| frame == PANE) {
        let page = PanePage { shell, conversation };
        return Ok(page.shell.view.show(&page));
    }
    let list = list::read(&app, &reader, &shell, which, &members, None, Some(id)).await?;
    let page = InboxPage {
        shell,
        list,
        conversation: Some(conversation),
        guide: None,
    };
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
    let shell = frame::build(app, reader, view, which.list_name()).await?;
    let members = operators::list(app, reader.member.helpdesk_id).await?;
    let conversation = pane(app, reader, &shell, &place, &members, composer).await?;
    let list = list::read(app, reader, &shell, which, &members, None, Some(id)).await?;
    let page = InboxPage {
        shell,
        list,
        conversation: Some(conversation),
        guide: None,
    };
    Ok(page.shell.view.show_as(status, &page))
}

/// A conversation, opened from a list, and the entry before which its page ends.
struct Place {
    which: Which,
    id: ConversationId,
    before: Option<i64>,
}

async fn pane(
    app: &App,
    reader: &Reader,
    shell: &Shell,
    place: &Place,
    members: &[Member],
    composer: Composer,
) -> Result<Conversation> {
    let opened = by_operator::show(app, &reader.member, place.id, place.before).await?;
    let viewers = viewers::others(app, &reader.member, place.id).await?;
    Ok(thread::pane(
        reader, shell, place, opened, members, composer, viewers,
    ))
}
