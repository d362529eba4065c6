//! Routes of operations are those of its parts; what its errors are for who asks.

use edge::{Problem, Routes};

use crate::Error;

pub fn routes() -> Routes {
    Routes::new()
        .merge(crate::site::routes())
        .merge(crate::sign_up::routes())
        .merge(crate::console::routes())
        .merge(crate::home::routes())
        .merge(crate::books::routes())
        .merge(crate::audit::routes())
        .words(crate::LOCALES)
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::NoSuchTenant(_) => Self::not_found("tenant-unknown", error),
            Error::NoSuchAccount(_) => Self::not_found("account-unknown", error),
            Error::ManyAccounts(..) => Self::conflict("accounts-many", error),
            Error::WrongState { .. } => Self::conflict("tenant-state", error),
            Error::SignUpClosed => Self::forbidden("signup-closed", error),
            Error::Field { field, message } => {
                Self::unprocessable("input-malformed", &message).field(field, message)
            }
            Error::File(_) => Self::internal(error),
            Error::People(cause) => cause.into(),
            Error::Catalog(cause) => cause.into(),
            Error::Stock(cause) => cause.into(),
            Error::Customers(cause) => cause.into(),
            Error::Orders(cause) => cause.into(),
            Error::Payments(cause) => cause.into(),
            Error::Look(cause) => shop::Error::from(cause).into(),
            Error::Hashing(people::hashing::HashError::Busy) => Self::too_many(2),
            Error::Hashing(cause) => Self::internal(cause),
            Error::Ledger(cause) => Self::internal(cause),
            Error::Db(cause) => cause.into(),
        }
    }
}
