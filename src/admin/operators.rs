//! Commands about operators.

use super::command::Operator;
use super::helpdesks::find;
use super::{Answer, table};
use crate::app::App;
use crate::error::Result;
use crate::operators;
use serde_json::json;

pub(super) async fn run(app: &App, command: Operator) -> Result<Answer> {
    match command {
        Operator::Add {
            helpdesk,
            email,
            name,
            role,
            password,
        } => {
            let helpdesk = find(app, &helpdesk).await?;
            let known = operators::is_known(app, &email).await?;
            let member =
                operators::add(app, helpdesk.id, &email, &name, &password.text, role.parse()?).await?;
            let mut text = format!(
                "{} <{}> is {} of {}.",
                member.operator.name, member.operator.email, member.role, helpdesk.name
            );
            if known {
                text.push_str(
                    " They answer for another helpdesk already: their name and password stay as they are.",
                );
            }
            let json = json!({"id": member.operator.id, "email": member.operator.email, "role": member.role});
            Ok(Answer::new(json, text))
        }
        Operator::List { helpdesk } => {
            let members = operators::list(app, find(app, &helpdesk).await?.id).await?;
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
            let json = members.iter().map(|m| {
                json!({"id": m.operator.id, "email": m.operator.email, "name": m.operator.name, "role": m.role})
            });
            Ok(Answer::new(json!(json.collect::<Vec<_>>()), text))
        }
        Operator::ResetPassword { email, password } => {
            let operator = operators::reset_password(app, &email, &password.text).await?;
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
