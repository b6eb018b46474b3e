//! What is fetched, when, and what becomes of it where it came from.

use std::collections::BTreeSet;

use helpdesky::audit::By;
use helpdesky::mail_in::imap::{self, Afterwards, State};

use super::filed::filed;
use super::{
    DAY_MS, START_MS, add, assert_once, fetching, looked_into, mailbox, raw, resume, settings, until,
    until_looked, until_tried,
};
use crate::support::imap::{Evil, Folder, ImapServer, Script};
use crate::support::{TestApp, count};

both_engines!(
    mail_is_fetched_as_it_arrives_and_marked_once_it_is_committed,
    what_arrives_while_we_search_is_fetched_at_once,
    mail_since_a_date_is_fetched_where_that_was_asked_for,
    a_server_that_tells_nothing_is_asked_every_minute,
    a_server_that_is_to_tell_is_asked_before_it_forgets_us,
    mail_is_moved_into_a_folder_by_every_server,
    what_may_not_be_marked_is_fetched_with_a_warning,
    mail_is_left_as_it_was_where_that_is_set,
    what_arrived_during_an_outage_is_fetched_after_it,
    when_the_numbers_of_a_folder_begin_anew_nothing_is_lost_or_doubled,
    numbers_that_are_given_twice_are_noticed,
    mails_that_vanish_shift_nobody,
    a_folder_is_gone_through_again_since_a_date,
    a_mail_that_is_too_long_is_noted_and_keeps_nobody,
    a_mail_that_the_server_keeps_to_itself_keeps_nobody,
    a_full_mailbox_is_fetched_whole,
    what_is_paused_or_removed_is_left_alone,
    another_folder_begins_with_what_arrives_from_now_on,
);

/// The usual of the setting `mail_bytes`.
const LONGEST_MAIL_BYTES: u64 = 25 * 1_024 * 1_024;
const TELLS_NOTHING: &str = "IMAP4rev1 AUTH=PLAIN MOVE";

fn seen(server: &ImapServer) -> BTreeSet<u32> {
    server.inbox(|inbox| {
        let seen = inbox.mails.iter().filter(|mail| mail.flags.contains("\\Seen"));
        seen.map(|mail| mail.uid).collect()
    })
}

async fn mail_is_fetched_as_it_arrives_and_marked_once_it_is_committed(app: TestApp) {
    let (app, helpdesk) = fetching(&app).await;
    let server = ImapServer::start(Script::default()).await;
    for number in 0..3 {
        server.inbox(|inbox| inbox.add(&raw(number), START_MS - DAY_MS));
    }
    let id = add(&app, &helpdesk, &settings(&server), None).await;
    until_looked(&app, &helpdesk, id).await;
    assert_once(&filed(&app, &helpdesk).await, []);
    for number in 3..6 {
        server.inbox(|inbox| inbox.add(&raw(number), START_MS));
        until("it is marked", async || seen(&server).len() == number - 2).await;
        assert_once(&filed(&app, &helpdesk).await, 3..=number);
    }
    assert_eq!(seen(&server), BTreeSet::from([4, 5, 6]));
    let lines = server.lines();
    for line in &lines {
        let by_number = ["FETCH ", "STORE ", "SEARCH ", "COPY ", "MOVE "];
        assert!(!by_number.iter().any(|verb| line.starts_with(verb)), "{line}");
        assert!(!line.contains("BODY[") && !line.contains("\\Deleted"), "{line}");
    }
    assert_eq!(server.connections(), 1);
    let found = mailbox(&app, &helpdesk, id).await;
    assert_eq!((found.fetched, found.last_mail_at), (3, Some(app.app.now_ms())));
}

async fn what_arrives_while_we_search_is_fetched_at_once(app: TestApp) {
    let (app, helpdesk) = fetching(&app).await;
    let (server, _) = looked_into(&app, &helpdesk, Script::default()).await;
    for round in 0..5 {
        // The search that finds the first one, and the one after it that finds nothing more.
        server.deliver_late(raw(10 * round + 1));
        server.inbox(|inbox| inbox.add(&raw(10 * round), START_MS));
        until("both are fetched", async || {
            filed(&app, &helpdesk).await.len() == 2 * (round + 1)
        })
        .await;
    }
}

