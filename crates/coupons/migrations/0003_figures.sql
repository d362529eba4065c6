-- Redemptions of orders whose goods all have a cost: of these the margin is known, of the others it is an estimate.
alter table campaign_day add column measured bigint not null default 0;

-- What an order sold with a coupon, product by product, as it was counted: it is taken back as it was. Amounts are minor units,
-- quantities thousandths; nothing stands for the margin of goods without a cost.
create table redemption_product (
    tenant_id bigint not null,
    redemption_id text not null,
    product_id text not null,
    quantity bigint not null,
    sales bigint not null,
    margin bigint,
    primary key (tenant_id, redemption_id, product_id),
    foreign key (tenant_id, redemption_id) references redemption (tenant_id, id)
);

-- The same added up by days. `measured` counts the redemptions whose margin is known.
create table campaign_product_day (
    tenant_id bigint not null,
    campaign_id text not null,
    product_id text not null,
    day bigint not null,
    location_id text not null,
    redeemed bigint not null,
    measured bigint not null,
    quantity bigint not null,
    sales bigint not null,
    margin bigint not null,
    primary key (tenant_id, campaign_id, product_id, day, location_id),
    foreign key (tenant_id, campaign_id) references campaign (tenant_id, id)
);

-- What came from another system, by its id there: a second import brings nothing twice.
create table imported (
    tenant_id bigint not null,
    source text not null,
    kind text not null,
    source_id text not null,
    id text not null,
    primary key (tenant_id, source, kind, source_id)
);

create index campaign_product_day_by_day on campaign_product_day (tenant_id, day);
