//! What only a server and a network between can do.

use crate::support::{Gate, HELPDESK, NOW, Place, SCHEMA, id, insert, names};
use db::{Db, Engine, Error, Migration, Tx};

async fn add(tx: &mut Tx, item: u128) -> Result<(), Error> {
    tx.execute(
        "UPDATE items SET amount = amount + 1 WHERE helpdesk_id = $1 AND id = $2",
        &[&HELPDESK, &id(item)],
    )
    .await?;
    Ok(())
}

async fn with_two_items() -> (Place, Db) {
    let place = Place::new(Engine::Postgres).await;
    let db = place.open().await;
    db.write(async |tx: &mut Tx| {
        insert(tx, id(1), "one").await?;
        insert(tx, id(2), "two").await
    })
    .await
    .unwrap();
    (place, db)
}

async fn amounts(db: &Db) -> Vec<i64> {
    db.read(async |tx: &mut Tx| {
        tx.all("SELECT amount FROM items ORDER BY id", &[], |row| row.get(0))
            .await
    })
    .await
    .map_err(|error: Error| error)
    .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deadlock_is_repeated_and_counted() {
    let (_place, db) = with_two_items().await;
    let (one_has, other_has) = (Gate::new(&db), Gate::new(&db));
    let crosswise = |first: u128, second: u128, mine: Gate, theirs: Gate| {
        let db = db.clone();
        tokio::spawn(async move {
            db.write(async move |tx: &mut Tx| {
                add(tx, first).await?;
                mine.open();
                theirs.pass().await;
                add(tx, second).await
            })
            .await
        })
    };
    let one = crosswise(1, 2, one_has.clone(), other_has.clone());
    let other = crosswise(2, 1, other_has, one_has);
    one.await.unwrap().unwrap();
    other.await.unwrap().unwrap();
    assert_eq!(amounts(&db).await, [2, 2]);
    // The server may choose both as its victims.
    assert!(db.stats().retries >= 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_serialisation_failure_is_repeated_and_counted() {
    let (_place, db) = with_two_items().await;
    let (looked, gate) = (Gate::new(&db), Gate::new(&db));
    let (body_looked, body_gate) = (looked.clone(), gate.clone());
    let writing = db.clone();
    let write = tokio::spawn(async move {
        writing
            .write(async move |tx: &mut Tx| {
                tx.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", &[])
                    .await?;
                tx.all("SELECT amount FROM items", &[], |row| row.get::<i64>(0))
                    .await?;
                body_looked.open();
                body_gate.pass().await;
                add(tx, 1).await
            })
            .await
    });
    looked.opened().await;
    db.write(async |tx: &mut Tx| add(tx, 1).await).await.unwrap();
    gate.open();
    write.await.unwrap().unwrap();
    assert_eq!(amounts(&db).await, [2, 0]);
    assert_eq!(db.stats().retries, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_lost_before_the_commit_keeps_nothing_and_leaves_the_pool() {
    let (_place, db) = with_two_items().await;
    for _ in 0..20 {
        let lost = db
            .write(async |tx: &mut Tx| {
                insert(tx, id(3), "lost").await?;
                tx.all("SELECT pg_terminate_backend(pg_backend_pid())", &[], |_| Ok(()))
                    .await?;
                Ok::<_, Error>(())
            })
            .await;
        assert!(matches!(lost, Err(Error::Unavailable(_))), "{lost:?}");
    }
    for _ in 0..20 {
        db.write(async |tx: &mut Tx| add(tx, 1).await).await.unwrap();
    }
    assert_eq!(names(&db).await, ["one", "two"]);
    assert_eq!(amounts(&db).await, [20, 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_died_in_the_pool_cost_no_caller_an_error() {
    let (_place, db) = with_two_items().await;
    for _ in 0..10 {
        let together: Vec<_> = (0..8)
            .map(|_| {
                let db = db.clone();
                tokio::spawn(async move { db.write(async |tx: &mut Tx| add(tx, 1).await).await })
            })
            .collect();
        for write in together {
            write.await.unwrap().unwrap();
        }
        db.write(async |tx: &mut Tx| {
            tx.all(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE datname = current_database() AND pid <> pg_backend_pid()",
                &[],
                |_| Ok(()),
            )
            .await
        })
        .await
        .unwrap();
    }
    assert_eq!(amounts(&db).await, [80, 0]);
}

const AT_COMMIT: &[Migration] = &[
    SCHEMA[0],
    Migration {
        number: 2,
        name: "at_commit",
        sqlite: "SELECT 1",
        postgres: "CREATE FUNCTION at_commit() RETURNS trigger LANGUAGE plpgsql AS $$
                   BEGIN
                       IF NEW.name = 'dies' THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
                       IF NEW.name = 'refused' THEN RAISE EXCEPTION 'refused at commit'; END IF;
                       RETURN NULL;
                   END $$;
                   CREATE CONSTRAINT TRIGGER at_commit AFTER INSERT ON items
                   DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION at_commit();",
    },
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_a_connection_lost_during_commit_leaves_the_outcome_unknown() {
    let place = Place::new(Engine::Postgres).await;
    let db = Db::open(&place.location, AT_COMMIT, NOW).await.unwrap();
    for (name, unknown) in [("dies", true), ("refused", false)] {
        let result = db
            .write(async move |tx: &mut Tx| insert(tx, id(1), name).await)
            .await;
        match result {
            Err(Error::CommitUnknown(_)) => assert!(unknown),
            Err(Error::Driver(_)) => assert!(!unknown),
            other => panic!("{name}: {other:?}"),
        }
        db.write(async |tx: &mut Tx| add(tx, 1).await).await.unwrap();
    }
    assert_eq!(db.stats().retries, 0, "an unknown commit is never tried again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_that_gives_up_a_statement_does_not_commit() {
    let (_place, db) = with_two_items().await;
    let result = db
        .write(async |tx: &mut Tx| {
            insert(tx, id(3), "lost").await?;
            {
                let mut statement = std::pin::pin!(insert(tx, id(1), "the same key again"));
                std::future::poll_fn(|context| {
                    drop(statement.as_mut().poll(context));
                    std::task::Poll::Ready(())
                })
                .await;
            }
            Ok::<_, Error>(())
        })
        .await;
    // A server that answers within the one poll has its own error told; nothing is kept either way.
    let refused = matches!(result, Err(Error::Internal(_) | Error::Unique { .. }));
    assert!(refused, "{result:?}");
    assert_eq!(names(&db).await, ["one", "two"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_not_there_is_named_with_a_remedy() {
    let location = db::Location::Postgres("host=/nonexistent user=nobody dbname=none".to_owned());
    let refused = Db::open(&location, SCHEMA, NOW).await.err().unwrap().to_string();
    assert!(
        refused.contains("PostgreSQL cannot be reached") && refused.contains("database URL"),
        "{refused}"
    );
    assert!(!format!("{location:?}").contains("nobody"));
}
