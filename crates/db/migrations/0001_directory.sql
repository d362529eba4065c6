create table directory_state (
  one bigint not null check (one = 1),
  version bigint not null,
  batch_id text not null,
  last_tenant bigint not null,
  primary key (one)
);

-- What must be known of a tenant before its own database is open.
create table tenant (
  id bigint not null,
  slug text not null,
  name text not null,
  state text not null check (state in ('creating', 'waiting', 'live', 'suspended')),
  generation bigint not null,
  currency text not null,
  country text not null,
  language text not null,
  zone text not null,
  test bigint not null,
  created_at bigint not null,
  primary key (id)
);

-- A slug once given is never given again: printed codes and bookmarks live long.
create table slug (
  slug text not null,
  tenant_id bigint not null,
  primary key (slug)
);

-- A tenant that a process opened for writing and has not yet closed cleanly, and when it next has work to do.
create table lease (
  tenant_id bigint not null,
  holder text not null,
  dirty_since bigint,
  due_at bigint,
  primary key (tenant_id, holder)
);

-- A process that writes here beside others, and when it last said that it lives.
create table holder (
  id text not null,
  seen_at bigint not null,
  primary key (id)
);

insert into directory_state (one, version, batch_id, last_tenant) values (1, 0, '', 0);
