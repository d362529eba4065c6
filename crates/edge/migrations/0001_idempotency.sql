-- Replies to money POSTs, kept beside what they changed, so that a repeat gets the reply and changes nothing.
create table idempotency (
  tenant_id bigint not null,
  actor text not null,
  route text not null,
  request_key text not null,
  fingerprint bytea not null,
  status bigint not null,
  -- null where the reply held a secret
  body text,
  -- what a repeat is told instead of the secret
  thing text,
  created_at bigint not null,
  primary key (tenant_id, actor, route, request_key)
);

create index idempotency_by_age on idempotency (tenant_id, created_at);
