//! How a helpdesk's mail goes out: kept per helpdesk, secrets sealed, and told without them.

use clap::Parser as _;
use helpdesky::admin::{self, Command};
use helpdesky::audit;
use helpdesky::ids::HelpdeskId;
use helpdesky::mail_out::settings;

use super::PASSWORD;
use crate::support::smtp::{Script, SmtpServer};
use crate::support::{TestApp, TestHelpdesk};

both_engines!(
    settings_are_kept_per_helpdesk_and_fall_back_to_the_installations,
    a_password_and_a_key_are_sealed_and_never_told,
    what_cannot_be_used_is_refused_with_its_remedy,
    a_test_mail_tells_the_whole_dialogue,
);

#[derive(clap::Parser)]
struct Typed {
    #[command(subcommand)]
    command: Command,
}

/// What the command answers, as text and as JSON in one; the sentence of a refusal.
async fn run(app: &TestApp, words: &[&str], password: &str) -> Result<(String, bool), String> {
    let typed = Typed::try_parse_from(std::iter::once(&"helpdesky").chain(words))
        .map_err(|error| error.to_string())?;
    let mut command = typed.command;
    if let Command::Mail(admin::command::Mail::Settings(admin::command::MailSettings::Set(change))) =
        &mut command
    {
        change.password.text = password.to_owned();
    }
    let answer = admin::run(&app.app, command)
        .await
        .map_err(|refused| refused.to_string())?;
    Ok((format!("{}\n{}", answer.text, answer.json), answer.good))
}

async fn set(
    app: &TestApp,
    helpdesk: &TestHelpdesk,
    words: &[&str],
    password: &str,
) -> Result<String, String> {
    let all = [&["mail", "settings", "set", "--helpdesk", &helpdesk.id], words].concat();
    run(app, &all, password).await.map(|(told, _)| told)
}

async fn settings_are_kept_per_helpdesk_and_fall_back_to_the_installations(app: TestApp) {
    let (one, other) = (app.helpdesk("One").await, app.helpdesk("Other").await);
    let words = [
        "--from-name",
        "The One",
        "--from-address",
        "one@example.com",
        "--support-url",
        "https://app.example.com/support",
        "--relay",
        "smtps://one%40example.com@relay.example?auth=login",
        "--password-stdin",
        "--per-minute",
        "30",
    ];
    set(&app, &one, &words, PASSWORD).await.expect("good settings");
    set(&app, &one, &["--connections", "2"], "")
        .await
        .expect("one more");
    let of = async |helpdesk: &TestHelpdesk| {
        let id: HelpdeskId = helpdesk.id.parse().expect("an id");
        settings::of(&app.app, id).await.expect("settings")
    };
    let kept = of(&one).await;
    assert_eq!(
        (kept.from_name.as_str(), kept.from_address.as_deref()),
        ("The One", Some("one@example.com"))
    );
    assert_eq!(
        kept.support_url.as_deref(),
        Some("https://app.example.com/support")
    );
    let relay = kept.relay.expect("a relay");
    assert_eq!(relay.place(), "relay.example:465");
    let login = relay.login.expect("a login");
    assert_eq!(
        (login.user.as_str(), login.password.0.as_str()),
        ("one@example.com", PASSWORD)
    );
    assert_eq!((kept.limits.connections, kept.limits.per_minute), (2, Some(30)));

    let untouched = of(&other).await;
    assert_eq!(untouched.from_name, "Other");
    assert_eq!(untouched.from_address.as_deref(), Some("support@desk.example"));
    assert!(untouched.relay.is_none() && untouched.support_url.is_none());

    set(
        &app,
        &one,
        &[
            "--relay",
            "",
            "--from-name",
            "",
            "--from-address",
            "",
            "--per-minute",
            "0",
        ],
        "",
    )
    .await
    .expect("taken away");
    let kept = of(&one).await;
    assert_eq!(
        (kept.from_name.as_str(), kept.relay, kept.limits.per_minute),
        ("One", None, None)
    );
}

