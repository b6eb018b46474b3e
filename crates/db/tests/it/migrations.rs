//! Migrations: applied once, in order, whole, and never against a schema we do not know.

use crate::support::{NOW, Place, SCHEMA, id, insert, names, on_both_engines};
use db::{Db, Engine, Error, Location, Migration, Tx};

const fn step(number: i64, name: &'static str, sql: &'static str) -> Migration {
    Migration {
        number,
        name,
        sqlite: sql,
        postgres: sql,
    }
}

const FIRST: Migration = SCHEMA[0];
const SECOND: Migration = step(2, "extras", "CREATE TABLE extras (id BIGINT PRIMARY KEY)");
const TWO: &[Migration] = &[FIRST, SECOND];
const EDITED: &[Migration] = &[FIRST, step(2, "extras", "CREATE TABLE extras (id BIGINT)")];
const RENAMED: &[Migration] = &[FIRST, step(2, "other", SECOND.sqlite)];
const FAILING: &[Migration] = &[
    FIRST,
    SECOND,
    step(
        3,
        "bad",
        "CREATE TABLE half (id BIGINT); INSERT INTO extras VALUES (7); SELECT nothing FROM nowhere",
    ),
];

async fn applied(db: &Db) -> Vec<(i64, i64)> {
    db.read(async |tx: &mut Tx| {
        tx.all(
            "SELECT number, applied_at FROM schema_migrations ORDER BY number",
            &[],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .await
    })
    .await
    .map_err(|error: Error| error)
    .unwrap()
}

async fn has_table(db: &Db, sql: &'static str) -> bool {
    db.read(async move |tx: &mut Tx| tx.all(sql, &[], |_| Ok(())).await)
        .await
        .is_ok()
}

on_both_engines! {
    async fn each_step_is_applied_once(place: Place) {
        let db = Db::open(&place.location, SCHEMA, NOW).await.unwrap();
        db.write(async |tx: &mut Tx| insert(tx, id(1), "kept").await).await.unwrap();
        drop(db);
        for later in 1..4 {
            let db = Db::open(&place.location, TWO, NOW + later).await.unwrap();
            assert_eq!(applied(&db).await, [(1, NOW), (2, NOW + 1)]);
            assert_eq!(names(&db).await, ["kept"]);
        }
    }

    async fn a_changed_or_renamed_step_is_refused(place: Place) {
        drop(Db::open(&place.location, TWO, NOW).await.unwrap());
        for migrations in [EDITED, RENAMED] {
            let refused = Db::open(&place.location, migrations, NOW).await.err().unwrap().to_string();
            assert!(refused.contains("step 2 extras of the schema is not the one"), "{refused}");
        }
        drop(Db::open(&place.location, TWO, NOW).await.unwrap());
    }

    async fn a_newer_schema_is_refused_and_left_alone(place: Place) {
        drop(Db::open(&place.location, TWO, NOW).await.unwrap());
        let refused = Db::open(&place.location, SCHEMA, NOW).await.err().unwrap().to_string();
        assert!(refused.contains("written by a newer Helpdesky"), "{refused}");
        let db = Db::open(&place.location, TWO, NOW).await.unwrap();
        assert_eq!(applied(&db).await.len(), 2);
    }

    async fn a_failed_step_leaves_nothing(place: Place) {
        drop(Db::open(&place.location, SCHEMA, NOW).await.unwrap());
        for _ in 0..2 {
            let refused = Db::open(&place.location, FAILING, NOW).await.err().unwrap().to_string();
            assert!(refused.contains("0003 bad"), "{refused}");
        }
        let db = Db::open(&place.location, TWO, NOW).await.unwrap();
        assert_eq!(applied(&db).await.len(), 2);
        assert!(has_table(&db, "SELECT id FROM extras").await);
        assert!(!has_table(&db, "SELECT id FROM half").await);
        let extras: Vec<i64> = db.read(async |tx: &mut Tx| {
            tx.all("SELECT id FROM extras", &[], |row| row.get(0)).await
        }).await.map_err(|error: Error| error).unwrap();
        assert!(extras.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_is_copied_before_an_upgrade() {
    let place = Place::new(Engine::Sqlite).await;
    let copy = place.folder.path().join("helpdesky.before-0002.sqlite");
    let db = place.open().await;
    db.write(async |tx: &mut Tx| insert(tx, id(1), "before").await)
        .await
        .unwrap();
    drop(db);
    assert!(!copy.exists());
    // What a crash in the middle of an earlier copy leaves is neither trusted nor in the way.
    std::fs::write(copy.with_extension("unfinished"), "half a copy").unwrap();
    std::fs::write(&copy, "an outdated copy").unwrap();
    drop(Db::open(&place.location, TWO, NOW).await.unwrap());
    let elsewhere = tempfile::tempdir().unwrap();
    let restored = elsewhere.path().join("helpdesky.sqlite");
    std::fs::copy(&copy, &restored).unwrap();
    let restored = Db::open(&Location::Sqlite(restored), SCHEMA, NOW).await.unwrap();
    assert_eq!(names(&restored).await, ["before"]);
    assert!(restored.check().unwrap().is_empty());
    let left: Vec<_> = std::fs::read_dir(place.folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("unfinished"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

const REBUILD: &[Migration] = &[
    FIRST,
    step(
        2,
        "rebuild",
        "CREATE TABLE rebuilt (
            helpdesk_id BLOB NOT NULL, id BLOB NOT NULL, name TEXT NOT NULL,
            amount BIGINT NOT NULL DEFAULT 0, PRIMARY KEY (helpdesk_id, id));
         INSERT INTO rebuilt SELECT helpdesk_id, id, name, amount FROM items;
         DROP TABLE items;
         ALTER TABLE rebuilt RENAME TO items;",
    ),
];
const DANGLING: &[Migration] = &[FIRST, step(2, "dangling", "DELETE FROM items")];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sqlite_step_may_rebuild_a_table_but_leave_no_dangling_row() {
    let place = Place::new(Engine::Sqlite).await;
    let db = place.open().await;
    db.write(async |tx: &mut Tx| {
        insert(tx, id(1), "whole").await?;
        tx.execute(
            "INSERT INTO parts (helpdesk_id, item_id) VALUES ($1, $2)",
            &[&crate::support::HELPDESK, &id(1)],
        )
        .await
    })
    .await
    .unwrap();
    drop(db);
    let refused = Db::open(&place.location, DANGLING, NOW).await.err().unwrap();
    assert!(refused.to_string().contains("parts"), "{refused}");
    let db = Db::open(&place.location, REBUILD, NOW).await.unwrap();
    assert_eq!(names(&db).await, ["whole"]);
    let orphan = db
        .write(async |tx: &mut Tx| {
            tx.execute(
                "INSERT INTO parts (helpdesk_id, item_id) VALUES ($1, $1)",
                &[&id(9)],
            )
            .await
        })
        .await;
    assert!(matches!(orphan, Err(Error::Constraint(_))), "{orphan:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_start_at_once_migrate_one_after_another() {
    let place = Place::new(Engine::Postgres).await;
    let nodes: Vec<_> = (0..6)
        .map(|_| {
            let location = place.location.clone();
            tokio::spawn(async move { Db::open(&location, TWO, NOW).await })
        })
        .collect();
    for node in nodes {
        let db = node.await.unwrap().unwrap();
        assert_eq!(applied(&db).await.len(), 2);
    }
}
