//! One write: it is there whole and for good, or not at all, whatever its neighbours do.

use crate::support::{Gate, HELPDESK, id, insert, names, on_both_engines};
use db::{Engine, Error, Tx};

on_both_engines! {
    async fn neighbours_of_a_failing_operation_survive(place: Place) {
        let db = place.open().await;
        let (started, gate) = (Gate::new(&db), Gate::new(&db));
        let mut writes = Vec::new();
        let (body_started, body_gate) = (started.clone(), gate.clone());
        let holding = db.clone();
        // Holds SQLite's writer until the others wait, so that they share the next transaction.
        let held = tokio::spawn(async move {
            holding.write(async move |tx: &mut Tx| {
                body_started.open();
                body_gate.pass().await;
                insert(tx, id(1000), "holder").await
            }).await
        });
        started.opened().await;
        let before = db.stats().commits;
        for number in 0..60_u128 {
            let db = db.clone();
            writes.push(tokio::spawn(async move {
                db.write(async move |tx: &mut Tx| {
                    insert(tx, id(number), &format!("item {number:02}")).await?;
                    match number % 6 {
                        1 => insert(tx, id(number), "the same key again").await,
                        2 => Err(Error::Internal("its own error".to_owned())),
                        3 => panic!("a body panics"),
                        4 => {
                            drop(insert(tx, id(500), &format!("item {number:02}")).await);
                            Ok(())
                        }
                        _ => Ok(()),
                    }
                }).await
            }));
        }
        tokio::task::yield_now().await;
        gate.open();
        held.await.unwrap().unwrap();
        let mut kept = Vec::new();
        for (number, write) in writes.into_iter().enumerate() {
            let result: Result<(), Error> = write.await.unwrap();
            assert_eq!(result.is_ok(), matches!(number % 6, 0 | 5), "{number}: {result:?}");
            if result.is_ok() {
                kept.push(format!("item {number:02}"));
            }
        }
        kept.push("holder".to_owned());
        assert_eq!(names(&db).await, kept);
        let commits = db.stats().commits - before;
        if db.engine() == Engine::Sqlite {
            assert!(commits < 21, "{commits} commits: the operations did not share any");
        } else {
            assert_eq!(commits, 21);
        }
    }

    async fn a_panicking_body_keeps_nothing_and_the_next_write_works(place: Place) {
        let db = place.open().await;
        let result: Result<(), Error> = db.write(async |tx: &mut Tx| {
            insert(tx, id(1), "lost").await?;
            panic!("a body panics")
        }).await;
        assert!(matches!(result, Err(Error::Internal(_))), "{result:?}");
        db.write(async |tx: &mut Tx| insert(tx, id(2), "kept").await).await.unwrap();
        assert_eq!(names(&db).await, ["kept"]);
    }

    async fn a_body_that_swallows_a_statements_error_does_not_commit(place: Place) {
        let db = place.open().await;
        let result = db.write(async |tx: &mut Tx| {
            insert(tx, id(1), "first").await?;
            assert!(insert(tx, id(1), "second").await.is_err());
            // Both engines refuse what follows, with the error that was swallowed.
            let next = insert(tx, id(2), "third").await;
            assert!(matches!(next, Err(Error::Unique { .. })), "{next:?}");
            Ok::<_, Error>(())
        }).await;
        assert!(matches!(result, Err(Error::Unique { .. })), "{result:?}");
        assert!(names(&db).await.is_empty());
    }

    async fn unique_violations_are_named_alike(place: Place) {
        let db = place.open().await;
        db.write(async |tx: &mut Tx| {
            tx.execute(
                "INSERT INTO items (helpdesk_id, id, name, flag, note) VALUES ($1, $2, 'a', $3, 'n')",
                &[&HELPDESK, &id(1), &true],
            ).await
        }).await.unwrap();
        let key = db.write(async |tx: &mut Tx| insert(tx, id(1), "b").await).await;
        let name = db.write(async |tx: &mut Tx| insert(tx, id(2), "a").await).await;
        let partial = db.write(async |tx: &mut Tx| {
            tx.execute(
                "INSERT INTO items (helpdesk_id, id, name, flag, note) VALUES ($1, $2, 'c', $3, 'n')",
                &[&HELPDESK, &id(3), &true],
            ).await.map(drop)
        }).await;
        for (result, expected) in [
            (key, "items_helpdesk_id_id_key"),
            (name, "items_helpdesk_id_name_key"),
            (partial, "items_helpdesk_id_note_key"),
        ] {
            match result {
                Err(Error::Unique { constraint }) => assert_eq!(constraint, expected),
                other => panic!("{other:?}"),
            }
        }
    }

    async fn other_constraints_are_told_apart(place: Place) {
        let db = place.open().await;
        for sql in [
            "INSERT INTO items (helpdesk_id, id, name, amount) VALUES ($1, $1, 'a', 1000000)",
            "INSERT INTO items (helpdesk_id, id, name) VALUES ($1, $1, NULL)",
            "INSERT INTO parts (helpdesk_id, item_id) VALUES ($1, $1)",
        ] {
            let result = db.write(async move |tx: &mut Tx| tx.execute(sql, &[&HELPDESK]).await).await;
            assert!(matches!(result, Err(Error::Constraint(_))), "{sql}: {result:?}");
        }
    }

    async fn a_write_goes_on_after_its_caller_is_gone(place: Place) {
        let db = place.open().await;
        let (started, gate) = (Gate::new(&db), Gate::new(&db));
        let (body_started, body_gate) = (started.clone(), gate.clone());
        let writing = db.clone();
        let caller = tokio::spawn(async move {
            writing.write(async move |tx: &mut Tx| {
                body_started.open();
                body_gate.pass().await;
                tx.hint(HELPDESK);
                insert(tx, id(1), "kept").await
            }).await
        });
        started.opened().await;
        let mut hints = db.subscribe();
        caller.abort();
        assert!(caller.await.unwrap_err().is_cancelled());
        gate.open();
        crate::hints::topic(&mut hints, HELPDESK).await;
        assert_eq!(names(&db).await, ["kept"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_refuses_a_body_that_awaits_anything_else() {
    let place = crate::support::Place::new(Engine::Sqlite).await;
    let db = place.open().await;
    let result = db
        .write(async |tx: &mut Tx| {
            insert(tx, id(1), "lost").await?;
            tokio::task::yield_now().await;
            Ok::<_, Error>(())
        })
        .await;
    assert!(matches!(result, Err(Error::Internal(_))), "{result:?}");
    assert!(names(&db).await.is_empty());
}
