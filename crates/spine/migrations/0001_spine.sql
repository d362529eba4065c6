create table entry (
  tenant_id bigint not null,
  id text not null,
  at bigint not null,
  kind text not null,
  cause text not null,
  book text not null check (book in ('live', 'test')),
  memo text not null,
  actor text not null,
  size bigint not null check (size > 0),
  primary key (tenant_id, id)
); -- without rowid
create index entry_by_time on entry (tenant_id, at, id);
create index entry_by_cause on entry (tenant_id, cause);

create table posting (
  tenant_id bigint not null,
  entry_id text not null,
  n bigint not null,
  account text not null,
  amount bigint not null,
  currency text not null,
  primary key (tenant_id, entry_id, n),
  foreign key (tenant_id, entry_id) references entry (tenant_id, id)
); -- without rowid

create table pool (
  tenant_id bigint not null,
  id text not null,
  rule text not null check (rule in ('unlimited', 'limited', 'overdraw')),
  capacity bigint not null,
  held bigint not null check (held >= 0),
  taken bigint not null check (taken >= 0),
  primary key (tenant_id, id)
); -- without rowid

create table hold (
  tenant_id bigint not null,
  id text not null,
  pool_id text not null,
  quantity bigint not null check (quantity > 0),
  until bigint,
  cause text not null,
  state text not null check (state in ('held', 'taken', 'released', 'expired')),
  made_at bigint not null,
  ended_at bigint,
  primary key (tenant_id, id),
  foreign key (tenant_id, pool_id) references pool (tenant_id, id)
); -- without rowid
create index hold_by_cause on hold (tenant_id, cause);
create index hold_by_end on hold (tenant_id, state, until);

create table event (
  tenant_id bigint not null,
  n bigint not null,
  at bigint not null,
  kind text not null,
  subject text not null,
  actor text not null,
  address text,
  request text,
  payload text,
  salt bytea,
  digest bytea not null,
  link bytea not null,
  primary key (tenant_id, n)
); -- without rowid
create index event_by_subject on event (tenant_id, subject, n);

create table chain_head (
  tenant_id bigint not null,
  n bigint not null,
  link bytea not null,
  primary key (tenant_id)
); -- without rowid

create table job (
  tenant_id bigint not null,
  id text not null,
  kind text not null,
  payload text not null,
  at bigint not null,
  key text,
  state text not null check (state in ('waiting', 'running', 'done', 'failed', 'unknown')),
  attempts bigint not null,
  failures bigint not null,
  last_error text,
  cause text not null,
  made_at bigint not null,
  primary key (tenant_id, id)
); -- without rowid
create unique index job_by_key on job (tenant_id, key);
create index job_by_time on job (tenant_id, state, at, id);

create table series (
  tenant_id bigint not null,
  name text not null,
  last bigint not null check (last > 0),
  primary key (tenant_id, name)
); -- without rowid
