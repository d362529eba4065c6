-- where the business delivers, for which fee; amounts in minor units of the business's currency
create table zone (
    tenant_id bigint not null,
    id text not null,
    name text not null,
    covers text not null,
    fee bigint not null check (fee >= 0),
    free_from bigint,
    minimum bigint,
    tax_code text,
    words text not null,
    active bigint not null check (active in (0, 1)),
    place bigint not null,
    created_at bigint not null,
    primary key (tenant_id, id)
);
