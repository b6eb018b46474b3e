//! Settings, the tab Messages: the messaging switch, and the Allowed Embed Domains with a probe.

use super::access::{Administrator, Reader};
use super::page_check::about_list;
use super::pages::messages_settings::{Domain, MessagesSettingsPage, Probe, RefusedHost};
use super::{Answer, frame};
use crate::app::App;
use crate::embeds::origin::{self, Verdict};
use crate::embeds::origins::{self, Refused, Seen};
use crate::error::Result;
use crate::helpdesks::{self, Helpdesk, domains};
use crate::web::csrf::Form;
use crate::web::flash::Flash;
use crate::web::form::FieldErrors;
use crate::web::page::View;
use crate::web::query::Query;
use axum::extract::State;
use serde::Deserialize;

const REFUSED_MS: i64 = 24 * 60 * 60 * 1000;
const REFUSED_LISTED: usize = 5;

/// The switch: a browser leaves an unticked box out.
#[derive(Debug, Deserialize)]
pub struct Switch {
    messaging: Option<String>,
}

/// What is to be tried against the list.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    origin: Option<String>,
}

/// `GET /h/{helpdesk}/settings/messages`.
///
/// # Errors
/// When the reader is no administrator.
pub async fn show(
    State(app): State<App>,
    Administrator(reader): Administrator,
    Query(asked): Query<Asked>,
    view: View,
) -> Answer {
    let mut page = page(&app, &reader, view).await?;
    if let Some(typed) = asked.origin {
        probe(&app, &reader, typed, &mut page).await?;
    }
    Ok(page.shell.view.show(&page))
}

/// `POST /h/{helpdesk}/settings/messages/messaging`.
///
/// # Errors
/// When the reader is no administrator.
pub async fn update(
    State(app): State<App>,
    Administrator(reader): Administrator,
    view: View,
    Form(switch): Form<Switch>,
) -> Answer {
    let on = switch.messaging.is_some();
    helpdesks::set_messaging(&app, reader.member.helpdesk_id, &reader.member.by(), on).await?;
    let say = Flash::say(if on {
        "Messages are accepted"
    } else {
        "Messages are paused"
    });
    Ok(view.redirect(&app, &address(&reader), Some(&say)))
}

pub(super) fn address(reader: &Reader) -> String {
    format!("{}/settings/messages", frame::base(reader.member.helpdesk_id))
}

/// Asks what a call from a page would be answered, of the same function that answers it.
async fn probe(app: &App, reader: &Reader, typed: String, page: &mut MessagesSettingsPage) -> Result<()> {
    let helpdesk = helpdesks::get(app, reader.member.helpdesk_id).await?;
    match origin::of_page(&typed) {
        Some(origin) => {
            let verdict = origin::judge(Some(&origin), &helpdesk, &app.config().base_url);
            page.probe = Some(Probe {
                passes: verdict.passes(),
                sentence: about_list(&verdict),
                origin,
            });
        }
        None => {
            let sentence = "Write the address of a page, or its origin, such as https://app.example.com";
            page.errors.add("origin", sentence);
        }
    }
    page.probed = typed;
    Ok(())
}

pub(super) async fn page(app: &App, reader: &Reader, view: View) -> Result<MessagesSettingsPage> {
    let helpdesk = helpdesks::get(app, reader.member.helpdesk_id).await?;
    let seen = origins::recent(app, helpdesk.id).await?;
    let domain = |name: &String| {
        let one = std::slice::from_ref(name);
        let warning = domains::check(one)
            .ok()
            .and_then(|mut checked| checked.warnings.pop());
        let covers = |seen: &&Seen| {
            domains::host_of_origin(&seen.origin).is_some_and(|host| domains::entry_for(one, &host).is_some())
        };
        Domain {
            name: name.clone(),
            is_exact: domains::is_exact(name),
            seen_ms: seen.iter().filter(covers).filter_map(|seen| seen.good_at).max(),
            warning,
        }
    };
    Ok(MessagesSettingsPage {
        shell: frame::build(app, reader, view, "settings").await?,
        messaging: helpdesk.messaging,
        domains: helpdesk.allowed_domains.iter().map(domain).collect(),
        refused: refused(app, &helpdesk, &seen),
        typed: String::new(),
        probed: String::new(),
        probe: None,
        errors: FieldErrors::default(),
    })
}

/// The hosts that were refused within a day and would be again, the latest first.
fn refused(app: &App, helpdesk: &Helpdesk, seen: &[Seen]) -> Vec<RefusedHost> {
    let since = app.now_ms() - REFUSED_MS;
    let lately = seen
        .iter()
        .filter(|seen| seen.refused_last() == Some(Refused::Origin) && seen.seen_at() > since);
    let mut hosts: Vec<RefusedHost> = Vec::new();
    for seen in lately {
        if let Verdict::NotListed(name) = origin::judge(Some(&seen.origin), helpdesk, &app.config().base_url)
            && !hosts.iter().any(|host| host.name == name)
        {
            let at_ms = seen.seen_at();
            hosts.push(RefusedHost { name, at_ms });
        }
    }
    hosts.truncate(REFUSED_LISTED);
    hosts
}
