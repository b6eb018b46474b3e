//! A further helpdesk on the same installation.

use super::access::OwnerSomewhere;
use super::pages::new_helpdesk::NewHelpdeskPage;
use super::{Answer, frame};
use crate::app::App;
use crate::error::Kind;
use crate::setup;
use crate::web::csrf::Form;
use crate::web::flash::Flash;
use crate::web::form::FieldErrors;
use crate::web::page::View;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;

/// The form.
#[derive(Debug, Deserialize)]
pub struct Fields {
    name: String,
}

/// `GET /helpdesks/new`.
///
/// # Errors
/// When the reader owns no helpdesk.
pub async fn show(_: OwnerSomewhere, view: View) -> Answer {
    let page = NewHelpdeskPage {
        view,
        name: String::new(),
        errors: FieldErrors::default(),
    };
    Ok(page.view.show(&page))
}

/// `POST /helpdesks`: creates it, with the reader as its owner.
///
/// # Errors
/// When the reader owns no helpdesk.
pub async fn create(
    State(app): State<App>,
    OwnerSomewhere(signed_in): OwnerSomewhere,
    view: View,
    Form(fields): Form<Fields>,
) -> Answer {
    match setup::add_helpdesk(&app, &signed_in.session.operator, &fields.name).await {
        Ok(owner) => {
            let inbox = format!("{}/conversations", frame::base(owner.helpdesk_id));
            Ok(view.redirect(&app, &inbox, Some(&Flash::say("Helpdesk created"))))
        }
        Err(error) if error.kind == Kind::Unprocessable => {
            let page = NewHelpdeskPage {
                view,
                name: fields.name,
                errors: FieldErrors::one("name", error.sentence),
            };
            Ok(page.view.show_as(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
        Err(error) => Err(error.into()),
    }
}
