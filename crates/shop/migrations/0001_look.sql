-- what visitors see, by its number: the highest is published, five before it wait for an undo
create table look (
    tenant_id bigint not null,
    number bigint not null,
    document text not null,
    published_at bigint not null,
    published_by text not null,
    primary key (tenant_id, number)
);

-- what the owner works on; a table of its own, so that saving it leaves cached pages alone
create table look_draft (
    tenant_id bigint not null,
    document text not null,
    changed_at bigint not null,
    primary key (tenant_id)
);

create table look_preview (
    tenant_id bigint not null,
    token_hash bytea not null,
    expires_at bigint not null,
    primary key (tenant_id, token_hash)
);
create index look_preview_by_expiry on look_preview (tenant_id, expires_at);

create table shop_page (
    tenant_id bigint not null,
    slug text not null,
    document text not null,
    position bigint not null,
    changed_at bigint not null,
    primary key (tenant_id, slug)
);
