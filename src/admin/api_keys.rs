//! Commands about the keys by which programs hand mail in.

use super::command::ApiKey;
use super::helpdesks::find;
use super::{Answer, table, time};
use crate::app::App;
use crate::audit::By;
use crate::clock::iso8601;
use crate::error::{Error, Result};
use crate::inboxes::keys;
use serde_json::json;

pub(super) async fn run(app: &App, command: ApiKey) -> Result<Answer> {
    match command {
        ApiKey::Create { helpdesk, name } => {
            let helpdesk = find(app, &helpdesk).await?;
            let made = keys::make(app, helpdesk.id, &By::console(), &name).await?;
            let text = format!("{}\n\nStore it now: it is not shown again.", made.text);
            Ok(Answer::new(
                json!({"id": made.key.id, "name": made.key.name, "key": made.text}),
                text,
            ))
        }
        ApiKey::List { helpdesk } => list(app, &helpdesk).await,
        ApiKey::Remove { helpdesk, key } => {
            let helpdesk = find(app, &helpdesk).await?;
            let unknown =
                || Error::not_found("no_such_key", "There is no such key; `api-key list` shows them");
            let id = key.parse().map_err(|_| unknown())?;
            if !keys::remove(app, helpdesk.id, &By::console(), id).await? {
                return Err(unknown());
            }
            Ok(Answer::new(
                json!({"id": id}),
                "Removed: whoever uses it is refused from now on.",
            ))
        }
    }
}

async fn list(app: &App, helpdesk: &str) -> Result<Answer> {
    let helpdesk = find(app, helpdesk).await?;
    let all = keys::list(app, helpdesk.id).await?;
    let rows: Vec<_> = all
        .iter()
        .map(|key| {
            vec![
                key.id.to_string(),
                key.name.clone(),
                format!("…{}", key.ending),
                time(key.created_at),
                key.last_used_at.map_or_else(|| "never".to_owned(), time),
            ]
        })
        .collect();
    let text = if rows.is_empty() {
        format!(
            "No API keys yet. Make one with: helpdesky api-key create --helpdesk {} --name \"What it is for\"",
            helpdesk.id
        )
    } else {
        table(&["KEY", "NAME", "ENDS WITH", "CREATED", "LAST USED"], &rows)
    };
    let json = all.iter().map(|key| {
        json!({"id": key.id, "name": key.name, "ending": key.ending, "createdAt": iso8601(key.created_at),
            "lastUsedAt": key.last_used_at.map(iso8601)})
    });
    Ok(Answer::new(json!(json.collect::<Vec<_>>()), text))
}