async fn a_password_and_a_key_are_sealed_and_never_told(app: TestApp) {
    let helpdesk = app.helpdesk("Fernway").await;
    let words = [
        "--relay",
        "smtps://user@relay.example",
        "--password-stdin",
        "--dkim-selector",
        "desk1",
    ];
    let told = set(&app, &helpdesk, &words, PASSWORD)
        .await
        .expect("good settings");
    assert!(told.contains("desk1._domainkey.desk.example"), "{told}");
    let (shown, _) = run(
        &app,
        &["mail", "settings", "show", "--helpdesk", &helpdesk.id],
        "",
    )
    .await
    .expect("settings");
    let id = helpdesk.id.parse().expect("an id");
    let (audit, _) = audit::list(&app.app, id, audit::Filter::default(), None)
        .await
        .expect("the log");
    let noted = audit.iter().find(|entry| entry.action == "mail settings changed");
    assert_eq!(
        noted.map(|entry| entry.detail.as_str()),
        Some("mail server, DKIM")
    );
    for told in [told, shown, format!("{audit:?}")] {
        assert!(!told.contains("findable"), "{told}");
    }
    let stored = app.stored().await;
    assert!(
        stored.windows(13).any(|window| window == b"relay.example"),
        "the row is there"
    );
    assert!(
        !stored.windows(8).any(|window| window == b"findable"),
        "the password is sealed"
    );
}

async fn what_cannot_be_used_is_refused_with_its_remedy(app: TestApp) {
    let helpdesk = app.helpdesk("Fernway").await;
    for (words, password, why) in [
        (
            vec!["--relay", "smtps://user:findable@relay.example"],
            "",
            "--password-stdin",
        ),
        (
            vec!["--relay", "smtps://user@relay.example"],
            "",
            "with --password-stdin",
        ),
        (
            vec!["--relay", "smtp://user@10.0.0.1?tls=off", "--password-stdin"],
            "findable",
            "this machine only",
        ),
        (vec!["--password-stdin"], "findable", "--relay"),
        (
            vec!["--from-address", "nobody"],
            "",
            "such as support@example.com",
        ),
        (vec!["--support-url", "javascript:alert(1)"], "", "http or https"),
        (vec!["--dkim-selector", "a b"], "", "selector"),
        (vec!["--per-minute", "4000000"], "", "from 1 to"),
    ] {
        let refused = set(&app, &helpdesk, &words, password)
            .await
            .expect_err("it is refused");
        assert!(
            refused.contains(why) && !refused.contains("findable"),
            "{words:?}: {refused}"
        );
    }
    let id: HelpdeskId = helpdesk.id.parse().expect("an id");
    assert!(
        settings::of(&app.app, id)
            .await
            .expect("settings")
            .relay
            .is_none(),
        "nothing was kept"
    );
}

async fn a_test_mail_tells_the_whole_dialogue(app: TestApp) {
    let helpdesk = app.helpdesk("Fernway").await;
    let test = [
        "mail",
        "test",
        "--helpdesk",
        &helpdesk.id,
        "--to",
        "you@example.com",
    ];
    let refused = run(&app, &test, "").await.expect_err("there is no server");
    assert!(refused.contains("smtp_url"), "{refused}");
    for good in [true, false] {
        let server = SmtpServer::start(Script {
            offers: vec!["AUTH PLAIN"],
            unknown: (!good).then_some("you"),
            ..Script::default()
        })
        .await;
        let url = format!("smtp://user@127.0.0.1:{}?tls=off", server.port);
        set(&app, &helpdesk, &["--relay", &url, "--password-stdin"], PASSWORD)
            .await
            .expect("a relay");
        let (told, is_good) = run(&app, &test, "").await.expect("it is tried");
        assert_eq!(
            (is_good, server.mails().len()),
            (good, usize::from(good)),
            "{told}"
        );
        for line in [
            "EHLO",
            "AUTH PLAIN (hidden)",
            "MAIL FROM:<support@desk.example>",
            "RCPT TO:<you@example.com>",
        ] {
            assert!(told.contains(line), "{told}");
        }
        assert!(!told.contains("findable"), "{told}");
        assert!(good || told.contains("550 5.1.1 no such user"), "{told}");
    }
}
