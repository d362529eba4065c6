//! Why a page of the shop could not be made.

use edge::Problem;

use crate::look;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Look(#[from] look::Error),
    #[error(transparent)]
    People(#[from] people::Error),
    #[error(transparent)]
    Catalog(#[from] catalog::Error),
    #[error(transparent)]
    Stock(#[from] stock::Error),
    #[error(transparent)]
    Orders(#[from] orders::Error),
    #[error(transparent)]
    Cards(#[from] cards::Error),
    #[error(transparent)]
    Payments(#[from] payments::Error),
    #[error(transparent)]
    Db(#[from] db::Error),
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Look(error) => error.into(),
            Error::People(error) => error.into(),
            Error::Catalog(error) => error.into(),
            Error::Stock(error) => error.into(),
            Error::Orders(error) => error.into(),
            Error::Cards(error) => error.into(),
            Error::Payments(error) => error.into(),
            Error::Db(error) => error.into(),
        }
    }
}

impl From<look::Error> for Problem {
    fn from(error: look::Error) -> Self {
        use look::Error::*;
        match error {
            UnknownSection => Self::not_found("section-unknown", error),
            UnknownVersion => Self::not_found("version-unknown", error),
            UnknownPage => Self::not_found("page-unknown", error),
            PreviewOver => Self::not_found("preview-over", error),
            TooManyPictures(_) => Self::conflict("pictures-full", error),
            TooManySections => Self::conflict("sections-full", error),
            TooManyPages => Self::conflict("pages-full", error),
            PageTaken => Self::conflict("page-taken", error),
            Db(error) => error.into(),
        }
    }
}
