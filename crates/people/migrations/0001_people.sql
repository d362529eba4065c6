-- what a merchant says of the business; the directory holds a copy of what must be known before this opens
create table business (
    tenant_id bigint not null,
    name text not null,
    legal_name text,
    address text not null,
    phone text,
    email text,
    currency text not null,
    country text not null,
    language text not null,
    zone text not null,
    prices_include_tax bigint not null check (prices_include_tax in (0, 1)),
    rounding text not null check (rounding in ('line', 'rate-group')),
    test bigint not null check (test in (0, 1)),
    changed_at bigint not null,
    primary key (tenant_id)
);

create table location (
    tenant_id bigint not null,
    id text not null,
    name text not null,
    address text not null,
    created_at bigint not null,
    primary key (tenant_id, id)
);

-- account_id is null until the invite is accepted
create table member (
    tenant_id bigint not null,
    id text not null,
    account_id text,
    name text not null,
    state text not null check (state in ('invited', 'active', 'suspended', 'removed')),
    created_at bigint not null,
    primary key (tenant_id, id)
);
create unique index member_account on member (tenant_id, account_id);

-- location_id is null for a role that holds everywhere; until is null for one without an end
create table member_role (
    tenant_id bigint not null,
    member_id text not null,
    position bigint not null,
    role text not null,
    location_id text,
    until bigint,
    primary key (tenant_id, member_id, position),
    foreign key (tenant_id, member_id) references member (tenant_id, id),
    foreign key (tenant_id, location_id) references location (tenant_id, id)
);

create table invite (
    tenant_id bigint not null,
    id text not null,
    member_id text not null,
    token_hash bytea not null,
    created_at bigint not null,
    expires_at bigint not null,
    used_at bigint,
    withdrawn_at bigint,
    primary key (tenant_id, id),
    foreign key (tenant_id, member_id) references member (tenant_id, id)
);
create unique index invite_token on invite (tenant_id, token_hash);
create index invite_member on invite (tenant_id, member_id);

-- hint is what a person tells keys apart by; scopes are permission names, a space between them
create table api_key (
    tenant_id bigint not null,
    id text not null,
    kind text not null check (kind in ('public', 'secret')),
    name text not null,
    hint text not null,
    hash bytea not null,
    scopes text not null,
    created_at bigint not null,
    expires_at bigint,
    last_used_at bigint,
    revoked_at bigint,
    primary key (tenant_id, id)
);
create unique index api_key_hash on api_key (tenant_id, hash);
