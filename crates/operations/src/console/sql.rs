//! Every statement of the console: on the directory's `tenant_summary` and `notice`, and its look at `tenant`.

use base::{Language, Timestamp};
use db::{Dx, Error, Row, TenantId, TenantState, directory_sql};
use edge::NoticeKind;

use super::{
    model::{Counts, Hosted, LARGE_BYTES, Look, Summary, Wish},
    notice::{NoticeId, Published},
};

/// Tenants that `wish` lets through with numbers below `before`, the newest first.
pub fn hosted(dx: &mut Dx, wish: &Wish, before: Option<TenantId>, limit: u32) -> Result<Vec<Hosted>, Error> {
    let (name, slug) = wish.patterns().unzip();
    let concerned = wish.concerns.map(i64::from);
    dx.rows(
        directory_sql!(
            "select t.id, t.slug, t.name, t.state, t.currency, t.country, t.test, t.created_at,
               s.size_bytes, s.files_bytes, s.orders, s.last_sale_at, s.jobs_waiting, s.jobs_running, s.jobs_failed,
               s.jobs_unknown, s.mails_waiting, s.mails_failed, s.mail_sent_at, s.fault, s.checked_at
             from tenant as t left join tenant_summary as s on s.tenant_id = t.id
             where (cast($1 as bigint) is null or t.id < cast($1 as bigint))
               and (cast($2 as text) is null or t.state = cast($2 as text))
               and (cast($3 as text) is null or lower(t.name) like cast($3 as text) escape '!'
                 or t.slug like cast($4 as text) escape '!')
               and (cast($5 as bigint) is null or cast($5 as bigint) =
                 case when t.state = 'waiting' or s.fault is not null or coalesce(s.jobs_failed, 0) > 0
                   or coalesce(s.jobs_unknown, 0) > 0
                   or coalesce(s.size_bytes, 0) + coalesce(s.files_bytes, 0) >= cast($6 as bigint)
                 then 1 else 0 end)
             order by t.id desc limit cast($7 as bigint)"
        ),
        (before, wish.state.map(TenantState::name), name, slug, concerned, LARGE_BYTES, limit),
        |row| {
            let state: String = row.get(3)?;
            Ok(Hosted {
                id: row.get(0)?,
                slug: row.get(1)?,
                name: row.get(2)?,
                state: TenantState::parse(&state).ok_or(Error::Column {
                    index: 3,
                    wanted: "a tenant's state",
                    found: state,
                })?,
                currency: row.get(4)?,
                country: row.get(5)?,
                test: row.get(6)?,
                created_at: row.get(7)?,
                summary: summary(row)?,
            })
        },
    )
}

/// The summary in a row's columns from the ninth on; none where the tenant has none yet.
fn summary(row: &Row) -> Result<Option<Summary>, Error> {
    let checked: Option<Timestamp> = row.get(20)?;
    let Some(checked_at) = checked else { return Ok(None) };
    Ok(Some(Summary {
        size_bytes: row.get(8)?,
        files_bytes: row.get(9)?,
        orders: row.get(10)?,
        last_sale_at: row.get(11)?,
        jobs: Counts {
            waiting: row.get(12)?,
            running: row.get(13)?,
            failed: row.get(14)?,
            unknown: row.get(15)?,
            mails_waiting: row.get(16)?,
            mails_failed: row.get(17)?,
        },
        mail_sent_at: row.get(18)?,
        fault: row.get(19)?,
        checked_at,
    }))
}

/// How many tenants are in each state.
pub fn states(dx: &mut Dx) -> Result<Vec<(String, i64)>, Error> {
    dx.rows(directory_sql!("select state, count(*) from tenant group by state order by state"), (), |row| {
        Ok((row.get(0)?, row.get(1)?))
    })
}

/// Jobs of all tenants, as their summaries have them.
pub fn jobs_in_all(dx: &mut Dx) -> Result<Counts, Error> {
    let found = dx.row(
        directory_sql!(
            "select cast(coalesce(sum(jobs_waiting), 0) as bigint), cast(coalesce(sum(jobs_running), 0) as bigint),
               cast(coalesce(sum(jobs_failed), 0) as bigint), cast(coalesce(sum(jobs_unknown), 0) as bigint),
               cast(coalesce(sum(mails_waiting), 0) as bigint), cast(coalesce(sum(mails_failed), 0) as bigint)
             from tenant_summary"
        ),
        (),
        |row| {
            Ok(Counts {
                waiting: row.get(0)?,
                running: row.get(1)?,
                failed: row.get(2)?,
                unknown: row.get(3)?,
                mails_waiting: row.get(4)?,
                mails_failed: row.get(5)?,
            })
        },
    )?;
    Ok(found.unwrap_or_default())
}

