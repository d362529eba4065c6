//! CouponGen's SQLite file, of either generation, read as what it is: foreign. Nothing in it is run (views, triggers and
//! functions stay asleep), nothing is written to it, and every value is text until it is parsed.

use std::{collections::HashSet, path::Path};

use rusqlite::{Connection, OpenFlags, config::DbConfig, types::ValueRef};

/// A larger file is refused.
const LARGEST_BYTES: u64 = 1 << 30;
/// Rows of one table, at most.
const MOST_ROWS: usize = 500_000;
/// Letters of one value, at most; what is longer is cut.
const LONGEST: usize = 10_000;

#[derive(Debug, thiserror::Error)]
pub enum Flaw {
    #[error("the file cannot be read: {0}")]
    File(#[from] std::io::Error),
    #[error("the file is larger than 1 GiB")]
    TooLarge,
    #[error("this is no SQLite file of CouponGen: {0}")]
    Sqlite(#[from] rusqlite::Error),
    #[error("this is no file of CouponGen: it has no table {0}")]
    NoTable(&'static str),
    #[error("the table {0} has more than 500,000 rows")]
    TooMany(&'static str),
    #[error("the file has no tenant {slug}; it has: {known}. Say which with --from")]
    NoTenant { slug: String, known: String },
}

/// A row: one value for each column that was asked for; nothing where it is null, no text, or the column is not there.
pub type Row = Vec<Option<String>>;

/// All that belongs to one tenant of the file.
#[derive(Debug, Default)]
pub struct Source {
    /// Its slug there.
    pub slug: String,
    pub campaigns: Vec<Row>,
    pub customers: Vec<Row>,
    pub answers: Vec<Row>,
    pub coupons: Vec<Row>,
    pub products: Vec<Row>,
    pub promoted: Vec<Row>,
    pub staff: Vec<Row>,
    pub links: Vec<Row>,
    /// What forms look like and say.
    pub looks: Vec<Row>,
    /// Colours of pages, and mail templates.
    pub brands: usize,
    pub templates: usize,
}

pub const CAMPAIGN: &[&str] = &[
    "id",
    "campaign_code",
    "name",
    "description",
    "is_active",
    "discount_type",
    "discount_value",
    "created_at",
    "expiry_date",
    "coupon_expiry_date",
    "form_config",
];
pub const CUSTOMER: &[&str] = &["id", "email", "first_name", "last_name", "phone", "address", "allergies"];
pub const ANSWER: &[&str] = &["user_id", "field_name", "field_value"];
pub const COUPON: &[&str] = &[
    "id",
    "code",
    "user_id",
    "campaign_id",
    "discount_type",
    "discount_value",
    "status",
    "issued_at",
    "redeemed_at",
    "expiry_date",
];
pub const PRODUCT: &[&str] = &["id", "name", "value", "margin_price", "sku"];
pub const PROMOTED: &[&str] = &["campaign_id", "product_id"];
pub const STAFF: &[&str] =
    &["id", "username", "password_hash", "user_type", "is_active", "first_name", "last_name"];
pub const LINK: &[&str] = &["id", "campaign_id", "token", "used_at"];
pub const LOOK: &[&str] = &["config_data"];

/// Reads what belongs to the tenant called `slug`; a file with a single tenant needs no name.
pub fn read(file: &Path, slug: &str, said: bool) -> Result<Source, Flaw> {
    if std::fs::metadata(file)?.len() > LARGEST_BYTES {
        return Err(Flaw::TooLarge);
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let file = Connection::open_with_flags(file, flags)?;
    file.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    file.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    file.pragma_update(None, "cell_size_check", true)?;
    // one snapshot of a file that CouponGen may still write to
    file.execute_batch("begin")?;
    let tenants = rows(&file, "tenants", &["id", "slug"], None)?;
    let named = |row: &&Row| row[1].as_deref() == Some(slug);
    let tenant = match tenants.iter().find(named) {
        Some(tenant) => tenant,
        None if tenants.len() == 1 && !said => &tenants[0],
        None => {
            let known: Vec<&str> = tenants.iter().filter_map(|row| row[1].as_deref()).take(50).collect();
            return Err(Flaw::NoTenant { slug: slug.to_owned(), known: known.join(", ") });
        }
    };
    let of = tenant[0].clone().unwrap_or_default();
    let owned = |table, columns| rows(&file, table, columns, Some(&of));
    let maybe = |table, columns| match rows(&file, table, columns, Some(&of)) {
        Err(Flaw::NoTable(_)) => Ok(Vec::new()),
        other => other,
    };
    Ok(Source {
        slug: tenant[1].clone().unwrap_or_default(),
        campaigns: owned("campaigns", CAMPAIGN)?,
        customers: owned("users", CUSTOMER)?,
        answers: maybe("user_custom_data", ANSWER)?,
        coupons: owned("coupons", COUPON)?,
        products: maybe("products", PRODUCT)?,
        promoted: maybe("campaign_products", PROMOTED)?,
        staff: owned("auth_users", STAFF)?,
        links: maybe("form_links", LINK)?,
        looks: maybe("form_customization", LOOK)?,
        brands: maybe("tenant_brand_settings", &["id"])?.len(),
        templates: maybe("email_template", &["id"])?.len(),
    })
}

/// The rows of `table`: those of the tenant `of`, where the table says whose they are.
fn rows(
    file: &Connection,
    table: &'static str,
    columns: &[&str],
    of: Option<&str>,
) -> Result<Vec<Row>, Flaw> {
    let is_table = file.query_row(
        "select count(*) from sqlite_master where name = ?1 and type = 'table' and sql not like 'create virtual%'",
        [table],
        |row| row.get::<_, i64>(0),
    )?;
    if is_table != 1 {
        return Err(Flaw::NoTable(table));
    }
    let mut known = HashSet::new();
    let mut info = file.prepare(&format!("pragma table_info({table})"))?;
    let mut found = info.query([])?;
    while let Some(row) = found.next()? {
        known.insert(row.get::<_, String>(1)?);
    }
    let asked: Vec<&str> =
        columns.iter().map(|name| if known.contains(*name) { *name } else { "null" }).collect();
    let own =
        if of.is_some() && known.contains("tenant_id") { "where tenant_id = ?1" } else { "where ?1 is ?1" };
    let text =
        format!("select {} from {table} {own} order by rowid limit {}", asked.join(", "), MOST_ROWS + 1);
    let mut read = file.prepare(&text)?;
    let mut rows = read.query([of])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        if all.len() == MOST_ROWS {
            return Err(Flaw::TooMany(table));
        }
        all.push((0..columns.len()).map(|at| row.get_ref(at).map(value)).collect::<Result<Row, _>>()?);
    }
    Ok(all)
}

fn value(cell: ValueRef<'_>) -> Option<String> {
    match cell {
        ValueRef::Null | ValueRef::Blob(_) => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(number.to_string()),
        ValueRef::Text(bytes) => {
            let text = String::from_utf8_lossy(bytes);
            Some(text.chars().filter(|letter| *letter != '\0').take(LONGEST).collect())
        }
    }
}
