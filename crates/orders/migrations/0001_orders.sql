create table cart (
    tenant_id bigint not null,
    id text not null,
    token_hash bytea not null,
    created_at bigint not null,
    expires_at bigint not null,
    order_id text,
    primary key (tenant_id, id)
);

create unique index cart_by_token on cart (tenant_id, token_hash);
create index cart_by_expiry on cart (tenant_id, expires_at);

create table cart_line (
    tenant_id bigint not null,
    cart_id text not null,
    variant_id text not null,
    quantity bigint not null check (quantity > 0),
    added_at bigint not null,
    primary key (tenant_id, cart_id, variant_id),
    foreign key (tenant_id, cart_id) references cart (tenant_id, id)
);

-- All amounts are minor units of the order's currency. `owed` is what the business must hand back and has not yet.
create table sale_order (
    tenant_id bigint not null,
    id text not null,
    number bigint not null,
    channel text not null,
    test bigint not null,
    origin_key text,
    currency text not null,
    prices_include_tax bigint not null,
    rounding text not null,
    list bigint not null,
    discount bigint not null,
    net bigint not null,
    tax bigint not null,
    total bigint not null check (total >= 0),
    paid bigint not null check (paid >= 0),
    refunded bigint not null check (refunded >= 0 and refunded <= paid),
    credited bigint not null check (credited >= 0 and credited <= total),
    owed bigint not null check (owed >= 0),
    payment text not null,
    fulfilment text not null,
    method text,
    firm_method text,
    location_id text,
    placed_at bigint not null,
    expires_at bigint,
    firm_at bigint,
    cancelled_at bigint,
    cancel_reason text,
    primary key (tenant_id, id)
);

create unique index sale_order_by_number on sale_order (tenant_id, number);
create unique index sale_order_by_origin on sale_order (tenant_id, origin_key);
create index sale_order_by_expiry on sale_order (tenant_id, expires_at);
create index sale_order_to_do on sale_order (tenant_id, number) where firm_at is not null and fulfilment in ('unfulfilled', 'packed');
create index sale_order_owed on sale_order (tenant_id, number) where owed > 0;

-- A snapshot of what was sold; the catalogue may change or forget it.
create table order_line (
    tenant_id bigint not null,
    order_id text not null,
    line bigint not null,
    kind text not null,
    variant_id text,
    title text not null,
    options text not null,
    sku text,
    unit text not null,
    quantity bigint not null check (quantity > 0),
    unit_price bigint not null,
    list bigint not null,
    discount bigint not null,
    net bigint not null,
    gross bigint not null,
    taxes text not null,
    returned bigint not null check (returned >= 0 and returned <= quantity),
    refunded bigint not null check (refunded >= 0 and refunded <= gross),
    refunded_taxes text not null,
    primary key (tenant_id, order_id, line),
    foreign key (tenant_id, order_id) references sale_order (tenant_id, id)
);

create table order_tax (
    tenant_id bigint not null,
    order_id text not null,
    place bigint not null,
    code text not null,
    name text not null,
    rate bigint not null,
    treatment text not null,
    base bigint not null,
    tax bigint not null,
    primary key (tenant_id, order_id, place),
    foreign key (tenant_id, order_id) references sale_order (tenant_id, id)
);

create table order_discount (
    tenant_id bigint not null,
    order_id text not null,
    place bigint not null,
    label text not null,
    amount bigint not null,
    primary key (tenant_id, order_id, place),
    foreign key (tenant_id, order_id) references sale_order (tenant_id, id)
);

-- Who ordered and where to: all personal data of an order stands here, so that it can be forgotten.
create table order_contact (
    tenant_id bigint not null,
    order_id text not null,
    name text,
    phone text,
    email text,
    language text,
    shipping text not null,
    note text,
    search text not null,
    primary key (tenant_id, order_id),
    foreign key (tenant_id, order_id) references sale_order (tenant_id, id)
);

-- Money that came, each arrival once.
create table order_receipt (
    tenant_id bigint not null,
    method text not null,
    reference text not null,
    order_id text not null,
    amount bigint not null check (amount > 0),
    account text not null,
    at bigint not null,
    primary key (tenant_id, method, reference),
    foreign key (tenant_id, order_id) references sale_order (tenant_id, id)
);

create index order_receipt_by_order on order_receipt (tenant_id, order_id);

create table fulfilment (
    tenant_id bigint not null,
    id text not null,
    order_id text not null,
    step text not null,
    carrier text,
    tracking text,
    actor text not null,
    at bigint not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, order_id) references sale_order (tenant_id, id)
);

create index fulfilment_by_order on fulfilment (tenant_id, order_id);

create table refund (
    tenant_id bigint not null,
    id text not null,
    order_id text not null,
    amount bigint not null check (amount > 0),
    credited bigint not null check (credited >= 0 and credited <= amount),
    reason text not null,
    restock bigint not null,
    state text not null,
    method text,
    reference text,
    actor text not null,
    at bigint not null,
    paid_at bigint,
    primary key (tenant_id, id),
    foreign key (tenant_id, order_id) references sale_order (tenant_id, id)
);

create index refund_by_order on refund (tenant_id, order_id);

create table refund_line (
    tenant_id bigint not null,
    refund_id text not null,
    line bigint not null,
    quantity bigint not null,
    amount bigint not null,
    taxes text not null,
    primary key (tenant_id, refund_id, line),
    foreign key (tenant_id, refund_id) references refund (tenant_id, id)
);

-- Papers: written once, never changed, corrected only by another paper.
create table document (
    tenant_id bigint not null,
    id text not null,
    order_id text not null,
    refund_id text,
    type text not null,
    series text not null,
    number bigint not null,
    issued_at bigint not null,
    snapshot text not null,
    hash bytea not null,
    fiscal text not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, order_id) references sale_order (tenant_id, id)
);

create unique index document_by_number on document (tenant_id, series, number);
create index document_by_order on document (tenant_id, order_id);
create index document_by_time on document (tenant_id, issued_at, id);

-- Links that show an order to whoever holds them: only the hash of 160 random bits stays here.
create table order_link (
    tenant_id bigint not null,
    hash bytea not null,
    order_id text not null,
    purpose text not null,
    created_at bigint not null,
    expires_at bigint not null,
    revoked_at bigint,
    primary key (tenant_id, hash),
    foreign key (tenant_id, order_id) references sale_order (tenant_id, id)
);

create index order_link_by_order on order_link (tenant_id, order_id);
