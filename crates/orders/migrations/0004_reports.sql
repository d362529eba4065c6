-- What reports add up, along the time it happened: the sums stand in the index alone.
create index sale_order_sold on sale_order (tenant_id, test, firm_at, location_id, total, net) where firm_at is not null;
create index sale_order_undone on sale_order (tenant_id, cancelled_at) where cancelled_at is not null and firm_at is not null;
create index sale_order_unpaid on sale_order (tenant_id, number) where firm_at is not null and cancelled_at is null and total - credited > paid - refunded;
create index refund_by_time on refund (tenant_id, at);

-- What was sold on days that are over, added up when it is first asked for: a sale never changes its day.
create table sale_day (
    tenant_id bigint not null,
    day text not null,
    location_id text not null,
    orders bigint not null,
    gross bigint not null,
    net bigint not null,
    primary key (tenant_id, day, location_id)
); -- without rowid

create table sold_day (
    tenant_id bigint not null,
    day text not null,
    location_id text not null,
    variant_id text not null,
    title text not null,
    quantity bigint not null,
    gross bigint not null,
    primary key (tenant_id, day, location_id, variant_id)
); -- without rowid

-- Which days those are. Another time zone has other days: then the bounds differ, and the day is added up anew.
create table closed_day (
    tenant_id bigint not null,
    day text not null,
    starts_at bigint not null,
    ends_at bigint not null,
    primary key (tenant_id, day)
); -- without rowid
