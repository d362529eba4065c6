//! What a merchant sells: products, variants, units, prices, taxes and categories, brought in and taken out as files.
//!
//! A product that was sold is never deleted, only archived. Whoever needs a variant's price, tax or unit asks here and
//! never reads a table of this room. Counted stock belongs to the room below, which is reached through [`Shelf`].

pub mod browse;
mod category;
pub mod export;
pub mod http;
pub mod images;
pub mod import;
mod model;
mod pages;
mod products;
pub mod prose;
mod sale;
mod shelf;
mod sql;
mod tax;

pub use category::{
    Category, CategoryId, CategoryKind, categories, categories_of, category, category_by_slug,
    create as create_category, ensure as ensure_category, in_reading_order, remove as remove_category,
    rename as rename_category,
};
pub use images::{Loading, Picture};
pub use model::{
    Bulk, CategoryPath, Change, Details, Draft, DueTax, Flaw, Handle, Html, Image, ImageAddress,
    MAX_VARIANTS, Product, ProductId, ProductKind, Rule, Short, State, Tag, TaxCode, TaxCodeName, TaxRate,
    Unit, UnknownUnit, Variant, VariantDetails, VariantDraft, VariantId, VariantKind, WordError,
};
pub use products::{
    Filter, ImageChange, add_image, archive, change_image, change_many, create, foresee_create,
    foresee_update, handles_after, ids_after, list, mark_in_stock, marks, product, product_by_handle,
    product_of_variant, recount, set_state, set_tracking, summaries, update, variant_for_sale,
    variant_for_sale_by_sku, variant_with_sku, variants_for_sale,
};
pub use sale::{Cursor, SellableVariant, Summary};
pub use shelf::{ImportedStock, SharedShelf, Shelf};
pub use tax::{put_tax_code, tax_code, tax_code_for, tax_codes};

base::id!(
    /// Names an uploaded file that waits for its import.
    ImportId: ImportKind, "imp"
);

/// The tables of this room.
pub const MIGRATIONS: &[db::Migration] = &[
    db::Migration::new("catalog", 1, include_str!("../migrations/0001_catalog.sql")),
    db::Migration::new("catalog", 2, include_str!("../migrations/0002_images.sql")),
    db::Migration::new("catalog", 3, include_str!("../migrations/0003_browse.sql")),
];

/// Tables whose change makes cached pages of the catalogue stale.
pub const AREAS: &[(&str, db::Area)] = &[
    ("product", db::Area::Catalog),
    ("variant", db::Area::Catalog),
    ("product_image", db::Area::Catalog),
    ("image", db::Area::Catalog),
    ("product_tag", db::Area::Catalog),
    ("product_category", db::Area::Catalog),
    ("category", db::Area::Catalog),
    ("tax_code", db::Area::Catalog),
    ("tax_rate", db::Area::Catalog),
];

/// What this room brings to the database.
pub const SCHEMA: db::Schema =
    db::Schema { migrations: MIGRATIONS, directory_migrations: &[], areas: AREAS, lends: &[] };

/// Why the catalogue did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("there is no such product")]
    UnknownProduct,
    #[error("there is no such variant")]
    UnknownVariant,
    #[error("there is no such category")]
    UnknownCategory,
    #[error("there is no such tax code")]
    UnknownTaxCode,
    #[error("this category holds others; move or remove them first")]
    CategoryHasOthers,
    #[error("{}", flaws_as_text(.0))]
    Refused(Vec<Flaw>),
    /// The room that counts stock refused or failed.
    #[error("stock: {0}")]
    Stock(String),
    #[error("there is no such picture")]
    UnknownImage,
    #[error(transparent)]
    Unfit(images::Unfit),
    /// The queue of pictures is full.
    #[error("too many pictures come at once; send this one again in a few seconds")]
    Busy,
    #[error(transparent)]
    Blobs(edge::BlobError),
    #[error("there is no such upload; a finished one is forgotten after a day")]
    UnknownUpload,
    #[error("an upload has between 1 and {most} bytes")]
    UploadSize { most: usize },
    #[error("the next piece begins at {received}")]
    WrongOffset { received: u64 },
    #[error("this piece ends behind the {size} bytes that were announced")]
    UploadTooLong { size: u64 },
    #[error("only {received} of {size} bytes are here; send the rest first")]
    UploadUnfinished { received: u64, size: u64 },
    #[error(transparent)]
    Db(#[from] db::Error),
}

impl From<images::DevelopError> for Error {
    fn from(error: images::DevelopError) -> Self {
        match error {
            images::DevelopError::Unfit(unfit) => Self::Unfit(unfit),
            images::DevelopError::Busy => Self::Busy,
        }
    }
}

fn flaws_as_text(flaws: &[Flaw]) -> String {
    let lines: Vec<String> = flaws.iter().map(|flaw| format!("{}: {}", flaw.field, flaw.rule)).collect();
    lines.join("; ")
}
