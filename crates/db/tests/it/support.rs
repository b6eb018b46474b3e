//! A database with a small schema, on either engine, and a gate to hold a body at a known point.

use db::{Db, Engine, Error, Location, Migration, Tx};
use std::sync::{Arc, Condvar, Mutex};
use tokio::sync::watch;
use uuid::Uuid;

pub(crate) const SCHEMA: &[Migration] = &[Migration {
    number: 1,
    name: "items",
    sqlite: "CREATE TABLE items (
                helpdesk_id BLOB NOT NULL, id BLOB NOT NULL,
                name TEXT NOT NULL, amount BIGINT NOT NULL DEFAULT 0 CHECK (amount < 1000000),
                flag BOOLEAN, note TEXT, body TEXT, data BLOB,
                PRIMARY KEY (helpdesk_id, id), UNIQUE (helpdesk_id, name));
             CREATE UNIQUE INDEX one_flagged ON items (helpdesk_id, note) WHERE flag;
             CREATE TABLE parts (
                helpdesk_id BLOB NOT NULL, item_id BLOB NOT NULL,
                FOREIGN KEY (helpdesk_id, item_id) REFERENCES items (helpdesk_id, id));",
    postgres: "CREATE TABLE items (
                helpdesk_id UUID NOT NULL, id UUID NOT NULL,
                name TEXT NOT NULL, amount BIGINT NOT NULL DEFAULT 0 CHECK (amount < 1000000),
                flag BOOLEAN, note TEXT, body TEXT, data BYTEA,
                PRIMARY KEY (helpdesk_id, id), UNIQUE (helpdesk_id, name));
             CREATE UNIQUE INDEX one_flagged ON items (helpdesk_id, note) WHERE flag;
             CREATE TABLE parts (
                helpdesk_id UUID NOT NULL, item_id UUID NOT NULL,
                FOREIGN KEY (helpdesk_id, item_id) REFERENCES items (helpdesk_id, id));",
}];

pub(crate) const HELPDESK: Uuid = Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0001);
pub(crate) const NOW: i64 = 1_790_000_000_000;

/// Where a test's database lives; the folder goes with it.
pub(crate) struct Place {
    pub(crate) location: Location,
    pub(crate) folder: tempfile::TempDir,
}

impl Place {
    pub(crate) async fn new(engine: Engine) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let location = match engine {
            Engine::Sqlite => Location::Sqlite(folder.path().join("helpdesky.sqlite")),
            Engine::Postgres => Location::Postgres(db::testing::fresh_postgres_database().await.unwrap()),
        };
        Self { location, folder }
    }

    pub(crate) async fn open(&self) -> Db {
        Db::open(&self.location, SCHEMA, NOW).await.unwrap()
    }
}

/// Makes two tests of each: `name::on_sqlite` and `name::on_postgres`.
macro_rules! on_both_engines {
    ($(async fn $name:ident($place:ident: Place) $body:block)*) => {$(
        mod $name {
            use super::*;

            async fn run($place: crate::support::Place) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                run(crate::support::Place::new(db::Engine::Sqlite).await).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                run(crate::support::Place::new(db::Engine::Postgres).await).await;
            }
        }
    )*};
}
pub(crate) use on_both_engines;

pub(crate) fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + number)
}

pub(crate) async fn insert(tx: &mut Tx, item: Uuid, name: &str) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO items (helpdesk_id, id, name) VALUES ($1, $2, $3)",
        &[&HELPDESK, &item, &name],
    )
    .await?;
    Ok(())
}

pub(crate) async fn names_in(tx: &mut Tx) -> Result<Vec<String>, Error> {
    tx.all(
        "SELECT name FROM items WHERE helpdesk_id = $1 ORDER BY id",
        &[&HELPDESK],
        |row| row.get(0),
    )
    .await
}

pub(crate) async fn names(db: &Db) -> Vec<String> {
    db.read(async |tx: &mut Tx| names_in(tx).await).await.unwrap()
}

/// Something a body can wait for: SQLite's bodies block their thread, as they may await nothing.
#[derive(Clone)]
pub(crate) struct Gate {
    engine: Engine,
    blocking: Arc<(Mutex<bool>, Condvar)>,
    waking: watch::Sender<bool>,
}

impl Gate {
    pub(crate) fn new(db: &Db) -> Self {
        Self {
            engine: db.engine(),
            blocking: Arc::default(),
            waking: watch::Sender::new(false),
        }
    }

    pub(crate) fn open(&self) {
        *self.blocking.0.lock().unwrap() = true;
        self.blocking.1.notify_all();
        self.waking.send_replace(true);
    }

    /// Waits inside a body.
    pub(crate) async fn pass(&self) {
        match self.engine {
            Engine::Sqlite => {
                let open = self.blocking.0.lock().unwrap();
                drop(self.blocking.1.wait_while(open, |open| !*open).unwrap());
            }
            Engine::Postgres => self.opened().await,
        }
    }

    /// Waits in a test.
    pub(crate) async fn opened(&self) {
        self.waking.subscribe().wait_for(|open| *open).await.unwrap();
    }
}
