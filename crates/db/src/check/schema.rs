//! The rules for a tenant's tables: every key begins with the tenant, and nothing waits for the commit to fail.

use sqlparser::ast::{
    ColumnDef, ColumnOption, CreateTable, DataType, Expr, IndexColumn, Statement, TableConstraint,
};

use crate::Schema;

/// What is wrong with the tenant tables of a room, each under its migration.
pub fn schema(schema: &Schema) -> Vec<String> {
    let steps = schema.migrations.iter();
    let statements = steps.flat_map(|step| step.postgres().into_iter().map(move |text| (step, text)));
    let wrong = statements.filter_map(|(step, text)| {
        let reason = table(&text).err()?;
        Some(format!("{} {}: {reason}\n    {text}", step.room, step.number))
    });
    wrong.collect()
}

pub(super) fn table(text: &str) -> Result<(), String> {
    if text.to_lowercase().contains("deferrable") {
        return Err("a deferred constraint fails the commit of others".to_owned());
    }
    match super::parse(text)? {
        Statement::CreateTable(table) => created(&table),
        Statement::CreateIndex(index) if index.unique => begins_with_tenant(&index.columns, "a unique index"),
        _ => Ok(()),
    }
}

fn created(table: &CreateTable) -> Result<(), String> {
    table.columns.iter().try_for_each(column)?;
    let mut has_key = false;
    for constraint in &table.constraints {
        match constraint {
            TableConstraint::PrimaryKey(key) => {
                has_key = true;
                begins_with_tenant(&key.columns, "the primary key")?;
            }
            TableConstraint::Unique(key) => begins_with_tenant(&key.columns, "a unique key")?,
            TableConstraint::ForeignKey(key) => {
                let begins = |columns: &[sqlparser::ast::Ident]| {
                    columns.first().is_some_and(|first| first.value == "tenant_id")
                };
                if !begins(&key.columns) || !begins(&key.referred_columns) {
                    return Err(format!(
                        "the foreign key to {} does not begin with tenant_id",
                        key.foreign_table
                    ));
                }
            }
            TableConstraint::Check(_) => (),
            other => return Err(format!("the constraint {other}")),
        }
    }
    if has_key { Ok(()) } else { Err("the table has no primary key that begins with tenant_id".to_owned()) }
}

fn column(column: &ColumnDef) -> Result<(), String> {
    let name = &column.name.value;
    if !matches!(column.data_type, DataType::BigInt(None) | DataType::Text | DataType::Bytea) {
        return Err(format!("{name} is {}: only bigint, text and bytea", column.data_type));
    }
    let plain = |option: &ColumnOption| {
        matches!(
            option,
            ColumnOption::NotNull
                | ColumnOption::Check(_)
                | ColumnOption::Default(_)
                | ColumnOption::Collation(_)
        )
    };
    if column.options.iter().all(|option| plain(&option.option)) {
        Ok(())
    } else {
        Err(format!("{name}: keys stand below the columns, and begin with tenant_id"))
    }
}

fn begins_with_tenant(columns: &[IndexColumn], what: &str) -> Result<(), String> {
    match columns.first().map(|first| &first.column.expr) {
        Some(Expr::Identifier(name)) if name.value == "tenant_id" => Ok(()),
        _ => Err(format!("{what} does not begin with tenant_id")),
    }
}
