//! Statements of `browse`: three ways to lead, four orders.

use db::{Error, Row, Rx, sql};

use super::list::{LAST, its_picture, read_summary, summary_columns};
use crate::{
    CategoryId,
    browse::{Browse, COMMON, MAX_CHOICES, Place, Sort},
    model::{Short, Tag},
    sale::Summary,
};

/// Words that a product must have, at most.
pub const SOUGHT: usize = 5;
/// Sorts behind every text.
const END: &str = "\u{10ffff}";

/// What a list is read along.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lead {
    /// The first of the words, which few products have.
    Word,
    /// The category, which holds few products.
    Category,
    /// The index of the order.
    Index,
}

/// What is looked for, and how.
pub struct Seeking<'a> {
    pub wish: &'a Browse,
    /// The rarest first.
    pub words: &'a [String],
    pub lead: Lead,
}

/// `$2` to `$23`: what each product must be.
macro_rules! narrowed {
    () => {
        " and p.state = 'active'
          and (cast($2 as text) is null or exists (select 1 from product_category c where c.tenant_id = $1
            and c.category_id = $2 and c.product_id = p.id))
          and (cast($3 as bigint) = 0 or p.available = 1)
          and (cast($4 as bigint) is null or p.lowest >= $4)
          and (cast($5 as bigint) is null or p.lowest <= $5)
          and (cast($6 as text) is null or p.vendor = $6)
          and (cast($7 as text) is null or exists (select 1 from product_tag t where t.tenant_id = $1
            and t.product_id = p.id and t.tag = $7))
          and (cast($8 as text) is null or exists (select 1 from variant v where v.tenant_id = $1
            and v.product_id = p.id and v.archived_at is null and ((p.option1 = $8 and v.option1 = $9)
            or (p.option2 = $8 and v.option2 = $9) or (p.option3 = $8 and v.option3 = $9))))
          and (cast($10 as text) is null or exists (select 1 from variant v where v.tenant_id = $1
            and v.product_id = p.id and v.archived_at is null and ((p.option1 = $10 and v.option1 = $11)
            or (p.option2 = $10 and v.option2 = $11) or (p.option3 = $10 and v.option3 = $11))))
          and (cast($12 as text) is null or exists (select 1 from variant v where v.tenant_id = $1
            and v.product_id = p.id and v.archived_at is null and ((p.option1 = $12 and v.option1 = $13)
            or (p.option2 = $12 and v.option2 = $13) or (p.option3 = $12 and v.option3 = $13))))
          and (cast($14 as text) is null or exists (select 1 from product_word w where w.tenant_id = $1
            and w.product_id = p.id and w.word >= $14 and w.word < $15))
          and (cast($16 as text) is null or exists (select 1 from product_word w where w.tenant_id = $1
            and w.product_id = p.id and w.word >= $16 and w.word < $17))
          and (cast($18 as text) is null or exists (select 1 from product_word w where w.tenant_id = $1
            and w.product_id = p.id and w.word >= $18 and w.word < $19))
          and (cast($20 as text) is null or exists (select 1 from product_word w where w.tenant_id = $1
            and w.product_id = p.id and w.word >= $20 and w.word < $21))
          and (cast($22 as text) is null or exists (select 1 from product_word w where w.tenant_id = $1
            and w.product_id = p.id and w.word >= $22 and w.word < $23))"
    };
}

/// Along the rarest word. SQLite keeps the order of a cross join: the few rows first, never all products.
macro_rules! led_by_word {
    () => {
        concat!(
            " from product_word r cross join product p",
            its_picture!(),
            " where p.tenant_id = $1 and p.id = r.product_id and r.tenant_id = $1
              and r.word >= $14 and r.word < $15"
        )
    };
}

macro_rules! led_by_category {
    () => {
        concat!(
            " from product_category r cross join product p",
            its_picture!(),
            " where p.tenant_id = $1 and p.id = r.product_id and r.tenant_id = $1 and r.category_id = $2"
        )
    };
}

macro_rules! led_by_index {
    () => {
        concat!(" from product p", its_picture!(), " where p.tenant_id = $1")
    };
}

/// What `narrowed` needs, and more behind it.
macro_rules! params {
    ($sought:expr $(, $more:expr)*) => {{
        let Sought { category, in_stock, from, to, vendor, tag, choices, words, ends } = $sought;
        let [a, b, c] = choices;
        let ((a, a_value), (b, b_value), (c, c_value)) = (a.unzip(), b.unzip(), c.unzip());
        let ([v, w, x, y, z, ..], [v_end, w_end, x_end, y_end, z_end, ..]) = (words, ends);
        (
            category, in_stock, from, to, vendor, tag, a, a_value, b, b_value, c, c_value, v, v_end, w, w_end, x, x_end,
            y, y_end, z, z_end, $($more),*
        )
    }};
}

