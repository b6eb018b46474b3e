//! Commands about operators.

use super::command::Operator;
use super::helpdesks::find;
use super::{Answer, table};
use crate::app::App;
use crate::audit::By;
use crate::clock::iso8601;
use crate::error::{Error, Result};
use crate::ids::HelpdeskId;
use crate::operators::members::{self, Changer};
use crate::operators::{self, Member, Role, invitations, links};
use serde_json::json;

pub(super) async fn run(app: &App, command: Operator) -> Result<Answer> {
    match command {
        Operator::Add {
            helpdesk,
            email,
            name,
            role,
            password,
        } => add(app, &helpdesk, &email, &name, &password.text, role.parse()?).await,
        Operator::List { helpdesk } => list(app, &helpdesk).await,
        Operator::Invite {
            helpdesk,
            email,
            role,
        } => invite(app, &helpdesk, &email, role.parse()?).await,
        Operator::SetRole {
            helpdesk,
            email,
            role,
        } => {
            let helpdesk = find(app, &helpdesk).await?;
            let (member, role) = (member(app, helpdesk.id, &email).await?, role.parse()?);
            let id = member.operator.id;
            let member = members::set_role(app, helpdesk.id, &Changer::Console, id, role).await?;
            Ok(said(
                &member,
                &format!("is {} of {} now.", member.role, helpdesk.name),
            ))
        }
        Operator::Remove { helpdesk, email } => {
            let helpdesk = find(app, &helpdesk).await?;
            let id = member(app, helpdesk.id, &email).await?.operator.id;
            let member = members::remove(app, helpdesk.id, &Changer::Console, id).await?;
            let text = format!(
                "is no operator of {} any more. Their open conversations become unassigned.",
                helpdesk.name
            );
            Ok(said(&member, &text))
        }
        Operator::ResetPassword {
            email, link: true, ..
        } => {
            let (operator, link) = links::make_for_new_password(app, &By::console(), &email).await?;
            let text = format!(
                "{link}\n\nGood once, within an hour: {} opens it and chooses a new password. Until then the old one stays.",
                operator.email
            );
            let json = json!({"id": operator.id, "email": operator.email, "link": link});
            Ok(Answer::new(json, text))
        }
        Operator::ResetPassword { email, password, .. } => {
            let operator = operators::reset_password(app, &By::console(), &email, &password.text).await?;
            let text = format!(
                "{} has a new password and is signed out everywhere.",
                operator.email
            );
            Ok(Answer::new(
                json!({"id": operator.id, "email": operator.email}),
                text,
            ))
        }
    }
}

async fn add(
    app: &App,
    helpdesk: &str,
    email: &str,
    name: &str,
    password: &str,
    role: Role,
) -> Result<Answer> {
    let helpdesk = find(app, helpdesk).await?;
    let known = operators::is_known(app, email).await?;
    let member = operators::add(app, helpdesk.id, &By::console(), email, name, password, role).await?;
    let mut text = format!(
        "{} <{}> is {} of {}.",
        member.operator.name, member.operator.email, member.role, helpdesk.name
    );
    if known {
        text.push_str(" They answer for another helpdesk already: their name and password stay as they are.");
    }
    let json = json!({"id": member.operator.id, "email": member.operator.email, "role": member.role});
    Ok(Answer::new(json, text))
}

async fn list(app: &App, helpdesk: &str) -> Result<Answer> {
    let members = operators::list(app, find(app, helpdesk).await?.id).await?;
    let rows: Vec<_> = members
        .iter()
        .map(|m| {
            vec![
                m.operator.email.clone(),
                m.operator.name.clone(),
                m.role.to_string(),
            ]
        })
        .collect();
    let text = if rows.is_empty() {
        "No operators yet. Add the owner with: helpdesky operator add".to_owned()
    } else {
        table(&["EMAIL", "NAME", "ROLE"], &rows)
    };
    let json = members.iter().map(
        |m| json!({"id": m.operator.id, "email": m.operator.email, "name": m.operator.name, "role": m.role}),
    );
    Ok(Answer::new(json!(json.collect::<Vec<_>>()), text))
}

async fn invite(app: &App, helpdesk: &str, email: &str, role: Role) -> Result<Answer> {
    let helpdesk = find(app, helpdesk).await?;
    let made = invitations::invite(app, helpdesk.id, &Changer::Console, email, role).await?;
    let invitation = made.invitation;
    let text = format!(
        "{}\n\nSend this link to {}. It is good once, for 7 days, and is not shown again.",
        made.link, invitation.email
    );
    let json = json!({"id": invitation.id, "email": invitation.email, "role": invitation.role, "link": made.link,
        "expiresAt": iso8601(invitation.expires_at)});
    Ok(Answer::new(json, text))
}

fn said(member: &Member, text: &str) -> Answer {
    let operator = &member.operator;
    let json = json!({"id": operator.id, "email": operator.email, "role": member.role});
    Answer::new(json, format!("{} <{}> {text}", operator.name, operator.email))
}

async fn member(app: &App, helpdesk_id: HelpdeskId, email: &str) -> Result<Member> {
    let found = operators::member_by_email(app, helpdesk_id, email).await?;
    found.ok_or_else(|| {
        Error::not_found(
            "operator_not_found",
            "There is no operator with this address in this helpdesk; `helpdesky operator list` shows them",
        )
    })
}
