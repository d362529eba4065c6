//! Several rows in one insert: what a body puts row by row leaves as few statements.

/// Rows in one statement, at most.
const MOST: usize = 16;

/// `insert into t (…) values (…)`, cut where rows can be added.
#[derive(Clone, Copy)]
pub(super) struct Insert {
    head: &'static str,
    row: &'static str,
    tail: &'static str,
}

impl Insert {
    /// The insert, if many rows at once are the same as one after another: nothing in a row looks at a table, and a
    /// collision changes no row twice.
    pub fn of(text: &'static str) -> Option<Self> {
        let inserts = text.starts_with("insert into");
        let values = text.find("values (").filter(|_| inserts)? + "values ".len();
        let (head, rest) = text.split_at(values);
        let (row, tail) = rest.split_at(closed(rest)?);
        let alike = tail.trim().is_empty()
            || (tail.trim_start().starts_with("on conflict") && tail.trim_end().ends_with("do nothing"));
        (alike && !row.contains("select")).then_some(Self { head, row, tail })
    }

    /// The same for `rows` rows, whose parameters follow each other, `params` for each.
    pub fn of_rows(self, rows: usize, params: usize) -> String {
        let rows: Vec<String> = (0..rows).map(|row| renumbered(self.row, row * params)).collect();
        format!("{}{}{}", self.head, rows.join(", "), self.tail)
    }
}

/// How many rows each statement takes: few sizes, so that few statements are prepared.
pub(super) fn sizes(mut rows: usize) -> Vec<usize> {
    let mut sizes = Vec::new();
    while rows > 0 {
        let size = (1 << rows.ilog2()).min(MOST);
        sizes.push(size);
        rows -= size;
    }
    sizes
}

/// Where the parenthesis that `text` begins with is closed.
fn closed(text: &str) -> Option<usize> {
    let (mut depth, mut quoted) = (0, false);
    for (at, letter) in text.char_indices() {
        match letter {
            '\'' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth -= 1,
            _ => (),
        }
        if depth == 0 {
            return Some(at + 1);
        }
    }
    None
}

/// `text` with each `$n` counted on by `by`.
fn renumbered(text: &str, by: usize) -> String {
    let mut parts = text.split('$');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        match part[..digits].parse::<usize>() {
            Ok(number) => out.push_str(&format!("${}{}", number + by, &part[digits..])),
            Err(_) => out.push_str(&format!("${part}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_added_to_an_insert() {
        let insert =
            Insert::of("insert into t (a, b) values ($1, coalesce($2, ')')) on conflict do nothing").unwrap();
        assert_eq!(
            insert.of_rows(2, 2),
            "insert into t (a, b) values ($1, coalesce($2, ')')), ($3, coalesce($4, ')')) on conflict do nothing"
        );
    }

    #[test]
    fn what_is_not_the_same_at_once_stays_alone() {
        assert!(Insert::of("insert into t (a) values ($1) on conflict (a) do update set b = 1").is_none());
        assert!(Insert::of("insert into t (a) values ((select max(a) from t))").is_none());
        assert!(Insert::of("insert into t (a) select a from u").is_none());
        assert!(Insert::of("insert into t (a) values ($1) returning a").is_none());
        assert!(Insert::of("update t set a = $1").is_none());
    }

    #[test]
    fn few_sizes_make_any_number() {
        assert_eq!(sizes(1), [1]);
        assert_eq!(sizes(11), [8, 2, 1]);
        assert_eq!(sizes(33), [16, 16, 1]);
    }
}
