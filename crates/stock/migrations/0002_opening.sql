-- when a location is open (JSON; null where nobody said), and whether customers fetch orders there
create table location_opening (
    tenant_id bigint not null,
    location_id text not null,
    pickup bigint not null check (pickup in (0, 1)),
    hours text,
    primary key (tenant_id, location_id),
    foreign key (tenant_id, location_id) references location (tenant_id, id)
);

-- closed for now: the row is there while the shop pauses; until is null where nobody knows the end
create table shop_pause (
    tenant_id bigint not null,
    since bigint not null,
    until bigint,
    words text not null,
    sells bigint not null check (sells in (0, 1)),
    primary key (tenant_id)
);
