//! Trying a mailbox out, for people who set it up: what was said, without the password. Nothing is fetched
//! and nothing is marked.

use super::client::{Failure, Manner, Selected, Session};
use super::{settings, work};
use crate::app::App;
use crate::error::{Error, Kind, Result};
use crate::ids::{HelpdeskId, MailboxId};
use crate::outbound::{self, Dialogue, Spoken};

/// What came of it.
#[derive(Debug)]
pub struct Trial {
    /// How many mails the folder holds, or why it cannot be opened.
    pub outcome: std::result::Result<u32, String>,
    /// Whether the server tells of new mail by itself.
    pub tells: bool,
    /// The whole talk, without passwords.
    pub dialogue: Vec<Spoken>,
}

/// Connects to a mailbox, signs in, opens its folder, and goes again.
///
/// # Errors
/// When there is no such mailbox, or its secret cannot be opened.
pub async fn try_out(app: &App, helpdesk_id: HelpdeskId, id: MailboxId) -> Result<Trial> {
    let row = settings::row(app, helpdesk_id, id).await?;
    let server = settings::server(app, &row)?;
    let dialogue = Dialogue::kept();
    let tls =
        outbound::trust(app).map_err(|words| Error::new(Kind::Conflict, "invalid_certificates", words))?;
    let manner = Manner {
        patience: work::room(app).patience().for_people(),
        tls,
        dialogue: dialogue.clone(),
    };
    let opened: std::result::Result<(Selected, bool), Failure> = async {
        let mut session = Session::open(&server, &manner).await?;
        let found = session.select(&row.set.folder, true).await;
        let tells = session.can("IDLE");
        session.log_out().await;
        Ok((found?, tells))
    }
    .await;
    Ok(Trial {
        tells: opened.as_ref().is_ok_and(|(_, tells)| *tells),
        outcome: opened
            .map(|(found, _)| found.mails)
            .map_err(|failure| failure.words),
        dialogue: dialogue.lines(),
    })
}
