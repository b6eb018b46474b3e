//! Connections that end anywhere: between fetch, store, mark and move. `TEST_COUNTS=full` asks for 500.

use helpdesky::mail_in::imap::Afterwards;

use super::filed::filed;
use super::{START_MS, add, assert_once, fetching, raw, settings, until_looked, until_tried};
use crate::support::imap::{ImapServer, Script};
use crate::support::random::Random;
use crate::support::{TestApp, count};

both_engines!(
    connections_that_end_anywhere_lose_and_double_nothing,
    numbers_that_begin_anew_while_connections_end_lose_and_double_nothing,
);

async fn connections_that_end_anywhere_lose_and_double_nothing(app: TestApp) {
    for (seed, afterwards) in [(1, Afterwards::Seen), (2, Afterwards::Move("Done".to_owned()))] {
        let (app, helpdesk) = fetching(&app).await;
        let server = ImapServer::start(Script::default()).await;
        let mut settings = settings(&server);
        settings.afterwards = afterwards.clone();
        let id = add(&app, &helpdesk, &settings, None).await;
        until_looked(&app, &helpdesk, id).await;
        server.cut_one_in(6, seed);
        let (cuts, mut sent) = (count(25, 500), 0);
        while server.world(|world| world.cuts) < cuts {
            for _ in 0..3 {
                server.inbox(|inbox| inbox.add(&raw(sent), START_MS));
                sent += 1;
            }
            until_tried(&app, &helpdesk, id, "they are there", async || {
                filed(&app, &helpdesk).await.len() == sent
            })
            .await;
        }
        server.cut_no_more();
        until_tried(&app, &helpdesk, id, "all are marked", async || {
            server.inbox(|inbox| inbox.mails.iter().all(|mail| mail.flags.contains("\\Seen")))
        })
        .await;
        assert_once(&filed(&app, &helpdesk).await, 0..sent);
        if matches!(afterwards, Afterwards::Move(_)) {
            let moved = server.world(|world| world.folders["Done"].mails.len());
            assert_eq!(moved, sent, "moved once each");
        }
    }
}

async fn numbers_that_begin_anew_while_connections_end_lose_and_double_nothing(app: TestApp) {
    let (app, helpdesk) = fetching(&app).await;
    let server = ImapServer::start(Script::default()).await;
    let id = add(&app, &helpdesk, &settings(&server), None).await;
    until_looked(&app, &helpdesk, id).await;
    server.cut_one_in(8, 3);
    let (rounds, mut random, mut sent) = (count(8, 100), Random::new(4), 0);
    for round in 0..rounds {
        for _ in 0..=random.below(6) {
            server.inbox(|inbox| inbox.add(&raw(sent), START_MS));
            sent += 1;
        }
        if random.below(2) == 0 {
            until_tried(&app, &helpdesk, id, "they are there", async || {
                filed(&app, &helpdesk).await.len() == sent
            })
            .await;
        }
        server.inbox(|inbox| {
            let old = std::mem::take(&mut inbox.mails);
            inbox.uid_validity = u32::try_from(round).expect("small") + 2;
            inbox.uid_next = 1 + u32::try_from(random.below(3)).expect("small");
            for mail in old {
                inbox.add(&mail.raw, mail.internal_ms);
            }
        });
        // Servers end connections to a folder that was made anew.
        app.advance(6 * 60_000);
    }
    server.cut_no_more();
    super::resume(&app, &helpdesk, id).await;
    until_tried(&app, &helpdesk, id, "all are there", async || {
        filed(&app, &helpdesk).await.len() == sent
    })
    .await;
    until_looked(&app, &helpdesk, id).await;
    assert_once(&filed(&app, &helpdesk).await, 0..sent);
}
