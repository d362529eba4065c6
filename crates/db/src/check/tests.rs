use super::*;

#[track_caller]
fn refused(text: &str) {
    assert!(tenant_text(text).is_err(), "accepted: {text}");
}

#[track_caller]
fn accepted(text: &str) {
    assert_eq!(tenant_text(text), Ok(()), "{text}");
}

#[test]
fn the_statements_of_a_room_are_accepted() {
    accepted("select title from product where tenant_id = $1 and id = $2");
    accepted(
        "select p.title, cast(sum(s.quantity) as bigint) from product p join stock s on s.tenant_id = $1 and s.product_id = p.id where p.tenant_id = $1 group by p.title order by p.title limit cast($2 as bigint)",
    );
    accepted(
        "select p.title, s.quantity from product p left join stock s on s.tenant_id = $1 and s.product_id = p.id where p.tenant_id = $1",
    );
    accepted(
        "insert into thing (tenant_id, id) values ($1, $2) on conflict (tenant_id, id) do update set id = excluded.id",
    );
    accepted("insert into thing (tenant_id, id) select $1, id from other where tenant_id = $1");
    accepted("update thing set name = $2 where tenant_id = $1 and (id = $3 or name like $4 escape '!')");
    accepted(
        "select account, cast(sum(amount) as bigint) from posting where tenant_id = $1 group by account having sum(amount) <> 0",
    );
    accepted("delete from thing where tenant_id = $1 and id in (select id from other where tenant_id = $1)");
    accepted(
        "with recursive tree as (select id from category where tenant_id = $1 and id = $2 union all select c.id from category c join tree on tree.id = c.parent_id where c.tenant_id = $1) select id from tree",
    );
    accepted(
        "select (select count(*) from line l where l.tenant_id = $1 and l.sale_id = s.id) from sale s where s.tenant_id = $1 and (s.placed_at, s.id) < ($2, $3)",
    );
}

#[test]
fn hostile_statements_are_refused() {
    refused("select title from product");
    refused("select title from product where tenant_id = $1 or true");
    refused("select title from product where tenant_id = $1 or 1 = 1");
    refused("select title from product where (tenant_id = $1) or id = $2");
    refused("select title from product where tenant_id = $2");
    refused("select title from product where not (tenant_id = $1)");
    refused("select p.title from product p, stock s where p.tenant_id = $1 and s.product_id = p.id");
    refused("select p.title from product p join stock s on s.tenant_id = p.tenant_id where p.tenant_id = $1");
    refused("select p.title from product p left join stock s on p.tenant_id = $1 and s.tenant_id = $1");
    refused("select title from product where tenant_id = $1 union select title from product");
    refused("with every as (select title from product) select title from every");
    refused(
        "with early as (select title from product), product as (select title from thing where tenant_id = $1) select title from early",
    );
    refused("select title from product where tenant_id = $1 and id in (select product_id from stock)");
    refused(
        "select title from product where tenant_id = $1 and exists (with product as (select id from thing where tenant_id = $1) select 1 from product)",
    );
    refused("select a.title from (select title from product) a");
    refused("insert into product (tenant_id, id) values ($2, $1)");
    refused("insert into product (id) values ($1)");
    refused("insert into product (tenant_id, id) values ($1, $2), ($3, $2)");
    refused("insert into product (tenant_id, id) select tenant_id, id from product where tenant_id = $1");
    refused("insert into product (tenant_id, id) select $1, id from product");
    refused("insert into product (tenant_id, id) values ($1, $2) on conflict (id) do update set id = $2");
    refused(
        "insert into product (tenant_id, id) values ($1, $2) on conflict (tenant_id, id) do update set tenant_id = $3",
    );
    refused("insert into product (tenant_id, id) values ($1, (select max(id) from product))");
    refused("update product set title = $2 where id = $3");
    refused("update product set tenant_id = $2 where tenant_id = $1");
    refused("update product set title = s.name from stock s where product.tenant_id = $1");
    refused("delete from product");
    refused("delete from product using stock where product.tenant_id = $1");
    refused("attach database 'other.db' as other");
    refused("pragma foreign_keys = off");
    refused("drop table product");
    refused("create table t (id bigint)");
    refused("set app.tenant = '2'");
    refused("select set_config('app.tenant', '2', true) from product where tenant_id = $1");
    refused("select rolname from pg_roles where tenant_id = $1");
    refused("select title from directory.tenant where tenant_id = $1");
    refused("select title from product where tenant_id = $1; delete from product where tenant_id = $1");
    refused("select title from product where tenant_id = $1 -- and id = $2");
    refused("select p.tenant_id from product as p(id, tenant_id) where p.tenant_id = $1");
    refused("select id from lateral_thing where tenant_id = $1 for update");
    refused("with gone as (delete from product where tenant_id = $1 returning id) select id from gone");
}

#[test]
fn words_that_the_engines_read_differently_are_refused() {
    refused("select sum(quantity) from stock where tenant_id = $1");
    refused("select title from product where tenant_id = $1 and title like $2");
    refused("select title from product where tenant_id = $1 and title ilike $2 escape '!'");
    refused("select title from product where tenant_id = $1 limit $2");
    refused("select title from product where tenant_id = $1 and created_at < now()");
    refused("select title from product where tenant_id = $1 and live = true");
    refused("select \"title\" from product where tenant_id = $1");
    refused("select title::text from product where tenant_id = $1");
    refused("select '$1' from product where tenant_id = $1");
    refused("select * from product where tenant_id = $1");
    refused("select max(a, b) from product where tenant_id = $1");
    refused("insert or replace into product (tenant_id, id) values ($1, $2)");
}

#[test]
fn every_key_of_a_table_begins_with_the_tenant() {
    let table = |text: &str| schema::table(text);
    let good = "create table line (tenant_id bigint not null, id text collate \"C\" not null, sale text, primary key (tenant_id, id), \
                foreign key (tenant_id, sale) references sale (tenant_id, id), check (sale <> ''))";
    assert_eq!(table(good), Ok(()));
    assert!(table(&good.replace("key (tenant_id, id)", "key (id)")).is_err());
    assert!(table(&good.replace("key (tenant_id, sale)", "key (sale)")).is_err());
    assert!(table(&good.replace("sale (tenant_id, id)", "sale (id)")).is_err());
    assert!(table(&good.replace("sale text,", "sale numeric,")).is_err());
    assert!(table(&good.replace("sale text,", "sale text unique,")).is_err());
    assert!(
        table(&good.replace("(tenant_id, id),", "(tenant_id, id) deferrable initially deferred,")).is_err()
    );
    assert!(table("create unique index line_sale on line (sale)").is_err());
    assert_eq!(table("create unique index line_sale on line (tenant_id, sale)"), Ok(()));
}

#[test]
fn a_table_is_bound_once() {
    refused(
        "select p.id from product p join stock s on s.tenant_id = $1 where p.tenant_id = $1 and s.tenant_id = $1",
    );
    refused("select p.id from (select id from product where tenant_id = $1) p where p.tenant_id = $1");
    refused("select id from product where tenant_id = $1 and tenant_id = $1");
}

#[test]
fn a_statement_without_one_of_its_bindings_is_refused() {
    let text = "insert into thing (tenant_id, id) select $1, a.id from one a join other b on b.tenant_id = $1 and b.id = a.id where a.tenant_id = $1";
    let mutants = without_a_binding(text);
    assert_eq!(mutants.len(), 3, "{mutants:#?}");
    mutants.iter().for_each(|mutant| refused(mutant));
    assert_eq!(without_a_binding("select 1 from thing where tenant_id = $12").len(), 0);
}
