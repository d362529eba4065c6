//! `sql!`: one text for both engines, known to the statement test.

/// A statement on a tenant's tables. `$1` is always the tenant.
#[derive(Debug)]
pub struct Statement {
    pub(crate) postgres: &'static str,
    pub(crate) sqlite: &'static str,
    pub file: &'static str,
    pub line: u32,
}

/// A statement on the directory, which holds what is across tenants.
#[derive(Debug)]
pub struct DirectoryStatement(pub(crate) Statement);

/// Every tenant statement that is linked into this program, for the test that checks and executes each.
#[linkme::distributed_slice]
pub static STATEMENTS: [Statement];

/// Every directory statement that is linked into this program.
#[linkme::distributed_slice]
pub static DIRECTORY_STATEMENTS: [DirectoryStatement];

impl Statement {
    #[doc(hidden)]
    pub const fn new(postgres: &'static str, sqlite: &'static str, file: &'static str, line: u32) -> Self {
        Self { postgres, sqlite, file, line }
    }

    pub fn text(&self) -> &'static str {
        self.postgres
    }

    /// The table this statement writes to; none for a query.
    pub fn target(&self) -> Option<&'static str> {
        let mut words = self.postgres.split(|letter: char| letter.is_whitespace() || letter == '(');
        let first = words.find(|word| !word.is_empty())?;
        match first {
            "insert" | "delete" => words.filter(|word| !word.is_empty()).nth(1),
            "update" => words.find(|word| !word.is_empty()),
            _ => None,
        }
    }
}

impl Statement {
    /// The tables this statement reads.
    pub(crate) fn sources(&self) -> impl Iterator<Item = &'static str> {
        let words = self.postgres.split(|letter: char| letter.is_whitespace() || "(),".contains(letter));
        let words = words.filter(|word| !word.is_empty());
        words
            .clone()
            .zip(words.skip(1))
            .filter(|(word, _)| matches!(*word, "from" | "join"))
            .map(|(_, table)| table)
    }
}

impl DirectoryStatement {
    #[doc(hidden)]
    pub const fn new(statement: Statement) -> Self {
        Self(statement)
    }

    pub fn text(&self) -> &'static str {
        self.0.postgres
    }
}

/// `text` with `$n` as `?n`: to SQLite `$1` is a name, and names are numbered by first sight, not by their digits.
#[doc(hidden)]
pub const fn with_question_marks<const LENGTH: usize>(text: &str) -> [u8; LENGTH] {
    let bytes = text.as_bytes();
    let mut out = [0u8; LENGTH];
    let mut at = 0;
    while at < LENGTH {
        let digit_follows = at + 1 < LENGTH && bytes[at + 1].is_ascii_digit();
        out[at] = if bytes[at] == b'$' && digit_follows { b'?' } else { bytes[at] };
        at += 1;
    }
    out
}

#[doc(hidden)]
pub const fn text_of(bytes: &'static [u8]) -> &'static str {
    match str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => panic!("sql! takes text"),
    }
}

/// A tenant statement: `sql!("select title from product where tenant_id = $1 and id = $2")`.
#[macro_export]
macro_rules! sql {
    ($text:expr) => {{
        const TEXT: &str = $text;
        static SQLITE: [u8; TEXT.len()] = $crate::with_question_marks(TEXT);
        #[allow(unsafe_code, reason = "a section of the binary lists all statements for their test")]
        #[$crate::linkme::distributed_slice($crate::STATEMENTS)]
        #[linkme(crate = $crate::linkme)]
        static STATEMENT: $crate::Statement =
            $crate::Statement::new(TEXT, $crate::text_of(&SQLITE), file!(), line!());
        &STATEMENT
    }};
}

/// A statement on the directory; `$1` is an ordinary parameter.
#[macro_export]
macro_rules! directory_sql {
    ($text:expr) => {{
        const TEXT: &str = $text;
        static SQLITE: [u8; TEXT.len()] = $crate::with_question_marks(TEXT);
        #[allow(unsafe_code, reason = "a section of the binary lists all statements for their test")]
        #[$crate::linkme::distributed_slice($crate::DIRECTORY_STATEMENTS)]
        #[linkme(crate = $crate::linkme)]
        static STATEMENT: $crate::DirectoryStatement = $crate::DirectoryStatement::new(
            $crate::Statement::new(TEXT, $crate::text_of(&SQLITE), file!(), line!()),
        );
        &STATEMENT
    }};
}

#[cfg(test)]
mod tests {
    #[test]
    fn dollar_numbers_become_question_marks_for_sqlite() {
        let statement = crate::sql!("select '$' from thing where tenant_id = $1 and id = $12");
        assert_eq!(statement.sqlite, "select '$' from thing where tenant_id = ?1 and id = ?12");
    }

    #[test]
    fn a_query_names_the_tables_it_reads() {
        let statement = crate::sql!(
            "select a.x from thing a join other on other.tenant_id = $1 where a.tenant_id = $1 and a.y in
             (select y from third where tenant_id = $1)"
        );
        assert_eq!(statement.sources().collect::<Vec<_>>(), ["thing", "other", "third"]);
    }

    #[test]
    fn a_write_names_its_table() {
        assert_eq!(crate::sql!("insert into thing(tenant_id) values ($1)").target(), Some("thing"));
        assert_eq!(crate::sql!("update thing set a = 1 where tenant_id = $1").target(), Some("thing"));
        assert_eq!(crate::sql!("delete from thing where tenant_id = $1").target(), Some("thing"));
        assert_eq!(crate::sql!("select 1 from thing where tenant_id = $1").target(), None);
    }
}
