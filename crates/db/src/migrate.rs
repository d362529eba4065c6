//! Migrations: numbered SQL, additive, written once and rendered for each engine.

/// The schema generation this binary writes. A migration names the oldest binary that may still read its result.
pub const BINARY: u32 = 1;

/// One step of a room's schema.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    pub room: &'static str,
    pub number: u32,
    pub sql: &'static str,
    /// The oldest `BINARY` that may read a database after this step.
    pub oldest_reader: u32,
}

impl Migration {
    pub const fn new(room: &'static str, number: u32, sql: &'static str) -> Self {
        Self { room, number, sql, oldest_reader: BINARY }
    }

    pub const fn oldest_reader(mut self, binary: u32) -> Self {
        self.oldest_reader = binary;
        self
    }

    /// The statements, each without its semicolon. House rule: a statement ends with `;` at the end of a line.
    fn statements(&self) -> impl Iterator<Item = String> {
        self.sql
            .split_inclusive('\n')
            .fold(vec![String::new()], |mut statements, line| {
                if let Some(last) = statements.last_mut() {
                    last.push_str(line);
                }
                let ends = line.split("--").next().is_some_and(|code| code.trim_end().ends_with(';'));
                if ends {
                    statements.push(String::new());
                }
                statements
            })
            .into_iter()
            .filter(|statement| {
                statement.lines().any(|line| !line.trim().is_empty() && !line.trim().starts_with("--"))
            })
    }

    /// For SQLite: strict tables, and without rowid where the statement asks for it.
    pub(crate) fn sqlite(&self) -> Vec<String> {
        self.statements()
            .map(|statement| {
                let without_rowid = statement.contains("-- without rowid");
                let code = bare(&replace_words(&statement, &[("bigint", "integer"), ("bytea", "blob")]));
                if creates_table(&code) {
                    format!("{code} strict{}", if without_rowid { ", without rowid" } else { "" })
                } else {
                    code
                }
            })
            .collect()
    }

    /// For Postgres: text ordered by bytes as SQLite does.
    pub(crate) fn postgres(&self) -> Vec<String> {
        self.statements()
            .map(|statement| bare(&replace_words(&statement, &[("text", "text collate \"C\"")])))
            .collect()
    }

    /// The tables this step makes.
    pub(crate) fn tables(&self) -> Vec<String> {
        self.statements()
            .map(|statement| bare(&statement))
            .filter(|code| creates_table(code))
            .filter_map(|code| {
                code.split_whitespace().nth(2).map(|name| name.trim_end_matches('(').to_owned())
            })
            .collect()
    }
}

fn creates_table(code: &str) -> bool {
    code.trim_start().to_lowercase().starts_with("create table")
}

/// The statement without comments and its semicolon.
fn bare(statement: &str) -> String {
    let code: Vec<&str> =
        statement.lines().map(|line| line.split("--").next().unwrap_or(line).trim_end()).collect();
    code.join("\n").trim().trim_end_matches(';').to_owned()
}

fn replace_words(text: &str, pairs: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    let mut word = String::new();
    let finish = |word: &mut String, out: &mut String| {
        let replaced = pairs.iter().find(|(from, _)| from == word).map_or(word.as_str(), |(_, to)| to);
        out.push_str(replaced);
        word.clear();
    };
    for letter in text.chars() {
        if letter.is_alphanumeric() || letter == '_' {
            word.push(letter);
        } else {
            finish(&mut word, &mut out);
            out.push(letter);
        }
    }
    finish(&mut word, &mut out);
    out
}

/// Which of `known` are still to be applied, given what the database says it has; or why this binary must not touch it.
pub(crate) fn missing(
    known: &[Migration],
    applied: &[(String, i64, i64)],
) -> Result<Vec<Migration>, crate::Error> {
    for (room, number, oldest_reader) in applied {
        let is_known = known.iter().any(|step| step.room == room && i64::from(step.number) == *number);
        if !is_known && *oldest_reader > i64::from(BINARY) {
            return Err(crate::Error::Migration(format!(
                "this database was written by a newer Soko (step {room} {number}); start that version or a newer one"
            )));
        }
    }
    let has = |step: &Migration| {
        applied.iter().any(|(room, number, _)| room == step.room && *number == i64::from(step.number))
    };
    Ok(known.iter().copied().filter(|step| !has(step)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: Migration = Migration::new(
        "sample",
        1,
        "create table thing (\n  tenant_id bigint not null, -- whose\n  name text not null,\n  picture bytea,\n  primary key (tenant_id, name)\n); -- without rowid\n\ncreate index thing_name on thing (tenant_id, name);\n",
    );

    #[test]
    fn one_text_is_rendered_for_both_engines() {
        let sqlite = STEP.sqlite();
        assert_eq!(sqlite.len(), 2);
        assert!(sqlite[0].contains("tenant_id integer not null,") && sqlite[0].contains("picture blob"));
        assert!(sqlite[0].ends_with(") strict, without rowid"));
        assert!(STEP.postgres()[0].contains("name text collate \"C\" not null"));
        assert_eq!(STEP.tables(), ["thing"]);
    }

    #[test]
    fn a_database_of_a_newer_binary_is_not_opened() {
        let newer = [("future".to_owned(), 9, i64::from(BINARY) + 1)];
        assert!(missing(&[STEP], &newer).is_err());
        let readable = [("future".to_owned(), 9, i64::from(BINARY))];
        assert_eq!(missing(&[STEP], &readable).unwrap().len(), 1);
    }
}
