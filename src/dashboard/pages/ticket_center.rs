//! The page "Ticket Center": id, secrets, embed code, Verification Tool, recent failures.

use super::SAMPLE_NOW_MS;
use super::code::Piece;
use super::shell::Shell;
use crate::dashboard::snippets;
use crate::web::page::View;
use askama::Template;

/// The secrets an administrator sees.
pub struct Secrets {
    /// The text of one just made; shown this once.
    pub fresh: Option<String>,
    /// The live ones, newest first.
    pub live: Vec<LiveSecret>,
}

/// A secret that is accepted.
pub struct LiveSecret {
    /// Its id.
    pub id: String,
    /// How it is known.
    pub fingerprint: String,
    /// When it was made.
    pub made_ms: i64,
    /// When it was last used.
    pub used_ms: Option<i64>,
    /// Whether that was within a day.
    pub used_lately: bool,
    /// Whether it is the newest.
    pub is_newest: bool,
}

/// How to embed with one stack.
pub struct Stack {
    /// The name of its tab and panel.
    pub key: &'static str,
    /// What the tab says.
    pub label: &'static str,
    /// What to know first.
    pub hint: &'static str,
    /// Whether long lines wrap.
    pub wraps: bool,
    /// The code.
    pub blocks: Vec<Block>,
}

/// One piece of code to copy.
pub struct Block {
    /// What it is.
    pub title: &'static str,
    /// Its text in colours.
    pub pieces: Vec<Piece>,
}

/// The Verification Tool with what was typed and what came out.
pub struct Tool {
    /// The address.
    pub email: String,
    /// The signature of the host's server.
    pub signature: String,
    /// What came out.
    pub result: ToolResult,
}

/// What came out of a check.
pub enum ToolResult {
    /// Nothing was checked yet.
    Nothing,
    /// There is nothing to check with.
    NoSecret,
    /// The check was not made, and why.
    Refused(String),
    /// No signature was given: the right ones.
    Expected(Vec<Expected>),
    /// It is right, by the secret known so.
    Match(String),
    /// It is wrong.
    NoMatch(Mismatch),
}

/// The right signature by one secret.
pub struct Expected {
    /// How the secret is known.
    pub fingerprint: String,
    /// 64 hex digits.
    pub signature: String,
}

/// Why a signature is wrong.
pub struct Mismatch {
    /// What happened.
    pub cause: String,
    /// What to do.
    pub remedy: String,
    /// The right ones.
    pub expected: Vec<Expected>,
}

/// A verification that failed.
pub struct Failure {
    /// When.
    pub at_ms: i64,
    /// The address given.
    pub email: String,
    /// The page it came from.
    pub origin: String,
    /// What happened.
    pub cause: String,
    /// What to do.
    pub remedy: String,
}

/// The page. What a plain operator may not see is not there at all.
#[derive(Template)]
#[template(path = "dashboard/ticket_center.html")]
pub struct TicketCenterPage {
    /// The frame.
    pub shell: Shell,
    /// Administrators only.
    pub secrets: Option<Secrets>,
    /// The embed code by stack.
    pub stacks: Vec<Stack>,
    /// Administrators only.
    pub tool: Option<Tool>,
    /// Administrators only.
    pub failures: Option<Vec<Failure>>,
}

impl TicketCenterPage {
    /// The reader's side.
    pub fn view(&self) -> &View {
        &self.shell.view
    }

    /// For the test that renders every page: two live secrets and a mismatch.
    pub fn sample() -> Self {
        let shell = Shell::sample("ticket-center");
        let hour = 3_600_000;
        let secret = |id: &str, ending: &str, made_ms, used_ms, is_newest| LiveSecret {
            id: id.to_owned(),
            fingerprint: format!("hdh_secret_…{ending}"),
            made_ms,
            used_ms: Some(used_ms),
            used_lately: true,
            is_newest,
        };
        let signature = "5f7639f62f7bdf390af6f2bfa1107eda2270c98b4027dbb710666b38b83dfb1b".to_owned();
        Self {
            stacks: snippets::stacks("https://help.fernway.example", &shell.helpdesk_id),
            secrets: Some(Secrets {
                fresh: None,
                live: vec![
                    secret(
                        "2",
                        "k7Qz",
                        SAMPLE_NOW_MS - 48 * hour,
                        SAMPLE_NOW_MS - 8_000,
                        true,
                    ),
                    secret(
                        "1",
                        "m2Xd",
                        SAMPLE_NOW_MS - 6_000 * hour,
                        SAMPLE_NOW_MS - 3 * hour,
                        false,
                    ),
                ],
            }),
            tool: Some(Tool {
                email: "user@example.com".to_owned(),
                signature: "435e659295b78f8ccfd60c2ac091231c850e0f3af3dd5854516f9b093f4fc9e4".to_owned(),
                result: ToolResult::NoMatch(Mismatch {
                    cause: "The secret on your server ends with a newline or space".to_owned(),
                    remedy: "Trim the secret when you read it.".to_owned(),
                    expected: vec![Expected {
                        fingerprint: "hdh_secret_…k7Qz".to_owned(),
                        signature,
                    }],
                }),
            }),
            failures: Some(vec![Failure {
                at_ms: SAMPLE_NOW_MS - hour,
                email: "undefined".to_owned(),
                origin: "https://app.fernway.example".to_owned(),
                cause: "The email was not filled in".to_owned(),
                remedy: "Add the script after your user has loaded.".to_owned(),
            }]),
            shell,
        }
    }

    /// The same right after a secret was made.
    pub fn sample_fresh() -> Self {
        let mut page = Self::sample();
        page.secrets = Some(Secrets {
            fresh: Some("hdh_secret_Q3vT8mZc1LrX9pWd5hJy2NaE7bKsU0fG4iRo6tBxk7Qz".to_owned()),
            live: Vec::new(),
        });
        page.tool = Some(Tool {
            email: String::new(),
            signature: String::new(),
            result: ToolResult::Nothing,
        });
        page.failures = Some(Vec::new());
        page
    }

    /// The same before the first secret, as an administrator sees it.
    pub fn sample_first() -> Self {
        let mut page = Self::sample_fresh();
        page.secrets = Some(Secrets {
            fresh: None,
            live: Vec::new(),
        });
        page
    }

    /// The same as a plain operator sees it.
    pub fn sample_plain() -> Self {
        let mut page = Self::sample();
        page.shell.may_administer = false;
        page.shell.others.clear();
        Self {
            secrets: None,
            tool: None,
            failures: None,
            ..page
        }
    }
}
