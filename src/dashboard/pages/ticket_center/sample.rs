//! The page "Ticket Center" in its states, for the test that renders every page.

use super::super::SAMPLE_NOW_MS;
use super::super::shell::Shell;
use super::*;
use crate::dashboard::snippets;
use crate::helpdesks::appearance::Appearance;

const HOUR: i64 = 3_600_000;
const BASE: &str = "https://help.fernway.example";

fn secret(id: &str, ending: &str, made_ms: i64, used_ms: i64) -> LiveSecret {
    LiveSecret {
        id: id.to_owned(),
        fingerprint: format!("hdh_secret_…{ending}"),
        made_ms,
        used_ms: Some(used_ms),
        used_lately: true,
        is_newest: id == "2",
        retires_ms: None,
    }
}

fn mismatch() -> Tool {
    Tool {
        email: "user@example.com".to_owned(),
        signature: "435e659295b78f8ccfd60c2ac091231c850e0f3af3dd5854516f9b093f4fc9e4".to_owned(),
        result: ToolResult::NoMatch(Mismatch {
            cause: "The secret on your server ends with a newline".to_owned(),
            remedy: "Trim the secret when you read it.".to_owned(),
            expected: vec![Expected {
                fingerprint: "hdh_secret_…k7Qz".to_owned(),
                signature: "5f7639f62f7bdf390af6f2bfa1107eda2270c98b4027dbb710666b38b83dfb1b".to_owned(),
            }],
        }),
    }
}

fn checked() -> PageTool {
    let origin = |name: &str, at_ms, is_good, outcome| Origin {
        name: name.to_owned(),
        at_ms,
        is_good,
        outcome,
    };
    PageTool {
        typed: "https://app.fernway.example/support".to_owned(),
        errors: FieldErrors::default(),
        answer: Some(PageAnswer {
            origin: "https://app.fernway.example".to_owned(),
            tone: Tone::Bad,
            headline: "The last call was refused: the signature was not right".to_owned(),
            notes: vec!["Allowed Embed Domains let this page pass: every domain may embed.".to_owned()],
            never_called: false,
        }),
        origins: vec![
            origin(
                "https://app.fernway.example",
                SAMPLE_NOW_MS - 8_000,
                false,
                "Verification failed",
            ),
            origin(
                "http://localhost:3000",
                SAMPLE_NOW_MS - 30 * HOUR,
                true,
                "Accepted",
            ),
            origin("", SAMPLE_NOW_MS - 300 * HOUR, true, "Accepted"),
        ],
    }
}

impl TicketCenterPage {
    fn sample_with(admin: Option<Administration>) -> Self {
        let shell = Shell::sample("ticket-center");
        Self {
            stacks: snippets::stacks(BASE, &shell.helpdesk_id),
            base_url: BASE.to_owned(),
            shell,
            admin,
        }
    }

    /// Two live secrets, a mismatch, a page that is refused.
    pub fn sample() -> Self {
        let mut old = secret(
            "1",
            "m2Xd",
            SAMPLE_NOW_MS - 6_000 * HOUR,
            SAMPLE_NOW_MS - 3 * HOUR,
        );
        old.retires_ms = Some(SAMPLE_NOW_MS + 24 * HOUR);
        let new = secret("2", "k7Qz", SAMPLE_NOW_MS - 48 * HOUR, SAMPLE_NOW_MS - 8_000);
        Self::sample_with(Some(Administration {
            secrets: Secrets {
                fresh: None,
                refused: Some("Two secrets are live already".to_owned()),
                live: vec![new, old],
            },
            tool: mismatch(),
            page: checked(),
            looks: Looks {
                typed: Typed {
                    accent: "teal".to_owned(),
                    ..Typed::from(&Appearance::default())
                },
                errors: FieldErrors::one("accent", "Write a colour such as #0f6471"),
            },
            failures: vec![Failure {
                at_ms: SAMPLE_NOW_MS - HOUR,
                first_ms: SAMPLE_NOW_MS - 5 * HOUR,
                times: 12,
                email: "grace@whitlock.example".to_owned(),
                origin: "https://app.fernway.example".to_owned(),
                cause: "The address was signed with other capital letters".to_owned(),
                remedy: "Sign exactly the text that you pass as data-email.".to_owned(),
            }],
        }))
    }

    /// The same right after a secret was made.
    pub fn sample_fresh() -> Self {
        let mut page = Self::sample_first();
        if let Some(admin) = &mut page.admin {
            admin.secrets.fresh = Some("hdh_secret_Q3vT8mZc1LrX9pWd5hJy2NaE7bKsU0fG4iRo6tBxk7Qz".to_owned());
        }
        page
    }

    /// The same before the first secret, as an administrator sees it.
    pub fn sample_first() -> Self {
        Self::sample_with(Some(Administration {
            secrets: Secrets {
                fresh: None,
                refused: None,
                live: Vec::new(),
            },
            tool: Tool {
                email: String::new(),
                signature: String::new(),
                result: ToolResult::Nothing,
            },
            page: PageTool {
                typed: String::new(),
                errors: FieldErrors::one("page", "This is not the address of a page"),
                answer: None,
                origins: Vec::new(),
            },
            looks: Looks {
                typed: Typed::from(&Appearance::default()),
                errors: FieldErrors::default(),
            },
            failures: Vec::new(),
        }))
    }

    /// The same as a plain operator sees it.
    pub fn sample_plain() -> Self {
        let mut page = Self::sample_with(None);
        page.shell.may_administer = false;
        page.shell.others.clear();
        page
    }
}
