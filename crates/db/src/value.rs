//! What goes into a statement and comes out of a row: integers, text and bytes, on both engines.

use std::borrow::Cow;

use base::{
    Country, Currency, Day, Email, Id, IdKind, Language, Line, Login, Phone, Prose, Quantity, Slug,
    Timestamp, tax::Rate,
};

use crate::Error;

/// A parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    Null,
    Int(i64),
    Text(Cow<'a, str>),
    Bytes(Cow<'a, [u8]>),
}

impl Value<'_> {
    pub(crate) fn into_owned(self) -> Value<'static> {
        match self {
            Value::Null => Value::Null,
            Value::Int(int) => Value::Int(int),
            Value::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
            Value::Bytes(bytes) => Value::Bytes(Cow::Owned(bytes.into_owned())),
        }
    }
}

/// A column of a row, as the engine holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell<'r> {
    Null,
    Int(i64),
    Text(&'r str),
    Bytes(&'r [u8]),
}

/// What can be a parameter.
pub trait Bind {
    fn bind(&self) -> Value<'_>;
}

/// What can be read from a column.
pub trait Column: Sized {
    fn read(cell: Cell<'_>) -> Option<Self>;
}

/// A tuple of parameters; in a tenant's statement the first of them is `$2`.
pub trait Params {
    fn push_to<'a>(&'a self, values: &mut Vec<Value<'a>>);
}

/// One row of a result.
#[derive(Clone, Copy)]
pub enum Row<'r> {
    #[doc(hidden)]
    Sqlite(&'r rusqlite::Row<'r>),
    #[doc(hidden)]
    Postgres(&'r tokio_postgres::Row),
}

impl Row<'_> {
    /// The column at `index`, counted from 0.
    pub fn get<T: Column>(&self, index: usize) -> Result<T, Error> {
        let cell = match self {
            Row::Sqlite(row) => crate::sqlite::cell(row, index)?,
            Row::Postgres(row) => crate::postgres::cell(row, index)?,
        };
        T::read(cell).ok_or_else(|| Error::Column {
            index,
            wanted: std::any::type_name::<T>(),
            found: format!("{cell:?}"),
        })
    }
}

macro_rules! integers {
    ($($type:ty),*) => {$(
        impl Bind for $type {
            fn bind(&self) -> Value<'_> {
                Value::Int(i64::from(*self))
            }
        }

        impl Column for $type {
            fn read(cell: Cell<'_>) -> Option<Self> {
                match cell {
                    Cell::Int(int) => int.try_into().ok(),
                    _ => None,
                }
            }
        }
    )*};
}
integers!(i64, i32, u32, u16, u8);

impl Bind for bool {
    fn bind(&self) -> Value<'_> {
        Value::Int((*self).into())
    }
}

impl Column for bool {
    fn read(cell: Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Int(int) => Some(int != 0),
            _ => None,
        }
    }
}

impl Bind for str {
    fn bind(&self) -> Value<'_> {
        Value::Text(Cow::Borrowed(self))
    }
}

impl Bind for String {
    fn bind(&self) -> Value<'_> {
        Value::Text(Cow::Borrowed(self))
    }
}

impl Column for String {
    fn read(cell: Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Text(text) => Some(text.to_owned()),
            _ => None,
        }
    }
}

impl Bind for [u8] {
    fn bind(&self) -> Value<'_> {
        Value::Bytes(Cow::Borrowed(self))
    }
}

impl Bind for Vec<u8> {
    fn bind(&self) -> Value<'_> {
        Value::Bytes(Cow::Borrowed(self))
    }
}

impl<const N: usize> Bind for [u8; N] {
    fn bind(&self) -> Value<'_> {
        Value::Bytes(Cow::Borrowed(self))
    }
}

impl Column for Vec<u8> {
    fn read(cell: Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Bytes(bytes) => Some(bytes.to_vec()),
            _ => None,
        }
    }
}

impl<const N: usize> Column for [u8; N] {
    fn read(cell: Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Bytes(bytes) => bytes.try_into().ok(),
            _ => None,
        }
    }
}

impl<T: Bind + ?Sized> Bind for &T {
    fn bind(&self) -> Value<'_> {
        (**self).bind()
    }
}

impl<T: Bind> Bind for Option<T> {
    fn bind(&self) -> Value<'_> {
        self.as_ref().map_or(Value::Null, Bind::bind)
    }
}

impl<T: Column> Column for Option<T> {
    fn read(cell: Cell<'_>) -> Option<Self> {
        if cell == Cell::Null { Some(None) } else { T::read(cell).map(Some) }
    }
}

/// Types that stand in a row as the text that `Display` writes and `FromStr` reads.
macro_rules! as_text {
    ($($type:ty $([$($generics:tt)*])?),* $(,)?) => {$(
        impl $(<$($generics)*>)? Bind for $type {
            fn bind(&self) -> Value<'_> {
                Value::Text(Cow::Owned(self.to_string()))
            }
        }

        impl $(<$($generics)*>)? Column for $type {
            fn read(cell: Cell<'_>) -> Option<Self> {
                match cell {
                    Cell::Text(text) => text.parse().ok(),
                    _ => None,
                }
            }
        }
    )*};
}
as_text!(
    Id<K> [K: IdKind], Currency, Country, Day, Email, Language, Login, Phone, Slug,
    Line<MAX> [const MAX: usize], Prose<MAX> [const MAX: usize],
);

impl Bind for Timestamp {
    fn bind(&self) -> Value<'_> {
        Value::Int(self.micros())
    }
}

impl Column for Timestamp {
    fn read(cell: Cell<'_>) -> Option<Self> {
        i64::read(cell).map(Self::from_micros)
    }
}

impl Bind for Quantity {
    fn bind(&self) -> Value<'_> {
        Value::Int(self.in_thousandths())
    }
}

impl Column for Quantity {
    fn read(cell: Cell<'_>) -> Option<Self> {
        i64::read(cell).map(Self::thousandths)
    }
}

impl Bind for Rate {
    fn bind(&self) -> Value<'_> {
        Value::Int(self.in_parts_per_million().into())
    }
}

impl Column for Rate {
    fn read(cell: Cell<'_>) -> Option<Self> {
        u32::read(cell).and_then(Self::parts_per_million)
    }
}

impl Params for () {
    fn push_to<'a>(&'a self, _: &mut Vec<Value<'a>>) {}
}

macro_rules! tuples {
    ($($first:ident $($rest:ident)*)?) => {$(
        impl<$first: Bind, $($rest: Bind),*> Params for ($first, $($rest,)*) {
            #[allow(non_snake_case, reason = "the type's letter is the value's name")]
            fn push_to<'a>(&'a self, values: &mut Vec<Value<'a>>) {
                let ($first, $($rest,)*) = self;
                values.push($first.bind());
                $(values.push($rest.bind());)*
            }
        }
        tuples!($($rest)*);
    )?};
}
tuples!(A B C D E F G H I J K L M N O P Q R S T U V W X Y Z A1 B1 C1 D1 E1 F1);
