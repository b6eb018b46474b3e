//! The page "Ticket Center".

use super::access::Reader;
use super::pages::ticket_center::{
    Administration, Failure, LiveSecret, Looks, Secrets, TicketCenterPage, Tool, ToolResult,
};
use super::{Answer, frame, page_check, snippets};
use crate::app::App;
use crate::error::Result;
use crate::helpdesks::{self, appearance::Typed};
use crate::secrets::{self, IN_USE_MS, failures};
use crate::web::form::FieldErrors;
use crate::web::headers;
use crate::web::page::View;
use crate::web::query::Query;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

/// What an administrator asked about.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    /// The address of a page.
    page: Option<String>,
}

/// `GET /h/{helpdesk}/ticket-center`.
///
/// # Errors
/// When the database cannot be read.
pub async fn show(State(app): State<App>, reader: Reader, Query(asked): Query<Asked>, view: View) -> Answer {
    let mut page = page(&app, &reader, view).await?;
    if let (Some(admin), Some(typed)) = (&mut page.admin, asked.page) {
        page_check::answer(&app, reader.member.helpdesk_id, typed, &mut admin.page).await?;
    }
    Ok(shown(&page, StatusCode::OK))
}

/// The page as an answer. It alone among the dashboard's pages may hold a frame: the preview.
pub(super) fn shown(page: &TicketCenterPage, status: StatusCode) -> Response {
    let mut response = page.shell.view.show_as(status, page);
    headers::allow_own_frames(response.headers_mut());
    response
}

/// The page as this reader may see it. A plain operator gets the id and the embed code.
pub(super) async fn page(app: &App, reader: &Reader, view: View) -> Result<TicketCenterPage> {
    let shell = frame::build(app, reader, view, "ticket-center").await?;
    let base_url = app.config().base_url.clone();
    let admin = if reader.member.is_admin() {
        Some(administration(app, reader).await?)
    } else {
        None
    };
    Ok(TicketCenterPage {
        stacks: snippets::stacks(&base_url, &shell.helpdesk_id),
        shell,
        base_url,
        admin,
    })
}

async fn administration(app: &App, reader: &Reader) -> Result<Administration> {
    let id = reader.member.helpdesk_id;
    let live = live_secrets(app, reader).await?;
    let recent = failures::recent(app, id).await?;
    let helpdesk = helpdesks::get(app, id).await?;
    Ok(Administration {
        secrets: Secrets {
            fresh: None,
            refused: None,
            live,
        },
        tool: Tool {
            email: String::new(),
            signature: String::new(),
            result: ToolResult::Nothing,
        },
        page: page_check::tool(app, id).await?,
        looks: Looks {
            typed: Typed::from(&helpdesk.appearance),
            errors: FieldErrors::default(),
        },
        failures: recent.into_iter().map(failure).collect(),
    })
}

async fn live_secrets(app: &App, reader: &Reader) -> Result<Vec<LiveSecret>> {
    let now = app.now_ms();
    let all = secrets::list(app, reader.member.helpdesk_id).await?;
    let live = all.into_iter().filter(|secret| secret.is_live(now)).enumerate();
    let shown = live.map(|(place, secret)| LiveSecret {
        id: secret.id.to_string(),
        fingerprint: secret.fingerprint,
        made_ms: secret.created_at,
        used_ms: secret.last_used_at,
        used_lately: secret.last_used_at.is_some_and(|at| now - at < IN_USE_MS),
        is_newest: place == 0,
        retires_ms: secret.revoke_at,
    });
    Ok(shown.collect())
}

fn failure(stored: failures::Failure) -> Failure {
    let (cause, remedy) = stored.cause.explain();
    Failure {
        at_ms: stored.created_at,
        first_ms: stored.first_at,
        times: stored.times,
        email: stored.email,
        origin: stored.origin,
        cause: cause.to_owned(),
        remedy: remedy.to_owned(),
    }
}
