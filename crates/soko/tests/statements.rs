//! Every statement that is linked into the binary keeps to the rules, and runs on both engines.

use db::{STATEMENTS, check, testing::TestDb};

#[test]
fn every_statement_binds_its_tenant() {
    // the rooms' statements are linked because the house is
    assert!(!soko::wiring::schemas().is_empty());
    assert!(STATEMENTS.len() > 150, "only {} statements are linked", STATEMENTS.len());
    let complaints = check::complaints();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_statement_runs_on_sqlite() {
    let failed = check::execute_all(&TestDb::sqlite(soko::wiring::schemas()).await).await;
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_statement_runs_on_postgres() {
    let failed = check::execute_all(&TestDb::postgres(soko::wiring::schemas()).await).await;
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
