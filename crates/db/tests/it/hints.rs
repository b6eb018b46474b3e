//! Hints: after the commit, never before, and on every node.

use crate::support::{Gate, HELPDESK, id, insert, names, on_both_engines};
use db::{Db, Engine, Error, Hint, Tx};
use std::time::Duration;
use tokio::sync::broadcast::Receiver;

/// The next hint about this topic; others (a listener that has just connected) are skipped.
pub(crate) async fn topic(hints: &mut Receiver<Hint>, topic: uuid::Uuid) {
    let arrived = async { while hints.recv().await.unwrap() != Hint::Topic(topic) {} };
    tokio::time::timeout(Duration::from_secs(10), arrived)
        .await
        .unwrap();
}

async fn until_it_hears(db: &Db) {
    let mut hints = db.subscribe();
    while !db.hears_other_nodes() {
        // The listener says `Everything` when it has subscribed.
        drop(tokio::time::timeout(Duration::from_millis(100), hints.recv()).await);
    }
}

on_both_engines! {
    async fn a_hint_arrives_only_after_the_commit(place: Place) {
        let db = place.open().await;
        until_it_hears(&db).await;
        let mut hints = db.subscribe();
        let (hinted, gate) = (Gate::new(&db), Gate::new(&db));
        let (body_hinted, body_gate) = (hinted.clone(), gate.clone());
        let writing = db.clone();
        let write = tokio::spawn(async move {
            writing.write(async move |tx: &mut Tx| {
                insert(tx, id(1), "kept").await?;
                tx.hint(HELPDESK);
                body_hinted.open();
                body_gate.pass().await;
                Ok::<_, Error>(())
            }).await
        });
        hinted.opened().await;
        assert!(hints.try_recv().is_err(), "a hint came before the commit");
        gate.open();
        topic(&mut hints, HELPDESK).await;
        assert_eq!(names(&db).await, ["kept"]);
        write.await.unwrap().unwrap();
    }

    async fn a_write_that_fails_gives_no_hint(place: Place) {
        let db = place.open().await;
        until_it_hears(&db).await;
        let mut hints = db.subscribe();
        let failed: Result<(), Error> = db.write(async |tx: &mut Tx| {
            tx.hint(id(1));
            Err(Error::Internal("its own error".to_owned()))
        }).await;
        assert!(failed.is_err());
        db.write(async |tx: &mut Tx| {
            tx.hint(id(2));
            insert(tx, id(2), "kept").await
        }).await.unwrap();
        loop {
            match hints.recv().await.unwrap() {
                Hint::Topic(topic) if topic == id(2) => break,
                Hint::Topic(topic) => panic!("a hint about {topic}"),
                Hint::Everything => {}
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hint_reaches_every_node_of_the_same_postgresql() {
    let place = crate::support::Place::new(Engine::Postgres).await;
    let (one, other) = (place.open().await, place.open().await);
    until_it_hears(&other).await;
    let mut hints = other.subscribe();
    one.write(async |tx: &mut Tx| {
        tx.hint(HELPDESK);
        tx.hint(id(7));
        insert(tx, id(1), "kept").await
    })
    .await
    .unwrap();
    topic(&mut hints, HELPDESK).await;
    topic(&mut hints, id(7)).await;
    assert_eq!(names(&other).await, ["kept"]);
}
