//! The four documented calls. Each proves its caller by email and signature and is complete by
//! itself.

use super::{json, live_cursor, strings};
use crate::app::App;
use crate::attachments;
use crate::clock::iso8601;
use crate::conversations::by_contact::{self, Key};
use crate::conversations::text::{Body, Content};
use crate::conversations::{Channel, Cursor, not_found};
use crate::embeds::token::Token;
use crate::embeds::{Call, Fields, Refusal, answer, signed};
use crate::error::{Error, Result};
use crate::ids::{AttachmentId, ConversationId};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use sha2::{Digest, Sha256};

const LONGEST_KEY: usize = 200;

/// `POST …/verify`: who is this, and what have they written so far. Marks nothing read.
pub async fn verify(State(app): State<App>, request: Request) -> std::result::Result<Response, Refusal> {
    let call = signed(&app, request).await?;
    let (page, live) = by_contact::overview(&app, &call.contact, list_cursor(&call.fields)?).await?;
    let strings = strings::for_locale(call.fields.optional("locale")?);
    let expires_at = app.now_ms() + i64::from(app.config().token_seconds) * 1_000;
    let token = Token {
        helpdesk_id: call.helpdesk.id,
        contact_id: call.contact.id(),
        secret_id: call.secret_id,
        expires_at,
    };
    Ok(answer(&json::Verified {
        contact: call.contact.contact().into(),
        list: page.into(),
        token: token.encode(app.sealing_key()),
        expires_at: iso8601(expires_at),
        helpdesk: json::helpdesk(&call.helpdesk, app.config().attachment_bytes),
        live: live_cursor::encode(app.sealing_key(), call.contact.id(), live),
        strings: strings.texts,
        direction: strings.direction,
    }))
}

/// `POST …/message`: opens a conversation, or writes into one.
pub async fn message(State(app): State<App>, request: Request) -> std::result::Result<Response, Refusal> {
    let call = signed(&app, request).await?;
    // What is wrong with the shape of the call is said before what is wrong with its meaning.
    let text = call.fields.required("message")?;
    let conversation = call.fields.optional("conversationId")?;
    let subject = call.fields.optional("subject")?;
    let attachments = call.fields.attachment_ids()?;
    let key = idempotency_key(&call)?;
    call.may_write()?;
    let content = Content {
        body: Body::parse(text)?,
        files: attachment_ids(attachments)?,
    };
    let written = match conversation {
        Some(id) => by_contact::reply(&app, &call.contact, conversation_id(id)?, content, key).await?,
        None => by_contact::start(&app, &call.contact, Channel::TicketCenter, subject, content, key).await?,
    };
    Ok(answer(&json::Sent {
        conversation_id: written.conversation.id,
        conversation: written.conversation.into(),
        message: json::message(&app.config().base_url, written.message),
    }))
}

/// `POST …/conversations/{id}/messages`: one conversation; marks it read.
pub async fn messages(
    State(app): State<App>,
    id: PathId,
    request: Request,
) -> std::result::Result<Response, Refusal> {
    let call = signed(&app, request).await?;
    let before = message_cursor(&call.fields)?;
    let mut opened = by_contact::show(&app, &call.contact, conversation_in(id)?, before).await?;
    opened.conversation = by_contact::mark_read(&app, &call.contact, &opened.conversation).await?;
    Ok(answer(&json::messages(&app.config().base_url, opened)))
}

/// `POST …/conversations/{id}/close`.
pub async fn close(
    State(app): State<App>,
    id: PathId,
    request: Request,
) -> std::result::Result<Response, Refusal> {
    let call = signed(&app, request).await?;
    call.may_write()?;
    let conversation = by_contact::close(&app, &call.contact, conversation_in(id)?).await?;
    Ok(answer(&json::One {
        conversation: conversation.into(),
    }))
}

/// The id in a path; nothing when its bytes are no text.
pub(super) type PathId = std::result::Result<Path<String>, PathRejection>;

/// The id as it stands in a path.
pub(super) fn conversation_in(path: PathId) -> Result<ConversationId> {
    let Path(text) = path.map_err(|_| not_found())?;
    conversation_id(&text)
}

/// An id as it stands in a path or body; anything else than an id is a conversation that is not there.
fn conversation_id(text: &str) -> Result<ConversationId> {
    text.parse().map_err(|_| not_found())
}

pub(super) fn list_cursor(fields: &Fields) -> Result<Option<Cursor>> {
    fields
        .optional("cursor")?
        .map(|text| Cursor::decode(text).ok_or_else(bad_cursor))
        .transpose()
}

pub(super) fn message_cursor(fields: &Fields) -> Result<Option<i64>> {
    let position = |text: &str| text.parse::<i64>().ok().filter(|position| *position > 0);
    fields
        .optional("cursor")?
        .map(|text| position(text).ok_or_else(bad_cursor))
        .transpose()
}

fn bad_cursor() -> Error {
    Error::invalid(
        "invalid_field",
        "The field cursor must be a nextCursor of an earlier answer",
    )
}

/// What is no id is a file that is not there.
fn attachment_ids(texts: &[String]) -> Result<Vec<AttachmentId>> {
    attachments::refuse_too_many(texts.len())?;
    let ids = texts
        .iter()
        .map(|text| text.parse().map_err(|_| attachments::unknown()));
    ids.collect()
}

fn idempotency_key(call: &Call) -> Result<Option<Key>> {
    let Some(text) = call.fields.optional("idempotencyKey")? else {
        return Ok(None);
    };
    if text.is_empty() || text.len() > LONGEST_KEY || text.chars().any(char::is_control) {
        return Err(Error::invalid(
            "invalid_field",
            "The field idempotencyKey needs 1 to 200 plain characters",
        ));
    }
    let mut hash = Sha256::new();
    for name in ["conversationId", "subject", "message"] {
        let value = call.fields.optional(name)?.unwrap_or_default();
        // Lengths first, so that no two different requests hash alike.
        hash.update(u64::try_from(value.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(value.as_bytes());
    }
    for id in call.fields.attachment_ids()? {
        hash.update(id.as_bytes());
    }
    Ok(Some(Key {
        text: text.to_owned(),
        body_hash: hash.finalize().into(),
    }))
}
