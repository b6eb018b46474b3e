//! Accepting an invitation. Who has no account chooses a name and a password; who has one proves
//! by its password that it is theirs. The address is the invited one, whatever the form says.

use super::access::session_of;
use super::pages::join::JoinPage;
use super::{Answer, frame, sign_in, tries};
use crate::app::App;
use crate::error::{Error, Kind, Result};
use crate::helpdesks;
use crate::ids::HelpdeskId;
use crate::operators::invitations::{self, Opened};
use crate::operators::{self, Member, password};
use crate::web::client::ClientAddress;
use crate::web::csrf::Form;
use crate::web::error_page::ErrorPage;
use crate::web::form::FieldErrors;
use crate::web::page::View;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use serde::Deserialize;

/// The form; only a new person is asked for a name.
#[derive(Debug, Deserialize)]
pub struct Fields {
    #[serde(default)]
    name: String,
    password: String,
}

/// Why nobody joined: what to say beside the form, and how.
type Refusal = (StatusCode, FieldErrors);

/// `GET /join/{helpdesk}/{token}`.
///
/// # Errors
/// When the link was used, revoked, has expired or never was.
pub async fn show(
    State(app): State<App>,
    Path((helpdesk, token)): Path<(String, String)>,
    headers: HeaderMap,
    view: View,
) -> Answer {
    let (helpdesk_id, opened) = find(&app, &helpdesk, &token).await?;
    let mut page = page(&app, helpdesk_id, &token, opened, view).await?;
    page.signed_in_as = session_of(&app, &headers)
        .await?
        .map(|signed_in| signed_in.session.operator.email)
        .filter(|email| *email != page.email);
    Ok(page.view.show(&page))
}

/// `POST /join/{helpdesk}/{token}`: joins, and signs in with a fresh session.
///
/// # Errors
/// When the link was used, revoked, has expired or never was.
pub async fn create(
    State(app): State<App>,
    Path((helpdesk, token)): Path<(String, String)>,
    client: ClientAddress,
    headers: HeaderMap,
    view: View,
    Form(fields): Form<Fields>,
) -> Answer {
    let (helpdesk_id, opened) = find(&app, &helpdesk, &token).await?;
    let joined = if opened.is_known {
        join_as_known(&app, helpdesk_id, &token, &opened, client, &fields).await?
    } else {
        join_as_new(&app, helpdesk_id, &token, &fields).await?
    };
    match joined {
        Ok(member) => {
            let inbox = format!("{}/conversations", frame::base(helpdesk_id));
            sign_in::start(&app, member.operator.id, client.0, &headers, true, &inbox).await
        }
        Err((status, errors)) => {
            // The address may have got an account since the form was made.
            let (_, opened) = find(&app, &helpdesk, &token).await?;
            let page = JoinPage {
                name: fields.name,
                errors,
                ..page(&app, helpdesk_id, &token, opened, view).await?
            };
            Ok(page.view.show_as(status, &page))
        }
    }
}

async fn join_as_new(
    app: &App,
    helpdesk_id: HelpdeskId,
    token: &str,
    fields: &Fields,
) -> Result<std::result::Result<Member, Refusal>> {
    let mut errors = FieldErrors::default();
    if let Err(error) = operators::checked_name(&fields.name) {
        errors.add("name", error.sentence);
    }
    if let Err(error) = password::check_new(&fields.password) {
        errors.add("password", error.sentence);
    }
    if !errors.is_empty() {
        return Ok(Err((StatusCode::UNPROCESSABLE_ENTITY, errors)));
    }
    let joined = invitations::join_as_new(app, helpdesk_id, token, &fields.name, &fields.password).await;
    match joined {
        Err(error) if error.kind == Kind::Conflict => {
            let errors = FieldErrors::one("password", error.sentence);
            Ok(Err((StatusCode::CONFLICT, errors)))
        }
        joined => joined.map(Ok),
    }
}

async fn join_as_known(
    app: &App,
    helpdesk_id: HelpdeskId,
    token: &str,
    opened: &Opened,
    client: ClientAddress,
    fields: &Fields,
) -> Result<std::result::Result<Member, Refusal>> {
    let email = &opened.invitation.email;
    let refused = |status, sentence: String| Ok(Err((status, FieldErrors::one("password", sentence))));
    if let Err(sentence) = tries::count(app, client, email) {
        return refused(StatusCode::TOO_MANY_REQUESTS, sentence);
    }
    let Some(operator) = operators::authenticate(app, email, &fields.password).await? else {
        let sentence = "This is not the password of your account".to_owned();
        return refused(StatusCode::UNPROCESSABLE_ENTITY, sentence);
    };
    tries::succeeded(app, client, email);
    invitations::join_as_known(app, helpdesk_id, token, &operator)
        .await
        .map(Ok)
}

/// A link that is good for nothing looks the same whatever became of it.
async fn find(
    app: &App,
    helpdesk: &str,
    token: &str,
) -> std::result::Result<(HelpdeskId, Opened), ErrorPage> {
    let gone = || {
        ErrorPage(Error::not_found(
            "no_such_invitation",
            "This invitation was used, was revoked or has expired. Ask whoever invited you for a new link",
        ))
    };
    let id: HelpdeskId = helpdesk.parse().map_err(|_| gone())?;
    let opened = invitations::find(app, id, token).await?.ok_or_else(gone)?;
    Ok((id, opened))
}

async fn page(
    app: &App,
    helpdesk_id: HelpdeskId,
    token: &str,
    opened: Opened,
    view: View,
) -> Result<JoinPage> {
    let helpdesk = helpdesks::get(app, helpdesk_id).await?;
    Ok(JoinPage {
        view,
        action: format!("/join/{helpdesk_id}/{token}"),
        helpdesk_name: helpdesk.name.clone(),
        email: opened.invitation.email,
        role: frame::role_in_words(opened.invitation.role),
        invited_by: opened.invitation.invited_by,
        is_known: opened.is_known,
        signed_in_as: None,
        name: String::new(),
        errors: FieldErrors::default(),
    })
}
