//! `doctor`: looks at a living installation and says what is wrong, why, and what to do.

use super::Answer;
use crate::app::App;
use crate::config::Mailer;
use crate::error::Result;
use crate::helpdesks::{self, Helpdesk};
use crate::mail_out::dkim_record::{self, InDns};
use crate::mail_out::{relays, settings};
use crate::{operators, secrets};
use serde_json::json;
use std::collections::HashMap;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Good,
    Warning,
    Bad,
}

impl Verdict {
    fn name(self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Warning => "warning",
            Self::Bad => "bad",
        }
    }
}

struct Finding {
    what: &'static str,
    verdict: Verdict,
    says: String,
}

pub(super) async fn run(app: &App) -> Result<Answer> {
    let mut findings = vec![folder(app), database(app), base_url(app)];
    findings.extend(proxies(app));
    findings.extend(people(app).await?);
    findings.extend(mail(app).await?);
    let bad = findings.iter().any(|finding| finding.verdict == Verdict::Bad);
    let text: Vec<_> = findings
        .iter()
        .map(|f| format!("{:<8} {}: {}", f.verdict.name(), f.what, f.says))
        .collect();
    let json: Vec<_> = findings
        .iter()
        .map(|f| json!({"check": f.what, "verdict": f.verdict.name(), "says": f.says}))
        .collect();
    Ok(Answer {
        good: !bad,
        ..Answer::new(json!({"ok": !bad, "findings": json}), text.join("\n"))
    })
}

fn database(app: &App) -> Finding {
    let what = "database";
    if let Some(error) = app.db().stopped() {
        return Finding {
            what,
            verdict: Verdict::Bad,
            says: error.to_string(),
        };
    }
    let engine = match app.db().engine() {
        db::Engine::Sqlite => format!("SQLite, {}", app.config().sqlite_path().display()),
        db::Engine::Postgres => "PostgreSQL".to_owned(),
    };
    match app.db().check() {
        Ok(problems) if problems.is_empty() => Finding {
            what,
            verdict: Verdict::Good,
            says: format!("{engine}; it answers and its structure is sound"),
        },
        Ok(problems) => Finding {
            what,
            verdict: Verdict::Bad,
            says: format!(
                "{engine}; {}. Restore a backup, and check the disk",
                problems.join("; ")
            ),
        },
        Err(error) => Finding {
            what,
            verdict: Verdict::Bad,
            says: format!("{engine}; cannot be checked: {error}"),
        },
    }
}

fn folder(app: &App) -> Finding {
    let (what, folder) = ("data folder", app.config().data.display());
    let mode = std::fs::metadata(&app.config().data)
        .map(|about| std::os::unix::fs::PermissionsExt::mode(&about.permissions()) & 0o777);
    match mode {
        Ok(mode) if mode & 0o077 == 0 => Finding {
            what,
            verdict: Verdict::Good,
            says: format!("{folder}; only its owner can open it"),
        },
        Ok(mode) => Finding {
            what,
            verdict: Verdict::Warning,
            says: format!(
                "{folder} can be opened by others (mode {mode:o}); it holds the sealing key: chmod 700"
            ),
        },
        Err(error) => Finding {
            what,
            verdict: Verdict::Bad,
            says: format!("{folder} cannot be looked at: {error}; check its rights"),
        },
    }
}

fn base_url(app: &App) -> Finding {
    let config = app.config();
    let loopback = ["http://127.", "http://localhost", "http://[::1]"]
        .iter()
        .any(|start| config.base_url.starts_with(start));
    let (verdict, says) = if config.is_https() {
        (Verdict::Good, config.base_url.clone())
    } else if loopback {
        (
            Verdict::Good,
            format!("{}; good for this machine only", config.base_url),
        )
    } else {
        let says = "is not https: passwords and session cookies travel in the clear. Put a TLS proxy in front and set --base-url to its https address";
        (Verdict::Warning, format!("{} {says}", config.base_url))
    };
    Finding {
        what: "base URL",
        verdict,
        says,
    }
}

/// Behind a proxy that is not named, everybody has the proxy's address and shares its limits.
fn proxies(app: &App) -> Option<Finding> {
    let config = app.config();
    (config.is_https() && config.trusted_proxies.is_empty()).then(|| Finding {
        what: "trusted proxies",
        verdict: Verdict::Warning,
        says: "none, but the base URL is https: all visitors seem to come from the TLS proxy and share one limit. Set --trusted-proxies to its address".to_owned(),
    })
}

