//! Numbered migrations in twins, one text per engine, applied in order and never edited later.

use crate::sqlite::copy_file;
use crate::{Error, OpenError};
use sha2::{Digest, Sha256};
use std::path::Path;

/// One step of the schema.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Position, from 1 without gaps.
    pub number: i64,
    /// Short name, the same for both engines.
    pub name: &'static str,
    /// The text for SQLite.
    pub sqlite: &'static str,
    /// The text for PostgreSQL.
    pub postgres: &'static str,
}

const LEDGER: &str = "CREATE TABLE IF NOT EXISTS schema_migrations (
    number BIGINT PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at BIGINT NOT NULL)";
const APPLIED: &str = "SELECT number, name, checksum FROM schema_migrations ORDER BY number";
const RECORD: &str =
    "INSERT INTO schema_migrations (number, name, checksum, applied_at) VALUES ($1, $2, $3, $4)";
/// Any constant of ours: nodes that start together migrate one after another.
const ADVISORY_LOCK: &str = "SELECT pg_advisory_lock(4820394017)";
const ADVISORY_UNLOCK: &str = "SELECT pg_advisory_unlock(4820394017)";

fn checksum(text: &str) -> String {
    Sha256::digest(text.as_bytes())
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

struct Applied {
    number: i64,
    name: String,
    checksum: String,
}

/// What is still to do, after checking that what was done is what this program would have done.
fn pending<'a>(
    migrations: &'a [Migration],
    applied: &[Applied],
    text: impl Fn(&Migration) -> &'static str,
) -> Result<&'a [Migration], OpenError> {
    for (position, done) in applied.iter().enumerate() {
        let Some(ours) = migrations.get(position) else {
            return Err(OpenError::new(
                format!(
                    "this database was written by a newer Helpdesky (it has step {} {})",
                    done.number, done.name
                ),
                "run that version or a later one, or restore a copy made before the upgrade",
            ));
        };
        if ours.number != done.number || ours.name != done.name || checksum(text(ours)) != done.checksum {
            return Err(OpenError::new(
                format!(
                    "step {} {} of the schema is not the one this database was made with",
                    done.number, done.name
                ),
                "use a released version of Helpdesky; released migrations never change",
            ));
        }
    }
    Ok(migrations.get(applied.len()..).unwrap_or_default())
}

fn failed(step: &str, error: &dyn std::fmt::Display) -> OpenError {
    OpenError::new(
        format!("cannot prepare the database ({step}): {error}"),
        "nothing of this step was kept; correct the cause and start again",
    )
}

pub(crate) fn sqlite(
    connection: &mut rusqlite::Connection,
    path: &Path,
    migrations: &[Migration],
    now_ms: i64,
) -> Result<(), OpenError> {
    connection
        .execute_batch(LEDGER)
        .map_err(|error| failed("ledger", &error))?;
    let read_applied = |connection: &rusqlite::Connection| {
        let mut statement = connection.prepare(APPLIED)?;
        let rows = statement.query_map([], |row| {
            Ok(Applied {
                number: row.get(0)?,
                name: row.get(1)?,
                checksum: row.get(2)?,
            })
        })?;
        rows.collect::<Result<Vec<_>, rusqlite::Error>>()
    };
    let applied = read_applied(connection).map_err(|error| failed("ledger", &error))?;
    let pending = pending(migrations, &applied, |migration| migration.sqlite)?;
    let Some(next) = pending.first() else {
        return Ok(());
    };
    if !applied.is_empty() {
        safety_copy(connection, path, next.number)?;
    }
    // A step may rebuild a table that others point to; it is judged by what it leaves.
    foreign_keys(connection, false)?;
    for migration in pending {
        let step = format!("{:04} {}", migration.number, migration.name);
        apply(connection, migration, now_ms).map_err(|error| failed(&step, &error))?;
    }
    foreign_keys(connection, true)
}

fn foreign_keys(connection: &rusqlite::Connection, on: bool) -> Result<(), OpenError> {
    connection
        .pragma_update(None, "foreign_keys", on)
        .map_err(|error| failed("foreign keys", &error))
}

fn apply(connection: &mut rusqlite::Connection, migration: &Migration, now_ms: i64) -> Result<(), Error> {
    let transaction = connection.transaction()?;
    transaction.execute_batch(migration.sqlite)?;
    let dangling = transaction
        .prepare("PRAGMA foreign_key_check")?
        .query([])?
        .next()?
        .map(|row| row.get::<_, String>(0))
        .transpose()?;
    if let Some(table) = dangling {
        return Err(Error::internal(format!(
            "a row of {table} would point to nothing"
        )));
    }
    transaction.execute(
        RECORD,
        rusqlite::params![
            migration.number,
            migration.name,
            checksum(migration.sqlite),
            now_ms
        ],
    )?;
    Ok(transaction.commit()?)
}

/// Keeps the database as it was before an upgrade. A copy of an earlier try, or of an upgrade that
/// was undone since, gives way: it is older than what it would protect.
fn safety_copy(connection: &rusqlite::Connection, path: &Path, number: i64) -> Result<(), OpenError> {
    let copy = path.with_extension(format!("before-{number:04}.sqlite"));
    copy_file(connection, path, &copy).map_err(|error| failed("safety copy", &error))
}

pub(crate) async fn postgres(
    client: &mut deadpool_postgres::Client,
    migrations: &[Migration],
    now_ms: i64,
) -> Result<(), OpenError> {
    client
        .batch_execute(ADVISORY_LOCK)
        .await
        .map_err(|error| failed("lock", &error))?;
    let result = postgres_locked(client, migrations, now_ms).await;
    client
        .batch_execute(ADVISORY_UNLOCK)
        .await
        .map_err(|error| failed("unlock", &error))?;
    result
}

async fn postgres_locked(
    client: &mut deadpool_postgres::Client,
    migrations: &[Migration],
    now_ms: i64,
) -> Result<(), OpenError> {
    client
        .batch_execute(LEDGER)
        .await
        .map_err(|error| failed("ledger", &error))?;
    let rows = client
        .query(APPLIED, &[])
        .await
        .map_err(|error| failed("ledger", &error))?;
    let applied: Vec<Applied> = rows
        .iter()
        .map(|row| {
            Ok(Applied {
                number: row.try_get(0)?,
                name: row.try_get(1)?,
                checksum: row.try_get(2)?,
            })
        })
        .collect::<Result<_, tokio_postgres::Error>>()
        .map_err(|error| failed("ledger", &error))?;
    for migration in pending(migrations, &applied, |migration| migration.postgres)? {
        let step = format!("{:04} {}", migration.number, migration.name);
        let transaction = client
            .transaction()
            .await
            .map_err(|error| failed(&step, &error))?;
        transaction
            .batch_execute(migration.postgres)
            .await
            .map_err(|error| failed(&step, &error))?;
        transaction
            .execute(
                RECORD,
                &[
                    &migration.number,
                    &migration.name,
                    &checksum(migration.postgres),
                    &now_ms,
                ],
            )
            .await
            .map_err(|error| failed(&step, &error))?;
        transaction
            .commit()
            .await
            .map_err(|error| failed(&step, &error))?;
    }
    Ok(())
}
