//! Commands about helpdesks, their secrets and their domains.

use super::command::{Domains, Helpdesk, Secret};
use super::{Answer, table, time};
use crate::app::App;
use crate::audit::By;
use crate::error::{Error, Kind, Result};
use crate::helpdesks;
use crate::ids::{HelpdeskId, SecretId};
use crate::secrets;
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

pub(super) async fn run_secret(app: &App, command: Secret) -> Result<Answer> {
    match command {
        Secret::Generate { helpdesk } => {
            let helpdesk = find(app, &helpdesk).await?;
            let made = secrets::generate(app, helpdesk.id, &By::console()).await?;
            let text = format!(
                "HELPDESKY_HMAC_SECRET={}\n\nStore it in your server's environment now: it is not shown again.",
                *made.text
            );
            Ok(Answer::new(
                json!({"id": made.secret.id, "secret": *made.text}),
                text,
            ))
        }
        Secret::List { helpdesk } => {
            let helpdesk = find(app, &helpdesk).await?;
            let (all, now) = (secrets::list(app, helpdesk.id).await?, app.now_ms());
            let state = |s: &secrets::Secret| match s.revoke_at {
                None => "live".to_owned(),
                Some(at) if at > now => format!("live until {}", time(at)),
                Some(at) => format!("revoked {}", time(at)),
            };
            let used = |s: &secrets::Secret| s.last_used_at.map_or_else(|| "never".to_owned(), time);
            let rows: Vec<_> = all
                .iter()
                .map(|s| {
                    vec![
                        s.id.to_string(),
                        s.fingerprint.clone(),
                        time(s.created_at),
                        used(s),
                        state(s),
                    ]
                })
                .collect();
            let text = if rows.is_empty() {
                "No secrets yet. Make one with: helpdesky secret generate --helpdesk ID".to_owned()
            } else {
                table(&["ID", "FINGERPRINT", "CREATED", "LAST USED", "STATE"], &rows)
            };
            let json = all.iter().map(|s| json!({"id": s.id, "fingerprint": s.fingerprint, "live": s.is_live(now),
                "createdAt": crate::clock::iso8601(s.created_at), "lastUsedAt": s.last_used_at.map(crate::clock::iso8601),
                "revokeAt": s.revoke_at.map(crate::clock::iso8601)}));
            Ok(Answer::new(json!(json.collect::<Vec<_>>()), text))
        }
        Secret::Revoke {
            helpdesk,
            secret,
            yes,
        } => {
            let helpdesk = find(app, &helpdesk).await?;
            let unknown = || Error::not_found("unknown_secret", "There is no such live secret");
            let id: SecretId = secret.parse().map_err(|_| unknown())?;
            let (all, now) = (secrets::list(app, helpdesk.id).await?, app.now_ms());
            let found = all
                .into_iter()
                .find(|s| s.id == id && s.is_live(now))
                .ok_or_else(unknown)?;
            if found.last_used_at.is_some_and(|at| now - at < secrets::IN_USE_MS) && !yes {
                let sentence = "This secret was used in the last 24 hours: users signed in with it would be locked out. Add --yes to revoke it all the same";
                return Err(Error::new(Kind::Conflict, "secret_in_use", sentence));
            }
            secrets::revoke(app, helpdesk.id, id, &By::console(), now).await?;
            Ok(Answer::new(
                json!({"id": id, "revoked": true}),
                format!("Revoked {}.", found.fingerprint),
            ))
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
