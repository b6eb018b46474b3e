//! The page of keys.

use super::access::Reader;
use super::pages::shortcuts::ShortcutsPage;
use super::{Answer, frame};
use crate::app::App;
use crate::web::page::View;
use axum::extract::State;

/// `GET /h/{helpdesk}/shortcuts`.
///
/// # Errors
/// When the database cannot be read.
pub async fn show(State(app): State<App>, reader: Reader, view: View) -> Answer {
    let page = ShortcutsPage {
        shell: frame::build(&app, &reader, view, "shortcuts").await?,
    };
    Ok(page.shell.view.show(&page))
}
