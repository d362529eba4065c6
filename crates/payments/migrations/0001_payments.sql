-- How payers may pay: what the owner set for each method. The secret is sealed under the tenant's key.
create table payment_method (
    tenant_id bigint not null,
    method text not null,
    enabled bigint not null,
    instructions text not null,
    secret bytea,
    primary key (tenant_id, method)
);

-- One attempt to pay one order. Amounts are minor units.
create table payment (
    tenant_id bigint not null,
    id text not null,
    order_id text not null,
    method text not null,
    amount bigint not null check (amount > 0),
    currency text not null,
    state text not null,
    provider_ref text,
    provider_extra text,
    callback_hash bytea,
    payer_reference text,
    reason text,
    decided_by text,
    test bigint not null,
    created_at bigint not null,
    expires_at bigint,
    settled_at bigint,
    polled_at bigint,
    primary key (tenant_id, id)
);

create index payment_by_order on payment (tenant_id, order_id);
create index payment_by_callback on payment (tenant_id, callback_hash);
create index payment_by_state on payment (tenant_id, state, created_at);

-- Hints that were seen: the same one again is answered and forgotten.
create table payment_hint (
    tenant_id bigint not null,
    method text not null,
    event text not null,
    at bigint not null,
    primary key (tenant_id, method, event)
);

-- The sandbox's own books: what a provider would keep on its side.
create table sandbox_charge (
    tenant_id bigint not null,
    id text not null,
    attempt text not null,
    amount bigint not null,
    currency text not null,
    state text not null check (state in ('open', 'approved', 'declined', 'lapsed')),
    return_url text,
    callback_token text not null,
    refunded bigint not null,
    created_at bigint not null,
    expires_at bigint not null,
    decided_at bigint,
    primary key (tenant_id, id)
);

create unique index sandbox_charge_by_attempt on sandbox_charge (tenant_id, attempt);

create table sandbox_refund (
    tenant_id bigint not null,
    id text not null,
    charge_id text not null,
    amount bigint not null,
    at bigint not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, charge_id) references sandbox_charge (tenant_id, id)
);
