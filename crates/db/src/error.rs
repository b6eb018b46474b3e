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
    /// The disk, or the quota on it, is full. Nothing was written; it works again when space returns.
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
/// which is the name PostgreSQL gives to the same constraint.
fn unique_name(message: &str) -> String {
    let columns = message.rsplit_once(": ").map_or(message, |(_, columns)| columns);
    let mut name = String::new();
    for column in columns.split(", ") {
        let (table, column) = column.split_once('.').unwrap_or(("", column));
        if name.is_empty() {
            name.push_str(table);
        }
        name.push('_');
        name.push_str(column);
    }
    name.push_str("_key");
    name
}

impl From<tokio_postgres::Error> for Error {
    fn from(error: tokio_postgres::Error) -> Self {
        use tokio_postgres::error::SqlState;
        let Some(failure) = error.as_db_error() else {
            return if error.is_closed()
                || std::error::Error::source(&error).is_some_and(|e| e.is::<std::io::Error>())
            {
                Self::Unavailable(Arc::new(error))
            } else {
                Self::Driver(Arc::new(error))
            };
        };
        match failure.code() {
            &SqlState::UNIQUE_VIOLATION => Self::Unique {
                constraint: failure.constraint().unwrap_or_default().to_owned(),
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
    }
}
