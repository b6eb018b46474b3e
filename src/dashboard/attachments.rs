//! Files: into the box of a conversation, out of it again, and those of messages and notes to be saved.

use super::access::{Reader, parsed};
use super::conversations::Which;
use super::pages::files::File;
use super::{Answer, frame};
use crate::app::App;
use crate::attachments::{self, Attachment, Uploader};
use crate::conversations::drafts::{self, Draft};
use crate::conversations::files;
use crate::error::{Error, Kind, Result};
use crate::ids::{AttachmentId, ConversationId};
use crate::web::csrf::{FileForm, Form};
use crate::web::files::{self as files_kit, Described};
use crate::web::flash::Flash;
use crate::web::multipart::Multipart;
use crate::web::page::View;
use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

/// A file in the box, for the script that put it there.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Taken {
    id: String,
    name: String,
    size: String,
    icon: &'static str,
    preview: Option<String>,
}

/// What a script is told when a file was not taken.
#[derive(Serialize)]
struct Refused {
    error: String,
}

/// `POST /h/{helpdesk}/conversations/{conversation}/attachments`.
///
/// # Errors
/// When there is no such conversation in this helpdesk.
pub async fn create(
    State(app): State<App>,
    reader: Reader,
    Path((_, id)): Path<(String, String)>,
    view: View,
    FileForm(mut form): FileForm,
) -> Answer {
    let id: ConversationId = parsed(&id)?;
    let uploader = files::box_of(&app, &reader.member, id).await?;
    let taken = take(&app, &reader, uploader, &mut form).await;
    if form.field("quietly").is_some() {
        return Ok(told(&frame::base(reader.member.helpdesk_id), taken)?);
    }
    let typed = Typed {
        body: form.field("body").unwrap_or_default().to_owned(),
        mode: form.field("mode").map(str::to_owned),
        key: form.field("key").map(str::to_owned),
        view: form.field("view").map(str::to_owned),
        quietly: None,
    };
    let say = match taken {
        Ok(_) => None,
        Err(error) if error.kind == Kind::Internal => return Err(error.into()),
        Err(error) => Some(Flash::say(error.sentence)),
    };
    back(&app, &reader, id, view, typed, say).await
}

async fn take(app: &App, reader: &Reader, uploader: Uploader, form: &mut Multipart) -> Result<Attachment> {
    let file = form
        .file
        .take()
        .ok_or_else(|| Error::unprocessable("no_file", "Choose a file first"))?;
    let name = file.name.clone();
    attachments::upload(app, reader.member.helpdesk_id, uploader, &name, file.bytes()).await
}

fn told(base: &str, taken: Result<Attachment>) -> Result<Response> {
    match taken {
        Ok(taken) => {
            let shown = File::of(base, &taken);
            let icon = shown.icon();
            Ok(Json(Taken {
                id: shown.id,
                name: shown.name,
                size: shown.size,
                icon,
                preview: shown.preview.map(|(address, ..)| address),
            })
            .into_response())
        }
        Err(error) => {
            let status = match error.kind {
                Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
                Kind::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
                Kind::Invalid => StatusCode::BAD_REQUEST,
                Kind::Unprocessable => StatusCode::UNPROCESSABLE_ENTITY,
                _ => return Err(error),
            };
            let refused = Refused {
                error: error.sentence,
            };
            Ok((status, Json(refused)).into_response())
        }
    }
}

/// What else stands in the box when a file is put there or taken away without a script.
#[derive(Debug, Default, Deserialize)]
pub struct Typed {
    #[serde(default)]
    body: String,
    mode: Option<String>,
    key: Option<String>,
    view: Option<String>,
    quietly: Option<String>,
}

/// `POST /h/{helpdesk}/conversations/{conversation}/attachments/{attachment}/removal`.
///
/// # Errors
/// When the database refuses.
pub async fn remove(
    State(app): State<App>,
    reader: Reader,
    Path((_, id, attachment)): Path<(String, String, String)>,
    view: View,
    Form(typed): Form<Typed>,
) -> Answer {
    let (id, attachment): (ConversationId, AttachmentId) = (parsed(&id)?, parsed(&attachment)?);
    let (helpdesk_id, me) = (reader.member.helpdesk_id, reader.member.operator.id);
    attachments::remove(&app, helpdesk_id, me.0, attachment).await?;
    if typed.quietly.is_some() {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    back(&app, &reader, id, view, typed, None).await
}

/// Keeps what was typed, and leads back to the conversation.
async fn back(
    app: &App,
    reader: &Reader,
    id: ConversationId,
    view: View,
    typed: Typed,
    say: Option<Flash>,
) -> Answer {
    let draft = Draft {
        is_note: typed.mode.as_deref() == Some("note"),
        body: typed.body.replace("\r\n", "\n"),
    };
    drafts::save(app, &reader.member, id, draft, typed.key.as_deref()).await?;
    let which = Which::named(typed.view.as_deref());
    let address = which.conversation(&frame::base(reader.member.helpdesk_id), id);
    Ok(view.redirect(app, &address, say.as_ref()))
}

/// `GET /h/{helpdesk}/attachments/{attachment}`: the file, to be saved.
///
/// # Errors
/// When there is no such file for this reader.
pub async fn show(State(app): State<App>, reader: Reader, Path((_, id)): Path<(String, String)>) -> Answer {
    let file = files::for_member(&app, &reader.member, parsed(&id)?).await?;
    let body = Body::from_stream(attachments::bytes(&app, &file));
    Ok(files_kit::download(described(&file), body))
}

/// `GET /h/{helpdesk}/attachments/{attachment}/picture`: a picture, to be shown. Nothing else is.
///
/// # Errors
/// When there is no such picture for this reader.
pub async fn picture(
    State(app): State<App>,
    reader: Reader,
    Path((_, id)): Path<(String, String)>,
) -> Answer {
    let file = files::for_member(&app, &reader.member, parsed(&id)?).await?;
    if file.picture.is_none() {
        return Err(attachments::not_found().into());
    }
    let body = Body::from_stream(attachments::bytes(&app, &file));
    Ok(files_kit::picture(described(&file), body))
}

fn described(file: &Attachment) -> Described<'_> {
    Described {
        name: &file.name,
        content_type: &file.content_type,
        size: file.size,
    }
}
