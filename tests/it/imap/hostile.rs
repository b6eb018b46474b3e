//! Servers that mean harm: their mailbox waits with the reason shown, and the others run on.

use std::time::Duration;

use helpdesky::mail_in::imap::{self, Kind, Patience, State};

use super::filed::filed;
use super::{
    START_MS, add, assert_once, fetching, looked_into, mailbox, raw, resume, settings, until, until_looked,
    waits_as,
};
use crate::support::TestApp;
use crate::support::imap::{Evil, ImapServer, Script};

both_engines!(
    a_hostile_server_is_left_alone_and_the_others_run_on,
    a_hostile_greeting_is_no_greeting,
    a_silent_server_is_given_up,
    who_is_refused_waits_longer_and_longer,
);

const MINUTE_MS: i64 = 60_000;

fn evils() -> Vec<(&'static str, Evil, &'static str)> {
    let says = |text: &str| Evil::Says(text.as_bytes().to_vec());
    let repeats = |text: &str| Evil::Repeats(text.as_bytes().to_vec());
    let deep = format!("* 1 FETCH (BODYSTRUCTURE {}\r\n", "(".repeat(10_000));
    vec![
        (
            "UID FETCH 1 (UID BODY",
            says("* 1 FETCH (UID 1 BODY[] {4294967296}\r\n"),
            "4294967296 bytes",
        ),
        (
            "UID FETCH 1 (UID BODY",
            says("* 1 FETCH (UID 1 BODY[] {99999999999999999999}\r\n"),
            "in one piece",
        ),
        ("UID FETCH", says("* 1 FETCH (UID 1 X {70000}\r\n"), "70000 bytes"),
        ("UID FETCH", says(&deep), "a list does not end"),
        ("UID FETCH", repeats("("), "a line does not end"),
        (
            "UID SEARCH",
            repeats("* 5 EXISTS\r\n"),
            "more than it was asked for",
        ),
        (
            "UID SEARCH",
            repeats("* SEARCH 1 2 3 4 5\r\n"),
            "more than it was asked for",
        ),
        (
            "UID SEARCH",
            says("* SEARCH 99999999999\r\n"),
            "a number is too long",
        ),
        (
            "CAPABILITY",
            repeats("* CAPABILITY IMAP4rev1 IDLE\r\n"),
            "more than it was asked for",
        ),
        (
            "SELECT",
            repeats("* OK [UIDVALIDITY 1] again\r\n"),
            "more than it was asked for",
        ),
        ("SELECT", says("a99 OK done\r\n"), "what nobody asked"),
        (
            "IDLE",
            repeats("* OK still here\r\n"),
            "more than it was asked for",
        ),
        ("NOOP", repeats("x"), "a line does not end"),
    ]
}

async fn a_hostile_server_is_left_alone_and_the_others_run_on(app: TestApp) {
    let (app, helpdesk) = fetching(&app).await;
    let (good, _) = looked_into(&app, &helpdesk, Script::default()).await;
    let evil = ImapServer::start(Script::default()).await;
    let id = add(&app, &helpdesk, &settings(&evil), None).await;
    until_looked(&app, &helpdesk, id).await;
    for (number, (begin, evil_deed, reason)) in evils().into_iter().enumerate() {
        evil.be_evil(Some((begin, evil_deed)));
        evil.inbox(|inbox| inbox.add(&raw(1000), START_MS));
        resume(&app, &helpdesk, id).await;
        until(reason, async || {
            waits_as(&mailbox(&app, &helpdesk, id).await.state, Kind::Hostile).is_some()
        })
        .await;
        let State::Waiting { until: at, words, .. } = mailbox(&app, &helpdesk, id).await.state else {
            panic!("{reason}: it waits");
        };
        assert!(
            words.contains(reason) && words.contains("localhost"),
            "{reason}: {words}"
        );
        let pause = at - app.app.now_ms();
        assert!(
            (11 * MINUTE_MS..=19 * MINUTE_MS).contains(&pause),
            "{reason}: {pause}"
        );
        until("it hangs up", async || evil.world(|world| world.open) == 0).await;
        good.inbox(|inbox| inbox.add(&raw(number), START_MS));
        until("the other runs on", async || {
            filed(&app, &helpdesk)
                .await
                .contains_key(&format!("mail-{number}"))
        })
        .await;
    }
    // It is good again: nothing of what it said has stayed.
    evil.be_evil(None);
    app.advance(20 * MINUTE_MS);
    until_looked(&app, &helpdesk, id).await;
    assert_once(&filed(&app, &helpdesk).await, (0..evils().len()).chain([1000]));
}

