//! The statement test: the lint before the walls between tenants. Every `sql!` must bind each of its tables to
//! `tenant_id = $1`, stay within what both engines understand alike, and run on both.

mod execute;
mod schema;
mod walls;
mod words;

use sqlparser::{ast, dialect::PostgreSqlDialect, parser::Parser};

use crate::{DirectoryStatement, Statement};

pub use execute::execute_all;
pub use schema::schema;

/// Why a tenant's statement must not be.
///
/// # Errors
/// A sentence that names the place and the reason.
pub fn tenant_statement(statement: &Statement) -> Result<(), String> {
    tenant_text(statement.text()).map_err(|reason| explain(statement, &reason))
}

/// Why a statement on the directory must not be.
///
/// # Errors
/// A sentence that names the place and the reason.
pub fn directory_statement(statement: &DirectoryStatement) -> Result<(), String> {
    directory_text(statement.text()).map_err(|reason| explain(&statement.0, &reason))
}

/// The rules for a tenant's statement.
///
/// # Errors
/// The reason.
pub fn tenant_text(text: &str) -> Result<(), String> {
    let statement = parse(text)?;
    words::common_subset(&statement)?;
    walls::each_table_is_bound(&statement)
}

/// The rules for a statement on the directory: the words of both engines, and no tenant to bind.
///
/// # Errors
/// The reason.
pub fn directory_text(text: &str) -> Result<(), String> {
    words::common_subset(&parse(text)?)
}

/// What is wrong with the statements that are linked into this program, each under its file and line.
pub fn complaints() -> Vec<String> {
    let tenant = crate::STATEMENTS.iter().map(tenant_statement);
    let directory = crate::DIRECTORY_STATEMENTS.iter().map(directory_statement);
    tenant.chain(directory).filter_map(Result::err).collect()
}

/// The statement once for each of its bindings to the tenant, without that one: the rules must refuse every one of them.
pub fn without_a_binding(text: &str) -> Vec<String> {
    let ends = |rest: &str| !rest.starts_with(|next: char| next.is_ascii_digit());
    let places = |wanted: &'static str| {
        text.match_indices(wanted).filter(move |(at, _)| ends(&text[at + wanted.len()..])).map(|(at, _)| at)
    };
    let compared = places("tenant_id = $1").map(|at| {
        let before =
            text[..at].trim_end_matches(|letter: char| letter.is_alphanumeric() || "._".contains(letter));
        format!("{before}1 = 1{}", &text[at + "tenant_id = $1".len()..])
    });
    let inserted =
        places("($1").chain(places("select $1")).filter(|_| text.starts_with("insert")).map(|at| {
            let dollar = at + text[at..].find('$').unwrap_or_default();
            format!("{}$2{}", &text[..dollar], &text[dollar + 2..])
        });
    compared.chain(inserted).collect()
}

fn explain(statement: &Statement, reason: &str) -> String {
    format!("{}:{}: {reason}\n    {}", statement.file, statement.line, statement.text())
}

fn parse(text: &str) -> Result<ast::Statement, String> {
    if ["--", "/*", "$$"].iter().any(|mark| text.contains(mark)) {
        return Err("comments and dollar quotes are read differently by each reader".to_owned());
    }
    let mut parsed =
        Parser::parse_sql(&PostgreSqlDialect {}, text).map_err(|error| format!("not understood: {error}"))?;
    match (parsed.pop(), parsed.is_empty()) {
        (Some(statement), true) => Ok(statement),
        _ => Err("one statement, please".to_owned()),
    }
}

#[cfg(test)]
mod tests;
