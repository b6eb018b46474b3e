//! One error for both engines: what a caller can act on, with the driver's own error as its source.

use std::sync::Arc;

/// The driver's error, shared because one failed COMMIT is every member's error.
pub(crate) type Source = Arc<dyn std::error::Error + Send + Sync>;

/// Why an operation on the database failed. Whatever the variant, nothing of a failed write is
/// durable, except with [`Error::CommitUnknown`], where nobody can tell.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// A unique constraint refused the row. The name is `table_column_column_key` on both engines.
    #[error("{constraint} already holds these values")]
    Unique {
        /// Name of the constraint.
        constraint: String,
    },
    /// A foreign key, CHECK or NOT NULL constraint refused the row.
    #[error("the database refused the row: {0}")]
    Constraint(Source),
    /// The disk is full. Nothing was written; it works again when space returns.
    #[error("the disk is full; nothing was stored")]
    Full(Source),
    /// The database cannot be reached right now.
    #[error("the database cannot be reached: {0}")]
    Unavailable(Source),
    /// A write or fsync failed, so what is on disk is unknown and no further write is accepted.
    #[error("writing stopped after the disk failed: {0}; check the disk, then start Helpdesky again")]
    Stopped(Source),
    /// PostgreSQL kept refusing the transaction because of concurrent ones.
    #[error("too many concurrent changes: {0}")]
    Contended(Source),
    /// The connection went away during COMMIT: the write may or may not have happened.
    /// Only an idempotency key can resolve it; it is never retried blindly.
    #[error("the connection was lost while committing: {0}")]
    CommitUnknown(Source),
    /// A row did not have the expected shape, or the operation broke a rule of this crate.
    #[error("internal database error: {0}")]
    Internal(String),
    /// Any other error of the driver.
    #[error("database error: {0}")]
    Driver(Source),
}

impl Error {
    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self::Internal(message.into())
    }

    /// True when trying again later can succeed although the request is the same.
    pub fn is_temporary(&self) -> bool {
        matches!(
            self,
            Self::Full(_)
                | Self::Unavailable(_)
                | Self::Stopped(_)
                | Self::Contended(_)
                | Self::CommitUnknown(_)
        )
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        let (code, extended, message) = match &error {
            rusqlite::Error::SqliteFailure(failure, message) => (
                failure.code,
                failure.extended_code,
                message.clone().unwrap_or_default(),
            ),
            _ => return Self::Driver(Arc::new(error)),
        };
        match code {
            // The shared-memory file beside the log cannot grow: nothing was written anywhere.
            _ if extended == rusqlite::ffi::SQLITE_IOERR_SHMSIZE => Self::Full(Arc::new(error)),
            Code::ConstraintViolation if is_unique(extended) => Self::Unique {
                constraint: unique_name(&message),
            },
            Code::ConstraintViolation => Self::Constraint(Arc::new(error)),
            Code::DiskFull => Self::Full(Arc::new(error)),
            Code::DatabaseBusy | Code::DatabaseLocked | Code::CannotOpen => {
                Self::Unavailable(Arc::new(error))
            }
            _ => Self::Driver(Arc::new(error)),
        }
    }
}

fn is_unique(extended_code: i32) -> bool {
    matches!(
        extended_code,
        rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE | rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY
    )
}

/// `UNIQUE constraint failed: contacts.helpdesk_id, contacts.email` → `contacts_helpdesk_id_email_key`,
/// which is what PostgreSQL calls a UNIQUE constraint by default.
fn unique_name(message: &str) -> String {
    let columns = message.rsplit_once(": ").map_or(message, |(_, columns)| columns);
    if let Some(index) = columns.strip_prefix("index '") {
        // An index on expressions is known by its own name.
        return index.trim_end_matches('\'').to_owned();
    }
    let table = columns.split_once('.').map_or("", |(table, _)| table);
    let columns = columns
        .split(", ")
        .map(|column| column.split_once('.').map_or(column, |(_, column)| column));
    key_name(table, columns)
}

fn key_name<'a>(table: &str, columns: impl Iterator<Item = &'a str>) -> String {
    let mut name = table.to_owned();
    for column in columns {
        name.push('_');
        name.push_str(column);
    }
    name.push_str("_key");
    name
}

/// The same name for the same columns, whatever PostgreSQL calls the index behind a primary key,
/// a partial index or a name too long for it. Its detail says, in any language,
/// `… (helpdesk_id, email)=(…) …`.
fn unique_name_of(failure: &tokio_postgres::error::DbError) -> String {
    let columns = failure
        .detail()
        .and_then(|detail| detail.split_once(")=("))
        .and_then(|(columns, _)| columns.split_once('('))
        .map(|(_, columns)| columns)
        .filter(|columns| !columns.contains(['(', '"']));
    match (failure.table(), columns) {
        (Some(table), Some(columns)) => key_name(table, columns.split(", ")),
        _ => failure.constraint().unwrap_or_default().to_owned(),
    }
}

impl From<tokio_postgres::Error> for Error {
    fn from(error: tokio_postgres::Error) -> Self {
        use tokio_postgres::error::SqlState;
        let Some(failure) = error.as_db_error() else {
            return if error.is_closed()
                || std::error::Error::source(&error)
                    .is_some_and(<dyn std::error::Error>::is::<std::io::Error>)
            {
                Self::Unavailable(Arc::new(error))
            } else {
                Self::Driver(Arc::new(error))
            };
        };
        match failure.code() {
            &SqlState::UNIQUE_VIOLATION => Self::Unique {
                constraint: unique_name_of(failure),
            },
            &SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED => {
                Self::Contended(Arc::new(error))
            }
            &SqlState::DISK_FULL => Self::Full(Arc::new(error)),
            &SqlState::ADMIN_SHUTDOWN
            | &SqlState::CRASH_SHUTDOWN
            | &SqlState::CANNOT_CONNECT_NOW
            | &SqlState::TOO_MANY_CONNECTIONS => Self::Unavailable(Arc::new(error)),
            code if code.code().starts_with("23") => Self::Constraint(Arc::new(error)),
            _ => Self::Driver(Arc::new(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::unique_name;

    #[test]
    fn a_unique_violation_is_named_as_postgresql_names_it() {
        assert_eq!(
            unique_name("UNIQUE constraint failed: contacts.helpdesk_id, contacts.email"),
            "contacts_helpdesk_id_email_key"
        );
        assert_eq!(
            unique_name("UNIQUE constraint failed: index 'contacts_by_folded_name'"),
            "contacts_by_folded_name"
        );
    }
}
