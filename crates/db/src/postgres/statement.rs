//! One transaction's connection, and one statement on it: binding, running, reading columns.

use crate::Error;
use crate::tx::{Row, RowEngine, SKIP_LOCKED};
use crate::value::{Param, Value};
use deadpool_postgres::{Client, Object};
use futures_util::StreamExt;
use std::pin::pin;
use tokio_postgres::types::{IsNull, ToSql, Type, private::BytesMut, to_sql_checked};
use uuid::Uuid;

/// A connection inside a transaction. Unless [`Session::end`] has succeeded, dropping it takes the
/// connection out of the pool and closes it, so that the server undoes the transaction: after an
/// error at its end, after a task was cancelled, whatever happens.
pub(crate) struct Session(Option<Box<Client>>);

impl Session {
    pub(super) fn new(client: Client) -> Self {
        Self(Some(Box::new(client)))
    }

    fn client(&self) -> Result<&Client, Error> {
        self.0
            .as_deref()
            .ok_or_else(|| Error::internal("the transaction has ended"))
    }

    /// Begins the transaction.
    pub(super) async fn begin(&self, sql: &str) -> Result<(), Error> {
        Ok(self.client()?.batch_execute(sql).await?)
    }

    /// Ends the transaction with COMMIT or ROLLBACK and gives the connection back.
    pub(super) async fn end(mut self, sql: &str) -> Result<(), tokio_postgres::Error> {
        if let Some(client) = &self.0 {
            client.batch_execute(sql).await?;
        }
        drop(self.0.take());
        Ok(())
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Some(client) = self.0.take() {
            drop(Object::take(*client));
        }
    }
}

#[derive(Debug)]
struct Bound<'a>(Value<'a>);

impl ToSql for Bound<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match &self.0 {
            Value::Null => Ok(IsNull::Yes),
            Value::Bool(value) => value.to_sql(ty, out),
            Value::Int(value) if *ty == Type::INT4 => i32::try_from(*value)?.to_sql(ty, out),
            Value::Int(value) => value.to_sql(ty, out),
            Value::Text(value) => value.to_sql(ty, out),
            Value::Blob(value) => value.to_sql(ty, out),
            Value::Uuid(value) => value.to_sql(ty, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

fn bound<'a>(params: &'a [&'a dyn Param]) -> Vec<Bound<'a>> {
    params.iter().map(|param| Bound(param.value())).collect()
}

fn dialect(sql: &'static str) -> std::borrow::Cow<'static, str> {
    if sql.contains(SKIP_LOCKED) {
        sql.replace(SKIP_LOCKED, "FOR UPDATE SKIP LOCKED").into()
    } else {
        sql.into()
    }
}

pub(crate) async fn execute(
    session: &Session,
    sql: &'static str,
    params: &[&dyn Param],
) -> Result<u64, Error> {
    let statement = session.client()?.prepare_cached(&dialect(sql)).await?;
    let bound = bound(params);
    Ok(session
        .client()?
        .execute_raw(&statement, bound.iter().map(|value| value as &dyn ToSql))
        .await?)
}

pub(crate) async fn query<T>(
    session: &Session,
    sql: &'static str,
    params: &[&dyn Param],
    map: &mut dyn FnMut(&Row<'_>) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    let statement = session.client()?.prepare_cached(&dialect(sql)).await?;
    let bound = bound(params);
    let rows = session
        .client()?
        .query_raw(&statement, bound.iter().map(|value| value as &dyn ToSql))
        .await?;
    let mut rows = pin!(rows);
    let mut mapped = Vec::new();
    while let Some(row) = rows.next().await {
        mapped.push(map(&Row {
            inner: RowEngine::Postgres(&row?),
        })?);
    }
    Ok(mapped)
}

pub(crate) fn column(row: &tokio_postgres::Row, position: usize) -> Result<Value<'_>, Error> {
    let Some(column) = row.columns().get(position) else {
        return Err(Error::internal(format!("there is no column {position}")));
    };
    let value = match *column.type_() {
        Type::INT8 => row.try_get::<_, Option<i64>>(position)?.map(Value::Int),
        Type::INT4 => row
            .try_get::<_, Option<i32>>(position)?
            .map(|value| Value::Int(i64::from(value))),
        Type::BOOL => row.try_get::<_, Option<bool>>(position)?.map(Value::Bool),
        Type::UUID => row.try_get::<_, Option<Uuid>>(position)?.map(Value::Uuid),
        Type::BYTEA => row.try_get::<_, Option<&[u8]>>(position)?.map(Value::Blob),
        _ => row.try_get::<_, Option<&str>>(position)?.map(Value::Text),
    };
    Ok(value.unwrap_or(Value::Null))
}
