-- What operators and the platform did, sealed into one chain as each tenant's history is.
create table platform_event (
  n bigint not null check (n > 0),
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
  primary key (n)
);
create index platform_event_subject on platform_event (subject, n);

create table platform_head (
  one bigint not null check (one = 1),
  n bigint not null,
  link bytea not null,
  primary key (one)
);
