//! Lists of products: each is one statement along one index, whatever the tenant's size.

use base::Currency;
use db::{Error, Row, Rx, sql};

use super::{money, parsed, read_picture};
use crate::{
    CategoryId, Cursor,
    model::{Handle, ProductId, State},
    sale::Summary,
};

macro_rules! summary_columns {
    () => {
        "p.id, p.handle, p.title, p.state, p.currency, p.lowest, p.highest, p.compare_at, p.available, p.offered, \
         p.first_variant_id, p.title_key, i.hash, i.width, i.height"
    };
}

/// The first picture of `p`, if it has been fetched.
macro_rules! its_picture {
    () => {
        " left join image i on i.tenant_id = $1 and i.address = p.image"
    };
}

pub(super) use {its_picture, summary_columns};

/// Sorts behind every id and every title key.
pub(super) const LAST: &str = "~";

pub fn read_summary(row: &Row<'_>) -> Result<Summary, Error> {
    let state: String = row.get(3)?;
    let currency: Option<Currency> = row.get(4)?;
    let amount = |index: usize| currency.map_or(Ok(None), |currency| money(row, index, currency));
    Ok(Summary {
        id: row.get(0)?,
        handle: parsed(row, 1, "handle")?,
        title: row.get(2)?,
        state: State::parse(&state).ok_or(Error::Column { index: 3, wanted: "state", found: state })?,
        lowest: amount(5)?,
        highest: amount(6)?,
        compare_at: amount(7)?,
        available: row.get(8)?,
        offered: row.get(9)?,
        first: row.get(10)?,
        title_key: row.get(11)?,
        picture: read_picture(row, 12)?,
    })
}

pub fn newest(
    rx: &mut Rx,
    state: Option<State>,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<Vec<Summary>, Error> {
    let before = after.map_or(LAST.to_owned(), |cursor| cursor.id.to_string());
    match state {
        Some(state) => rx.rows(
            sql!(concat!(
                "select ",
                summary_columns!(),
                " from product p",
                its_picture!(),
                " where p.tenant_id = $1 and p.state = $2 and p.id < $3
                 order by p.id desc limit cast($4 as bigint)"
            )),
            (state.name(), before, limit),
            read_summary,
        ),
        None => rx.rows(
            sql!(concat!(
                "select ",
                summary_columns!(),
                " from product p",
                its_picture!(),
                " where p.tenant_id = $1 and p.id < $2 order by p.id desc limit cast($3 as bigint)"
            )),
            (before, limit),
            read_summary,
        ),
    }
}

pub fn by_title(
    rx: &mut Rx,
    state: State,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<Vec<Summary>, Error> {
    let (key, id) =
        after.map_or_else(Default::default, |cursor| (cursor.title_key.clone(), cursor.id.to_string()));
    rx.rows(
        sql!(concat!(
            "select ",
            summary_columns!(),
            " from product p",
            its_picture!(),
            " where p.tenant_id = $1 and p.state = $2 and (p.title_key, p.id) > ($3, $4)
             order by p.title_key, p.id limit cast($5 as bigint)"
        )),
        (state.name(), key, id, limit),
        read_summary,
    )
}

/// An active product by its handle.
pub fn summary(rx: &mut Rx, handle: &Handle) -> Result<Option<Summary>, Error> {
    rx.row(
        sql!(concat!(
            "select ",
            summary_columns!(),
            " from product p",
            its_picture!(),
            " where p.tenant_id = $1 and p.handle = $2 and p.state = 'active'"
        )),
        (handle.as_str(),),
        read_summary,
    )
}

pub fn in_category(
    rx: &mut Rx,
    category: CategoryId,
    state: Option<State>,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<Vec<Summary>, Error> {
    let before = after.map_or(LAST.to_owned(), |cursor| cursor.id.to_string());
    rx.rows(
        sql!(concat!(
            "select ",
            summary_columns!(),
            " from product_category c join product p on p.tenant_id = $1 and p.id = c.product_id",
            its_picture!(),
            " where c.tenant_id = $1 and c.category_id = $2 and (cast($3 as text) is null or p.state = $3)
             and c.product_id < $4 order by c.product_id desc limit cast($5 as bigint)"
        )),
        (category, state.map(State::name), before, limit),
        read_summary,
    )
}

/// How many products hold a word that begins with `prefix`, counted no further than `enough`.
pub fn count_word(rx: &mut Rx, prefix: &str, enough: u32) -> Result<i64, Error> {
    let found = rx.row(
        sql!(
            "select count(*) from (select w.product_id from product_word w where w.tenant_id = $1 and w.word >= $2
             and w.word < $3 limit cast($4 as bigint)) counted"
        ),
        (prefix, format!("{prefix}{LAST}"), enough),
        |row| row.get(0),
    )?;
    Ok(found.unwrap_or(0))
}

/// Up to eight beginnings of words, and where each range of words ends.
pub struct Sought<'a> {
    pub prefixes: [Option<&'a str>; 8],
    pub ends: [Option<String>; 8],
}

impl<'a> Sought<'a> {
    pub fn new(words: &'a [String]) -> Self {
        let mut sought = Self { prefixes: [None; 8], ends: Default::default() };
        for (place, word) in words.iter().take(8).enumerate() {
            sought.prefixes[place] = Some(word);
            sought.ends[place] = Some(format!("{word}{LAST}"));
        }
        sought
    }
}

macro_rules! every_word {
    () => {
        " and (cast($7 as text) is null or exists (select 1 from product_word w where w.tenant_id = $1
            and w.product_id = p.id and w.word >= $7 and w.word < $8))
          and (cast($9 as text) is null or exists (select 1 from product_word w where w.tenant_id = $1
            and w.product_id = p.id and w.word >= $9 and w.word < $10))
          and (cast($11 as text) is null or exists (select 1 from product_word w where w.tenant_id = $1
            and w.product_id = p.id and w.word >= $11 and w.word < $12))
          and (cast($13 as text) is null or exists (select 1 from product_word w where w.tenant_id = $1
            and w.product_id = p.id and w.word >= $13 and w.word < $14))
          and (cast($15 as text) is null or exists (select 1 from product_word w where w.tenant_id = $1
            and w.product_id = p.id and w.word >= $15 and w.word < $16))
          and (cast($17 as text) is null or exists (select 1 from product_word w where w.tenant_id = $1
            and w.product_id = p.id and w.word >= $17 and w.word < $18))
          and (cast($19 as text) is null or exists (select 1 from product_word w where w.tenant_id = $1
            and w.product_id = p.id and w.word >= $19 and w.word < $20))
          and (cast($5 as text) is null or exists (select 1 from product_category c where c.tenant_id = $1
            and c.category_id = $5 and c.product_id = p.id))
          order by p.id desc limit cast($6 as bigint)"
    };
}

