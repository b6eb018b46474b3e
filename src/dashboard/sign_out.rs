//! Signing out.

use super::Answer;
use super::access::SignedIn;
use crate::app::App;
use crate::operators::sessions;
use crate::web::csrf::Form;
use crate::web::page::redirect;
use crate::web::session;
use axum::extract::State;
use serde::Deserialize;

/// The form has no fields of its own.
#[derive(Debug, Deserialize)]
pub struct Nothing {}

/// `POST /sign-out`: ends the session on the server, then in the browser.
///
/// # Errors
/// When the form was not sent by our page or the database fails.
pub async fn create(State(app): State<App>, signed_in: SignedIn, Form(Nothing {}): Form<Nothing>) -> Answer {
    sessions::sign_out(&app, &signed_in.session).await?;
    Ok(redirect("/sign-in", session::removal(app.config())))
}