async fn mail_since_a_date_is_fetched_where_that_was_asked_for(app: TestApp) {
    let (app, helpdesk) = fetching(&app).await;
    let server = ImapServer::start(Script::default()).await;
    for number in 0..10 {
        let age = 9 - i64::try_from(number).expect("small");
        server.inbox(|inbox| inbox.add(&raw(number), START_MS - age * DAY_MS));
    }
    let id = add(&app, &helpdesk, &settings(&server), Some(START_MS - 4 * DAY_MS)).await;
    until_looked(&app, &helpdesk, id).await;
    assert_once(&filed(&app, &helpdesk).await, 5..10);
    assert_eq!(mailbox(&app, &helpdesk, id).await.scan_since, None);
    server.inbox(|inbox| inbox.add(&raw(10), START_MS - 90 * DAY_MS));
    until("what is new is fetched whatever its date", async || {
        filed(&app, &helpdesk).await.len() == 6
    })
    .await;
}

async fn a_server_that_tells_nothing_is_asked_every_minute(app: TestApp) {
    let (app, helpdesk) = fetching(&app).await;
    let script = Script {
        capabilities: TELLS_NOTHING,
        ..Script::default()
    };
    let (server, _) = looked_into(&app, &helpdesk, script).await;
    for number in 0..3 {
        server.inbox(|inbox| inbox.add(&raw(number), START_MS));
        until("it is marked", async || {
            app.advance(1_000);
            seen(&server).len() == number + 1
        })
        .await;
        assert_once(&filed(&app, &helpdesk).await, 0..=number);
    }
    assert!(!server.lines().iter().any(|line| line == "IDLE"));
}

async fn a_server_that_is_to_tell_is_asked_before_it_forgets_us(app: TestApp) {
    let (app, helpdesk) = fetching(&app).await;
    let (server, _) = looked_into(&app, &helpdesk, Script::default()).await;
    let idles = || server.lines().iter().filter(|line| *line == "IDLE").count();
    until("it waits", async || idles() == 1).await;
    for round in 2..5 {
        app.advance(20 * 60_000);
        until("it waits anew", async || idles() == round).await;
    }
    // The clock of a lease that ended meanwhile takes nothing away from a node that goes on.
    server.inbox(|inbox| inbox.add(&raw(1), START_MS));
    until("it is fetched", async || filed(&app, &helpdesk).await.len() == 1).await;
}

async fn mail_is_moved_into_a_folder_by_every_server(app: TestApp) {
    for capabilities in [
        "IMAP4rev1 AUTH=PLAIN IDLE MOVE",
        "IMAP4rev1 AUTH=PLAIN IDLE UIDPLUS",
        "IMAP4rev1 AUTH=PLAIN IDLE",
    ] {
        let (app, helpdesk) = fetching(&app).await;
        let server = ImapServer::start(Script {
            capabilities,
            ..Script::default()
        })
        .await;
        let mut settings = settings(&server);
        settings.afterwards = Afterwards::Move("Helpdesk/T\u{e4}glich".to_owned());
        let id = add(&app, &helpdesk, &settings, None).await;
        until_looked(&app, &helpdesk, id).await;
        for number in 0..3 {
            server.inbox(|inbox| inbox.add(&raw(number), START_MS));
        }
        let there = |world: &mut crate::support::imap::World| {
            let folder = world.folders.get("Helpdesk/T&AOQ-glich");
            folder.map_or(0, |folder| folder.mails.len())
        };
        until("they are moved", async || server.world(there) == 3).await;
        let expunges = capabilities.contains("UIDPLUS") || capabilities.contains("MOVE");
        until("they are gone", async || {
            server.inbox(|inbox| {
                let left = inbox
                    .mails
                    .iter()
                    .filter(|mail| !mail.flags.contains("\\Deleted"));
                left.count() == 0 && (!expunges || inbox.mails.is_empty())
            })
        })
        .await;
        assert_once(&filed(&app, &helpdesk).await, 0..3);
        assert!(!server.lines().iter().any(|line| line == "EXPUNGE"));
    }
}