async fn a_hostile_greeting_is_no_greeting(app: TestApp) {
    for (greeting, kind, reason) in [
        ("HTTP/1.1 400 Bad Request", Kind::Hostile, "not IMAP"),
        ("220 smtp.example.com ESMTP", Kind::Hostile, "not IMAP"),
        ("* 5 EXISTS", Kind::Hostile, "no greeting"),
        (
            "* BYE [ALERT] come back later",
            Kind::Unreachable,
            "come back later",
        ),
    ] {
        let (app, helpdesk) = fetching(&app).await;
        let server = ImapServer::start(Script {
            greeting,
            ..Script::default()
        })
        .await;
        let id = add(&app, &helpdesk, &settings(&server), None).await;
        until(reason, async || {
            waits_as(&mailbox(&app, &helpdesk, id).await.state, kind).is_some()
        })
        .await;
        let words = waits_as(&mailbox(&app, &helpdesk, id).await.state, kind).expect("a reason");
        assert!(words.contains(reason), "{words}");
        assert_eq!(server.lines(), Vec::<String>::new());
    }
}

async fn a_silent_server_is_given_up(app: TestApp) {
    let (app, helpdesk) = fetching(&app).await;
    let short = Duration::from_millis(300);
    let patience = Patience {
        reply: short,
        list: short,
        mail: short,
        ..Patience::default()
    };
    let (server, id) = looked_into(&app, &helpdesk, Script::default()).await;
    imap::set_patience(&app.app, patience);
    server.inbox(|inbox| inbox.add(&raw(0), START_MS));
    until("it is fetched", async || filed(&app, &helpdesk).await.len() == 1).await;
    server.inbox(|inbox| inbox.add(&raw(1), START_MS));
    for (number, begin) in [
        "CAPABILITY",
        "AUTHENTICATE",
        "SELECT",
        "UID SEARCH",
        "UID FETCH 2 (UID BODY",
    ]
    .into_iter()
    .enumerate()
    {
        server.be_evil(Some((begin, Evil::IsSilent)));
        resume(&app, &helpdesk, id).await;
        until(begin, async || {
            waits_as(&mailbox(&app, &helpdesk, id).await.state, Kind::Unreachable)
                .is_some_and(|words| words.contains("nothing came for 0.3 s"))
        })
        .await;
        assert_eq!(filed(&app, &helpdesk).await.len(), 1, "{number}");
        server.be_evil(None);
    }
}

async fn who_is_refused_waits_longer_and_longer(app: TestApp) {
    let (app, helpdesk) = fetching(&app).await;
    let server = ImapServer::start(Script {
        password: "another",
        ..Script::default()
    })
    .await;
    let id = add(&app, &helpdesk, &settings(&server), None).await;
    let mut least = 5 * MINUTE_MS * 3 / 4;
    for round in 1..=8 {
        let waiting = async || match mailbox(&app, &helpdesk, id).await.state {
            State::Waiting { until, kind, words } if until > app.app.now_ms() => Some((until, kind, words)),
            _ => None,
        };
        until("it is refused", async || {
            server.connections() == round && waiting().await.is_some()
        })
        .await;
        let (at, kind, words) = waiting().await.expect("it waits");
        assert_eq!(kind, Kind::Refused);
        assert!(words.contains("refused the user name or password"), "{words}");
        assert!(!words.contains("findable"), "{words}");
        let pause = at - app.app.now_ms();
        assert!(pause >= least && pause <= 150 * MINUTE_MS, "{round}: {pause}");
        least = (least * 2).min(90 * MINUTE_MS);
        app.advance(pause + 1);
    }
}
