//! Many writers and readers at once.

#![expect(clippy::print_stdout, reason = "the counts are worth seeing")]

use crate::support::{HELPDESK, id, insert, on_both_engines};
use db::{Engine, Error, Tx};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

const WRITES: u128 = 10_000;

on_both_engines! {
    async fn ten_thousand_concurrent_writes_with_readers_give_no_error(place: Place) {
        let db = place.open().await;
        let before = db.stats();
        let over = Arc::new(AtomicBool::new(false));
        let readers: Vec<_> = (0..4).map(|_| {
            let (db, over) = (db.clone(), Arc::clone(&over));
            tokio::spawn(async move {
                let (mut reads, mut last) = (0_u64, 0);
                while !over.load(Relaxed) {
                    let count = db.read(async |tx: &mut Tx| {
                        tx.first("SELECT COUNT(*) FROM items WHERE helpdesk_id = $1", &[&HELPDESK], |row| {
                            row.get::<i64>(0)
                        }).await
                    }).await.unwrap().unwrap();
                    assert!(count >= last, "rows went away: {last}, then {count}");
                    (reads, last) = (reads + 1, count);
                    tokio::task::yield_now().await;
                }
                reads
            })
        }).collect();
        let writes: Vec<_> = (0..WRITES).map(|number| {
            let db = db.clone();
            tokio::spawn(async move {
                db.write(async move |tx: &mut Tx| insert(tx, id(number), &number.to_string()).await).await
            })
        }).collect();
        for write in writes {
            let result: Result<(), Error> = write.await.unwrap();
            result.unwrap();
        }
        over.store(true, Relaxed);
        let mut reads = 0;
        for reader in readers {
            reads += reader.await.unwrap();
        }
        let commits = db.stats().commits - before.commits;
        println!("{:?}: {WRITES} writes, {commits} commits, {reads} reads", db.engine());
        assert!(reads > 0);
        if db.engine() == Engine::Sqlite {
            assert!(commits < 1_000, "{commits} commits for {WRITES} concurrent writes");
        } else {
            assert_eq!(u128::from(commits), WRITES);
        }
        assert!(db.check().unwrap().is_empty());
    }
}

/// SQLite's own checkpoints are off: ours must keep the log short.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_is_copied_into_the_database_while_writing_goes_on() {
    let place = crate::support::Place::new(Engine::Sqlite).await;
    let log = place.folder.path().join("helpdesky.sqlite-wal");
    let db = place.open().await;
    let over = Arc::new(AtomicBool::new(false));
    let (reading, until) = (db.clone(), Arc::clone(&over));
    let reader = tokio::spawn(async move {
        while !until.load(Relaxed) {
            crate::support::names(&reading).await;
            tokio::task::yield_now().await;
        }
    });
    for number in 0..200_u128 {
        db.write(async move |tx: &mut Tx| {
            insert(tx, id(number), &number.to_string()).await?;
            tx.execute(
                "UPDATE items SET data = $3 WHERE helpdesk_id = $1 AND id = $2",
                &[&HELPDESK, &id(number), &vec![0xA5_u8; 256 * 1024]],
            )
            .await
        })
        .await
        .unwrap();
    }
    over.store(true, Relaxed);
    reader.await.unwrap();
    let (written, left) = (200 * 256 * 1024, std::fs::metadata(&log).unwrap().len());
    println!("{written} bytes written, {left} bytes of log");
    assert!(left < written / 2, "the log has grown to {left} bytes");
    assert!(db.check().unwrap().is_empty());
}
