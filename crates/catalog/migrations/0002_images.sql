-- a picture by its address: one of our own (image:{hash}), or one of the web that is fetched once
create table image (
    tenant_id bigint not null,
    id text not null,
    address text not null,
    state text not null check (state in ('waiting', 'ready', 'failed')),
    hash text,
    width bigint,
    height bigint,
    bytes bigint,
    reason text,
    tries bigint not null,
    due_at bigint not null,
    batch_at bigint not null,
    made_at bigint not null,
    primary key (tenant_id, id)
);
create unique index image_address on image (tenant_id, address);
create index image_hash on image (tenant_id, hash);
create index image_due on image (tenant_id, state, due_at, id);
create index image_batch on image (tenant_id, batch_at, state);
create index product_image_address on product_image (tenant_id, address);

-- a file that comes in pieces
create table upload (
    tenant_id bigint not null,
    id text not null,
    size bigint not null check (size > 0),
    received bigint not null,
    image_id text,
    made_at bigint not null,
    primary key (tenant_id, id)
);

create table upload_piece (
    tenant_id bigint not null,
    upload_id text not null,
    start bigint not null,
    content bytea not null,
    primary key (tenant_id, upload_id, start),
    foreign key (tenant_id, upload_id) references upload (tenant_id, id)
);
