//! Settings, the tab Audit log: who did what, newest first.

use super::access::{Administrator, no_page};
use super::pages::audit_log::{AuditLogPage, Entry};
use super::pages::choice::Choice;
use super::{Answer, frame};
use crate::app::App;
use crate::audit::{self, Filter, Recorded};
use crate::ids::EntryId;
use crate::web::page::View;
use crate::web::query::Query;
use axum::extract::State;
use serde::Deserialize;

/// Which part of the log.
#[derive(Debug, Default, Deserialize)]
pub struct Wanted {
    actor: Option<String>,
    action: Option<String>,
    before: Option<String>,
}

/// `GET /h/{helpdesk}/settings/audit`.
///
/// # Errors
/// When the reader is no administrator.
pub async fn list(
    State(app): State<App>,
    Administrator(reader): Administrator,
    Query(wanted): Query<Wanted>,
    view: View,
) -> Answer {
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let before = given(wanted.before)
        .map(|id| id.parse::<EntryId>())
        .transpose()
        .map_err(|_| no_page())?;
    let filter = Filter {
        actor: given(wanted.actor).map(|text| text.replace('\0', "")),
        action: given(wanted.action).map(|text| text.replace('\0', "")),
    };
    let shell = frame::build(&app, &reader, view, "settings").await?;
    let helpdesk_id = reader.member.helpdesk_id;
    let (entries, next) = audit::list(&app, helpdesk_id, filter.clone(), before).await?;
    let choices = audit::choices(&app, helpdesk_id).await?;
    let here = format!("{}/settings/audit", shell.base);
    let page = AuditLogPage {
        entries: entries.into_iter().map(shown).collect(),
        actors: offered(choices.actors, filter.actor.as_deref(), str::to_owned),
        actions: offered(choices.actions, filter.action.as_deref(), sentence),
        is_filtered: filter.actor.is_some() || filter.action.is_some(),
        older: next.map(|next| address(&here, &filter, Some(next))),
        newest: before.map(|_| address(&here, &filter, None)),
        shell,
    };
    Ok(page.shell.view.show(&page))
}

fn shown(entry: Recorded) -> Entry {
    Entry {
        at_ms: entry.created_at,
        action: sentence(&entry.action),
        actor: entry.actor,
        detail: entry.detail,
    }
}

/// The filters of the log, and the one in use although it stands there no more.
fn offered(mut all: Vec<String>, chosen: Option<&str>, label: fn(&str) -> String) -> Vec<Choice> {
    if let Some(chosen) = chosen
        && !all.iter().any(|one| one == chosen)
    {
        all.push(chosen.to_owned());
    }
    all.into_iter()
        .map(|value| Choice {
            label: label(&value),
            selected: Some(value.as_str()) == chosen,
            value,
        })
        .collect()
}

/// With a capital letter.
fn sentence(action: &str) -> String {
    let mut letters = action.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).collect()
}

fn address(here: &str, filter: &Filter, before: Option<EntryId>) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in [("actor", &filter.actor), ("action", &filter.action)] {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    if let Some(before) = before {
        query.append_pair("before", &before.to_string());
    }
    match query.finish() {
        query if query.is_empty() => here.to_owned(),
        query => format!("{here}?{query}"),
    }
}
