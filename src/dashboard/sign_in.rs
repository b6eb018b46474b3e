//! Signing in with address and password.

use super::access::session_of;
use super::pages::sign_in::SignInPage;
use super::{Answer, tries};
use crate::app::App;
use crate::error::Error;
use crate::helpdesks;
use crate::ids::OperatorId;
use crate::operators::{self, sessions};
use crate::web::client::ClientAddress;
use crate::web::csrf::Form;
use crate::web::page::{View, redirect};
use crate::web::query::Query;
use crate::web::session::Token;
use axum::extract::State;
use axum::http::header::USER_AGENT;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use std::net::IpAddr;

/// Where to go after signing in.
#[derive(Debug, Deserialize)]
pub struct Wanted {
    next: Option<String>,
}

/// The form.
#[derive(Debug, Deserialize)]
pub struct Fields {
    email: String,
    password: String,
    keep: Option<String>,
    next: Option<String>,
}

/// `GET /sign-in`.
///
/// # Errors
/// When the database cannot be read.
pub async fn show(
    State(app): State<App>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
    view: View,
) -> Answer {
    if session_of(&app, &headers).await?.is_some() {
        return Ok(redirect(&inside(wanted.next.as_deref()), None));
    }
    let mut page = SignInPage::new(view, only_helpdesk(&app).await?, wanted.next);
    if !operators::any_exists(&app).await? {
        page.error = Some(
            "Nobody can sign in yet: open the set-up link that the server printed when it started".to_owned(),
        );
    }
    Ok(page.view.show(&page))
}

/// `POST /sign-in`.
///
/// # Errors
/// When the form was not sent by our page or the database fails.
pub async fn create(
    State(app): State<App>,
    client: ClientAddress,
    headers: HeaderMap,
    view: View,
    Form(fields): Form<Fields>,
) -> Answer {
    if let Err(sentence) = tries::count(&app, client, &fields.email) {
        return refuse(&app, view, fields, StatusCode::TOO_MANY_REQUESTS, sentence).await;
    }
    let Some(operator) = operators::authenticate(&app, &fields.email, &fields.password).await? else {
        let sentence = "Email and password do not match".to_owned();
        return refuse(&app, view, fields, StatusCode::UNPROCESSABLE_ENTITY, sentence).await;
    };
    tries::succeeded(&app, client, &fields.email);
    start(
        &app,
        operator.id,
        client.0,
        &headers,
        fields.keep.is_some(),
        &inside(fields.next.as_deref()),
    )
    .await
}

/// Starts a session, ends the one this browser had, and goes on.
pub(super) async fn start(
    app: &App,
    operator_id: OperatorId,
    address: IpAddr,
    headers: &HeaderMap,
    kept: bool,
    to: &str,
) -> Answer {
    if let Some(old) = session_of(app, headers).await? {
        sessions::sign_out(app, &old.session).await?;
    }
    let agent = headers
        .get(USER_AGENT)
        .and_then(|agent| agent.to_str().ok())
        .unwrap_or_default();
    let token = sessions::start(app, operator_id, agent, &address.to_string()).await?;
    let cookie: Option<HeaderValue> = Token::parse(&token).and_then(|token| token.cookie(app.config(), kept));
    Ok(redirect(to, cookie))
}

async fn refuse(app: &App, view: View, fields: Fields, status: StatusCode, sentence: String) -> Answer {
    let page = SignInPage {
        email: fields.email,
        keep: fields.keep.is_some(),
        error: Some(sentence),
        ..SignInPage::new(view, only_helpdesk(app).await?, fields.next)
    };
    let answer: Response = page.view.show_as(status, &page);
    Ok(answer)
}

/// The name on the page, when there is only one it can be.
async fn only_helpdesk(app: &App) -> Result<Option<String>, Error> {
    Ok(helpdesks::only(app).await?.map(|helpdesk| helpdesk.name))
}

/// A page of ours; anything else that was asked for leads to the front page.
fn inside(next: Option<&str>) -> String {
    let is_ours = |next: &&str| {
        (next.starts_with("/h/") || next.starts_with("/docs/") || *next == "/docs")
            && !next.contains('\\')
            && !next.chars().any(char::is_control)
    };
    next.filter(is_ours).unwrap_or("/").to_owned()
}

#[cfg(test)]
mod tests {
    use super::inside;

    #[test]
    fn signing_in_never_leads_outside() {
        assert_eq!(
            inside(Some("/h/1/conversations?view=mine")),
            "/h/1/conversations?view=mine"
        );
        assert_eq!(inside(Some("/docs")), "/docs");
        assert_eq!(inside(Some("/docs/wix?helpdesk=1")), "/docs/wix?helpdesk=1");
        for outside in [
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "/h/\\\\evil",
            "/h/1\r\nx",
            "/docs/\\evil",
            "/docs.evil.example",
            "/docsx",
            "",
        ] {
            assert_eq!(inside(Some(outside)), "/");
        }
        assert_eq!(inside(None), "/");
    }
}
