//! Tables, roles and walls: the owner migrates, the serving role owns nothing, and before anything is served a foreign row
//! is seen to be invisible.

use tokio_postgres::{Config, SimpleQueryMessage};

use super::wire::{Wire, words_of};
use crate::{Error, Migration, migrate};

/// Names the lock under which one process at a time migrates.
const TURN: i64 = 0x536f_6b6f;

/// Where a list of steps lives.
struct Schema<'a> {
    name: &'static str,
    steps: &'a [Migration],
}

impl Schema<'_> {
    fn tables(&self) -> Vec<String> {
        self.steps.iter().flat_map(Migration::tables).collect()
    }
}

/// Applies what is missing as `migrate`, or refuses when there is nobody who may; then looks at the walls as `serve`.
pub(super) fn bring_up(
    serve: &Config,
    migrate: Option<&Config>,
    tenant_steps: &[Migration],
    directory_steps: &[Migration],
) -> Result<(), Error> {
    let tenants = Schema { name: "public", steps: tenant_steps };
    let directory = Schema { name: "directory", steps: directory_steps };
    if let Some(migrate) = migrate {
        let role = serve
            .get_user()
            .ok_or_else(|| Error::Migration("the address of the serving role names no role".to_owned()))?;
        migrate_all(&mut Asked(Wire::connect(migrate)?), [&tenants, &directory], role)?;
    }
    let mut serving = Asked(Wire::connect(serve)?);
    for schema in [&tenants, &directory] {
        let missing = migrate::missing(schema.steps, &serving.applied(schema)?)?;
        if let Some(step) = missing.first() {
            return Err(Error::Migration(format!(
                "the database lacks step {} {}: run `soko migrate` as the role that owns the tables",
                step.room, step.number
            )));
        }
    }
    probe(&mut serving, &tenants.tables())
}

