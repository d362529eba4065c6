//! What campaigns brought, asked of a business that issued a million coupons.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::load::{self, Stop};
use super::table::Bar;
use super::world::{World, bearer};
use super::{Bench, Row};
use crate::Result;

/// A year of twenty campaigns, two places and three cashiers at each. Written into the file by itself: issuing a million coupons
/// through the front door would take longer than all other figures.
const FILL: &str = "
    create temp table n as with recursive c(i) as (select 0 union all select i + 1 from c where i < 999999) select i from c;
    insert into campaign (tenant_id, id, name, slug, code, description, state, discount, scope, stackable, expiry, created_at,
        updated_at)
      select t.tenant_id, printf('cmp_01h455vb4pex5vsknk0%07d', i), 'Campaign ' || i, 'campaign-' || i, 'CODE' || i, '', 'live',
        '{\"kind\":\"text\",\"value\":\"A coffee\"}', '{}', 0, '{\"kind\":\"never\"}', 0, 0
      from n, tenant_state as t where i < 20;
    insert into coupon (tenant_id, id, code, campaign_id, state, via, discount, issued_at)
      select t.tenant_id, printf('cpn_01h455vb4pex5vsknk0%07d', i), printf('AB%010d', i),
        printf('cmp_01h455vb4pex5vsknk0%07d', i % 20), 'issued', 'form', '{\"kind\":\"text\",\"value\":\"A coffee\"}', 0
      from n, tenant_state as t;
    insert into campaign_day (tenant_id, campaign_id, day, location_id, actor, seen, submitted, issued, sent, opened, redeemed,
        estimated, measured, sales, discounts, margin, waited_s)
      select t.tenant_id, printf('cmp_01h455vb4pex5vsknk0%07d', i % 20), ?1 - i / 20 % 365,
        case when i < 7300 then '' else printf('loc_01h455vb4pex5vsknk0%07d', i / 7300 % 2) end,
        case when i < 7300 then '' else 'member:mem_' || i / 7300 end, 200, 150, 137, 130, 90, 20, 5, 10, 40000, 4000, 12000, 900000
      from n, tenant_state as t where i < 7300 * 7;
";

/// The year that is asked for, and its last day as rows number it.
const YEAR: &str = "/campaigns/analytics?from=2025-01-01&to=2025-12-31";
const LAST_DAY: i64 = 20_453;

pub fn analytics(bench: &Bench) -> Result<Vec<Row>> {
    const BAR_MS: f64 = 200.0;
    let world = World::uncached(&bench.binary)?;
    let merchant = world.merchant("Campaigns", 0)?;
    let World { setting, server, folder } = world;
    server.stop()?;
    let file = Connection::open(file_of_tenant(&setting.data)?)?;
    file.execute_batch("begin")?;
    for statement in FILL.split(';').filter(|statement| !statement.trim().is_empty()) {
        let mut statement = file.prepare(statement)?;
        if statement.parameter_count() > 0 {
            statement.execute([LAST_DAY])?
        } else {
            statement.execute([])?
        };
    }
    file.execute_batch("commit")?;
    drop(file);
    let world = World { server: setting.serve()?, setting, folder };
    let request = load::get(&merchant.api(YEAR), &bearer(&merchant));
    let measured = world.load(1, Stop::After(bench.time)).run(move |_| request.clone())?;
    Ok(vec![Row {
        figure: "analytics of 1,000,000 coupons in a year, p99".to_owned(),
        bar: Bar::AtMost(BAR_MS),
        measured: measured.p99.as_secs_f64() * 1000.0,
        unit: "ms",
        ceiling: None,
    }])
}

/// The only tenant's database.
fn file_of_tenant(data: &Path) -> Result<PathBuf> {
    let mut folder = data.join("tenants");
    for _ in 0..2 {
        let first = std::fs::read_dir(&folder)?.next().ok_or("no tenant has a folder")??;
        folder = first.path();
    }
    Ok(folder.join("tenant.db"))
}
