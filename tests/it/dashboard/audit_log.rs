//! The audit log: everything that matters is in it, once, with who and when, and nothing secret.

use super::browser::{Browser, PASSWORD, operator, owner};
use super::invitations::invite;
use crate::support::{TestApp, TestHelpdesk};
use helpdesky::admin::command::{Command, Helpdesk, Operator, Password};
use helpdesky::admin::{self, Answer, Refused};
use helpdesky::audit::{self, By, Entry as Noted};
use helpdesky::operators::{self, Role};

both_engines!(
    what_people_do_is_written_down_with_who_and_when,
    commands_are_written_down,
    the_log_is_read_page_by_page_and_filtered,
    a_line_break_in_a_value_forges_no_entry,
    a_helpdesk_reads_its_own_log_only,
    secrets_passwords_and_links_are_in_no_entry,
    a_change_and_its_entry_stand_or_fall_together,
);

type Entry = (String, String, String);

/// All entries of the database by helpdesk, oldest first: who, what, to what.
async fn entries(app: &TestApp, helpdesk: &TestHelpdesk) -> Vec<Entry> {
    let id: helpdesky::ids::HelpdeskId = helpdesk.id.parse().expect("an id");
    let read = async move |tx: &mut db::Tx| {
        tx.all(
            "SELECT actor, action, detail FROM audit_entries WHERE helpdesk_id = $1 ORDER BY id",
            &[&id],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .await
    };
    let entries: Result<_, db::Error> = app.app.db().read(read).await;
    entries.expect("entries")
}

/// The entry that was written last.
async fn last(app: &TestApp, helpdesk: &TestHelpdesk) -> Entry {
    let entry = entries(app, helpdesk).await.pop().expect("an entry");
    // Ids of one millisecond are in no order.
    app.advance(1);
    entry
}

fn entry(actor: &str, action: &str, detail: &str) -> Entry {
    (actor.to_owned(), action.to_owned(), detail.to_owned())
}

const NOOR: &str = "noor@acme.example";

async fn what_people_do_is_written_down_with_who_and_when(app: TestApp) {
    let (helpdesk, mut boss) = owner(&app).await;
    app.advance(1);
    operator(&app, &helpdesk, "op@acme.example", Role::Operator).await;
    app.advance(1);
    let base = format!("/h/{}", helpdesk.id);
    let operators = format!("{base}/settings/operators");
    let page = boss.get(&operators).await;
    let members = operators::list(&app.app, helpdesk.id.parse().expect("an id")).await;
    let op = members
        .expect("members")
        .into_iter()
        .find(|member| member.role == Role::Operator);
    let op = op.expect("an operator").operator.id;
    let link = invite(&mut boss, &helpdesk, "li@acme.example", "operator").await;
    assert_eq!(
        last(&app, &helpdesk).await,
        entry(NOOR, "operator invited", "li@acme.example as operator")
    );
    for (path, fields, action, detail) in [
        (
            format!("{base}/settings/general"),
            vec![("name", "Acme 2")],
            "helpdesk renamed",
            "Acme → Acme 2",
        ),
        (
            format!("{operators}/{op}/role"),
            vec![("role", "admin")],
            "role changed",
            "op@acme.example: operator → admin",
        ),
        (
            format!("{operators}/{op}/removal"),
            vec![],
            "operator removed",
            "op@acme.example",
        ),
        (
            format!("{base}/profile/name"),
            vec![("name", "Noor H")],
            "name changed",
            "Noor Haddad → Noor H",
        ),
        (
            format!("{base}/settings/messages/messaging"),
            vec![],
            "messaging switched",
            "off",
        ),
    ] {
        let before = entries(&app, &helpdesk).await.len();
        assert_eq!(boss.submit(&page, &path, &fields).await.status, 303, "{path}");
        assert_eq!(entries(&app, &helpdesk).await.len(), before + 1, "{path}");
        assert_eq!(last(&app, &helpdesk).await, entry(NOOR, action, detail));
        // The same once more changes nothing and says nothing.
        if action == "helpdesk renamed" || action == "role changed" {
            boss.submit(&page, &path, &fields).await;
            assert_eq!(entries(&app, &helpdesk).await.len(), before + 1, "{path} again");
        }
    }
    let mut li = Browser::new(&app);
    let form = li.get(&link).await;
    li.submit(&form, &link, &[("name", "Li"), ("password", PASSWORD)])
        .await;
    let all = entries(&app, &helpdesk).await;
    let joined = entry(
        "li@acme.example",
        "operator joined",
        "as operator, invited by Noor Haddad",
    );
    assert!(all.contains(&joined), "{all:?}");
    let signed_in = all
        .iter()
        .filter(|entry| entry.0 == "li@acme.example" && entry.1 == "signed in");
    assert_eq!(signed_in.count(), 1);
    app.advance(1);
    let inbox = li.get(&format!("{base}/conversations")).await;
    li.submit(&inbox, "/sign-out", &[]).await;
    let signed_out = last(&app, &helpdesk).await;
    assert!(
        signed_out.0 == "li@acme.example"
            && signed_out.1 == "signed out"
            && signed_out.2.contains("127.0.0.1")
    );
    let changed = boss
        .submit(
            &page,
            &format!("{base}/profile/password"),
            &[("current", PASSWORD), ("password", "another good one")],
        )
        .await;
    assert_eq!(changed.status, 303);
    assert_eq!(
        last(&app, &helpdesk).await,
        entry(NOOR, "password changed", "on the profile page")
    );
}

async fn run(app: &TestApp, command: Command) -> Result<Answer, Refused> {
    let answer = admin::run(&app.app, command).await;
    app.advance(1);
    answer
}

async fn commands_are_written_down(app: TestApp) {
    let made = run(
        &app,
        Command::Helpdesk(Helpdesk::Add {
            name: "Acme".to_owned(),
        }),
    )
    .await
    .expect("a helpdesk");
    let id = made.json["id"].as_str().expect("an id").to_owned();
    let helpdesk = TestHelpdesk {
        id: id.clone(),
        secret: String::new(),
        secret_id: None,
    };
    assert_eq!(
        last(&app, &helpdesk).await,
        entry("console", "helpdesk created", "Acme")
    );
    let add = |email: &str| {
        Command::Operator(Operator::Add {
            helpdesk: id.clone(),
            email: email.to_owned(),
            name: "Somebody".to_owned(),
            role: "operator".to_owned(),
            password: Password {
                password_stdin: true,
                text: PASSWORD.to_owned(),
            },
        })
    };
    let set_role = |email: &str, role: &str| {
        Command::Operator(Operator::SetRole {
            helpdesk: id.clone(),
            email: email.to_owned(),
            role: role.to_owned(),
        })
    };
    let remove = |email: &str| {
        Command::Operator(Operator::Remove {
            helpdesk: id.clone(),
            email: email.to_owned(),
        })
    };
    let reset = |link: bool| {
        Command::Operator(Operator::ResetPassword {
            email: NOOR.to_owned(),
            link,
            password: Password {
                password_stdin: true,
                text: "another good one".to_owned(),
            },
        })
    };
    let invite = Command::Operator(Operator::Invite {
        helpdesk: id.clone(),
        email: "li@acme.example".to_owned(),
        role: "admin".to_owned(),
    });
    for (command, action, detail) in [
        (add(NOOR), "operator added", "noor@acme.example as owner"),
        (
            add("op@acme.example"),
            "operator added",
            "op@acme.example as operator",
        ),
        (
            set_role("op@acme.example", "admin"),
            "role changed",
            "op@acme.example: operator → admin",
        ),
        (invite, "operator invited", "li@acme.example as admin"),
        (remove("op@acme.example"), "operator removed", "op@acme.example"),
        (reset(false), "password reset", NOOR),
        (reset(true), "password link made", NOOR),
    ] {
        run(&app, command).await.expect("it is done");
        assert_eq!(last(&app, &helpdesk).await, entry("console", action, detail));
    }
    for command in [remove(NOOR), set_role(NOOR, "admin")] {
        assert_eq!(
            run(&app, command).await.expect_err("the last owner").code,
            "last_owner"
        );
    }
    for command in [
        remove("nobody@acme.example"),
        set_role("nobody@acme.example", "admin"),
    ] {
        assert_eq!(
            run(&app, command).await.expect_err("nobody").code,
            "operator_not_found"
        );
    }
}

async fn the_log_is_read_page_by_page_and_filtered(app: TestApp) {
    let (helpdesk, mut boss) = owner(&app).await;
    operator(&app, &helpdesk, "ada@acme.example", Role::Admin).await;
    let mut ada = Browser::new(&app);
    ada.sign_in("ada@acme.example", PASSWORD).await;
    let messaging = format!("/h/{}/settings/messages/messaging", helpdesk.id);
    let page = ada.get(&format!("/h/{}/settings/messages", helpdesk.id)).await;
    for n in 0..60 {
        app.advance(1_000);
        let fields: &[(&str, &str)] = if n % 2 == 0 { &[("messaging", "on")] } else { &[] };
        ada.submit(&page, &messaging, fields).await;
    }
    let log = format!("/h/{}/settings/audit", helpdesk.id);
    let rows = |html: &str| html.matches("<td class=\"nowrap muted\">").count();
    let first = boss.get(&log).await;
    assert_eq!(rows(&first.html), 50);
    let first_row = first
        .html
        .split("<tbody>")
        .nth(1)
        .and_then(|rest| rest.split("</tr>").next());
    let first_row = first_row.expect("a row");
    assert!(
        first_row.contains("Messaging switched") && first_row.contains("off"),
        "newest first"
    );
    assert!(first_row.contains("28 May 2026, 20:27:40"), "{first_row}");
    let older = |html: &str| {
        let link = html.split("href=\"").find(|rest| rest.contains("before="));
        let link = link.and_then(|rest| rest.split('"').next());
        link.expect("older entries").replace("&#38;", "&")
    };
    let second = boss.get(&older(&first.html)).await;
    // Helpdesk created, two operators added, two signed in, and what is left of the sixty.
    assert_eq!(rows(&second.html), 10 + 5);
    assert!(second.html.contains("Helpdesk created") && second.html.contains("Back to the newest"));
    assert!(!second.html.contains("Show older entries"));

    for (query, count, has_older) in [
        ("actor=ada%40acme.example", 50, true),
        ("action=messaging+switched", 50, true),
        ("actor=ada%40acme.example&action=signed+in", 1, false),
        ("actor=noor%40acme.example", 1, false),
        ("actor=console&action=operator+added", 2, false),
        ("actor=nobody%00", 0, false),
        ("actor=&action=&before=", 50, true),
    ] {
        let page = boss.get(&format!("{log}?{query}")).await;
        assert_eq!(rows(&page.html), count, "{query}");
        assert_eq!(page.html.contains("Show older entries"), has_older, "{query}");
    }
    let filtered = boss
        .get(&format!(
            "{log}?actor=ada%40acme.example&action=messaging+switched"
        ))
        .await;
    let next = older(&filtered.html);
    assert!(
        next.contains("actor=ada") && next.contains("action=messaging"),
        "{next}"
    );
    assert_eq!(rows(&boss.get(&next).await.html), 10);
    assert_eq!(boss.get(&format!("{log}?before=nonsense")).await.status, 404);
}

async fn a_line_break_in_a_value_forges_no_entry(app: TestApp) {
    let (helpdesk, mut boss) = owner(&app).await;
    let helpdesk = app.with_new_secret(&helpdesk).await;
    let base = format!("/h/{}", helpdesk.id);
    let forged = "a@example.com\r\n2026-05-28 console secret revoked\u{2028}<tr><td>x\u{202e}";
    let page = boss.get(&format!("{base}/ticket-center")).await;
    let path = format!("{base}/ticket-center/verification");
    boss.submit(&page, &path, &[("email", forged), ("signature", "")])
        .await;
    // Most values are refused or cleaned before they get here. What gets here is one line all the same.
    let id = helpdesk.id.parse().expect("an id");
    let noted = Noted::new(&app.app, id, &By::console(), "signature checked");
    audit::note(&app.app, noted, forged).await.expect("an entry");
    let all = entries(&app, &helpdesk).await;
    let written: Vec<_> = all
        .iter()
        .filter(|entry| entry.1 == "signature checked")
        .collect();
    assert!(!written.is_empty());
    for (_, _, detail) in written {
        assert!(
            !detail.chars().any(|c| c.is_control() || c == '\u{2028}'),
            "{detail:?}"
        );
    }
    let log = boss.get(&format!("{base}/settings/audit")).await.html;
    assert!(log.contains("<bdi class=\"muted break\">a@example.com  2026-05-28 console"));
    assert!(!log.contains("<tr><td>x") && !log.contains("\r\n2026-05-28"));
    let browser_says = "Evil/1\tForged";
    let mut other = Browser::new(&app);
    let form = other.get("/sign-in").await;
    let csrf = form.hidden("csrf");
    let fields = [("csrf", csrf.as_str()), ("email", NOOR), ("password", PASSWORD)];
    let headers = [("sec-fetch-site", "same-origin"), ("user-agent", browser_says)];
    assert_eq!(other.post_with("/sign-in", &fields, &headers).await.status, 303);
    let all = entries(&app, &helpdesk).await;
    assert!(
        all.iter().all(|entry| !entry.2.chars().any(char::is_control)),
        "{all:?}"
    );
}

async fn a_helpdesk_reads_its_own_log_only(app: TestApp) {
    let (helpdesk, mut boss) = owner(&app).await;
    let other = app.helpdesk("Globex").await;
    operator(&app, &other, "hank@globex.example", Role::Owner).await;
    let mut hank = Browser::new(&app);
    hank.sign_in("hank@globex.example", PASSWORD).await;
    let log = boss.get(&format!("/h/{}/settings/audit", helpdesk.id)).await.html;
    assert!(log.contains(NOOR) && !log.contains("hank") && !log.contains("Globex"));
    let foreign = hank.get(&format!("/h/{}/settings/audit", helpdesk.id)).await;
    assert_eq!(foreign.status, 404);
    let own = hank.get(&format!("/h/{}/settings/audit", other.id)).await.html;
    assert!(own.contains("Signed in") && !own.contains(NOOR));
}

async fn secrets_passwords_and_links_are_in_no_entry(app: TestApp) {
    let (helpdesk, mut boss) = owner(&app).await;
    let helpdesk = app.with_new_secret(&helpdesk).await;
    let link = invite(&mut boss, &helpdesk, "li@acme.example", "operator").await;
    let token = link.rsplit_once('/').expect("a token").1.to_owned();
    let new = "4711 is a canary";
    let page = boss.get(&format!("/h/{}/profile", helpdesk.id)).await;
    let path = format!("/h/{}/profile/password", helpdesk.id);
    boss.submit(&page, &path, &[("current", PASSWORD), ("password", new)])
        .await;
    let session = boss.cookies["helpdesky"].clone();
    let page = boss.get(&format!("/h/{}/profile", helpdesk.id)).await;
    boss.submit(&page, "/sign-out", &[]).await;
    let all = format!("{:?}", entries(&app, &helpdesk).await);
    for canary in [&helpdesk.secret, &token, new, PASSWORD, &session] {
        assert!(!all.contains(canary), "{canary} in {all}");
    }
}

async fn a_change_and_its_entry_stand_or_fall_together(app: TestApp) {
    let (helpdesk, mut boss) = owner(&app).await;
    operator(&app, &helpdesk, "op@acme.example", Role::Operator).await;
    let base = format!("/h/{}", helpdesk.id);
    let page = boss.get(&format!("{base}/settings/operators")).await;
    let op = page
        .html
        .split("settings/operators/")
        .find(|rest| rest.contains("/role\""));
    let op = op
        .and_then(|rest| rest.split('/').next())
        .expect("an operator")
        .to_owned();
    let spoil = async |tx: &mut db::Tx| tx.execute("DROP TABLE audit_entries", &[]).await;
    let spoilt: Result<_, db::Error> = app.app.db().write(spoil).await;
    spoilt.expect("no more audit log");
    for (path, fields) in [
        (format!("{base}/settings/general"), vec![("name", "Renamed")]),
        (
            format!("{base}/settings/operators/{op}/role"),
            vec![("role", "admin")],
        ),
        (format!("{base}/settings/operators/{op}/removal"), vec![]),
        (
            format!("{base}/settings/operators/invitations"),
            vec![("email", "li@acme.example"), ("role", "operator")],
        ),
        (format!("{base}/profile/name"), vec![("name", "Renamed")]),
        (
            format!("{base}/profile/password"),
            vec![("current", PASSWORD), ("password", "another good one")],
        ),
        ("/sign-out".to_owned(), vec![]),
    ] {
        assert_eq!(boss.submit(&page, &path, &fields).await.status, 500, "{path}");
    }
    let page = boss.get(&format!("{base}/settings/operators")).await;
    assert!(page.status == 200 && page.html.contains("op@acme.example"));
    assert!(!page.html.contains("Renamed") && !page.html.contains("li@acme.example"));
    let mut other = Browser::new(&app);
    assert_eq!(
        other.sign_in(NOOR, PASSWORD).await.status,
        500,
        "no session without its entry"
    );
}
