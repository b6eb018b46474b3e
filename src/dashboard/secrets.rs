//! HMAC secrets: generated and shown once, retired by hand.

use super::access::{Administrator, Reader, no_page, parsed};
use super::pages::retire_secret::RetireSecretPage;
use super::pages::ticket_center::Secrets;
use super::sign_out::Nothing;
use super::{Answer, frame, ticket_center};
use crate::app::App;
use crate::ids::SecretId;
use crate::secrets::{self, IN_USE_MS};
use crate::web::csrf::Form;
use crate::web::error_page::ErrorPage;
use crate::web::flash::Flash;
use crate::web::form::FieldErrors;
use crate::web::page::View;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;

const ENDING: usize = 4;

/// The last characters of a secret that is still in use.
#[derive(Debug, Deserialize)]
pub struct Confirmation {
    #[serde(default)]
    confirm: String,
}

/// `POST /h/{helpdesk}/ticket-center/secrets`: the answer is the only place where the text stands.
///
/// # Errors
/// When two secrets are live already, or the reader is no administrator.
pub async fn create(
    State(app): State<App>,
    Administrator(reader): Administrator,
    view: View,
    Form(Nothing {}): Form<Nothing>,
) -> Answer {
    let made = secrets::generate(&app, reader.member.helpdesk_id, &reader.member.by()).await?;
    let mut page = ticket_center::page(&app, &reader, view).await?;
    page.secrets = Some(Secrets {
        fresh: Some(made.text.to_string()),
        live: Vec::new(),
    });
    Ok(page.shell.view.show(&page))
}

/// `GET /h/{helpdesk}/ticket-center/secrets/{secret}`: the step before it is retired.
///
/// # Errors
/// When there is no such live secret, or the reader is no administrator.
pub async fn show(
    State(app): State<App>,
    Administrator(reader): Administrator,
    Path((_, id)): Path<(String, String)>,
    view: View,
) -> Answer {
    let page = retire_page(&app, &reader, parsed(&id)?, view).await?;
    Ok(page.shell.view.show(&page))
}

/// `POST /h/{helpdesk}/ticket-center/secrets/{secret}/revocation`.
///
/// # Errors
/// When there is no such live secret, or the reader is no administrator.
pub async fn remove(
    State(app): State<App>,
    Administrator(reader): Administrator,
    Path((_, id)): Path<(String, String)>,
    view: View,
    Form(given): Form<Confirmation>,
) -> Answer {
    let id: SecretId = parsed(&id)?;
    let mut page = retire_page(&app, &reader, id, view).await?;
    if page.used_lately_ms.is_some() && given.confirm.trim() != page.ending {
        page.errors = FieldErrors::one("confirm", "These are not its last four characters");
        return Ok(page.shell.view.show_as(StatusCode::UNPROCESSABLE_ENTITY, &page));
    }
    let by = reader.member.by();
    secrets::revoke(&app, reader.member.helpdesk_id, id, &by, app.now_ms()).await?;
    let back = format!("{}/ticket-center", frame::base(reader.member.helpdesk_id));
    Ok(page
        .shell
        .view
        .redirect(&app, &back, Some(&Flash::say("Secret retired"))))
}

async fn retire_page(
    app: &App,
    reader: &Reader,
    id: SecretId,
    view: View,
) -> std::result::Result<RetireSecretPage, ErrorPage> {
    let now = app.now_ms();
    let mut live = secrets::list(app, reader.member.helpdesk_id).await?;
    live.retain(|secret| secret.is_live(now));
    let is_only = live.len() == 1;
    let secret = live
        .into_iter()
        .find(|secret| secret.id == id)
        .ok_or_else(no_page)?;
    let start = secret
        .fingerprint
        .char_indices()
        .rev()
        .nth(ENDING - 1)
        .map_or(0, |(at, _)| at);
    Ok(RetireSecretPage {
        shell: frame::build(app, reader, view, "ticket-center").await?,
        id: id.to_string(),
        ending: secret.fingerprint.get(start..).unwrap_or_default().to_owned(),
        fingerprint: secret.fingerprint,
        used_lately_ms: secret.last_used_at.filter(|at| now - at < IN_USE_MS),
        is_only,
        errors: FieldErrors::default(),
    })
}