/// The list as `$from` leads, in each order, from behind one place up to another.
macro_rules! in_order {
    ($rx:ident, $sought:ident, $sort:expr, $after:ident, $end:ident, $limit:ident, $select:literal, $from:ident) => {
        match $sort {
            Sort::Newest => $rx.rows(
                sql!(concat!(
                    $select,
                    summary_columns!(),
                    $from!(),
                    narrowed!(),
                    " and p.id < $24 and p.id >= $25 order by p.id desc limit cast($26 as bigint)"
                )),
                params!($sought, $after.id, $end.id, $limit),
                read_summary,
            ),
            Sort::Title => $rx.rows(
                sql!(concat!(
                    $select,
                    summary_columns!(),
                    $from!(),
                    narrowed!(),
                    " and (p.title_key, p.id) > ($24, $25) and (p.title_key, p.id) <= ($26, $27)
                      order by p.title_key, p.id limit cast($28 as bigint)"
                )),
                params!($sought, $after.title_key, $after.id, $end.title_key, $end.id, $limit),
                read_summary,
            ),
            Sort::Cheap => $rx.rows(
                sql!(concat!(
                    $select,
                    summary_columns!(),
                    $from!(),
                    narrowed!(),
                    " and (p.lowest, p.id) > ($24, $25) and (p.lowest, p.id) <= ($26, $27)
                      order by p.lowest, p.id limit cast($28 as bigint)"
                )),
                params!($sought, $after.price, $after.id, $end.price, $end.id, $limit),
                read_summary,
            ),
            Sort::Dear => $rx.rows(
                sql!(concat!(
                    $select,
                    summary_columns!(),
                    $from!(),
                    narrowed!(),
                    " and (p.lowest, p.id) < ($24, $25) and (p.lowest, p.id) >= ($26, $27)
                      order by p.lowest desc, p.id desc limit cast($28 as bigint)"
                )),
                params!($sought, $after.price, $after.id, $end.price, $end.id, $limit),
                read_summary,
            ),
        }
    };
}

/// A wish as the statements take it.
struct Sought<'a> {
    category: Option<CategoryId>,
    in_stock: bool,
    from: Option<i64>,
    to: Option<i64>,
    vendor: Option<&'a str>,
    tag: Option<&'a str>,
    choices: [Option<(&'a str, &'a str)>; MAX_CHOICES],
    words: [Option<&'a str>; SOUGHT],
    ends: [Option<String>; SOUGHT],
}

impl<'a> Seeking<'a> {
    fn sought(&self) -> Sought<'a> {
        let wish = self.wish;
        let choice =
            |place: usize| wish.choices.get(place).map(|(name, value)| (name.as_str(), value.as_str()));
        let word = |place: usize| self.words.get(place).map(String::as_str);
        Sought {
            category: wish.category,
            in_stock: wish.in_stock,
            from: wish.from,
            to: wish.to,
            vendor: wish.vendor.as_ref().map(Short::as_str),
            tag: wish.tag.as_ref().map(Tag::as_str),
            choices: std::array::from_fn(choice),
            words: std::array::from_fn(word),
            ends: std::array::from_fn(|place| word(place).map(|word| format!("{word}{LAST}"))),
        }
    }
}

/// Before the first and behind the last product of an order.
fn ends(sort: Sort) -> (Place, Place) {
    let low = || Place { id: String::new(), title_key: String::new(), price: -1 };
    let high = || Place { id: LAST.to_owned(), title_key: END.to_owned(), price: i64::MAX };
    match sort {
        Sort::Title | Sort::Cheap => (low(), high()),
        Sort::Newest | Sort::Dear => (high(), low()),
    }
}

pub fn browse(
    rx: &mut Rx,
    seeking: &Seeking<'_>,
    after: Option<&Place>,
    end: Option<&Place>,
    limit: u32,
) -> Result<Vec<Summary>, Error> {
    let (first, last) = ends(seeking.wish.sort);
    let (after, end) = (after.unwrap_or(&first).clone(), end.unwrap_or(&last).clone());
    let (sought, sort) = (seeking.sought(), seeking.wish.sort);
    match seeking.lead {
        Lead::Word => in_order!(rx, sought, sort, after, end, limit, "select distinct ", led_by_word),
        Lead::Category => in_order!(rx, sought, sort, after, end, limit, "select ", led_by_category),
        Lead::Index => in_order!(rx, sought, sort, after, end, limit, "select ", led_by_index),
    }
}

/// How many products are found; only where a word or the category leads, so that they are few.
pub fn count_found(rx: &mut Rx, seeking: &Seeking<'_>) -> Result<u32, Error> {
    let sought = seeking.sought();
    let found = match seeking.lead {
        Lead::Word => rx.row(
            sql!(concat!(
                "select count(*) from (select distinct p.id",
                led_by_word!(),
                narrowed!(),
                " limit cast($24 as bigint)) counted"
            )),
            params!(sought, COMMON),
            |row| row.get(0),
        ),
        Lead::Category | Lead::Index => rx.row(
            sql!(concat!(
                "select count(*) from (select p.id",
                led_by_category!(),
                narrowed!(),
                " limit cast($24 as bigint)) counted"
            )),
            params!(sought, COMMON),
            |row| row.get(0),
        ),
    };
    Ok(found?.unwrap_or(0))
}

