//! Settings, the tab General: the helpdesk's name, its id, and where this installation lives.

use super::access::{Administrator, Reader};
use super::pages::general_settings::GeneralSettingsPage;
use super::{Answer, frame};
use crate::app::App;
use crate::error::{Kind, Result};
use crate::helpdesks;
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

/// `GET /h/{helpdesk}/settings/general`.
///
/// # Errors
/// When the reader is no administrator.
pub async fn show(State(app): State<App>, Administrator(reader): Administrator, view: View) -> Answer {
    let page = page(&app, &reader, view, None, FieldErrors::default()).await?;
    Ok(page.shell.view.show(&page))
}

/// `POST /h/{helpdesk}/settings/general`.
///
/// # Errors
/// When the reader is no administrator.
pub async fn update(
    State(app): State<App>,
    Administrator(reader): Administrator,
    view: View,
    Form(fields): Form<Fields>,
) -> Answer {
    let helpdesk_id = reader.member.helpdesk_id;
    match helpdesks::rename(&app, helpdesk_id, &reader.member.by(), &fields.name).await {
        Ok(()) => {
            let address = format!("{}/settings/general", frame::base(helpdesk_id));
            Ok(view.redirect(&app, &address, Some(&Flash::say("Name saved"))))
        }
        Err(error) if error.kind == Kind::Unprocessable => {
            let errors = FieldErrors::one("name", error.sentence);
            let page = page(&app, &reader, view, Some(fields.name), errors).await?;
            Ok(page.shell.view.show_as(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
        Err(error) => Err(error.into()),
    }
}

async fn page(
    app: &App,
    reader: &Reader,
    view: View,
    typed: Option<String>,
    errors: FieldErrors,
) -> Result<GeneralSettingsPage> {
    let shell = frame::build(app, reader, view, "settings").await?;
    Ok(GeneralSettingsPage {
        name: typed.unwrap_or_else(|| shell.helpdesk_name.clone()),
        address: app.config().base_url.clone(),
        shell,
        errors,
    })
}
