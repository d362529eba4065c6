//! Lists in pages: `{"items": […], "nextCursor": text or null}`, `?limit=` (at most 100), `?cursor=`.

use serde::{Deserialize, Serialize};

use crate::Problem;

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct List<T> {
    pub items: Vec<T>,
    /// What `cursor` takes for the next page; null after the last.
    #[schema(required = true)]
    pub next_cursor: Option<String>,
}

/// Which page is asked for. A room's own query struct flattens nothing: it repeats these two fields and calls `page`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// 1 to 100; 20 by default.
    #[param(minimum = 1, maximum = 100)]
    #[serde(default)]
    pub limit: Option<u32>,
    /// The `nextCursor` of the page before.
    #[serde(default)]
    pub cursor: Option<String>,
}

pub const MOST: u32 = 100;
const USUAL: u32 = 20;

impl PageQuery {
    /// How many items the page holds; ask the database for one more.
    pub fn limit(&self) -> u32 {
        self.limit.unwrap_or(USUAL).clamp(1, MOST)
    }

    /// The sort keys of the last item before this page, if it is not the first.
    pub fn after<const N: usize>(&self) -> Result<Option<[String; N]>, Problem> {
        let Some(cursor) = self.cursor.as_deref().filter(|cursor| !cursor.is_empty()) else {
            return Ok(None);
        };
        let keys = decode(cursor).and_then(|keys| keys.try_into().ok());
        keys.map(Some).ok_or_else(|| {
            Problem::bad_request("cursor-unknown", "This cursor is not one of ours; start again without it.")
        })
    }
}

impl<T> List<T> {
    /// The page of `rows`, of which `limit + 1` were asked for; `keys` are the sort keys of an item.
    pub fn of<const N: usize>(mut rows: Vec<T>, limit: u32, keys: impl FnOnce(&T) -> [String; N]) -> Self {
        let limit = limit as usize;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = rows.last().filter(|_| more).map(|last| encode(&keys(last)));
        Self { items: rows, next_cursor }
    }

    pub fn map<U>(self, each: impl FnMut(T) -> U) -> List<U> {
        List { items: self.items.into_iter().map(each).collect(), next_cursor: self.next_cursor }
    }
}

/// Cursors hold nothing secret: they are the last item's sort keys, in a form that fits a query.
pub fn encode(keys: &[String]) -> String {
    serde_json::to_string(keys).map(|text| crate::csrf::hex(text.as_bytes())).unwrap_or_default()
}

fn decode(cursor: &str) -> Option<Vec<String>> {
    serde_json::from_slice(&crate::csrf::unhex(cursor)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_begins_behind_the_last_item_of_this_one() {
        let first = List::of(vec!["a", "b", "c"], 2, |last| [(*last).to_owned()]);
        assert_eq!(first.items, ["a", "b"]);
        let next = PageQuery { cursor: first.next_cursor, limit: None };
        assert_eq!(next.after::<1>().unwrap(), Some(["b".to_owned()]));
        assert_eq!(List::of(vec!["c"], 2, |last| [(*last).to_owned()]).next_cursor, None);
    }

    #[test]
    fn a_strange_cursor_is_refused_and_a_limit_is_bounded() {
        for cursor in ["zz", "é", "5b5d", "ffff"] {
            let asked = PageQuery { cursor: Some(cursor.to_owned()), limit: None };
            assert!(asked.after::<1>().is_err(), "{cursor}");
        }
        assert_eq!(PageQuery { limit: Some(5000), cursor: None }.limit(), 100);
        assert_eq!(PageQuery { limit: Some(0), cursor: None }.limit(), 1);
    }
}
