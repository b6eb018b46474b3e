//! `/`: leads to the reader's inbox, or to sign-in.

use super::Answer;
use super::access::SignedIn;
use super::frame;
use crate::app::App;
use crate::error::Error;
use crate::operators;
use crate::web::error_page::ErrorPage;
use crate::web::page::redirect;
use axum::extract::State;

/// `GET /`.
///
/// # Errors
/// When the reader is not signed in or belongs to no helpdesk.
pub async fn show(State(app): State<App>, signed_in: SignedIn) -> Answer {
    let memberships = operators::memberships(&app, signed_in.session.operator.id).await?;
    let first = memberships.first().ok_or_else(|| {
        ErrorPage(Error::forbidden(
            "no_helpdesk",
            "You belong to no helpdesk any more. Ask an owner to add you again",
        ))
    })?;
    Ok(redirect(
        &format!("{}/conversations", frame::base(first.helpdesk_id)),
        None,
    ))
}
