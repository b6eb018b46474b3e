//! One-time links by which an operator chooses a new password. Opening one uses nothing up.

use super::pages::reset::ResetPage;
use super::{Answer, sign_in};
use crate::app::App;
use crate::error::{Error, Kind};
use crate::operators::links::{self, Purpose};
use crate::operators::profile;
use crate::web::client::ClientAddress;
use crate::web::csrf::Form;
use crate::web::error_page::ErrorPage;
use crate::web::form::FieldErrors;
use crate::web::page::View;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;

/// The form.
#[derive(Debug, Deserialize)]
pub struct Fields {
    password: String,
}

/// `GET /reset/{token}`.
///
/// # Errors
/// When the link was used, has expired or never was.
pub async fn show(State(app): State<App>, Path(token): Path<String>, view: View) -> Answer {
    let page = page(&app, &token, view, FieldErrors::default()).await?;
    Ok(page.view.show(&page))
}

/// `POST /reset/{token}`: sets the password, ends all sessions, and starts one for this browser.
///
/// # Errors
/// When the link was used, has expired or never was.
pub async fn create(
    State(app): State<App>,
    Path(token): Path<String>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    view: View,
    Form(fields): Form<Fields>,
) -> Answer {
    match profile::choose_password(&app, &token, &fields.password).await {
        Ok(operator) => sign_in::start(&app, operator.id, address, &headers, true, "/").await,
        Err(error) if error.kind == Kind::Unprocessable => {
            let errors = FieldErrors::one("password", error.sentence);
            let page = page(&app, &token, view, errors).await?;
            Ok(page.view.show_as(StatusCode::UNPROCESSABLE_ENTITY, &page))
        }
        Err(error) if error.kind == Kind::NotFound => Err(gone()),
        Err(error) => Err(error.into()),
    }
}

async fn page(app: &App, token: &str, view: View, errors: FieldErrors) -> Result<ResetPage, ErrorPage> {
    let operator = links::owner(app, Purpose::NewPassword, token)
        .await?
        .ok_or_else(gone)?;
    Ok(ResetPage {
        view,
        action: format!("/reset/{token}"),
        email: operator.email,
        errors,
    })
}

fn gone() -> ErrorPage {
    ErrorPage(Error::not_found(
        "link_closed",
        "This link was used or has expired. Ask whoever runs this server for a new one",
    ))
}
