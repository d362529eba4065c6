-- Gift cards and store credit. What is left on a card is counted by its pool `card:{id}`: one minor unit of money is one
-- thousandth there, so nothing is rounded. Amounts are minor units.
create table card (
    tenant_id bigint not null,
    id text not null,
    code text not null,
    -- the last characters of the code, by which people tell cards apart
    ending text not null,
    kind text not null check (kind in ('gift-card', 'store-credit')),
    state text not null check (state in ('active', 'blocked', 'expired')),
    test bigint not null,
    currency text not null,
    value bigint not null check (value > 0),
    -- the order whose line sold it, or whose refund it is
    order_id text,
    line bigint,
    refund_id text,
    customer_id text,
    reason text not null,
    actor text not null,
    issued_at bigint not null,
    expires_at bigint,
    primary key (tenant_id, id)
);

create unique index card_by_code on card (tenant_id, code);
create unique index card_by_line on card (tenant_id, order_id, line) where line is not null;
create index card_by_order on card (tenant_id, order_id);
create index card_by_customer on card (tenant_id, customer_id, id);
create index card_by_ending on card (tenant_id, ending, id);
create index card_by_end on card (tenant_id, expires_at) where state = 'active';

-- For whom a gift card is that an order names; forgotten with the order's customer.
create table card_gift (
    tenant_id bigint not null,
    order_id text not null,
    line bigint not null,
    name text,
    email text,
    phone text,
    message text not null,
    primary key (tenant_id, order_id, line)
);

-- What a card pays for an order: `kept` while the order waits, then `taken` or `freed`.
create table card_use (
    tenant_id bigint not null,
    id text not null,
    card_id text not null,
    order_id text not null,
    hold_id text not null,
    amount bigint not null check (amount > 0),
    -- what of it refunds put back
    given_back bigint not null check (given_back >= 0),
    state text not null check (state in ('kept', 'taken', 'freed')),
    at bigint not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, card_id) references card (tenant_id, id)
);

create index card_use_by_order on card_use (tenant_id, order_id, id);
create index card_use_by_card on card_use (tenant_id, card_id, id);

-- What moved a card's value; the amounts of a card add up to what is left on it.
create table card_movement (
    tenant_id bigint not null,
    id text not null,
    card_id text not null,
    kind text not null check (kind in ('issued', 'used', 'put-back', 'taken-back')),
    amount bigint not null,
    order_id text,
    actor text not null,
    at bigint not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, card_id) references card (tenant_id, id)
);

create index card_movement_by_card on card_movement (tenant_id, card_id, id);

-- How the business sells gift cards: amounts to choose from (JSON, minor units), and between which others may be typed.
create table card_setting (
    tenant_id bigint not null,
    sells bigint not null,
    amounts text not null,
    least bigint,
    most bigint,
    lasts_days bigint,
    primary key (tenant_id)
);