/// For each helpdesk: is there a sender, is there a server, and does it let us in?
async fn mail(app: &App) -> Result<Vec<Finding>> {
    let finding = |verdict, says: String| Finding {
        what: "mail",
        verdict,
        says,
    };
    if app.config().mailer != Mailer::Smtp {
        let says = "is not sent: the setting mailer is for development".to_owned();
        return Ok(vec![finding(Verdict::Warning, says)]);
    }
    let (mut findings, mut knocked) = (Vec::new(), HashMap::new());
    for helpdesk in helpdesks::list(app).await? {
        let name = &helpdesk.name;
        let (verdict, says) = match settings::of(app, helpdesk.id).await {
            Err(error) => (Verdict::Bad, format!("its settings cannot be opened: {error}")),
            Ok(set) => match (&set.from_address, &set.relay) {
                (_, None) => (
                    Verdict::Warning,
                    "no mail server: notifications by email wait. Set smtp_url, or one for this helpdesk"
                        .to_owned(),
                ),
                (None, Some(_)) => (
                    Verdict::Warning,
                    "no address to send from: notifications by email wait. Set mail_from".to_owned(),
                ),
                (Some(from), Some(relay)) => {
                    // Many helpdesks may share one; it is asked once.
                    if !knocked.contains_key(relay) {
                        knocked.insert(relay.clone(), relays::knock(app, relay).await);
                    }
                    match knocked.get(relay) {
                        Some(Err(failure)) => (Verdict::Bad, failure.words.clone()),
                        _ => {
                            let place = relay.place();
                            (Verdict::Good, format!("from {from} by {place}, which lets us in"))
                        }
                    }
                }
            },
        };
        findings.push(finding(verdict, format!("{name}: {says}")));
        findings.extend(signature(app, &helpdesk).await);
    }
    Ok(findings)
}

/// Whether receivers find the key of a helpdesk that signs its mail.
async fn signature(app: &App, helpdesk: &Helpdesk) -> Option<Finding> {
    let (verdict, says) = match dkim_record::look_up(app, helpdesk.id).await {
        // It does not sign, or its settings were told about already.
        Err(_) => return None,
        Ok(InDns::Good) => (Verdict::Good, "its key is in the DNS".to_owned()),
        Ok(InDns::Missing) => (
            Verdict::Bad,
            "its key is not in the DNS: receivers cannot check the signature. helpdesky mail settings show prints the record"
                .to_owned(),
        ),
        Ok(InDns::Other { .. } | InDns::Several) => (
            Verdict::Bad,
            "the DNS has another key under this name. helpdesky mail settings show prints the right record".to_owned(),
        ),
        Ok(InDns::Unanswered { words }) => (Verdict::Warning, words),
    };
    Some(Finding {
        what: "mail signature",
        verdict,
        says: format!("{}: {says}", helpdesk.name),
    })
}

async fn people(app: &App) -> Result<Vec<Finding>> {
    let all = helpdesks::list(app).await?;
    if all.is_empty() {
        let says = "none yet; open the set-up link that serve prints, or use: helpdesky helpdesk add";
        return Ok(vec![Finding {
            what: "helpdesks",
            verdict: Verdict::Warning,
            says: says.to_owned(),
        }]);
    }
    let mut findings = Vec::new();
    for helpdesk in all {
        let operators = operators::list(app, helpdesk.id).await?.len();
        let now = app.now_ms();
        let live = secrets::list(app, helpdesk.id)
            .await?
            .iter()
            .filter(|secret| secret.is_live(now))
            .count();
        // Opening every secret shows that the sealing key is the right one.
        let opened = secrets::failures::secret_texts(app, helpdesk.id).await;
        let (verdict, says) = match (operators, opened) {
            (_, Err(error)) => (
                Verdict::Bad,
                format!("its secrets cannot be opened: {error}. Restore the sealing key"),
            ),
            (0, _) => (
                Verdict::Warning,
                "has no operators; add one with: helpdesky operator add".to_owned(),
            ),
            _ => (
                Verdict::Good,
                format!("{operators} operators, {live} live secrets"),
            ),
        };
        findings.push(Finding {
            what: "helpdesk",
            verdict,
            says: format!("{} ({}) {says}", helpdesk.name, helpdesk.id),
        });
    }
    Ok(findings)
}