/// How many products a category holds, counted no further than `enough`.
pub fn count_category(rx: &mut Rx, category: CategoryId, enough: u32) -> Result<i64, Error> {
    let found = rx.row(
        sql!(
            "select count(*) from (select c.product_id from product_category c where c.tenant_id = $1
             and c.category_id = $2 limit cast($3 as bigint)) counted"
        ),
        (category, enough),
        |row| row.get(0),
    )?;
    Ok(found.unwrap_or(0))
}

/// The last of `window` products behind `after` in an order; none where the list ends sooner.
pub fn window_end(
    rx: &mut Rx,
    sort: Sort,
    after: Option<&Place>,
    window: u32,
) -> Result<Option<Place>, Error> {
    let (first, _) = ends(sort);
    let after = after.unwrap_or(&first);
    let skipped = window.saturating_sub(1);
    let read = |row: &Row<'_>| Ok(Place { id: row.get(0)?, title_key: row.get(1)?, price: row.get(2)? });
    match sort {
        Sort::Newest => rx.row(
            sql!(
                "select p.id, p.title_key, coalesce(p.lowest, -1) from product p where p.tenant_id = $1
                 and p.state = 'active' and p.id < $2 order by p.id desc limit 1 offset cast($3 as bigint)"
            ),
            (&after.id, skipped),
            read,
        ),
        Sort::Title => rx.row(
            sql!(
                "select p.id, p.title_key, coalesce(p.lowest, -1) from product p where p.tenant_id = $1
                 and p.state = 'active' and (p.title_key, p.id) > ($2, $3)
                 order by p.title_key, p.id limit 1 offset cast($4 as bigint)"
            ),
            (&after.title_key, &after.id, skipped),
            read,
        ),
        Sort::Cheap => rx.row(
            sql!(
                "select p.id, p.title_key, p.lowest from product p where p.tenant_id = $1
                 and p.state = 'active' and (p.lowest, p.id) > ($2, $3)
                 order by p.lowest, p.id limit 1 offset cast($4 as bigint)"
            ),
            (after.price, &after.id, skipped),
            read,
        ),
        Sort::Dear => rx.row(
            sql!(
                "select p.id, p.title_key, p.lowest from product p where p.tenant_id = $1
                 and p.state = 'active' and (p.lowest, p.id) < ($2, $3)
                 order by p.lowest desc, p.id desc limit 1 offset cast($4 as bigint)"
            ),
            (after.price, &after.id, skipped),
            read,
        ),
    }
}

/// `$select` of the newest active products of a category, or of all.
macro_rules! of_newest {
    ($rx:ident, $category:ident, $select:literal, $rest:literal, $read:expr) => {
        match $category {
            Some(category) => $rx.rows(
                sql!(concat!(
                    $select,
                    " from (select p.id, p.vendor, p.option1, p.option2, p.option3 from product_category c
                      join product p on p.tenant_id = $1 and p.id = c.product_id
                      where c.tenant_id = $1 and c.category_id = $2 and p.state = 'active'
                      order by c.product_id desc limit 500) n",
                    $rest
                )),
                (category,),
                $read,
            ),
            None => $rx.rows(
                sql!(concat!(
                    $select,
                    " from (select p.id, p.vendor, p.option1, p.option2, p.option3 from product p
                      where p.tenant_id = $1 and p.state = 'active' order by p.id desc limit 500) n",
                    $rest
                )),
                (),
                $read,
            ),
        }
    };
}

/// Vendors of a list, by name.
pub fn vendors(rx: &mut Rx, category: Option<CategoryId>) -> Result<Vec<String>, Error> {
    of_newest!(
        rx,
        category,
        "select n.vendor",
        " where n.vendor is not null group by n.vendor order by n.vendor limit 16",
        |row: &Row<'_>| row.get(0)
    )
}

/// Tags of a list, the most frequent first.
pub fn tags(rx: &mut Rx, category: Option<CategoryId>) -> Result<Vec<String>, Error> {
    of_newest!(
        rx,
        category,
        "select t.tag",
        " join product_tag t on t.tenant_id = $1 and t.product_id = n.id
          group by t.tag order by count(*) desc, t.tag limit 12",
        |row: &Row<'_>| row.get(0)
    )
}

/// Names of a product's options, or the values of one of its variants.
type Names = [Option<String>; 3];

/// Names and values of the options of a list.
pub fn options(rx: &mut Rx, category: Option<CategoryId>) -> Result<Vec<(Names, Names)>, Error> {
    of_newest!(
        rx,
        category,
        "select min(v.position), n.option1, n.option2, n.option3, v.option1, v.option2, v.option3",
        " join variant v on v.tenant_id = $1 and v.product_id = n.id where n.option1 is not null
          and v.archived_at is null group by n.option1, n.option2, n.option3, v.option1, v.option2, v.option3
          order by min(v.position), n.option1, v.option1 limit 500",
        |row: &Row<'_>| Ok((
            [row.get(1)?, row.get(2)?, row.get(3)?],
            [row.get(4)?, row.get(5)?, row.get(6)?]
        ))
    )
}
