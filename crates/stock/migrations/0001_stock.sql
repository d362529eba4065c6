-- what is counted where; the counts themselves are the pool's
create table stock_item (
    tenant_id bigint not null,
    variant_id text not null,
    location_id text not null,
    primary key (tenant_id, variant_id, location_id),
    foreign key (tenant_id, variant_id) references variant (tenant_id, id),
    foreign key (tenant_id, location_id) references location (tenant_id, id)
);

create table movement (
    tenant_id bigint not null,
    id text not null,
    variant_id text not null,
    location_id text not null,
    delta bigint not null,
    reason text not null,
    note text not null,
    cause text,
    actor text not null,
    at bigint not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, variant_id) references variant (tenant_id, id),
    foreign key (tenant_id, location_id) references location (tenant_id, id)
);
create index movement_variant on movement (tenant_id, variant_id, id);
