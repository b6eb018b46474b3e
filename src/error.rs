//! One error type: a code for programs, a sentence for people, a source for the log.

use std::sync::Arc;

/// What kind of refusal this is; surfaces turn it into their status code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The request cannot be understood.
    Invalid,
    /// The caller is not who they must be.
    Unauthorized,
    /// The caller is known and may not do this.
    Forbidden,
    /// There is no such thing, for this caller.
    NotFound,
    /// Not with this method.
    MethodNotAllowed,
    /// The request contradicts an earlier one.
    Conflict,
    /// More bytes than accepted.
    TooLarge,
    /// Another media type is needed.
    UnsupportedMediaType,
    /// Understood, but the values cannot be accepted.
    Unprocessable,
    /// Too many requests; try again after so many seconds.
    TooMany {
        /// Seconds to wait.
        retry_after_seconds: u64,
    },
    /// Cannot be done right now; nothing was stored.
    Unavailable,
    /// A fault of ours.
    Internal,
}

/// Why something was not done. The sentence is safe for whoever asked.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{sentence}")]
pub struct Error {
    /// The kind of refusal.
    pub kind: Kind,
    /// A stable name in snake_case.
    pub code: &'static str,
    /// What happened and what to do, for the reader.
    pub sentence: String,
    /// For the log only.
    #[source]
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// An error without a deeper cause.
    pub fn new(kind: Kind, code: &'static str, sentence: impl Into<String>) -> Self {
        Self {
            kind,
            code,
            sentence: sentence.into(),
            source: None,
        }
    }

    /// The request cannot be understood.
    pub fn invalid(code: &'static str, sentence: impl Into<String>) -> Self {
        Self::new(Kind::Invalid, code, sentence)
    }

    /// The values cannot be accepted.
    pub fn unprocessable(code: &'static str, sentence: impl Into<String>) -> Self {
        Self::new(Kind::Unprocessable, code, sentence)
    }

    /// There is no such thing, for this caller.
    pub fn not_found(code: &'static str, sentence: impl Into<String>) -> Self {
        Self::new(Kind::NotFound, code, sentence)
    }

    /// The caller may not do this.
    pub fn forbidden(code: &'static str, sentence: impl Into<String>) -> Self {
        Self::new(Kind::Forbidden, code, sentence)
    }

    /// A fault of ours; the source goes to the log.
    pub fn internal(source: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self {
            source: Some(Arc::new(source)),
            ..Self::new(
                Kind::Internal,
                "internal_error",
                "Something went wrong on our side",
            )
        }
    }
}

impl From<db::Error> for Error {
    fn from(error: db::Error) -> Self {
        if matches!(error, db::Error::CommitUnknown(_)) {
            return Self {
                source: Some(Arc::new(error)),
                ..Self::new(
                    Kind::Unavailable,
                    "outcome_unknown",
                    "The connection to the database broke: this may or may not have been stored. Look before you send it again",
                )
            };
        }
        if error.is_temporary() {
            return Self {
                source: Some(Arc::new(error)),
                ..Self::new(
                    Kind::Unavailable,
                    "temporarily_unavailable",
                    "This cannot be stored right now; nothing was changed. Try again in a moment",
                )
            };
        }
        Self::internal(error)
    }
}

/// Shorthand for results with our error.
pub type Result<T> = std::result::Result<T, Error>;
