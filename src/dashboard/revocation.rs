//! The end of an HMAC secret: at once, in a while, or at a time of the reader's choosing; and taken
//! back while it has not come.

use super::access::{Administrator, Reader, no_page, parsed};
use super::pages::retire_secret::{Choice, RetireSecretPage};
use super::sign_out::Nothing;
use super::{Answer, frame};
use crate::app::App;
use crate::error::Kind;
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
const HOUR_MS: i64 = 60 * 60 * 1000;

/// When, and the last characters of a secret that is in use and shall end at once.
#[derive(Debug, Deserialize)]
pub struct Fields {
    #[serde(default)]
    when: Choice,
    #[serde(default)]
    at: String,
    #[serde(default)]
    confirm: String,
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
    let page = page(&app, &reader, parsed(&id)?, view).await?;
    Ok(page.shell.view.show(&page))
}

/// `POST /h/{helpdesk}/ticket-center/secrets/{secret}/revocation`.
///
/// # Errors
/// When there is no such live secret, or the reader is no administrator.
pub async fn create(
    State(app): State<App>,
    Administrator(reader): Administrator,
    Path((_, id)): Path<(String, String)>,
    view: View,
    Form(fields): Form<Fields>,
) -> Answer {
    let id: SecretId = parsed(&id)?;
    let now = app.now_ms();
    let mut page = page(&app, &reader, id, view).await?;
    page.when = fields.when;
    page.at.clone_from(&fields.at);
    let at = match chosen(&page, &fields, now) {
        Ok(at) => at,
        Err(errors) => return Ok(refused(page, errors)),
    };
    let by = reader.member.by();
    match secrets::revoke(&app, reader.member.helpdesk_id, id, &by, at).await {
        Err(error) if error.kind == Kind::Unprocessable => {
            return Ok(refused(page, FieldErrors::one("at", error.sentence)));
        }
        done => done?,
    }
    let say = if at > now {
        let kept = format!(
            "{}/ticket-center/secrets/{id}/revocation/removal",
            page.shell.base
        );
        let text = format!("Secret retires {}", page.shell.view.times.moment(&at));
        Flash::say(text).undone_by(kept, Vec::new())
    } else {
        Flash::say("Secret retired")
    };
    Ok(page.shell.view.redirect(&app, &back(&reader), Some(&say)))
}

/// `POST /h/{helpdesk}/ticket-center/secrets/{secret}/revocation/removal`: it stays after all.
///
/// # Errors
/// When there is no such live secret, or the reader is no administrator.
pub async fn remove(
    State(app): State<App>,
    Administrator(reader): Administrator,
    Path((_, id)): Path<(String, String)>,
    view: View,
    Form(Nothing {}): Form<Nothing>,
) -> Answer {
    let by = reader.member.by();
    secrets::keep(&app, reader.member.helpdesk_id, parsed(&id)?, &by).await?;
    Ok(view.redirect(&app, &back(&reader), Some(&Flash::say("Secret kept"))))
}

fn back(reader: &Reader) -> String {
    format!("{}/ticket-center", frame::base(reader.member.helpdesk_id))
}

fn refused(page: RetireSecretPage, errors: FieldErrors) -> axum::response::Response {
    let page = RetireSecretPage { errors, ..page };
    page.shell.view.show_as(StatusCode::UNPROCESSABLE_ENTITY, &page)
}

/// The time that was chosen.
fn chosen(page: &RetireSecretPage, fields: &Fields, now: i64) -> Result<i64, FieldErrors> {
    match fields.when {
        Choice::Now if page.used_lately_ms.is_some() && fields.confirm.trim() != page.ending => Err(
            FieldErrors::one("confirm", "These are not its last four characters"),
        ),
        Choice::Now => Ok(now),
        Choice::Hour => Ok(now + HOUR_MS),
        Choice::Day => Ok(now + 24 * HOUR_MS),
        Choice::Week => Ok(now + 7 * 24 * HOUR_MS),
        Choice::At => match page.shell.view.times.typed(&fields.at) {
            Some(at) if at > now => Ok(at),
            Some(_) => Err(FieldErrors::one("at", "This time is past. Choose a later one")),
            None => Err(FieldErrors::one(
                "at",
                "Write a date and a time such as 2030-12-01T10:00",
            )),
        },
    }
}

async fn page(app: &App, reader: &Reader, id: SecretId, view: View) -> Result<RetireSecretPage, ErrorPage> {
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
    let used_lately_ms = secret.last_used_at.filter(|at| now - at < IN_USE_MS);
    let tomorrow = now + 24 * HOUR_MS;
    Ok(RetireSecretPage {
        at: view.times.field(&secret.revoke_at.unwrap_or(tomorrow)),
        shell: frame::build(app, reader, view, "ticket-center").await?,
        id: id.to_string(),
        ending: secret.fingerprint.get(start..).unwrap_or_default().to_owned(),
        fingerprint: secret.fingerprint,
        used_lately_ms,
        is_only,
        retires_ms: secret.revoke_at,
        when: match (secret.revoke_at, used_lately_ms) {
            (Some(_), _) => Choice::At,
            (None, Some(_)) => Choice::Day,
            (None, None) => Choice::Now,
        },
        errors: FieldErrors::default(),
    })
}
