-- A programme of coupons. What it takes off, on what, and how long its coupons hold stand as JSON that `model/campaign.rs` reads.
create table campaign (
    tenant_id bigint not null,
    id text not null,
    name text not null,
    -- in the address of its form
    slug text not null,
    -- as printed codes and old links name it
    code text not null,
    description text not null,
    state text not null,
    discount text not null,
    scope text not null,
    minimum bigint,
    stackable bigint not null,
    coupon_limit bigint,
    customer_limit bigint,
    starts_at bigint,
    ends_at bigint,
    expiry text not null,
    created_at bigint not null,
    updated_at bigint not null,
    primary key (tenant_id, id)
);

create unique index campaign_by_slug on campaign (tenant_id, slug);
create unique index campaign_by_code on campaign (tenant_id, code);
create index campaign_by_state on campaign (tenant_id, state, id);

-- What a campaign promotes: value and margin of one piece, in minor units, for estimates where no order is bound.
create table campaign_product (
    tenant_id bigint not null,
    campaign_id text not null,
    product_id text not null,
    value bigint not null,
    margin bigint not null,
    primary key (tenant_id, campaign_id, product_id),
    foreign key (tenant_id, campaign_id) references campaign (tenant_id, id)
);

-- One code of a campaign. What it takes off is a snapshot: the campaign may change, the paper in the customer's hand does not.
create table coupon (
    tenant_id bigint not null,
    id text not null,
    code text not null,
    campaign_id text not null,
    customer_id text,
    state text not null,
    via text not null,
    discount text not null,
    issued_at bigint not null,
    expires_at bigint,
    sent_at bigint,
    opened_at bigint,
    ended_at bigint,
    primary key (tenant_id, id),
    foreign key (tenant_id, campaign_id) references campaign (tenant_id, id)
);

create unique index coupon_by_code on coupon (tenant_id, code);
create index coupon_by_campaign on coupon (tenant_id, campaign_id, id);
create index coupon_by_state on coupon (tenant_id, state, id);
create index coupon_by_customer on coupon (tenant_id, customer_id, campaign_id);
create index coupon_by_end on coupon (tenant_id, expires_at) where state = 'issued';

-- The use of a coupon, at a counter or in an order. `kept` waits for its order to be paid.
create table redemption (
    tenant_id bigint not null,
    id text not null,
    coupon_id text not null,
    campaign_id text not null,
    hold_id text not null,
    state text not null,
    order_id text,
    location_id text,
    actor text not null,
    at bigint not null,
    -- what was sold with it and what it took off, in minor units; nothing where nobody said
    amount bigint,
    discount bigint,
    undone_at bigint,
    undone_by text,
    reason text,
    primary key (tenant_id, id),
    foreign key (tenant_id, coupon_id) references coupon (tenant_id, id)
);

create index redemption_by_coupon on redemption (tenant_id, coupon_id, id);
create index redemption_by_order on redemption (tenant_id, order_id);
create index redemption_by_time on redemption (tenant_id, at, id);

-- What happened in a day of the tenant, so that no figure has to count a million rows. `location_id` and `actor` are empty
-- where nobody stood at a counter. Amounts are minor units; `estimated` counts redemptions without an order or an amount.
create table campaign_day (
    tenant_id bigint not null,
    campaign_id text not null,
    day bigint not null,
    location_id text not null,
    actor text not null,
    seen bigint not null,
    submitted bigint not null,
    issued bigint not null,
    sent bigint not null,
    opened bigint not null,
    redeemed bigint not null,
    estimated bigint not null,
    sales bigint not null,
    discounts bigint not null,
    margin bigint not null,
    waited_s bigint not null,
    primary key (tenant_id, campaign_id, day, location_id, actor),
    foreign key (tenant_id, campaign_id) references campaign (tenant_id, id)
);

create index campaign_day_by_day on campaign_day (tenant_id, day);

-- How the business redeems: for how many minutes staff may undo.
create table coupon_setting (
    tenant_id bigint not null,
    undo_minutes bigint not null,
    primary key (tenant_id)
);
