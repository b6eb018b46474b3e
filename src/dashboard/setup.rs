//! The first run: a one-time link leads to the page that creates the owner and the helpdesk.

use super::access::no_page;
use super::pages::setup::{SetupPage, Typed};
use super::{Answer, frame, sign_in};
use crate::app::App;
use crate::error::{Error, Kind};
use crate::helpdesks;
use crate::operators::{self, password};
use crate::setup::{self, Setup};
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
    helpdesk: String,
    name: String,
    email: String,
    password: String,
}

/// `GET /setup/{token}`.
///
/// # Errors
/// When the link was used, has expired or never was: then there is no such page.
pub async fn show(State(app): State<App>, Path(token): Path<String>, view: View) -> Answer {
    if !setup::is_open(&app, &token).await? {
        return Err(no_page());
    }
    let page = SetupPage {
        view,
        action: format!("/setup/{token}"),
        form: Typed::default(),
        errors: FieldErrors::default(),
    };
    Ok(page.view.show(&page))
}

/// `POST /setup/{token}`: creates both, signs the owner in.
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
    if !setup::is_open(&app, &token).await? {
        return Err(no_page());
    }
    let errors = wrong(&fields);
    if !errors.is_empty() {
        let form = Typed {
            helpdesk: fields.helpdesk,
            name: fields.name,
            email: fields.email,
        };
        let page = SetupPage {
            view,
            action: format!("/setup/{token}"),
            form,
            errors,
        };
        return Ok(page.view.show_as(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    let Fields {
        helpdesk,
        name,
        email,
        password,
    } = fields;
    let owner = setup::finish(
        &app,
        &token,
        Setup {
            helpdesk_name: helpdesk,
            name,
            email,
            password,
        },
    )
    .await;
    let owner = owner.map_err(|error| {
        if error.kind == Kind::NotFound {
            no_page()
        } else {
            ErrorPage(error)
        }
    })?;
    let inbox = format!("{}/conversations", frame::base(owner.helpdesk_id));
    sign_in::start(&app, owner.operator.id, address, &headers, true, &inbox).await
}

/// Everything that is wrong with the form at once, in place of one thing after another.
fn wrong(fields: &Fields) -> FieldErrors {
    let mut errors = FieldErrors::default();
    let mut check = |field, result: Result<(), Error>| {
        if let Err(error) = result {
            errors.add(field, error.sentence);
        }
    };
    check("helpdesk", helpdesks::checked_name(&fields.helpdesk).map(drop));
    check("name", operators::checked_name(&fields.name).map(drop));
    let email = mail::Address::parse(&fields.email).map(drop);
    check(
        "email",
        email.map_err(|reason| Error::unprocessable("invalid_email", format!("The email {reason}"))),
    );
    check("password", password::check_new(&fields.password));
    errors
}
