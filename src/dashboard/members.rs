//! Settings, the tab Operators: who is one, with which role, and who was invited.

use super::access::{Administrator, Reader, parsed};
use super::pages::members::{Fresh, Invited, Listed, MembersPage, RoleChoice};
use super::pages::remove_member::RemoveMemberPage;
use super::pages::shell::Avatar;
use super::sign_out::Nothing;
use super::{Answer, frame};
use crate::app::App;
use crate::conversations::counts;
use crate::error::Result;
use crate::operators::invitations::{self, Invitation};
use crate::operators::members::{self, Changer};
use crate::operators::{Member, Role};
use crate::web::csrf::Form;
use crate::web::flash::Flash;
use crate::web::form::FieldErrors;
use crate::web::page::View;
use axum::extract::{Path, State};
use serde::Deserialize;

const ROLES: [Role; 3] = [Role::Operator, Role::Admin, Role::Owner];

/// The new role.
#[derive(Debug, Deserialize)]
pub struct RoleField {
    role: String,
}

/// `GET /h/{helpdesk}/settings/operators`.
///
/// # Errors
/// When the reader is no administrator.
pub async fn list(State(app): State<App>, Administrator(reader): Administrator, view: View) -> Answer {
    let page = page(&app, &reader, view).await?;
    Ok(page.shell.view.show(&page))
}

/// `POST /h/{helpdesk}/settings/operators/{operator}/role`.
///
/// # Errors
/// When the reader may not do this, or it is the last owner.
pub async fn update(
    State(app): State<App>,
    Administrator(reader): Administrator,
    Path((_, id)): Path<(String, String)>,
    view: View,
    Form(field): Form<RoleField>,
) -> Answer {
    let (id, role) = (parsed(&id)?, field.role.parse::<Role>()?);
    let helpdesk_id = reader.member.helpdesk_id;
    let before = members::get(&app, helpdesk_id, id).await?;
    let changer = Changer::Member(reader.member.clone());
    let member = members::set_role(&app, helpdesk_id, &changer, id, role).await?;
    let text = format!("{} is {role} now", member.operator.name);
    let mut say = Flash::say(text);
    // What one did to oneself, one may not be able to take back.
    if before.role != role && id != reader.member.operator.id {
        let back = vec![("role".to_owned(), before.role.name().to_owned())];
        say = say.undone_by(format!("{}/{id}/role", address(&reader)), back);
    }
    Ok(view.redirect(&app, &address(&reader), Some(&say)))
}

/// `GET /h/{helpdesk}/settings/operators/{operator}`: the step before somebody is removed.
///
/// # Errors
/// When there is no such operator, or the reader is no administrator.
pub async fn show(
    State(app): State<App>,
    Administrator(reader): Administrator,
    Path((_, id)): Path<(String, String)>,
    view: View,
) -> Answer {
    let member = members::get(&app, reader.member.helpdesk_id, parsed(&id)?).await?;
    let counts = counts::of(&app, &member).await?;
    let page = RemoveMemberPage {
        shell: frame::build(&app, &reader, view, "settings").await?,
        id,
        is_me: member.operator.id == reader.member.operator.id,
        name: member.operator.name,
        email: member.operator.email,
        open: counts.mine,
    };
    Ok(page.shell.view.show(&page))
}

/// `POST /h/{helpdesk}/settings/operators/{operator}/removal`.
///
/// # Errors
/// When the reader may not do this, or it is the last owner.
pub async fn remove(
    State(app): State<App>,
    Administrator(reader): Administrator,
    Path((_, id)): Path<(String, String)>,
    view: View,
    Form(Nothing {}): Form<Nothing>,
) -> Answer {
    let changer = Changer::Member(reader.member.clone());
    let member = members::remove(&app, reader.member.helpdesk_id, &changer, parsed(&id)?).await?;
    if member.operator.id == reader.member.operator.id {
        return Ok(view.redirect(&app, "/", None));
    }
    let say = Flash::say(format!("{} is removed", member.operator.name));
    Ok(view.redirect(&app, &address(&reader), Some(&say)))
}

pub(super) fn address(reader: &Reader) -> String {
    format!("{}/settings/operators", frame::base(reader.member.helpdesk_id))
}

/// The page with nothing typed.
pub(super) async fn page(app: &App, reader: &Reader, view: View) -> Result<MembersPage> {
    let shell = frame::build(app, reader, view, "settings").await?;
    let helpdesk_id = reader.member.helpdesk_id;
    let all = members::list(app, helpdesk_id).await?;
    let owners = all.iter().filter(|one| one.member.role == Role::Owner).count();
    let me = &reader.member;
    let now = app.now_ms();
    let invited = invitations::list(app, helpdesk_id).await?;
    Ok(MembersPage {
        shell,
        members: all.iter().map(|one| listed(one, me, owners)).collect(),
        invitations: invited.into_iter().map(|one| open(one, me, now)).collect(),
        roles: choices(me, Role::Operator),
        fresh: None,
        typed: String::new(),
        errors: FieldErrors::default(),
    })
}

/// The page with a link that is shown this once.
pub(super) async fn page_with_link(
    app: &App,
    reader: &Reader,
    view: View,
    made: invitations::Made,
) -> Result<MembersPage> {
    let fresh = Some(Fresh {
        email: made.invitation.email,
        link: made.link,
    });
    Ok(MembersPage {
        fresh,
        ..page(app, reader, view).await?
    })
}

/// The roles that somebody may give, one of them chosen.
pub(super) fn choices(me: &Member, chosen: Role) -> Vec<RoleChoice> {
    ROLES
        .into_iter()
        .filter(|role| *role <= me.role)
        .map(|role| RoleChoice {
            value: role.name(),
            label: frame::role_in_words(role),
            selected: role == chosen,
        })
        .collect()
}

fn listed(one: &members::Listed, me: &Member, owners: usize) -> Listed {
    let member = &one.member;
    let is_me = member.operator.id == me.operator.id;
    let is_last_owner = member.role == Role::Owner && owners == 1;
    let may = me.role >= member.role;
    Listed {
        id: member.operator.id.to_string(),
        avatar: Avatar::of(&member.operator.name, &member.operator.id.to_string()),
        name: member.operator.name.clone(),
        email: member.operator.email.clone(),
        role: frame::role_in_words(member.role),
        roles: if may && !is_me {
            choices(me, member.role)
        } else {
            Vec::new()
        },
        is_me,
        is_last_owner,
        may_remove: may && !is_last_owner,
        last_seen_ms: one.last_seen_at,
    }
}

fn open(one: Invitation, me: &Member, now: i64) -> Invited {
    Invited {
        id: one.id.to_string(),
        email: one.email,
        role: frame::role_in_words(one.role),
        invited_by: one.invited_by,
        is_expired: one.expires_at <= now,
        expires_ms: one.expires_at,
        may_renew: me.role >= one.role,
    }
}