fn migrate_all(owner: &mut Asked, schemas: [&Schema<'_>; 2], serving_role: &str) -> Result<(), Error> {
    let role = quoted(serving_role);
    owner.command(&format!(
        "begin; select pg_advisory_xact_lock({TURN}); create schema if not exists directory"
    ))?;
    for schema in schemas {
        let name = schema.name;
        owner.command(&format!(
            "set local search_path = {name}; \
             create table if not exists migration (room text not null, number bigint not null, oldest_reader bigint not null, \
             primary key (room, number)); \
             grant usage on schema {name} to {role}; grant select on migration to {role}"
        ))?;
        for step in migrate::missing(schema.steps, &owner.applied(schema)?)? {
            apply(owner, schema, &step)
                .map_err(|error| Error::Migration(format!("{} {}: {error}", step.room, step.number)))?;
        }
        for table in schema.tables() {
            owner
                .command(&format!("grant select, insert, update, delete on {} to {role}", quoted(&table)))?;
        }
    }
    owner.command("commit")
}

fn apply(owner: &mut Asked, schema: &Schema<'_>, step: &Migration) -> Result<(), Error> {
    let walled = schema.name == "public";
    for statement in step.postgres() {
        // forced walls hide all rows from the owner, too, and a change of data would change none
        match changed_table(&statement).filter(|_| walled).map(quoted) {
            Some(table) => owner.command(&format!(
                "alter table {table} no force row level security; {statement}; alter table {table} force row level security"
            ))?,
            None => owner.command(&statement)?,
        }
    }
    for table in step.tables().iter().filter(|_| walled) {
        let table = quoted(table);
        // after a transaction that set it, the setting is empty text and not absent
        let own = "tenant_id = nullif(current_setting('app.tenant', true), '')::bigint";
        owner.command(&format!(
            "alter table {table} enable row level security; alter table {table} force row level security; \
             create policy own_tenant on {table} using ({own}) with check ({own})"
        ))?;
    }
    owner.command(&format!(
        "insert into migration (room, number, oldest_reader) values ('{}', {}, {})",
        step.room, step.number, step.oldest_reader
    ))
}

/// The table whose rows a step changes.
fn changed_table(statement: &str) -> Option<&str> {
    let mut words = statement
        .split(|letter: char| letter.is_whitespace() || letter == '(')
        .filter(|word| !word.is_empty());
    match words.next()?.to_lowercase().as_str() {
        "insert" | "delete" => words.nth(1),
        "update" => words.next(),
        _ => None,
    }
}

fn quoted(name: impl AsRef<str>) -> String {
    format!("\"{}\"", name.as_ref().replace('"', "\"\""))
}

/// Whether the serving role is really kept from other tenants' rows.
fn probe(serving: &mut Asked, tenant_tables: &[String]) -> Result<(), Error> {
    let refuse = |reason: &str| {
        Err(Error::Migration(format!(
            "the walls between tenants do not stand, so nothing is served: {reason}. Serve as a role that owns no table, is \
             no superuser and does not bypass row-level security"
        )))
    };
    let powers = "select 1 from pg_roles where rolname = current_user and (rolsuper or rolbypassrls)";
    if !serving.rows(powers)?.is_empty() {
        return refuse("the serving role is a superuser or bypasses row-level security");
    }
    let owned = "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace \
                 where n.nspname in ('public', 'directory') and c.relkind in ('r', 'p') and pg_has_role(c.relowner, 'member') limit 1";
    if let Some(row) = serving.rows(owned)?.first() {
        return refuse(&format!("the serving role owns the table {}", cell(row, 0)));
    }
    let open = "select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') \
                and not (c.relrowsecurity and c.relforcerowsecurity and \
                (select count(*) from pg_policy p where p.polrelid = c.oid) = 1)";
    let open: Vec<String> = serving.rows(open)?.iter().map(|row| cell(row, 0)).collect();
    if let Some(table) = tenant_tables.iter().find(|table| open.contains(table)) {
        return refuse(&format!("the table {table} has no forced row-level security"));
    }
    // numbers that no tenant has, in a transaction that is rolled back
    serving.command(
        "begin; set local app.tenant = '-1'; \
         insert into tenant_state (tenant_id, state, generation, version, batch_id, catalog, stock, look) \
         values (-1, 'live', 1, 0, '', 0, 0, 0)",
    )?;
    for tenant in ["-2", ""] {
        serving.command(&format!("set local app.tenant = '{tenant}'"))?;
        if !serving.rows("select 1 from tenant_state")?.is_empty() {
            return refuse("a row of another tenant is visible");
        }
    }
    serving.command("rollback")
}

fn cell(row: &[Option<String>], index: usize) -> String {
    row.get(index).cloned().flatten().unwrap_or_default()
}

/// A connection for setting up: plain commands, rows as text.
struct Asked(Wire);

impl Asked {
    fn command(&mut self, command: &str) -> Result<(), Error> {
        self.rows(command).map(drop)
    }

    fn rows(&mut self, query: &str) -> Result<Vec<Vec<Option<String>>>, Error> {
        let answered = self.0.ask(async |client| client.simple_query(query).await)?;
        let messages = answered.map_err(|error| Error::Migration(words_of(&error)))?;
        let row = |message: SimpleQueryMessage| match message {
            SimpleQueryMessage::Row(row) => {
                Some((0..row.len()).map(|index| row.get(index).map(str::to_owned)).collect())
            }
            _ => None,
        };
        Ok(messages.into_iter().filter_map(row).collect())
    }

    /// The steps that the database has; none when it was never migrated.
    fn applied(&mut self, schema: &Schema<'_>) -> Result<Vec<(String, i64, i64)>, Error> {
        let name = schema.name;
        let exists = self.rows(&format!("select 1 where to_regclass('{name}.migration') is not null"))?;
        if exists.is_empty() {
            return Ok(Vec::new());
        }
        let steps = self.rows(&format!("select room, number, oldest_reader from {name}.migration"))?;
        let number = |text: String| {
            text.parse().map_err(|_| Error::Migration(format!("the table {name}.migration is damaged")))
        };
        steps.iter().map(|row| Ok((cell(row, 0), number(cell(row, 1))?, number(cell(row, 2))?))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_changes_rows_names_their_table() {
        assert_eq!(changed_table("update thing set a = 1"), Some("thing"));
        assert_eq!(changed_table("insert into thing(a) values (1)"), Some("thing"));
        assert_eq!(changed_table("create table thing (a bigint)"), None);
    }
}
