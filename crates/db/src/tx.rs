//! A transaction as the rooms see it: statements with bound parameters, typed rows, hints.

use crate::value::{Column, Param, Value};
use crate::{Engine, Error, postgres, sqlite, stats::Stats};
use std::sync::Arc;
use uuid::Uuid;

/// Where PostgreSQL's `FOR UPDATE SKIP LOCKED` goes in a claiming statement. SQLite reads it as a
/// comment: its writers run one after another anyway.
pub const SKIP_LOCKED: &str = "/* skip locked */";

/// One transaction (in [`crate::Db::write`]) or one consistent snapshot (in [`crate::Db::read`]).
///
/// It is not `Send`: a body runs from its first to its last statement on one thread, and awaits
/// nothing else.
pub struct Tx {
    pub(crate) engine: TxEngine,
    pub(crate) stats: Arc<Stats>,
    pub(crate) hints: Vec<Uuid>,
    /// The first statement error. A body that swallows it cannot commit, because PostgreSQL has
    /// given up the transaction at that point and SQLite has not: both must behave alike.
    failure: Option<Error>,
    /// True while a statement runs, and for ever when the body dropped it before its answer.
    unanswered: bool,
}

pub(crate) enum TxEngine {
    Sqlite(std::rc::Rc<rusqlite::Connection>),
    Postgres(postgres::Session),
}

impl Tx {
    pub(crate) fn new(engine: TxEngine, stats: Arc<Stats>) -> Self {
        Self {
            engine,
            stats,
            hints: Vec::new(),
            failure: None,
            unanswered: false,
        }
    }

    /// The engine behind it, for the one room that has a text for each: search.
    pub fn engine(&self) -> Engine {
        match &self.engine {
            TxEngine::Sqlite(_) => Engine::Sqlite,
            TxEngine::Postgres(_) => Engine::Postgres,
        }
    }

    /// Runs a statement and returns the number of rows it changed.
    ///
    /// # Errors
    /// Constraint violations and whatever the engine reports.
    pub async fn execute(&mut self, sql: &'static str, params: &[&dyn Param]) -> Result<u64, Error> {
        self.prepare(params)?;
        let result = match &self.engine {
            TxEngine::Sqlite(connection) => sqlite::execute(connection, sql, params),
            TxEngine::Postgres(session) => postgres::execute(session, sql, params).await,
        };
        self.remember(result)
    }

    /// Runs a query and maps every row.
    ///
    /// # Errors
    /// As [`Tx::execute`]; also when `map` reads a column as another type.
    pub async fn all<T>(
        &mut self,
        sql: &'static str,
        params: &[&dyn Param],
        mut map: impl FnMut(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Vec<T>, Error> {
        self.prepare(params)?;
        let result = match &self.engine {
            TxEngine::Sqlite(connection) => sqlite::query(connection, sql, params, &mut map),
            TxEngine::Postgres(session) => postgres::query(session, sql, params, &mut map).await,
        };
        self.remember(result)
    }

    /// Runs a query and maps its first row, if there is one.
    ///
    /// # Errors
    /// As [`Tx::all`].
    pub async fn first<T>(
        &mut self,
        sql: &'static str,
        params: &[&dyn Param],
        map: impl FnMut(&Row<'_>) -> Result<T, Error>,
    ) -> Result<Option<T>, Error> {
        Ok(self.all(sql, params, map).await?.into_iter().next())
    }

    /// Tells subscribers of [`crate::Db::subscribe`], on every node and only after the commit,
    /// that something happened under this topic. It is a hint: it may be lost or doubled.
    pub fn hint(&mut self, topic: Uuid) {
        if !self.hints.contains(&topic) {
            self.hints.push(topic);
        }
    }

    /// What both engines must refuse alike, although only one of them would.
    fn prepare(&mut self, params: &[&dyn Param]) -> Result<(), Error> {
        if let Some(error) = &self.failure {
            return Err(error.clone());
        }
        let holds_nul =
            |param: &&dyn Param| matches!(param.value(), Value::Text(text) if text.as_bytes().contains(&0));
        if params.iter().any(holds_nul) {
            return self.remember(Err(Error::internal("text cannot hold NUL")));
        }
        self.stats.statement();
        self.unanswered = true;
        Ok(())
    }

    fn remember<T>(&mut self, result: Result<T, Error>) -> Result<T, Error> {
        self.unanswered = false;
        self.failure = result.as_ref().err().cloned();
        result
    }

    /// Why this transaction must not be committed, whatever its body says.
    pub(crate) fn obstacle(&self) -> Option<Error> {
        if self.unanswered {
            return Some(Error::internal("a body gave up a statement it had begun"));
        }
        self.failure.clone()
    }
}

/// One row of a result, valid while it is mapped.
pub struct Row<'a> {
    pub(crate) inner: RowEngine<'a>,
}

pub(crate) enum RowEngine<'a> {
    Sqlite(&'a rusqlite::Row<'a>),
    Postgres(&'a tokio_postgres::Row),
}

impl Row<'_> {
    /// Reads the column at this position, counted from 0.
    ///
    /// # Errors
    /// [`Error::Internal`] when there is no such column or it holds another type.
    pub fn get<T: Column>(&self, position: usize) -> Result<T, Error> {
        let column: Value<'_> = match &self.inner {
            RowEngine::Sqlite(row) => sqlite::column(row, position)?,
            RowEngine::Postgres(row) => postgres::column(row, position)?,
        };
        T::from_column(column)
            .ok_or_else(|| Error::internal(format!("column {position} is no {}", std::any::type_name::<T>())))
    }
}
