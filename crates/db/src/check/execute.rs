//! Every linked statement, carried out on a migrated database and undone.

use std::sync::Arc;

use crate::{
    DIRECTORY_STATEMENTS, Error, STATEMENTS, Statement,
    engine::{Connection, Engine, Fence, Place},
    testing::TestDb,
    value::Value,
};

/// Executes every linked statement with parameters that fit, in transactions that are rolled back, and says what failed.
/// A constraint that refuses them is fine. The schemas of `test` must be those of all linked rooms.
pub async fn execute_all(test: &TestDb) -> Vec<String> {
    let tenant = test.tenant("statements").await.tenant;
    let engine = test.engine();
    let place = Place::Tenant { tenant, generation: 1 };
    let executed = tokio::task::spawn_blocking(move || {
        let statements = STATEMENTS.iter().map(|statement| (place, statement));
        let directory = DIRECTORY_STATEMENTS.iter().map(|statement| (Place::Directory, &statement.0));
        let tried = |(place, statement): (Place, &Statement)| {
            let failed = execute(&engine, place, statement).err()?;
            Some(super::explain(statement, &failed.to_string()))
        };
        statements.chain(directory).filter_map(tried).collect()
    });
    executed.await.unwrap_or_else(|panicked| vec![panicked.to_string()])
}

fn execute(engine: &Arc<dyn Engine>, place: Place, statement: &Statement) -> Result<(), Error> {
    let mut connection = engine.writer(place)?;
    connection.begin_write(Fence::Live, "statements")?;
    let outcome = fitting(&mut *connection, place, statement)
        .and_then(|values| connection.query(statement, &values, &mut |_| Ok(())));
    connection.rollback();
    engine.rest_writer(place, connection);
    match outcome {
        Err(Error::Statement(reason)) if is_constraint(&reason) => Ok(()),
        other => other,
    }
}

/// Postgres says which types it wants. SQLite asks nobody: a number fits or breaks a constraint.
fn fitting(
    connection: &mut dyn Connection,
    place: Place,
    statement: &Statement,
) -> Result<Vec<Value<'static>>, Error> {
    let mut values = match connection.parameters(statement)? {
        Some(values) => values,
        None => {
            (1..=64).take_while(|number| mentions(statement.text(), *number)).map(|_| Value::Int(1)).collect()
        }
    };
    if let (Place::Tenant { tenant, .. }, Some(first)) = (place, values.first_mut()) {
        *first = Value::Int(tenant.number());
    }
    Ok(values)
}

/// Whether the text has `$number`, or one behind it.
fn mentions(text: &str, number: usize) -> bool {
    text.split('$').skip(1).any(|rest| {
        let digits = rest.split(|letter: char| !letter.is_ascii_digit()).next().unwrap_or_default();
        digits.parse::<usize>().is_ok_and(|found| found >= number)
    })
}

fn is_constraint(reason: &str) -> bool {
    // Postgres by its class of codes, SQLite by its words
    reason.contains("(23") || reason.contains("constraint failed") || reason.contains("cannot store")
}
