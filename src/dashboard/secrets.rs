//! HMAC secrets: generated and shown once.

use super::access::Administrator;
use super::sign_out::Nothing;
use super::{Answer, ticket_center};
use crate::app::App;
use crate::error::Kind;
use crate::secrets;
use crate::web::csrf::Form;
use crate::web::page::View;
use axum::extract::State;
use axum::http::StatusCode;

/// `POST /h/{helpdesk}/ticket-center/secrets`: the answer is the only place where the text stands.
///
/// # Errors
/// When the reader is no administrator.
pub async fn create(
    State(app): State<App>,
    Administrator(reader): Administrator,
    view: View,
    Form(Nothing {}): Form<Nothing>,
) -> Answer {
    let made = secrets::generate(&app, reader.member.helpdesk_id, &reader.member.by()).await;
    let refused = match &made {
        Err(error) if error.kind == Kind::Conflict => Some(error.sentence.clone()),
        Err(error) => return Err(error.clone().into()),
        Ok(_) => None,
    };
    let mut page = ticket_center::page(&app, &reader, view).await?;
    if let Some(admin) = &mut page.admin {
        admin.secrets.fresh = made.ok().map(|made| made.text.to_string());
        admin.secrets.refused = refused;
    }
    let status = match page
        .admin
        .as_ref()
        .and_then(|admin| admin.secrets.refused.as_ref())
    {
        Some(_) => StatusCode::CONFLICT,
        None => StatusCode::OK,
    };
    Ok(ticket_center::shown(&page, status))
}