async fn what_may_not_be_marked_is_fetched_with_a_warning(app: TestApp) {
    let (app, helpdesk) = fetching(&app).await;
    let (server, id) = looked_into(&app, &helpdesk, Script::default()).await;
    server.be_evil(Some(("UID STORE", Evil::Ends("NO [NOPERM] only to be read"))));
    server.inbox(|inbox| inbox.add(&raw(0), START_MS));
    until("there is a warning", async || {
        mailbox(&app, &helpdesk, id)
            .await
            .warning
            .contains("only to be read")
    })
    .await;
    assert_once(&filed(&app, &helpdesk).await, [0]);
    server.be_evil(None);
    server.inbox(|inbox| inbox.add(&raw(1), START_MS));
    until("the warning is gone", async || {
        mailbox(&app, &helpdesk, id).await.warning.is_empty()
    })
    .await;
    assert_once(&filed(&app, &helpdesk).await, [0, 1]);
}

async fn mail_is_left_as_it_was_where_that_is_set(app: TestApp) {
    let (app, helpdesk) = fetching(&app).await;
    let server = ImapServer::start(Script::default()).await;
    let mut settings = settings(&server);
    settings.afterwards = Afterwards::Leave;
    let id = add(&app, &helpdesk, &settings, None).await;
    until_looked(&app, &helpdesk, id).await;
    server.inbox(|inbox| inbox.add(&raw(0), START_MS));
    until("it is fetched", async || filed(&app, &helpdesk).await.len() == 1).await;
    server.inbox(|inbox| inbox.add(&raw(1), START_MS));
    until("it is fetched", async || filed(&app, &helpdesk).await.len() == 2).await;
    assert!(!server.lines().iter().any(|line| line.contains("STORE")));
}