/// Tenants with jobs that `look` looks for, from the number `from` on.
pub fn with_jobs(dx: &mut Dx, look: Look, from: TenantId, limit: u32) -> Result<Vec<TenantId>, Error> {
    dx.rows(
        directory_sql!(
            "select tenant_id from tenant_summary where tenant_id >= $1 and
               case cast($2 as text) when 'trouble' then jobs_failed + jobs_unknown when 'waiting' then jobs_waiting
                 when 'running' then jobs_running when 'mail-trouble' then mails_failed
                 when 'mail-waiting' then mails_waiting else coalesce(mail_sent_at, 0) end > 0
             order by tenant_id limit cast($3 as bigint)"
        ),
        (from, look.column(), limit),
        |row| row.get(0),
    )
}

/// Tenants that nobody has looked at yet.
pub fn without_summary(dx: &mut Dx, limit: u32) -> Result<Vec<TenantId>, Error> {
    dx.rows(
        directory_sql!(
            "select t.id from tenant as t left join tenant_summary as s on s.tenant_id = t.id
             where s.tenant_id is null and t.state <> 'creating' order by t.id limit cast($1 as bigint)"
        ),
        (limit,),
        |row| row.get(0),
    )
}

pub fn put_summary(dx: &mut Dx, tenant: TenantId, summary: &Summary) -> Result<(), Error> {
    let jobs = summary.jobs;
    dx.put(
        directory_sql!(
            "insert into tenant_summary (tenant_id, size_bytes, files_bytes, orders, last_sale_at, jobs_waiting,
               jobs_running, jobs_failed, jobs_unknown, mails_waiting, mails_failed, mail_sent_at, fault, checked_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, cast(null as text), $13)
             on conflict (tenant_id) do update set size_bytes = excluded.size_bytes,
               files_bytes = excluded.files_bytes, orders = excluded.orders, last_sale_at = excluded.last_sale_at,
               jobs_waiting = excluded.jobs_waiting, jobs_running = excluded.jobs_running,
               jobs_failed = excluded.jobs_failed, jobs_unknown = excluded.jobs_unknown,
               mails_waiting = excluded.mails_waiting, mails_failed = excluded.mails_failed,
               mail_sent_at = coalesce(excluded.mail_sent_at, tenant_summary.mail_sent_at),
               fault = excluded.fault, checked_at = excluded.checked_at"
        ),
        (
            tenant,
            summary.size_bytes,
            summary.files_bytes,
            summary.orders,
            summary.last_sale_at,
            jobs.waiting,
            jobs.running,
            jobs.failed,
            jobs.unknown,
            jobs.mails_waiting,
            jobs.mails_failed,
            summary.mail_sent_at,
            summary.checked_at,
        ),
    )
}

/// Notes that a tenant could not be read; what was known of it stays.
pub fn put_fault(dx: &mut Dx, tenant: TenantId, fault: &str) -> Result<(), Error> {
    let now = dx.now();
    dx.put(
        directory_sql!(
            "insert into tenant_summary (tenant_id, files_bytes, orders, jobs_waiting, jobs_running, jobs_failed,
               jobs_unknown, mails_waiting, mails_failed, fault, checked_at)
             values ($1, 0, 0, 0, 0, 0, 0, 0, 0, $2, $3)
             on conflict (tenant_id) do update set fault = excluded.fault, checked_at = excluded.checked_at"
        ),
        (tenant, fault, now),
    )
}

pub fn put_notice(dx: &mut Dx, notice: &Published) -> Result<(), Error> {
    dx.put(
        directory_sql!(
            "insert into notice (id, kind, texts, starts_at, ends_at, published_by, published_at)
             values ($1, $2, $3, $4, $5, $6, $7)"
        ),
        (
            notice.id,
            notice.kind.name(),
            serde_json::json!(notice.texts).to_string(),
            notice.from,
            notice.until,
            &notice.by,
            notice.at,
        ),
    )
}

/// Ends a notice that has not ended; says whether it was one.
pub fn end_notice(dx: &mut Dx, notice: NoticeId) -> Result<bool, Error> {
    let now = dx.now();
    let done = dx.run(
        directory_sql!("update notice set ends_at = $2 where id = $1 and ends_at > $2"),
        (notice, now),
    )?;
    Ok(done == 1)
}

/// Notices that end after `after`, those that end last first.
pub fn notices(dx: &mut Dx, after: Timestamp, limit: u32) -> Result<Vec<Published>, Error> {
    dx.rows(
        directory_sql!(
            "select id, kind, texts, starts_at, ends_at, published_by, published_at from notice
             where ends_at > $1 order by ends_at desc, id desc limit cast($2 as bigint)"
        ),
        (after, limit),
        |row| {
            let (kind, texts): (String, String) = (row.get(1)?, row.get(2)?);
            let column =
                |index, wanted, found: &String| Error::Column { index, wanted, found: found.clone() };
            let texts_read: Vec<(Language, String)> =
                serde_json::from_str(&texts).map_err(|_| column(2, "texts", &texts))?;
            Ok(Published {
                id: row.get(0)?,
                kind: NoticeKind::parse(&kind).ok_or_else(|| column(1, "a notice's kind", &kind))?,
                texts: texts_read,
                from: row.get(3)?,
                until: row.get(4)?,
                by: row.get(5)?,
                at: row.get(6)?,
            })
        },
    )
}
