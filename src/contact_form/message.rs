//! `POST /api/messaging/contact-form/message`: the documented call.

use super::submission::{self, Typed};
use super::{files, json};
use crate::app::App;
use crate::embeds::{self, Refusal, answer};
use crate::forms::limits;
use axum::extract::{Request, State};
use axum::response::Response;

/// The names of the fields. `website` is not for people.
const FIELDS: [&str; 10] = [
    "helpdeskId",
    "email",
    "message",
    "name",
    "subject",
    "fields",
    "token",
    "proof",
    "check",
    "website",
];

/// Takes a message in: as JSON, or as a form with files, which are read last.
///
/// # Errors
/// The refusal of the first gate that is closed.
pub async fn message(State(app): State<App>, request: Request) -> Result<Response, Refusal> {
    let (parts, body) = request.into_parts();
    let (call, mut form) = if files::may_come(&parts.headers) {
        let mut form = files::read(&parts.headers, body).await?;
        let texts = std::mem::take(&mut form.fields);
        (embeds::open_form(&app, parts, &FIELDS, texts).await?, Some(form))
    } else {
        let request = Request::from_parts(parts, body);
        (embeds::open(&app, request, &FIELDS).await?, None)
    };
    let fields = &call.fields;
    // What is wrong with the shape of the call is said before what is wrong with its meaning.
    let typed = Typed {
        email: fields.required("email")?,
        message: fields.required("message")?,
        name: fields.optional("name")?.unwrap_or_default(),
        subject: fields.optional("subject")?.unwrap_or_default(),
        answers: fields.named("fields")?,
        token: fields.required("token")?,
        proof: fields.optional("proof")?,
        check: fields.optional("check")?,
        honeypot: fields.optional("website")?.unwrap_or_default(),
    };
    limits::call(&app, call.visit.client)?;
    submission::submit(&app, &call.helpdesk, &call.visit, &typed, form.as_mut()).await?;
    Ok(answer(&json::Received { received: true }))
}
