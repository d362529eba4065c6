//! Every statement of this room is bound to its tenant, and runs on both engines.

use db::{DIRECTORY_STATEMENTS, STATEMENTS, check, testing::TestDb};

#[test]
fn every_statement_keeps_the_rules() {
    assert!(!STATEMENTS.is_empty() && !DIRECTORY_STATEMENTS.is_empty());
    assert_eq!(check::complaints(), Vec::<String>::new());
}

#[test]
fn the_rules_miss_no_binding_that_is_removed() {
    for statement in STATEMENTS {
        let mutants = check::without_a_binding(statement.text());
        assert!(!mutants.is_empty(), "nothing binds {}", statement.text());
        for mutant in mutants {
            assert!(check::tenant_text(&mutant).is_err(), "accepted: {mutant}");
        }
    }
}

#[tokio::test]
async fn every_statement_runs_on_sqlite() {
    assert_eq!(check::execute_all(&TestDb::sqlite(vec![]).await).await, Vec::<String>::new());
}

#[tokio::test]
async fn every_statement_runs_on_postgres() {
    assert_eq!(check::execute_all(&TestDb::postgres(vec![]).await).await, Vec::<String>::new());
}
