//! Contacts: the list with its search, and one person with all their conversations.

use super::access::{Reader, parsed};
use super::conversations::{Which, list::channel};
use super::guide::Nothing;
use super::pages::contact::{ContactPage, Conversation, Refusal};
use super::pages::contacts::{ContactsPage, Row};
use super::pages::shell::{Avatar, Shell};
use super::{Answer, frame};
use crate::app::App;
use crate::contacts::{self, Known};
use crate::conversations::{self, Author, Cursor, inbox};
use crate::error::{Error, Kind};
use crate::ids::ContactId;
use crate::notifications;
use crate::operators::members::Changer;
use crate::web::csrf::Form;
use crate::web::error_page::ErrorPage;
use crate::web::flash::Flash;
use crate::web::form::FieldErrors;
use crate::web::page::View;
use crate::web::query::Query;
use crate::words;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

/// What the list is to hold, and where in it.
#[derive(Debug, Default, Deserialize)]
pub struct Wanted {
    q: Option<String>,
    before: Option<String>,
}

/// `GET /h/{helpdesk}/contacts`.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(
    State(app): State<App>,
    reader: Reader,
    Query(wanted): Query<Wanted>,
    view: View,
) -> Answer {
    let helpdesk_id = reader.member.helpdesk_id;
    let before = wanted.before.as_deref().and_then(|id| id.parse().ok());
    let typed = wanted.q.unwrap_or_default().trim().to_owned();
    let shell = frame::build(&app, &reader, view, "contacts").await?;
    let page = if typed.is_empty() {
        contacts::list(&app, helpdesk_id, before).await?
    } else {
        contacts::search(&app, helpdesk_id, &words::Query::parse(&typed), before).await?
    };
    let address = |before: Option<ContactId>| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        if !typed.is_empty() {
            query.append_pair("q", &typed);
        }
        if let Some(before) = before {
            query.append_pair("before", &before.to_string());
        }
        format!("{}/contacts?{}", shell.base, query.finish())
    };
    let page = ContactsPage {
        rows: page.items.into_iter().map(|known| row(&shell, known)).collect(),
        older: page.next.map(|next| address(Some(next))),
        newest: before.map(|_| address(None)),
        typed,
        shell,
    };
    Ok(page.shell.view.show(&page))
}

/// A contact as one line; also of what search finds.
pub(super) fn row(shell: &Shell, known: Known) -> Row {
    let contact = known.contact;
    Row {
        href: format!("{}/contacts/{}", shell.base, contact.id),
        avatar: Avatar::of(contact.display_name(), &contact.email),
        has_name: contact.name.is_some(),
        name: contact.display_name().to_owned(),
        proved_ms: contact.proved_at,
        first_seen_ms: known.first_seen_at,
        email: contact.email,
    }
}

