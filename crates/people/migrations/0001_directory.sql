-- a login identity; tenant_id is the business it was made in
create table account (
    id text not null,
    name text not null,
    password text not null,
    operator bigint not null check (operator in (0, 1)),
    tenant_id bigint,
    created_at bigint not null,
    primary key (id)
);

-- scope is the tenant a login is unique in. 0 is the platform's own: operators, and what will be proven to be somebody's.
-- An unproven phone number or address therefore takes nothing from anybody: its owner may use it in another business
create table login (
    scope bigint not null,
    value text not null,
    account_id text not null,
    primary key (scope, value),
    foreign key (account_id) references account (id)
);
create index login_value on login (value, account_id);
create index login_account on login (account_id);

-- where an account is a member: an index of the tenants' own tables, written before them
create table membership (
    account_id text not null,
    tenant_id bigint not null,
    primary key (account_id, tenant_id),
    foreign key (account_id) references account (id)
);

create table session (
    id text not null,
    token_hash bytea not null,
    account_id text not null,
    device text not null,
    address text not null,
    created_at bigint not null,
    seen_at bigint not null,
    ends_at bigint not null,
    primary key (id),
    foreign key (account_id) references account (id)
);
create unique index session_token on session (token_hash);
create index session_account on session (account_id);

-- a browser that signed in before has its own count of tries
create table known_device (
    account_id text not null,
    token_hash bytea not null,
    created_at bigint not null,
    seen_at bigint not null,
    primary key (account_id, token_hash),
    foreign key (account_id) references account (id)
);

-- whose key this is, by the first bytes of its hash: an index of the tenants' own tables, written before them
create table key_index (
    prefix bytea not null,
    tenant_id bigint not null,
    primary key (prefix)
);
