//! Fills the frame around a page from what is known about its reader.

use super::access::Reader;
use super::pages::shell::{Avatar, Counts, OtherHelpdesk, Shell};
use crate::app::App;
use crate::conversations::{counts, live};
use crate::error::Result;
use crate::helpdesks;
use crate::ids::HelpdeskId;
use crate::mail_in::mails;
use crate::operators::Role;
use crate::web::page::View;

/// Where the pages of a helpdesk live.
pub fn base(helpdesk_id: HelpdeskId) -> String {
    format!("/h/{helpdesk_id}")
}

/// The frame of a page. Made before the page's own content is read, so that a change in between is
/// announced to the page afterwards instead of being missed.
///
/// # Errors
/// When the database cannot be read.
pub async fn build(app: &App, reader: &Reader, view: View, here: &'static str) -> Result<Shell> {
    let member = &reader.member;
    let cursor = live::last_number(app, member.helpdesk_id).await?;
    let helpdesk = helpdesks::get(app, member.helpdesk_id).await?;
    let counts = counts::of(app, member).await?;
    let mut others = Vec::with_capacity(reader.others.len());
    for other in &reader.others {
        if let Some(found) = helpdesks::find(app, other.helpdesk_id).await? {
            others.push(OtherHelpdesk {
                name: found.name.clone(),
                href: format!("{}/conversations", base(found.id)),
                avatar: Avatar::of(&found.name, &found.id.to_string()),
            });
        }
    }
    Ok(Shell {
        view,
        helpdesk_id: helpdesk.id.to_string(),
        helpdesk_name: helpdesk.name.clone(),
        others,
        base: base(helpdesk.id),
        here,
        counts: Counts {
            mine: counts.mine,
            mine_unread: counts.mine_unread,
            unassigned: counts.unassigned,
            open: counts.open,
            closed: counts.closed,
            spam: counts.spam,
            waiting: counts.waiting,
            quarantined: mails::count_quarantined(app, member.helpdesk_id).await?,
        },
        cursor,
        my_id: member.operator.id.to_string(),
        my_name: member.operator.name.clone(),
        my_role: role_in_words(member.role),
        me: Avatar::of(&member.operator.name, &member.operator.id.to_string()),
        may_administer: member.is_admin(),
        may_add_helpdesk: owns_any(reader),
        single_keys: reader.signed_in.session.single_keys,
    })
}

/// A role as pages write it.
pub fn role_in_words(role: Role) -> &'static str {
    match role {
        Role::Owner => "Owner",
        Role::Admin => "Admin",
        Role::Operator => "Operator",
    }
}

/// Whether this person owns any helpdesk, and so may create another.
pub fn owns_any(reader: &Reader) -> bool {
    std::iter::once(&reader.member)
        .chain(&reader.others)
        .any(|member| member.role == Role::Owner)
}
