//! One process holds a SQLite file.

use crate::support::{Gate, NOW, Place, SCHEMA, id, insert, names};
use db::{Db, Engine, Location, Tx};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_open_of_the_same_file_is_refused_with_a_clear_sentence() {
    let place = Place::new(Engine::Sqlite).await;
    let db = place.open().await;
    let linked = place.folder.path().join("other-name.sqlite");
    std::os::unix::fs::symlink("helpdesky.sqlite", &linked).unwrap();
    for location in [place.location.clone(), Location::Sqlite(linked)] {
        let refused = Db::open(&location, SCHEMA, NOW).await.err().unwrap();
        assert!(refused.is_in_use());
        let sentence = refused.to_string();
        let holder = format!(
            "already in use by another Helpdesky (process {})",
            std::process::id()
        );
        assert!(
            sentence.contains(&holder) && sentence.contains("--data"),
            "{sentence}"
        );
    }
    db.write(async |tx: &mut Tx| insert(tx, id(1), "kept").await)
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_file_is_free_as_soon_as_the_last_handle_is_gone_and_its_writes_are_done() {
    let place = Place::new(Engine::Sqlite).await;
    for round in 0..20_u128 {
        let db = place.open().await;
        let (started, gate) = (Gate::new(&db), Gate::new(&db));
        let (body_started, body_gate) = (started.clone(), gate.clone());
        let abandoned = db.clone();
        let write = tokio::spawn(async move {
            abandoned
                .write(async move |tx: &mut Tx| {
                    body_started.open();
                    body_gate.pass().await;
                    insert(tx, id(round), &round.to_string()).await
                })
                .await
        });
        started.opened().await;
        write.abort();
        drop(write.await);
        gate.open();
        drop(db);
    }
    let db = place.open().await;
    assert_eq!(names(&db).await.len(), 20);
}
