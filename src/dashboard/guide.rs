//! The first steps, beside the list while nothing is open: they follow what has really happened, and
//! are gone once all are done or somebody has put them away.

use super::access::Reader;
use super::pages::inbox::{Guide, List};
use super::pages::shell::Shell;
use super::{Answer, frame};
use crate::app::App;
use crate::conversations::by_operator;
use crate::error::Result;
use crate::helpdesks;
use crate::operators;
use crate::secrets;
use crate::web::csrf::Form;
use crate::web::flash::Flash;
use crate::web::page::View;
use axum::extract::State;
use serde::Deserialize;

/// How far a helpdesk has come; nothing is asked for one that is through. The page that finds the
/// last step done shows that once.
pub(super) async fn read(app: &App, reader: &Reader, shell: &Shell, list: &List) -> Result<Option<Guide>> {
    let helpdesk_id = reader.member.helpdesk_id;
    if helpdesks::get(app, helpdesk_id).await?.guide_done {
        return Ok(None);
    }
    let secrets = secrets::list(app, helpdesk_id).await?;
    let has_conversation = shell.cursor > 0;
    let guide = Guide {
        has_secret: secrets.iter().any(|secret| secret.is_live(app.now_ms())),
        is_verified: secrets.iter().any(|secret| secret.last_used_at.is_some()),
        has_conversation,
        has_answer: has_conversation && by_operator::has_answered(app, &reader.member).await?,
        first_href: list
            .groups
            .iter()
            .flat_map(|group| &group.rows)
            .next()
            .map(|row| row.href.clone()),
        administrators: administrators(app, reader).await?,
    };
    if guide.is_done() {
        helpdesks::finish_guide(app, helpdesk_id).await?;
    }
    Ok(Some(guide))
}

/// Whom a plain operator can ask.
async fn administrators(app: &App, reader: &Reader) -> Result<Vec<String>> {
    if reader.member.is_admin() {
        return Ok(Vec::new());
    }
    let members = operators::list(app, reader.member.helpdesk_id).await?;
    let able = members.into_iter().filter(operators::Member::is_admin);
    Ok(able.map(|member| member.operator.name).collect())
}

/// A form with a button alone.
#[derive(Debug, Deserialize)]
pub struct Nothing {}

/// `POST /h/{helpdesk}/guide/dismissal`.
///
/// # Errors
/// When the reader is no member of this helpdesk.
pub async fn remove(
    State(app): State<App>,
    reader: Reader,
    view: View,
    Form(Nothing {}): Form<Nothing>,
) -> Answer {
    let helpdesk_id = reader.member.helpdesk_id;
    helpdesks::hide_guide(&app, helpdesk_id, &reader.member.by()).await?;
    let inbox = format!("{}/conversations", frame::base(helpdesk_id));
    let say = Flash::say("First steps hidden. The Ticket Center page keeps all you need");
    Ok(view.redirect(&app, &inbox, Some(&say)))
}
