-- What the operator's console knows of a tenant without opening its database: as it was at checked_at.
create table tenant_summary (
  tenant_id bigint not null,
  -- none where all tenants share one database
  size_bytes bigint,
  files_bytes bigint not null,
  orders bigint not null,
  last_sale_at bigint,
  jobs_waiting bigint not null,
  jobs_running bigint not null,
  jobs_failed bigint not null,
  jobs_unknown bigint not null,
  mails_waiting bigint not null,
  mails_failed bigint not null,
  mail_sent_at bigint,
  -- why the database could not be read; the other columns are then older
  fault text,
  checked_at bigint not null,
  primary key (tenant_id)
);

-- A word of the operator to all merchants. Its texts are pairs of language and text, as JSON.
create table notice (
  id text not null,
  kind text not null check (kind in ('information', 'warning')),
  texts text not null,
  starts_at bigint not null,
  ends_at bigint not null,
  published_by text not null,
  published_at bigint not null,
  primary key (id)
);
create index notice_end on notice (ends_at, id);
