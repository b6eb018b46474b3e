//! One statement on one SQLite connection: binding, running, reading columns.

use crate::Error;
use crate::tx::{Row, RowEngine};
use crate::value::{Param, Value};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, Statement};

struct Bound<'a>(Value<'a>);

impl rusqlite::ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match &self.0 {
            Value::Null => ValueRef::Null,
            Value::Bool(value) => ValueRef::Integer(i64::from(*value)),
            Value::Int(value) => ValueRef::Integer(*value),
            Value::Text(value) => ValueRef::Text(value.as_bytes()),
            Value::Blob(value) => ValueRef::Blob(value),
            Value::Uuid(value) => ValueRef::Blob(value.as_bytes()),
        }))
    }
}

/// SQLite numbers `$1`, `$2` … in the order in which they first appear, whatever their digits say:
/// each is bound by what it is called, as PostgreSQL does.
fn bind(statement: &mut Statement<'_>, params: &[&dyn Param]) -> Result<(), Error> {
    if statement.parameter_count() != params.len() {
        return Err(Error::internal(format!(
            "{} parameters for a statement of {}",
            params.len(),
            statement.parameter_count()
        )));
    }
    for index in 1..=params.len() {
        let param = statement
            .parameter_name(index)
            .and_then(|name| name.strip_prefix('$')?.parse::<usize>().ok())
            .and_then(|number| params.get(number.checked_sub(1)?))
            .ok_or_else(|| Error::internal("parameters are called $1, $2 and so on"))?;
        statement.raw_bind_parameter(index, Bound(param.value()))?;
    }
    Ok(())
}

/// Runs one of the statements that make up a transaction.
pub(super) fn run(connection: &Connection, sql: &'static str) -> Result<(), Error> {
    connection.prepare_cached(sql)?.execute([])?;
    Ok(())
}

pub(crate) fn execute(
    connection: &Connection,
    sql: &'static str,
    params: &[&dyn Param],
) -> Result<u64, Error> {
    let mut statement = connection.prepare_cached(sql)?;
    bind(&mut statement, params)?;
    let changed = statement.raw_execute()?;
    Ok(u64::try_from(changed).unwrap_or(u64::MAX))
}

pub(crate) fn query<T>(
    connection: &Connection,
    sql: &'static str,
    params: &[&dyn Param],
    map: &mut dyn FnMut(&Row<'_>) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    let mut statement = connection.prepare_cached(sql)?;
    bind(&mut statement, params)?;
    let mut rows = statement.raw_query();
    let mut mapped = Vec::new();
    while let Some(row) = rows.next()? {
        mapped.push(map(&Row {
            inner: RowEngine::Sqlite(row),
        })?);
    }
    Ok(mapped)
}

pub(crate) fn column<'a>(row: &'a rusqlite::Row<'_>, position: usize) -> Result<Value<'a>, Error> {
    Ok(match row.get_ref(position)? {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(value) => Value::Int(value),
        ValueRef::Real(_) => return Err(Error::internal(format!("column {position} is a float"))),
        ValueRef::Text(bytes) => {
            Value::Text(std::str::from_utf8(bytes).map_err(|_| Error::internal("text is not UTF-8"))?)
        }
        ValueRef::Blob(bytes) => Value::Blob(bytes),
    })
}
