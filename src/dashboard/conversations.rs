//! The inbox: the lists, and a conversation beside its list.

use super::access::{Reader, parsed};
use super::pages::inbox::{Composer, InboxPage};
use super::{Answer, frame, guide};
use crate::app::App;
use crate::conversations::{Cursor, by_operator};
use crate::ids::ConversationId;
use crate::operators;
use crate::web::error_page::ErrorPage;
use crate::web::page::View;
use crate::web::query::Query;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

pub(super) mod list;
mod thread;

/// Which list, and where in it.
#[derive(Debug, Default, Deserialize)]
pub struct Wanted {
    view: Option<String>,
    before: Option<String>,
}

/// A list of the inbox by its name in addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Which {
    name: &'static str,
    title: &'static str,
    view: by_operator::View,
}

const LISTS: [Which; 4] = [
    Which {
        name: "mine",
        title: "Mine",
        view: by_operator::View::Mine,
    },
    Which {
        name: "unassigned",
        title: "Unassigned",
        view: by_operator::View::Unassigned,
    },
    Which {
        name: "open",
        title: "All open",
        view: by_operator::View::AllOpen,
    },
    Which {
        name: "closed",
        title: "Closed",
        view: by_operator::View::Closed,
    },
];
const USUAL: Which = Which {
    name: "open",
    title: "All open",
    view: by_operator::View::AllOpen,
};

impl Which {
    /// The list of this name; all open conversations for any other.
    pub fn named(name: Option<&str>) -> Self {
        LISTS
            .into_iter()
            .find(|list| Some(list.name) == name)
            .unwrap_or(USUAL)
    }

    /// Its address.
    pub fn address(self, base: &str) -> String {
        format!("{base}/conversations?view={}", self.name)
    }

    /// The hidden field that names it.
    pub fn field(self) -> (String, String) {
        ("view".to_owned(), self.name.to_owned())
    }

    /// The address of a conversation opened from it.
    pub fn conversation(self, base: &str, id: ConversationId) -> String {
        format!("{base}/conversations/{id}?view={}", self.name)
    }
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
    let shell = frame::build(&app, &reader, view, which.name).await?;
    let list = list::read(&app, &reader, &shell, which, before, None).await?;
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
    let composer = Composer {
        key: app.random().token(),
        ..Composer::default()
    };
    open(
        &app,
        &reader,
        view,
        parsed(&id)?,
        &wanted,
        composer,
        StatusCode::OK,
    )
    .await
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
    let wanted = Wanted {
        view: Some(which.name.to_owned()),
        before: None,
    };
    open(
        app,
        reader,
        view,
        id,
        &wanted,
        composer,
        StatusCode::UNPROCESSABLE_ENTITY,
    )
    .await
}

async fn open(
    app: &App,
    reader: &Reader,
    view: View,
    id: ConversationId,
    wanted: &Wanted,
    composer: Composer,
    status: StatusCode,
) -> Result<Response, ErrorPage> {
    let which = Which::named(wanted.view.as_deref());
    let before = wanted
        .before
        .as_deref()
        .and_then(|number| number.parse().ok())
        .filter(|entry: &i64| *entry > 0);
    let shell = frame::build(app, reader, view, which.name).await?;
    let opened = by_operator::show(app, &reader.member, id, before).await?;
    let list = list::read(app, reader, &shell, which, None, Some(id)).await?;
    let members = operators::list(app, reader.member.helpdesk_id).await?;
    let conversation = thread::pane(
        reader,
        &shell,
        which,
        opened,
        before.is_some(),
        &members,
        composer,
    );
    let page = InboxPage {
        shell,
        list,
        conversation: Some(conversation),
        guide: None,
    };
    Ok(page.shell.view.show_as(status, &page))
}
