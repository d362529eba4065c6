-- The row that every batch of writes begins with: lock, fence, version and proof of commit.
create table tenant_state (
  tenant_id bigint not null,
  state text not null check (state in ('live', 'suspended')),
  generation bigint not null,
  version bigint not null,
  batch_id text not null,
  catalog bigint not null,
  stock bigint not null,
  look bigint not null,
  primary key (tenant_id)
);
