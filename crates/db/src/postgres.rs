//! The engine for more than one machine: rows under their `tenant_id`, behind forced row-level security.

use tokio_postgres::types::Type;

use crate::{Error, value::Cell};

pub(crate) enum PostgresConnection {}

pub(crate) fn cell(row: &tokio_postgres::Row, index: usize) -> Result<Cell<'_>, Error> {
    let wrong = |found: String| Error::Column { index, wanted: "bigint, text or bytea", found };
    let column = row.columns().get(index).ok_or_else(|| wrong("no such column".to_owned()))?;
    let cell = match *column.type_() {
        Type::INT8 => row.try_get::<_, Option<i64>>(index).map(|int| int.map(Cell::Int)),
        Type::INT4 => row.try_get::<_, Option<i32>>(index).map(|int| int.map(|int| Cell::Int(int.into()))),
        Type::TEXT => row.try_get::<_, Option<&str>>(index).map(|text| text.map(Cell::Text)),
        Type::BYTEA => row.try_get::<_, Option<&[u8]>>(index).map(|bytes| bytes.map(Cell::Bytes)),
        ref other => return Err(wrong(other.to_string())),
    };
    cell.map(|cell| cell.unwrap_or(Cell::Null)).map_err(|error| wrong(error.to_string()))
}