/// `GET /h/{helpdesk}/contacts/{contact}`.
///
/// # Errors
/// When there is no such contact in this helpdesk.
pub async fn show(
    State(app): State<App>,
    reader: Reader,
    Path((_, id)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
    view: View,
) -> Answer {
    let before = wanted.before.as_deref().and_then(Cursor::decode);
    let shown = Shown {
        id: parsed(&id)?,
        before,
        typed: None,
        errors: FieldErrors::default(),
    };
    open(&app, &reader, view, shown, StatusCode::OK).await
}

/// The form's field.
#[derive(Debug, Deserialize)]
pub struct Fields {
    name: String,
}

/// `POST /h/{helpdesk}/contacts/{contact}/name`.
///
/// # Errors
/// When there is no such contact in this helpdesk.
pub async fn update(
    State(app): State<App>,
    reader: Reader,
    Path((_, id)): Path<(String, String)>,
    view: View,
    Form(fields): Form<Fields>,
) -> Answer {
    let id: ContactId = parsed(&id)?;
    match contacts::rename(&app, reader.member.helpdesk_id, id, &fields.name).await {
        Ok(contact) => {
            let say = Flash::say(if contact.name.is_some() {
                "Name saved"
            } else {
                "Name removed"
            });
            let back = format!("{}/contacts/{id}", frame::base(reader.member.helpdesk_id));
            Ok(view.redirect(&app, &back, Some(&say)))
        }
        Err(error) if error.kind == Kind::Unprocessable => {
            let shown = Shown {
                id,
                before: None,
                typed: Some(fields.name),
                errors: FieldErrors::one("name", error.sentence),
            };
            open(&app, &reader, view, shown, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(error) => Err(ErrorPage(error)),
    }
}

/// `POST /h/{helpdesk}/contacts/{contact}/mail`: an address that was refused is tried again.
///
/// # Errors
/// When there is no such contact in this helpdesk.
pub async fn forgive(
    State(app): State<App>,
    reader: Reader,
    Path((_, id)): Path<(String, String)>,
    view: View,
    Form(Nothing {}): Form<Nothing>,
) -> Answer {
    let (id, member): (ContactId, _) = (parsed(&id)?, reader.member.clone());
    let helpdesk_id = member.helpdesk_id;
    if contacts::find(&app, helpdesk_id, id).await?.is_none() {
        return Err(super::access::no_page());
    }
    notifications::forgive(&app, helpdesk_id, &Changer::Member(member), id).await?;
    let say = Flash::say("Email goes to this address again");
    let back = format!("{}/contacts/{id}", frame::base(helpdesk_id));
    Ok(view.redirect(&app, &back, Some(&say)))
}

/// Which contact, where in their conversations, and what was wrong with the name that was typed.
struct Shown {
    id: ContactId,
    before: Option<Cursor>,
    typed: Option<String>,
    errors: FieldErrors,
}

async fn open(
    app: &App,
    reader: &Reader,
    view: View,
    shown: Shown,
    status: StatusCode,
) -> Result<Response, ErrorPage> {
    let shell = frame::build(app, reader, view, "contacts").await?;
    let known = contacts::known(app, reader.member.helpdesk_id, shown.id).await?;
    let known = known.ok_or_else(contacts::not_found).map_err(missing)?;
    let refusal = notifications::refusal(app, reader.member.helpdesk_id, shown.id).await?;
    let list = inbox::of_contact(app, &reader.member, shown.id, shown.before).await?;
    let contact = known.contact;
    let base = format!("{}/contacts/{}", shell.base, contact.id);
    let page = ContactPage {
        name: contact.display_name().to_owned(),
        typed: shown.typed.or(contact.name.clone()).unwrap_or_default(),
        ascii_domain: ascii_domain(&contact.email),
        avatar: Avatar::of(contact.display_name(), &contact.email),
        proved_ms: contact.proved_at,
        first_seen_ms: known.first_seen_at,
        refusal: refusal.map(|refusal| match refusal {
            notifications::Refusal::Unsubscribed { since } => Refusal::Unsubscribed { since_ms: since },
            notifications::Refusal::BadAddress { since, words } => Refusal::BadAddress {
                since_ms: since,
                words,
            },
        }),
        conversations: list.items.into_iter().map(|item| line(&shell, item)).collect(),
        older: list.next.map(|next| format!("{base}?before={}", next.encode())),
        newest: shown.before.map(|_| base.clone()),
        errors: shown.errors,
        email: contact.email,
        base,
        shell,
    };
    Ok(page.shell.view.show_as(status, &page))
}

/// The words of the page for what is not there.
fn missing(_: Error) -> ErrorPage {
    super::access::no_page()
}

fn line(shell: &Shell, conversation: conversations::Conversation) -> Conversation {
    let which = Which::named(Some(conversation.status.name()));
    Conversation {
        href: which.conversation(&shell.base, conversation.id),
        channel: channel(conversation.channel),
        is_open: conversation.status == conversations::Status::Open,
        preview_by: (conversation.last_author == Author::Operator).then_some(conversation.last_author_name),
        preview: conversation.preview,
        subject: conversation.subject,
        at_ms: conversation.last_message_at,
    }
}

/// The domain as it is written in ASCII, when the address spells it in other letters: two that look
/// alike differ there.
fn ascii_domain(email: &str) -> Option<String> {
    let (_, domain) = email.rsplit_once('@')?;
    if domain.is_ascii() {
        return None;
    }
    Some(idna::domain_to_ascii(domain).unwrap_or_else(|_| domain.escape_unicode().to_string()))
}
