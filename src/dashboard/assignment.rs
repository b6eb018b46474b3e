//! Who looks after a conversation.

use super::access::{Reader, parsed};
use super::conversations::Which;
use super::{Answer, frame};
use crate::app::App;
use crate::conversations::by_operator;
use crate::ids::{ConversationId, OperatorId};
use crate::operators;
use crate::web::csrf::Form;
use crate::web::flash::Flash;
use crate::web::page::View;
use axum::extract::{Path, State};
use serde::Deserialize;

/// Who it goes to, and who had it before, for the way back. Empty means nobody.
#[derive(Debug, Deserialize)]
pub struct Fields {
    view: Option<String>,
    assignee: String,
    #[serde(default)]
    was: String,
}

/// `POST /h/{helpdesk}/conversations/{conversation}/assignment`.
///
/// # Errors
/// When there is no such conversation or operator in this helpdesk.
pub async fn update(
    State(app): State<App>,
    reader: Reader,
    Path((_, id)): Path<(String, String)>,
    view: View,
    Form(fields): Form<Fields>,
) -> Answer {
    let id: ConversationId = parsed(&id)?;
    let which = Which::named(fields.view.as_deref());
    let assignee: Option<OperatorId> = optional(&fields.assignee)?;
    by_operator::assign(&app, &reader.member, id, assignee).await?;
    let base = frame::base(reader.member.helpdesk_id);
    let was: Option<OperatorId> = optional(&fields.was)?;
    let back = vec![
        which.field(),
        (
            "assignee".to_owned(),
            was.map(|id| id.to_string()).unwrap_or_default(),
        ),
        ("was".to_owned(), fields.assignee),
    ];
    let say = Flash::say(outcome(&app, &reader, assignee).await?)
        .undone_by(format!("{base}/conversations/{id}/assignment"), back);
    Ok(view.redirect(&app, &which.conversation(&base, id), Some(&say)))
}

fn optional(id: &str) -> Result<Option<OperatorId>, crate::web::error_page::ErrorPage> {
    if id.is_empty() {
        Ok(None)
    } else {
        parsed(id).map(Some)
    }
}

async fn outcome(app: &App, reader: &Reader, assignee: Option<OperatorId>) -> crate::error::Result<String> {
    let Some(assignee) = assignee else {
        return Ok("Assigned to nobody".to_owned());
    };
    if assignee == reader.member.operator.id {
        return Ok("Assigned to you".to_owned());
    }
    let members = operators::list(app, reader.member.helpdesk_id).await?;
    let name = members
        .into_iter()
        .find(|member| member.operator.id == assignee)
        .map(|member| member.operator.name);
    Ok(format!("Assigned to {}", name.unwrap_or_default()))
}
