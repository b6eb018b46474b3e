//! One-time links that sign an operator in. Opening one shows a button; only the button uses it,
//! because programs that look into mail and chat open links on their own.

use super::Answer;
use super::access::no_page;
use super::pages::sign_in_link::SignInLinkPage;
use super::sign_in;
use super::sign_out::Nothing;
use crate::app::App;
use crate::operators::links::{self, Purpose};
use crate::web::client::ClientAddress;
use crate::web::csrf::Form;
use crate::web::page::View;
use axum::extract::{Path, State};
use axum::http::HeaderMap;

/// `GET /sign-in/{token}`.
///
/// # Errors
/// When the link was used, has expired or never was.
pub async fn show(State(app): State<App>, Path(token): Path<String>, view: View) -> Answer {
    if !links::is_open(&app, Purpose::SignIn, &token).await? {
        return Err(no_page());
    }
    let page = SignInLinkPage {
        view,
        action: format!("/sign-in/{token}"),
    };
    Ok(page.view.show(&page))
}

/// `POST /sign-in/{token}`.
///
/// # Errors
/// When the link was used, has expired or never was.
pub async fn create(
    State(app): State<App>,
    Path(token): Path<String>,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    Form(Nothing {}): Form<Nothing>,
) -> Answer {
    let operator_id = links::use_sign_in(&app, &token).await?.ok_or_else(no_page)?;
    sign_in::start(&app, operator_id, address, &headers, true, "/").await
}
