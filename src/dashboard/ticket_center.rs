//! The page "Ticket Center".

use super::access::Reader;
use super::pages::ticket_center::{Failure, LiveSecret, Secrets, TicketCenterPage, Tool, ToolResult};
use super::{Answer, frame, snippets};
use crate::app::App;
use crate::error::Result;
use crate::secrets::{self, IN_USE_MS, failures};
use crate::web::page::View;
use axum::extract::State;

/// `GET /h/{helpdesk}/ticket-center`.
///
/// # Errors
/// When the database cannot be read.
pub async fn show(State(app): State<App>, reader: Reader, view: View) -> Answer {
    let page = page(&app, &reader, view).await?;
    Ok(page.shell.view.show(&page))
}

/// The page as this reader may see it. A plain operator gets the id and the embed code.
pub(super) async fn page(app: &App, reader: &Reader, view: View) -> Result<TicketCenterPage> {
    let shell = frame::build(app, reader, view, "ticket-center").await?;
    let stacks = snippets::stacks(&app.config().base_url, &shell.helpdesk_id);
    if !reader.member.is_admin() {
        return Ok(TicketCenterPage {
            shell,
            secrets: None,
            stacks,
            tool: None,
            failures: None,
        });
    }
    let live = live_secrets(app, reader).await?;
    let recent = failures::recent(app, reader.member.helpdesk_id).await?;
    Ok(TicketCenterPage {
        shell,
        secrets: Some(Secrets { fresh: None, live }),
        stacks,
        tool: Some(Tool {
            email: String::new(),
            signature: String::new(),
            result: ToolResult::Nothing,
        }),
        failures: Some(recent.into_iter().map(failure).collect()),
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
    });
    Ok(shown.collect())
}

fn failure(stored: failures::Failure) -> Failure {
    let (cause, remedy) = stored.cause.explain();
    Failure {
        at_ms: stored.created_at,
        email: stored.email,
        origin: stored.origin,
        cause: cause.to_owned(),
        remedy: remedy.to_owned(),
    }
}
