//! A book of a hundred thousand customers: what a narrowed list reads of it.

use customers::{Filter, Order};
use db::{Rx, Statement, Tx, sql};

use crate::world::World;

/// A hundred thousand customers, numbered as they came. The first 3,000 are alike: they agreed, are of one campaign, gave one
/// answer, and never ordered, so that they stand at the end of two orders. Another campaign has few of all.
fn fill(tx: &mut Tx) -> Result<(), customers::Error> {
    tx.run(
        sql!(
            "insert into customer (tenant_id, id, sort_name, search, orders, spent, owes, owed, last_order_at, created_at,
                updated_at, agreed)
             with digit as (select column1 as n from (values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)) v),
                numbered as (select a.n * 10000 + b.n * 1000 + c.n * 100 + d.n * 10 + e.n as n
                    from digit a, digit b, digit c, digit d, digit e)
             select cast($1 as bigint), 'cust_01h455vb4pex5vsknk08' || cast(100000 + n as text),
                'name' || cast(n * 7919 % 100003 as text), '', 0, 0, case when n % 211 = 3 and n >= 3000 then 500 else 0 end, 0,
                case when n < 30000 then 0 else n end, 0, 0, case when n < 3000 then 1 else 0 end
             from numbered"
        ),
        (),
    )?;
    for (mark, every, below) in
        [("c:cmp_old", 1, 3000), ("a:likes=bread", 1, 3000), ("c:cmp_few", 125, 100_000)]
    {
        tx.run(
            sql!(
                "insert into customer_mark (tenant_id, mark, customer_id)
                 select tenant_id, cast($2 as text), id from customer
                 where tenant_id = $1 and cast(substr(id, 26) as bigint) - 100000 < cast($4 as bigint)
                    and cast(substr(id, 26) as bigint) % cast($3 as bigint) = 0"
            ),
            (mark, every, below),
        )?;
    }
    Ok(())
}

/// Filters, with how many rows of 100,000 a page of 50 may read for each.
fn asked() -> Vec<(Filter, i64)> {
    let campaign = |id: &str| Filter { campaign: Some(id.to_owned()), ..Filter::default() };
    let likes = Filter { answer: Some(("likes".to_owned(), "bre".to_owned())), ..Filter::default() };
    let agreed = |agreed| Filter { agreed: Some(agreed), ..Filter::default() };
    vec![
        (agreed(true), 200),
        (agreed(false), 200),
        // those of a mark that few have: each looked up, and its marks looked at
        (campaign("cmp_few"), 5_000),
        (campaign("cmp_old"), 20_000),
        (likes.clone(), 20_000),
        (Filter { agreed: Some(true), ..likes }, 20_000),
    ]
}

/// What this transaction has read of customers and their marks so far, in rows.
fn rows_read(rx: &mut Rx) -> Result<i64, customers::Error> {
    let read = rx.row(
        sql!(
            "select cast(coalesce(sum(seq_tup_read + idx_tup_fetch), 0) as bigint) from pg_stat_xact_user_tables
             where relname in ('customer', 'customer_mark') and cast($1 as bigint) > 0"
        ),
        (),
        |row| row.get(0),
    )?;
    Ok(read.unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_of_a_large_book_reads_few_rows_wherever_they_stand_on_postgres() {
    let world = World::on_postgres().await;
    world.write(fill).await.unwrap();
    for (filter, most) in asked() {
        for order in Order::ALL {
            let filter = Filter { order, ..filter.clone() };
            let wanted = filter.clone();
            let look = move |rx: &mut Rx| {
                let before = rows_read(rx)?;
                let found = customers::list(rx, &filter, None, 50)?.len();
                Ok((found, rows_read(rx)? - before))
            };
            let (found, read) = world.read(look).await.unwrap();
            assert_eq!(found, 50, "{wanted:?}");
            assert!(read > 0 && read <= most, "{read} rows for {wanted:?}");
        }
    }
}

/// The statement, asking SQLite how it would go about it.
fn plan_of(statement: &Statement) -> &'static Statement {
    let text: &str = format!("explain query plan {}", statement.text().replace('$', "?")).leak();
    Box::leak(Box::new(Statement::new(text, text, statement.file, statement.line)))
}

#[tokio::test]
async fn no_list_goes_through_all_customers_or_all_marks_of_a_business_on_sqlite() {
    let world = World::on_sqlite().await;
    let lists = db::STATEMENTS.iter().filter(|statement| {
        statement.file.ends_with("sql/list.rs") && statement.text().contains("customer_mark")
    });
    let plans = lists.map(plan_of).collect::<Vec<_>>();
    assert!(plans.len() > 10, "lists in each order, and counts");
    for plan in plans {
        let look = move |rx: &mut Rx| Ok(rx.rows(plan, (), |row| row.get::<String>(3))?);
        let steps = world.read(look).await.unwrap();
        let whole = |step: &&String| {
            *step == "SCAN c" || step.starts_with("SCAN c ") || step.ends_with("(tenant_id=?)")
        };
        assert_eq!(steps.iter().find(whole), None, "{}: {steps:#?}", plan.text());
        if plan.text().contains("where c.tenant_id = ?1 and c.agreed = ?13") {
            let exact = |step: &String| {
                step.starts_with("SEARCH c USING") && step.contains("(tenant_id=? AND agreed=? AND ")
            };
            assert!(steps.iter().any(exact), "{}: {steps:#?}", plan.text());
            assert!(!steps.iter().any(|step| step.contains("FOR ORDER BY")), "{steps:#?}");
        }
    }
}
