//! What the embed asks in the background, with the token from `verify`. Only `read` marks anything.

use super::json;
use super::signed::{PathId, conversation_in, list_cursor, message_cursor};
use crate::app::App;
use crate::conversations::by_contact;
use crate::embeds::{Refusal, answer, with_token};
use axum::extract::{Request, State};
use axum::response::Response;

/// `POST …/conversations`: the list, or more of it.
pub async fn list(State(app): State<App>, request: Request) -> Result<Response, Refusal> {
    let (call, _) = with_token(&app, request).await?;
    let page = by_contact::list(&app, &call.contact, list_cursor(&call.fields)?).await?;
    Ok(answer(&json::List::from(page)))
}

/// `POST …/conversations/{id}`: one conversation, without marking it.
pub async fn show(State(app): State<App>, id: PathId, request: Request) -> Result<Response, Refusal> {
    let (call, _) = with_token(&app, request).await?;
    let before = message_cursor(&call.fields)?;
    let opened = by_contact::show(&app, &call.contact, conversation_in(id)?, before).await?;
    Ok(answer(&json::messages(&app.config().base_url, opened)))
}

/// `POST …/conversations/{id}/read`: the contact is looking at it.
pub async fn read(State(app): State<App>, id: PathId, request: Request) -> Result<Response, Refusal> {
    let (call, _) = with_token(&app, request).await?;
    let opened = by_contact::find(&app, &call.contact, conversation_in(id)?).await?;
    let conversation = by_contact::mark_read(&app, &call.contact, &opened).await?;
    Ok(answer(&json::One {
        conversation: conversation.into(),
    }))
}
