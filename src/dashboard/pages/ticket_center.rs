//! The page "Ticket Center": id, secrets, embed code, hosted page, Verification Tool, page check,
//! looks, recent failures.

use super::code::Piece;
use super::shell::Shell;
use crate::helpdesks::appearance::Typed;
use crate::web::form::FieldErrors;
use crate::web::page::View;
use askama::Template;

mod sample;

/// The secrets an administrator sees.
pub struct Secrets {
    /// The text of one just made; shown this once.
    pub fresh: Option<String>,
    /// Why none was made when one was asked for.
    pub refused: Option<String>,
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
    /// When it ends, if that was chosen.
    pub retires_ms: Option<i64>,
}

/// How to embed with one stack.
pub struct Stack {
    /// The name of its tab and panel.
    pub key: &'static str,
    /// What the tab says.
    pub label: &'static str,
    /// What to know first.
    pub hint: &'static str,
    /// The guide that tells more.
    pub guide: &'static str,
    /// What the link to it says.
    pub guide_name: &'static str,
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
    /// It is right.
    Match(Match),
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

/// A right signature.
pub struct Match {
    /// How its secret is known.
    pub fingerprint: String,
    /// Which text was signed.
    pub over: &'static str,
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
    /// When it last did.
    pub at_ms: i64,
    /// When it first did.
    pub first_ms: i64,
    /// How often.
    pub times: i64,
    /// The address given.
    pub email: String,
    /// The page it came from.
    pub origin: String,
    /// What happened.
    pub cause: String,
    /// What to do.
    pub remedy: String,
}

/// An origin that called.
pub struct Origin {
    /// As its browser sends it; empty for a server.
    pub name: String,
    /// The last call of any kind.
    pub at_ms: i64,
    /// Whether that went through.
    pub is_good: bool,
    /// What came of it, in a few words.
    pub outcome: &'static str,
}

/// How good an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// It works.
    Good,
    /// It may.
    Unsure,
    /// It does not.
    Bad,
}

/// What is known of the page that was asked about.
pub struct PageAnswer {
    /// The origin.
    pub origin: String,
    /// How it stands.
    pub tone: Tone,
    /// In one line.
    pub headline: String,
    /// What else there is to know, in sentences.
    pub notes: Vec<String>,
    /// What to look at when it never called.
    pub never_called: bool,
}

/// "Check my page" with what was typed and what came out.
pub struct PageTool {
    /// The address.
    pub typed: String,
    /// What was wrong with it.
    pub errors: FieldErrors,
    /// What is known.
    pub answer: Option<PageAnswer>,
    /// Who called lately.
    pub origins: Vec<Origin>,
}

/// The form of the looks.
pub struct Looks {
    /// What is in the fields.
    pub typed: Typed,
    /// What was wrong with them.
    pub errors: FieldErrors,
}

/// What only administrators see.
pub struct Administration {
    /// The HMAC secrets.
    pub secrets: Secrets,
    /// The Verification Tool.
    pub tool: Tool,
    /// The check of a page.
    pub page: PageTool,
    /// The looks.
    pub looks: Looks,
    /// Verifications that failed.
    pub failures: Vec<Failure>,
}

/// The page. What a plain operator may not see is not there at all.
#[derive(Template)]
#[template(path = "dashboard/ticket_center.html")]
pub struct TicketCenterPage {
    /// The frame.
    pub shell: Shell,
    /// This installation's own origin.
    pub base_url: String,
    /// The embed code by stack.
    pub stacks: Vec<Stack>,
    /// Administrators only.
    pub admin: Option<Administration>,
}

impl TicketCenterPage {
    /// The reader's side.
    pub fn view(&self) -> &View {
        &self.shell.view
    }

    /// The address of the hosted page.
    pub fn portal(&self) -> String {
        format!("{}/portal/{}", self.base_url, self.shell.helpdesk_id)
    }
}