async fn what_arrived_during_an_outage_is_fetched_after_it(app: TestApp) {
    let (app, helpdesk) = fetching(&app).await;
    let (server, id) = looked_into(&app, &helpdesk, Script::default()).await;
    server.be_evil(Some(("", Evil::Ends("BAD not now"))));
    app.advance(20 * 60_000);
    until("it waits", async || {
        matches!(mailbox(&app, &helpdesk, id).await.state, State::Waiting { .. })
    })
    .await;
    for number in 0..50 {
        server.inbox(|inbox| inbox.add(&raw(number), START_MS));
    }
    // Three weeks.
    for _ in 0..21 {
        app.advance(DAY_MS);
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    server.be_evil(None);
    until_tried(&app, &helpdesk, id, "all are marked", async || {
        seen(&server).len() == 50
    })
    .await;
    assert_once(&filed(&app, &helpdesk).await, 0..50);
}

async fn when_the_numbers_of_a_folder_begin_anew_nothing_is_lost_or_doubled(app: TestApp) {
    let (app, helpdesk) = fetching(&app).await;
    let server = ImapServer::start(Script::default()).await;
    for number in 0..20 {
        server.inbox(|inbox| inbox.add(&raw(number), START_MS - 30 * DAY_MS));
    }
    let id = add(&app, &helpdesk, &settings(&server), None).await;
    until_looked(&app, &helpdesk, id).await;
    for number in 20..30 {
        server.inbox(|inbox| inbox.add(&raw(number), START_MS));
    }
    until("they are fetched", async || {
        filed(&app, &helpdesk).await.len() == 10
    })
    .await;
    server.be_evil(Some(("", Evil::Ends("BAD not now"))));
    server.inbox(|inbox| {
        // Restored from a backup: the same mails and some new ones under other numbers.
        let old = std::mem::take(&mut inbox.mails);
        (inbox.uid_validity, inbox.uid_next) = (2, 1);
        for mail in old.iter().rev() {
            inbox.add(&mail.raw, mail.internal_ms);
        }
        for number in 30..35 {
            inbox.add(&raw(number), START_MS);
        }
    });
    server.be_evil(None);
    app.advance(10 * 60_000);
    until_tried(&app, &helpdesk, id, "all are there", async || {
        filed(&app, &helpdesk).await.len() == 15
    })
    .await;
    until_looked(&app, &helpdesk, id).await;
    assert_once(&filed(&app, &helpdesk).await, 20..35);
}

async fn numbers_that_are_given_twice_are_noticed(app: TestApp) {
    let (app, helpdesk) = fetching(&app).await;
    let (server, id) = looked_into(&app, &helpdesk, Script::default()).await;
    for number in 0..5 {
        server.inbox(|inbox| inbox.add(&raw(number), START_MS));
    }
    until("they are marked", async || seen(&server).len() == 5).await;
    // The folder was made anew, and the server does not say so: first with fewer, then with more.
    let of = helpdesk.id.parse().expect("an id");
    for (round, mails) in [(1_usize, 3_usize), (2, 40)] {
        imap::pause(&app.app, of, id, &By::console(), "Ines")
            .await
            .expect("it pauses");
        until("it hangs up", async || server.world(|world| world.open) == 0).await;
        server.inbox(|inbox| {
            *inbox = Folder::default();
            for number in 0..mails {
                inbox.add(
                    &raw(100 * round + number),
                    START_MS + i64::try_from(round).expect("small") * 1000,
                );
            }
        });
        resume(&app, &helpdesk, id).await;
        let wanted = 5 + if round == 1 { 3 } else { 43 };
        until_tried(&app, &helpdesk, id, "all are there", async || {
            filed(&app, &helpdesk).await.len() == wanted
        })
        .await;
        until_looked(&app, &helpdesk, id).await;
    }
    assert_once(
        &filed(&app, &helpdesk).await,
        (0..5).chain(100..103).chain(200..240),
    );
}

async fn mails_that_vanish_shift_nobody(app: TestApp) {
    let (app, helpdesk) = fetching(&app).await;
    let (server, id) = looked_into(&app, &helpdesk, Script::default()).await;
    for number in 0..count(60, 600) {
        server.inbox(|inbox| {
            inbox.add(&raw(number), START_MS);
            // Somebody else removes every mail as soon as it is marked.
            inbox.mails.retain(|mail| !mail.flags.contains("\\Seen"));
        });
        tokio::task::yield_now().await;
    }
    let all = count(60, 600);
    until_tried(&app, &helpdesk, id, "all are there", async || {
        filed(&app, &helpdesk).await.len() == all
    })
    .await;
    assert_once(&filed(&app, &helpdesk).await, 0..all);
}

async fn a_folder_is_gone_through_again_since_a_date(app: TestApp) {
    let (app, helpdesk) = fetching(&app).await;
    let server = ImapServer::start(Script::default()).await;
    for number in 0..10 {
        server.inbox(|inbox| inbox.add(&raw(number), START_MS - 10 * DAY_MS));
    }
    let id = add(&app, &helpdesk, &settings(&server), None).await;
    until_looked(&app, &helpdesk, id).await;
    for number in 10..15 {
        server.inbox(|inbox| inbox.add(&raw(number), START_MS));
    }
    until("they are marked", async || seen(&server).len() == 5).await;
    let of = helpdesk.id.parse().expect("an id");
    for _ in 0..2 {
        imap::rescan(&app.app, of, id, &By::console(), START_MS - 11 * DAY_MS)
            .await
            .expect("it begins");
        until("it is gone through", async || {
            mailbox(&app, &helpdesk, id).await.scan_since.is_none()
        })
        .await;
        assert_once(&filed(&app, &helpdesk).await, 0..15);
    }
}

async fn a_mail_that_is_too_long_is_noted_and_keeps_nobody(app: TestApp) {
    let (app, helpdesk) = fetching(&app).await;
    let (server, id) = looked_into(&app, &helpdesk, Script::default()).await;
    server.inbox(|inbox| {
        inbox.add(&raw(0), START_MS);
        inbox.add(&raw(1), START_MS);
        inbox.mails[1].told_size = Some(LONGEST_MAIL_BYTES + 1);
        // This one is longer than it tells.
        inbox.add(
            &vec![b'x'; usize::try_from(LONGEST_MAIL_BYTES).expect("small") + 1],
            START_MS,
        );
        inbox.mails[2].told_size = Some(1_000);
        inbox.add(&raw(3), START_MS);
    });
    until_tried(&app, &helpdesk, id, "the others are there", async || {
        filed(&app, &helpdesk).await.len() == 2
    })
    .await;
    assert_once(&filed(&app, &helpdesk).await, [0, 3]);
    let found = mailbox(&app, &helpdesk, id).await;
    assert_eq!(found.skipped, 2);
    assert_eq!(
        found.skip_words,
        "A mail of 25.0 MiB, received 2026-05-28T20:26:40.000Z, is longer than 25 MiB"
    );
}

async fn a_mail_that_the_server_keeps_to_itself_keeps_nobody(app: TestApp) {
    let (app, helpdesk) = fetching(&app).await;
    let (server, id) = looked_into(&app, &helpdesk, Script::default()).await;
    server.be_evil(Some(("UID FETCH 2 ", Evil::Ends("NO [SERVERBUG] it is broken"))));
    for number in 0..4 {
        server.inbox(|inbox| inbox.add(&raw(number), START_MS));
    }
    until_tried(&app, &helpdesk, id, "the others are there", async || {
        filed(&app, &helpdesk).await.len() == 3
    })
    .await;
    assert_once(&filed(&app, &helpdesk).await, [0, 2, 3]);
    let asked = server
        .lines()
        .iter()
        .filter(|line| line.starts_with("UID FETCH 2 (UID BODY"))
        .count();
    assert_eq!(asked, 5);
    let found = mailbox(&app, &helpdesk, id).await;
    assert!(
        found.skipped == 1 && found.skip_words.contains("it is broken"),
        "{found:?}"
    );
}

async fn a_full_mailbox_is_fetched_whole(app: TestApp) {
    let (app, helpdesk) = fetching(&app).await;
    let server = ImapServer::start(Script::default()).await;
    let all = count(400, 10_000);
    for number in 0..all {
        server.inbox(|inbox| {
            inbox.add(&raw(number), START_MS - DAY_MS);
            // Holes, as every mailbox has them.
            inbox.uid_next += u32::try_from(number % 7).expect("small");
        });
    }
    let id = add(&app, &helpdesk, &settings(&server), Some(START_MS - 2 * DAY_MS)).await;
    until("all are there", async || {
        filed(&app, &helpdesk).await.len() == all
    })
    .await;
    until_looked(&app, &helpdesk, id).await;
    assert_once(&filed(&app, &helpdesk).await, 0..all);
    assert_eq!(seen(&server).len(), all);
    assert_eq!(server.connections(), 1);
}

async fn what_is_paused_or_removed_is_left_alone(app: TestApp) {
    let (app, helpdesk) = fetching(&app).await;
    let (server, id) = looked_into(&app, &helpdesk, Script::default()).await;
    let of = helpdesk.id.parse().expect("an id");
    imap::pause(&app.app, of, id, &By::console(), "Ines")
        .await
        .expect("it pauses");
    let open = || server.world(|world| world.open);
    until("it hangs up", async || open() == 0).await;
    let state = mailbox(&app, &helpdesk, id).await.state;
    assert!(
        matches!(&state, State::Paused { by, .. } if by == "Ines"),
        "{state:?}"
    );
    server.inbox(|inbox| inbox.add(&raw(0), START_MS));
    app.advance(DAY_MS);
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    assert_once(&filed(&app, &helpdesk).await, []);
    resume(&app, &helpdesk, id).await;
    until("it is fetched", async || filed(&app, &helpdesk).await.len() == 1).await;
    imap::remove(&app.app, of, id, &By::console())
        .await
        .expect("it is removed");
    until("it hangs up", async || open() == 0).await;
    assert!(imap::list(&app.app, of).await.expect("a list").is_empty());
    assert_once(&filed(&app, &helpdesk).await, [0]);
}

async fn another_folder_begins_with_what_arrives_from_now_on(app: TestApp) {
    let (app, helpdesk) = fetching(&app).await;
    let (server, id) = looked_into(&app, &helpdesk, Script::default()).await;
    server.world(|world| {
        let mut other = Folder::default();
        other.add(&raw(7), START_MS - DAY_MS);
        world.folders.insert("Other".to_owned(), other);
    });
    let of = helpdesk.id.parse().expect("an id");
    let mut changed = settings(&server);
    changed.folder = "Other".to_owned();
    changed.password.0.clear();
    imap::change(&app.app, of, id, &By::console(), &changed)
        .await
        .expect("it is changed");
    until("the other is open", async || {
        server.lines().iter().any(|line| line == "SELECT \"Other\"")
    })
    .await;
    until_looked(&app, &helpdesk, id).await;
    server.world(|world| {
        world
            .folders
            .get_mut("Other")
            .expect("a folder")
            .add(&raw(8), START_MS)
    });
    until("it is fetched", async || filed(&app, &helpdesk).await.len() == 1).await;
    assert_once(&filed(&app, &helpdesk).await, [8]);
}
