//! Numbered migrations in twins, one text per engine, applied in order and never edited later.

use crate::OpenError;
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
    if let (Some(last), false) = (applied.last(), pending.is_empty()) {
        let copy = path.with_extension(format!("before-{:04}.sqlite", last.number + 1));
        if !copy.exists() {
            let copy = copy.to_string_lossy();
            connection
                .execute("VACUUM INTO ?1", [&copy])
                .map_err(|error| failed("safety copy", &error))?;
        }
    }
    for migration in pending {
        let step = format!("{:04} {}", migration.number, migration.name);
        let apply = |transaction: &rusqlite::Transaction<'_>| {
            transaction.execute_batch(migration.sqlite)?;
            transaction.execute(
                RECORD,
                rusqlite::params![
                    migration.number,
                    migration.name,
                    checksum(migration.sqlite),
                    now_ms
                ],
            )
        };
        let transaction = connection.transaction().map_err(|error| failed(&step, &error))?;
        apply(&transaction).map_err(|error| failed(&step, &error))?;
        transaction.commit().map_err(|error| failed(&step, &error))?;
    }
    Ok(())
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
