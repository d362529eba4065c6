-- Who buys. The sums are what orders say: minor units of the business's currency, kept here so that a list can be ordered
-- by them. `last_order_at` is 0 before the first order.
create table customer (
    tenant_id bigint not null,
    id text not null,
    name text,
    phone text,
    email text,
    language text,
    sort_name text not null,
    search text not null,
    orders bigint not null,
    spent bigint not null,
    owes bigint not null,
    owed bigint not null,
    last_order_at bigint not null,
    created_at bigint not null,
    updated_at bigint not null,
    primary key (tenant_id, id)
);

create index customer_by_name on customer (tenant_id, sort_name, id);
create index customer_by_last_order on customer (tenant_id, last_order_at, id);
create index customer_by_debt on customer (tenant_id, owes, id);

-- Each phone number and e-mail leads to one customer, who may have several.
create table customer_way (
    tenant_id bigint not null,
    way text not null,
    customer_id text not null,
    primary key (tenant_id, way),
    foreign key (tenant_id, customer_id) references customer (tenant_id, id)
); -- without rowid

create index customer_way_by_customer on customer_way (tenant_id, customer_id);

-- The words a customer is found by, each by its beginning.
create table customer_word (
    tenant_id bigint not null,
    word text not null,
    customer_id text not null,
    primary key (tenant_id, word, customer_id)
); -- without rowid

create table customer_note (
    tenant_id bigint not null,
    id text not null,
    customer_id text not null,
    words text not null,
    actor text not null,
    at bigint not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, customer_id) references customer (tenant_id, id)
);

create index customer_note_by_customer on customer_note (tenant_id, customer_id, at);
