//! Several nodes on one database: one of them works at a mailbox, and another goes on when it is gone.

use helpdesky::mail_in::imap::State;

use super::filed::filed;
use super::{
    START_MS, add, assert_once, be_impatient, fetching, mailbox, raw, settings, until, until_looked,
};
use crate::support::imap::{ImapServer, Script};
use crate::support::{Engine, TestApp, on};

#[test]
fn one_node_works_at_a_mailbox_and_another_goes_on_after_it() {
    on(Engine::Postgres, async |app: TestApp| {
        let (first, helpdesk) = fetching(&app).await;
        let second = first.another_fetching_node().await;
        be_impatient(&second);
        let server = ImapServer::start(Script::default()).await;
        let id = add(&first, &helpdesk, &settings(&server), None).await;
        until_looked(&first, &helpdesk, id).await;
        for round in 0..40 {
            server.inbox(|inbox| inbox.add(&raw(round), START_MS));
            // Leases are prolonged, whichever clock is ahead.
            for node in [&first, &second] {
                node.advance(29_000);
            }
            until("it is fetched", async || {
                filed(&second, &helpdesk).await.len() == round + 1
            })
            .await;
        }
        assert_once(&filed(&first, &helpdesk).await, 0..40);
        first.app.stop();
        second.app.stop();
        until("both are gone", async || server.world(|world| world.open) == 0).await;

        // Killed without a word: the lease ends.
        let third = first.another_fetching_node().await;
        be_impatient(&third);
        third.advance(second.app.now_ms() - third.app.now_ms());
        server.inbox(|inbox| inbox.add(&raw(40), START_MS));
        until("the third goes on", async || {
            filed(&third, &helpdesk).await.len() == 41
        })
        .await;
        let state = mailbox(&third, &helpdesk, id).await.state;
        assert!(matches!(state, State::Connected { .. }), "{state:?}");
        assert_once(&filed(&third, &helpdesk).await, 0..41);
    });
}