/// Products that hold every sought word; `rare` says that the first of them is in few products, so that it leads.
pub fn with_words(
    rx: &mut Rx,
    sought: &Sought<'_>,
    rare: bool,
    state: Option<State>,
    category: Option<CategoryId>,
    after: Option<&Cursor>,
    limit: u32,
) -> Result<Vec<Summary>, Error> {
    let before = after.map_or(LAST.to_owned(), |cursor| cursor.id.to_string());
    let [first, b, c, d, e, f, g, h] = sought.prefixes;
    let [first_end, b_end, c_end, d_end, e_end, f_end, g_end, h_end] = &sought.ends;
    let params = (
        state.map(State::name),
        first,
        first_end,
        category,
        limit,
        b,
        b_end,
        c,
        c_end,
        d,
        d_end,
        e,
        e_end,
        f,
        f_end,
        g,
        g_end,
        h,
        h_end,
        before,
    );
    if rare {
        rx.rows(
            sql!(concat!(
                "select distinct ",
                summary_columns!(),
                // SQLite keeps the order of a cross join: the few rows of the word first, never all products
                " from product_word r cross join product p",
                its_picture!(),
                " where p.tenant_id = $1 and p.id = r.product_id
                 and r.tenant_id = $1 and r.word >= $3 and r.word < $4
                 and (cast($2 as text) is null or p.state = $2) and p.id < $21",
                every_word!()
            )),
            params,
            read_summary,
        )
    } else {
        rx.rows(
            sql!(concat!(
                "select ",
                summary_columns!(),
                " from product p",
                its_picture!(),
                " where p.tenant_id = $1 and (cast($2 as text) is null or p.state = $2) and p.id < $21
                 and exists (select 1 from product_word r where r.tenant_id = $1 and r.product_id = p.id
                 and r.word >= $3 and r.word < $4)",
                every_word!()
            )),
            params,
            read_summary,
        )
    }
}

/// Ids of all products behind `after` in the order of their making, for an export in pieces.
pub fn ids_after(rx: &mut Rx, after: Option<ProductId>, limit: u32) -> Result<Vec<ProductId>, Error> {
    rx.rows(
        sql!("select id from product where tenant_id = $1 and id > $2 order by id limit cast($3 as bigint)"),
        (after.map_or_else(String::new, |id| id.to_string()), limit),
        |row| row.get(0),
    )
}

/// Handles of active products behind `after` in the order of their making.
pub fn handles_after(rx: &mut Rx, after: Option<ProductId>, limit: u32) -> Result<Vec<Handle>, Error> {
    rx.rows(
        sql!(
            "select handle from product where tenant_id = $1 and state = 'active' and id > $2
             order by id limit cast($3 as bigint)"
        ),
        (after.map_or_else(String::new, |id| id.to_string()), limit),
        |row| parsed(row, 0, "handle"),
    )
}

/// The last of `piece` active products behind `after`, if there are so many.
pub fn mark_after(rx: &mut Rx, after: Option<ProductId>, piece: u32) -> Result<Option<ProductId>, Error> {
    rx.row(
        sql!(
            "select id from product where tenant_id = $1 and state = 'active' and id > $2
             order by id limit 1 offset cast($3 as bigint)"
        ),
        (after.map_or_else(String::new, |id| id.to_string()), piece.saturating_sub(1)),
        |row| row.get(0),
    )
}
