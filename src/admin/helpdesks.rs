//! Commands about helpdesks and their domains.

use super::command::{Domains, Helpdesk};
use super::{Answer, table, time};
use crate::app::App;
use crate::audit::By;
use crate::error::{Error, Result};
use crate::helpdesks;
use crate::ids::HelpdeskId;
use serde_json::json;
use std::sync::Arc;

pub(super) async fn run(app: &App, command: Helpdesk) -> Result<Answer> {
    match command {
        Helpdesk::Add { name } => {
            let helpdesk = helpdesks::add(app, &By::console(), &name).await?;
            let text = format!("Created {}. Its Helpdesk ID is {}", helpdesk.name, helpdesk.id);
            Ok(Answer::new(
                json!({"id": helpdesk.id, "name": helpdesk.name}),
                text,
            ))
        }
        Helpdesk::List => {
            let all = helpdesks::list(app).await?;
            let rows: Vec<_> = all
                .iter()
                .map(|h| vec![h.id.to_string(), h.name.clone(), time(h.created_at)])
                .collect();
            let text = if rows.is_empty() {
                "No helpdesks yet. Create one with: helpdesky helpdesk add --name NAME".to_owned()
            } else {
                table(&["HELPDESK ID", "NAME", "CREATED"], &rows)
            };
            Ok(Answer::new(
                json!(
                    all.iter()
                        .map(|h| json!({"id": h.id, "name": h.name}))
                        .collect::<Vec<_>>()
                ),
                text,
            ))
        }
        Helpdesk::Show { helpdesk } => {
            let h = find(app, &helpdesk).await?;
            let domains = if h.allowed_domains.is_empty() {
                "every site".to_owned()
            } else {
                h.allowed_domains.join(", ")
            };
            let messaging = if h.messaging { "on" } else { "off" };
            let text = format!(
                "Helpdesk ID  {}\nName         {}\nMessaging    {messaging}\nMay embed    {domains}\nCreated      {}",
                h.id,
                h.name,
                time(h.created_at)
            );
            let json = json!({"id": h.id, "name": h.name, "messaging": h.messaging, "allowedDomains": h.allowed_domains,
                "appearance": h.appearance, "createdAt": crate::clock::iso8601(h.created_at)});
            Ok(Answer::new(json, text))
        }
    }
}

pub(super) async fn run_domains(app: &App, command: Domains) -> Result<Answer> {
    match command {
        Domains::Show { helpdesk } => {
            let helpdesk = find(app, &helpdesk).await?;
            let text = if helpdesk.allowed_domains.is_empty() {
                "The list is empty: every site may embed.".to_owned()
            } else {
                helpdesk.allowed_domains.join("\n")
            };
            Ok(Answer::new(json!({"domains": helpdesk.allowed_domains}), text))
        }
        Domains::Set { helpdesk, domains } => {
            let helpdesk = find(app, &helpdesk).await?;
            let checked = helpdesks::set_domains(app, helpdesk.id, &By::console(), &domains).await?;
            let mut lines = vec![if checked.domains.is_empty() {
                "The list is empty now: every site may embed.".to_owned()
            } else {
                format!(
                    "These sites and what lies below them may embed: {}",
                    checked.domains.join(", ")
                )
            }];
            lines.extend(
                checked
                    .warnings
                    .iter()
                    .map(|warning| format!("Warning: {warning}")),
            );
            Ok(Answer::new(
                json!({"domains": checked.domains, "warnings": checked.warnings}),
                lines.join("\n"),
            ))
        }
    }
}

/// The helpdesk with this id.
pub(super) async fn find(app: &App, id: &str) -> Result<Arc<helpdesks::Helpdesk>> {
    let unknown = || {
        Error::not_found(
            "unknown_helpdesk",
            "There is no helpdesk with this ID; `helpdesky helpdesk list` shows them",
        )
    };
    let id: HelpdeskId = id.parse().map_err(|_| unknown())?;
    helpdesks::find(app, id).await?.ok_or_else(unknown)
}
