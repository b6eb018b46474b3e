//! Invitations: made with a link that is shown once, made anew, taken back.

use super::Answer;
use super::access::{Administrator, parsed};
use super::members::{address, choices, page, page_with_link};
use super::pages::members::MembersPage;
use super::sign_out::Nothing;
use crate::app::App;
use crate::error::Kind;
use crate::operators::Role;
use crate::operators::invitations;
use crate::operators::members::Changer;
use crate::web::csrf::Form;
use crate::web::flash::Flash;
use crate::web::form::FieldErrors;
use crate::web::page::View;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;

/// Who is invited, and as what.
#[derive(Debug, Deserialize)]
pub struct Fields {
    email: String,
    role: String,
}

/// `POST /h/{helpdesk}/settings/operators/invitations`: the answer is the only place where the
/// link stands.
///
/// # Errors
/// When the reader may not give this role.
pub async fn create(
    State(app): State<App>,
    Administrator(reader): Administrator,
    view: View,
    Form(fields): Form<Fields>,
) -> Answer {
    let role: Role = fields.role.parse()?;
    let changer = Changer::Member(reader.member.clone());
    let helpdesk_id = reader.member.helpdesk_id;
    match invitations::invite(&app, helpdesk_id, &changer, &fields.email, role).await {
        Ok(made) => {
            let page = page_with_link(&app, &reader, view, made).await?;
            Ok(page.shell.view.show(&page))
        }
        Err(error) if matches!(error.kind, Kind::Unprocessable | Kind::Conflict) => {
            let page = MembersPage {
                typed: fields.email,
                roles: choices(&reader.member, role),
                errors: FieldErrors::one("email", error.sentence),
                ..page(&app, &reader, view).await?
            };
            Ok(page.shell.view.show_as(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /h/{helpdesk}/settings/operators/invitations/{invitation}/renewal`: shows the new link
/// once; the old one is dead.
///
/// # Errors
/// When there is no such invitation any more, or the reader may not give its role.
pub async fn update(
    State(app): State<App>,
    Administrator(reader): Administrator,
    Path((_, id)): Path<(String, String)>,
    view: View,
    Form(Nothing {}): Form<Nothing>,
) -> Answer {
    let changer = Changer::Member(reader.member.clone());
    let made = invitations::renew(&app, reader.member.helpdesk_id, &changer, parsed(&id)?).await?;
    let page = page_with_link(&app, &reader, view, made).await?;
    Ok(page.shell.view.show(&page))
}

/// `POST /h/{helpdesk}/settings/operators/invitations/{invitation}/revocation`.
///
/// # Errors
/// When the reader is no administrator.
pub async fn remove(
    State(app): State<App>,
    Administrator(reader): Administrator,
    Path((_, id)): Path<(String, String)>,
    view: View,
    Form(Nothing {}): Form<Nothing>,
) -> Answer {
    let changer = Changer::Member(reader.member.clone());
    let revoked = invitations::revoke(&app, reader.member.helpdesk_id, &changer, parsed(&id)?).await?;
    let say = revoked.map_or_else(
        || "This invitation was used or revoked already".to_owned(),
        |invitation| format!("The invitation of {} is revoked", invitation.email),
    );
    Ok(view.redirect(&app, &address(&reader), Some(&Flash::say(say))))
}
