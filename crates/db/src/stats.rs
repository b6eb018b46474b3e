//! What the database has been asked to do, for metrics and for tests that pin the cost of a request.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Counters since the database was opened.
#[derive(Debug, Default)]
pub(crate) struct Stats {
    statements: AtomicU64,
    commits: AtomicU64,
    writes: AtomicU64,
    reads: AtomicU64,
    retries: AtomicU64,
}

/// One reading of [`Stats`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatsReading {
    /// Statements run on behalf of bodies, without BEGIN, COMMIT and savepoints.
    pub statements: u64,
    /// Transactions that wrote and were committed: on SQLite each is one fsync.
    pub commits: u64,
    /// Calls of `write`.
    pub writes: u64,
    /// Calls of `read`.
    pub reads: u64,
    /// Transactions that PostgreSQL asked us to repeat.
    pub retries: u64,
}

impl Stats {
    pub(crate) fn statement(&self) {
        self.statements.fetch_add(1, Relaxed);
    }
    pub(crate) fn commit(&self) {
        self.commits.fetch_add(1, Relaxed);
    }
    pub(crate) fn write(&self) {
        self.writes.fetch_add(1, Relaxed);
    }
    pub(crate) fn read(&self) {
        self.reads.fetch_add(1, Relaxed);
    }
    pub(crate) fn retry(&self) {
        self.retries.fetch_add(1, Relaxed);
    }

    pub(crate) fn reading(&self) -> StatsReading {
        StatsReading {
            statements: self.statements.load(Relaxed),
            commits: self.commits.load(Relaxed),
            writes: self.writes.load(Relaxed),
            reads: self.reads.load(Relaxed),
            retries: self.retries.load(Relaxed),
        }
    }
}
