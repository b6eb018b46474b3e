//! Values that both engines can bind and return: the portable types of the schema.

use uuid::Uuid;

/// A bound parameter, borrowed for the time of the statement.
#[derive(Clone, Copy, Debug)]
pub enum Value<'a> {
    /// SQL NULL of any type.
    Null,
    /// BOOLEAN.
    Bool(bool),
    /// BIGINT; times are milliseconds since the epoch.
    Int(i64),
    /// TEXT.
    Text(&'a str),
    /// BLOB or BYTEA.
    Blob(&'a [u8]),
    /// UUID, sixteen bytes on SQLite.
    Uuid(Uuid),
}

/// What can stand for `$1` in a statement.
pub trait Param {
    /// The value to bind.
    fn value(&self) -> Value<'_>;
}

/// What can be read from a column.
pub trait Column: Sized {
    /// Reads the value, or `None` when the column holds another type.
    fn from_column(column: Value<'_>) -> Option<Self>;
}

impl<T: Param + ?Sized> Param for &T {
    fn value(&self) -> Value<'_> {
        (**self).value()
    }
}

impl<T: Param> Param for Option<T> {
    fn value(&self) -> Value<'_> {
        self.as_ref().map_or(Value::Null, Param::value)
    }
}

impl<T: Column> Column for Option<T> {
    fn from_column(column: Value<'_>) -> Option<Self> {
        match column {
            Value::Null => Some(None),
            other => T::from_column(other).map(Some),
        }
    }
}

impl Param for bool {
    fn value(&self) -> Value<'_> {
        Value::Bool(*self)
    }
}

impl Column for bool {
    fn from_column(column: Value<'_>) -> Option<Self> {
        match column {
            Value::Bool(value) => Some(value),
            Value::Int(value) => Some(value != 0),
            _ => None,
        }
    }
}

impl Param for i64 {
    fn value(&self) -> Value<'_> {
        Value::Int(*self)
    }
}

impl Column for i64 {
    fn from_column(column: Value<'_>) -> Option<Self> {
        match column {
            Value::Int(value) => Some(value),
            _ => None,
        }
    }
}

impl Param for str {
    fn value(&self) -> Value<'_> {
        Value::Text(self)
    }
}

impl Param for String {
    fn value(&self) -> Value<'_> {
        Value::Text(self)
    }
}

impl Column for String {
    fn from_column(column: Value<'_>) -> Option<Self> {
        match column {
            Value::Text(value) => Some(value.to_owned()),
            _ => None,
        }
    }
}

impl Param for [u8] {
    fn value(&self) -> Value<'_> {
        Value::Blob(self)
    }
}

impl<const N: usize> Param for [u8; N] {
    fn value(&self) -> Value<'_> {
        Value::Blob(self)
    }
}

impl Param for Vec<u8> {
    fn value(&self) -> Value<'_> {
        Value::Blob(self)
    }
}

impl Column for Vec<u8> {
    fn from_column(column: Value<'_>) -> Option<Self> {
        match column {
            Value::Blob(value) => Some(value.to_owned()),
            _ => None,
        }
    }
}

impl Param for Uuid {
    fn value(&self) -> Value<'_> {
        Value::Uuid(*self)
    }
}

impl Column for Uuid {
    fn from_column(column: Value<'_>) -> Option<Self> {
        match column {
            Value::Uuid(value) => Some(value),
            Value::Blob(bytes) => Self::from_slice(bytes).ok(),
            _ => None,
        }
    }
}
