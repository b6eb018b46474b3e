//! Search over the conversations and contacts of a helpdesk.

use super::access::Reader;
use super::conversations::{Which, list::channel};
use super::pages::search::{Hit, Marked, Scope, SearchPage};
use super::pages::shell::{Avatar, Shell};
use super::{Answer, contacts as contact_pages, frame};
use crate::app::App;
use crate::contacts;
use crate::conversations::Status;
use crate::search;
use crate::web::page::View;
use crate::web::query::Query;
use crate::words::{self, excerpt::Excerpt};
use axum::extract::State;
use serde::Deserialize;

/// Contacts shown above the conversations.
const CONTACTS: usize = 5;

/// What is looked for, in which conversations, and where in the list.
#[derive(Debug, Default, Deserialize)]
pub struct Wanted {
    q: Option<String>,
    status: Option<String>,
    before: Option<String>,
}

/// `GET /h/{helpdesk}/search`.
///
/// # Errors
/// When the database cannot be read.
pub async fn show(
    State(app): State<App>,
    reader: Reader,
    Query(wanted): Query<Wanted>,
    view: View,
) -> Answer {
    let typed = wanted.q.unwrap_or_default().trim().to_owned();
    let query = words::Query::parse(&typed);
    let scope = Scope::named(wanted.status.as_deref());
    let before = wanted.before.as_deref().and_then(|number| number.parse().ok());
    let shell = frame::build(&app, &reader, view, "search").await?;
    let found = search::conversations(&app, &reader.member, &query, status(scope), before).await?;
    let mut people = contacts::Page::default();
    if before.is_none() {
        people = contacts::search(&app, reader.member.helpdesk_id, &query, None).await?;
    }
    let more_people = people.items.len() > CONTACTS;
    people.items.truncate(CONTACTS);
    let page = SearchPage {
        is_asked: !query.is_empty(),
        scope,
        contacts: people
            .items
            .into_iter()
            .map(|known| contact_pages::row(&shell, known))
            .collect(),
        all_contacts: more_people.then(|| SearchPage::contacts_address(&shell.base, &typed)),
        hits: found
            .hits
            .into_iter()
            .map(|found| hit(&shell, &query, found))
            .collect(),
        older: found
            .next
            .map(|next| SearchPage::address(&shell.base, &typed, scope, Some(next))),
        newest: before.map(|_| SearchPage::address(&shell.base, &typed, scope, None)),
        typed,
        shell,
    };
    Ok(page.shell.view.show(&page))
}

fn status(scope: Scope) -> Option<Status> {
    match scope {
        Scope::All => None,
        Scope::Open => Some(Status::Open),
        Scope::Closed => Some(Status::Closed),
    }
}

fn hit(shell: &Shell, query: &words::Query, found: search::Hit) -> Hit {
    let conversation = found.conversation;
    let which = Which::named(Some(conversation.status.name()));
    let address = which.conversation(&shell.base, conversation.id);
    let (name, email) = (found.contact.display_name(), &found.contact.email);
    Hit {
        href: match &found.place {
            Some(place) => format!("{address}#entry-{}", place.entry),
            None => address,
        },
        channel: channel(conversation.channel),
        is_open: conversation.status == Status::Open,
        avatar: Avatar::of(name, email),
        who: marked(Excerpt::whole(query, name)),
        subject: marked(Excerpt::whole(query, &conversation.subject)),
        by: found.place.as_ref().map(|place| place.author.clone()),
        is_note: found.place.as_ref().is_some_and(|place| place.is_note),
        text: match found.place {
            Some(place) => marked(place.excerpt),
            None => marked(Excerpt::whole(query, &conversation.preview)),
        },
        at_ms: found.written_at,
    }
}

fn marked(excerpt: Excerpt) -> Marked {
    Marked {
        is_cut_before: excerpt.is_cut_before,
        pieces: excerpt
            .pieces
            .into_iter()
            .map(|piece| (piece.text, piece.is_hit))
            .collect(),
        is_cut_after: excerpt.is_cut_after,
    }
}
