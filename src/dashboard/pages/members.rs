//! Settings, the tab Operators: members and open invitations.

use super::SAMPLE_NOW_MS;
use super::shell::{Avatar, Shell};
use crate::web::form::FieldErrors;
use crate::web::page::View;
use askama::Template;

/// A role that can be chosen.
#[derive(Clone, Copy, Debug)]
pub struct RoleChoice {
    /// As sent.
    pub value: &'static str,
    /// As shown.
    pub label: &'static str,
    /// Whether it is the present one.
    pub selected: bool,
}

/// A member.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The id.
    pub id: String,
    /// The mark.
    pub avatar: Avatar,
    /// The name.
    pub name: String,
    /// The address.
    pub email: String,
    /// The role, in words.
    pub role: &'static str,
    /// What the reader may make them; empty when nothing.
    pub roles: Vec<RoleChoice>,
    /// Whether it is the reader.
    pub is_me: bool,
    /// Whether nobody else owns the helpdesk.
    pub is_last_owner: bool,
    /// Whether the reader may remove them.
    pub may_remove: bool,
    /// When they last used the dashboard.
    pub last_seen_ms: Option<i64>,
}

/// An invitation that was not used.
#[derive(Clone, Debug)]
pub struct Invited {
    /// The id.
    pub id: String,
    /// Who is invited.
    pub email: String,
    /// As what, in words.
    pub role: &'static str,
    /// By whom.
    pub invited_by: String,
    /// Until when the link is good.
    pub expires_ms: i64,
    /// Whether that is over.
    pub is_expired: bool,
    /// Whether the reader may make a new link.
    pub may_renew: bool,
}

/// A link that is shown this once.
#[derive(Clone, Debug)]
pub struct Fresh {
    /// Whom it is for.
    pub email: String,
    /// The whole address.
    pub link: String,
}

/// The page.
#[derive(Template)]
#[template(path = "dashboard/settings_operators.html")]
pub struct MembersPage {
    /// The frame.
    pub shell: Shell,
    /// Who answers here.
    pub members: Vec<Listed>,
    /// Who could.
    pub invitations: Vec<Invited>,
    /// What the reader may invite somebody as.
    pub roles: Vec<RoleChoice>,
    /// A link just made.
    pub fresh: Option<Fresh>,
    /// The address that was typed.
    pub typed: String,
    /// What was wrong with it.
    pub errors: FieldErrors,
}

impl MembersPage {
    /// The reader's side.
    pub fn view(&self) -> &View {
        &self.shell.view
    }

    /// For the test that renders every page.
    pub fn sample() -> Self {
        let roles = |chosen: &str| {
            [("operator", "Operator"), ("admin", "Admin"), ("owner", "Owner")]
                .map(|(value, label)| RoleChoice {
                    value,
                    label,
                    selected: value == chosen,
                })
                .to_vec()
        };
        let member = |name: &str, email: &str, role: &'static str, is_me: bool| Listed {
            id: email.to_owned(),
            avatar: Avatar::of(name, email),
            name: name.to_owned(),
            email: email.to_owned(),
            role,
            roles: if is_me { Vec::new() } else { roles("operator") },
            is_me,
            is_last_owner: is_me,
            may_remove: !is_me,
            last_seen_ms: is_me.then_some(SAMPLE_NOW_MS - 60_000),
        };
        let invited = |email: &str, is_expired: bool| Invited {
            id: email.to_owned(),
            email: email.to_owned(),
            role: "Operator",
            invited_by: "Noor Haddad".to_owned(),
            expires_ms: SAMPLE_NOW_MS + 6 * 86_400_000,
            is_expired,
            may_renew: true,
        };
        Self {
            shell: Shell::sample("settings"),
            members: vec![
                member("Ines Kowalski", "ines@fernway.example", "Operator", false),
                member("Noor Haddad", "noor@fernway.example", "Owner", true),
            ],
            invitations: vec![
                invited("li@fernway.example", false),
                invited("old@fernway.example", true),
            ],
            roles: roles("operator"),
            fresh: None,
            typed: "nobody".to_owned(),
            errors: FieldErrors::one("email", "The email has no @"),
        }
    }

    /// Right after somebody was invited.
    pub fn sample_fresh() -> Self {
        Self {
            fresh: Some(Fresh {
                email: "li@fernway.example".to_owned(),
                link: "https://help.fernway.example/join/1/token".to_owned(),
            }),
            typed: String::new(),
            errors: FieldErrors::default(),
            ..Self::sample()
        }
    }
}
