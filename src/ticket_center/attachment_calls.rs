//! Files of a contact: one is uploaded, then named by the message that it goes with; those of messages are
//! fetched. All of it with the token, which never rides in an address.

use super::json;
use super::signed::PathId;
use crate::app::App;
use crate::attachments::{self, Uploader};
use crate::conversations::files;
use crate::embeds::{Refusal, answer, uploading, with_cors, with_token};
use crate::error::{Error, Result};
use crate::ids::AttachmentId;
use crate::web::files::{Described, download};
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::response::Response;

/// `POST …/attachments`: takes a file, which waits for the message that names it.
pub async fn create(State(app): State<App>, request: Request) -> std::result::Result<Response, Refusal> {
    let (call, mut form) = uploading(&app, request).await?;
    let file = form.file.take().ok_or_else(|| {
        Error::invalid(
            "invalid_form",
            "Send the file in a part with a file name, after all other parts",
        )
    })?;
    let uploader = Uploader::Contact(call.contact.id());
    let name = file.name.clone();
    let taken = attachments::upload(&app, call.helpdesk.id, uploader, &name, file.bytes()).await?;
    Ok(answer(&json::Uploaded {
        attachment: json::attachment(&app.config().base_url, taken),
    }))
}

/// `POST …/attachments/{id}`: the bytes of a file of a message.
pub async fn show(
    State(app): State<App>,
    id: PathId,
    request: Request,
) -> std::result::Result<Response, Refusal> {
    let (call, _) = with_token(&app, request).await?;
    let file = files::for_contact(&app, &call.contact, attachment_in(id)?).await?;
    let described = Described {
        name: &file.name,
        content_type: &file.content_type,
        size: file.size,
    };
    let body = Body::from_stream(attachments::bytes(&app, &file));
    // With these headers pages of others may read it, by script and with the token only.
    Ok(with_cors(download(described, body)))
}

/// `POST …/attachments/{id}/removal`: forgets one that was not sent; one that is not there is gone already.
pub async fn remove(
    State(app): State<App>,
    id: PathId,
    request: Request,
) -> std::result::Result<Response, Refusal> {
    let (call, _) = with_token(&app, request).await?;
    attachments::remove(&app, call.helpdesk.id, call.contact.id().0, attachment_in(id)?).await?;
    Ok(answer(&json::Nothing {}))
}

fn attachment_in(path: PathId) -> Result<AttachmentId> {
    let Path(text) = path.map_err(|_| attachments::not_found())?;
    text.parse().map_err(|_| attachments::not_found())
}
