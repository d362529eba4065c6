create table tax_code (
    tenant_id bigint not null,
    code text not null,
    name text not null,
    standard bigint not null check (standard in (0, 1)),
    primary key (tenant_id, code)
);

create table tax_rate (
    tenant_id bigint not null,
    code text not null,
    position bigint not null,
    name text not null,
    rate bigint not null check (rate >= 0),
    treatment text not null,
    compound bigint not null check (compound in (0, 1)),
    valid_from text not null,
    valid_to text,
    primary key (tenant_id, code, position),
    foreign key (tenant_id, code) references tax_code (tenant_id, code)
);

create table category (
    tenant_id bigint not null,
    id text not null,
    parent_id text,
    path text not null,
    slug text not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, parent_id) references category (tenant_id, id)
);
create unique index category_path on category (tenant_id, path);
create unique index category_slug on category (tenant_id, slug);

-- lowest to first_variant_id repeat what the variants say, so that a list reads nothing but these rows
create table product (
    tenant_id bigint not null,
    id text not null,
    handle text not null,
    title text not null,
    title_key text not null,
    description text not null,
    vendor text,
    kind text,
    state text not null check (state in ('active', 'draft', 'archived')),
    taxable bigint not null check (taxable in (0, 1)),
    tax_code text,
    option1 text,
    option2 text,
    option3 text,
    created_at bigint not null,
    changed_at bigint not null,
    currency text,
    lowest bigint,
    highest bigint,
    compare_at bigint,
    available bigint not null check (available in (0, 1)),
    offered bigint not null,
    first_variant_id text,
    image text,
    primary key (tenant_id, id),
    foreign key (tenant_id, tax_code) references tax_code (tenant_id, code)
);
create unique index product_handle on product (tenant_id, handle);
create index product_newest on product (tenant_id, state, id);
create index product_title on product (tenant_id, state, title_key, id);

create table variant (
    tenant_id bigint not null,
    id text not null,
    product_id text not null,
    position bigint not null,
    sku text,
    barcode text,
    option1 text,
    option2 text,
    option3 text,
    price bigint not null check (price >= 0),
    compare_at bigint check (compare_at >= 0),
    cost bigint check (cost >= 0),
    currency text not null,
    unit text not null,
    tracked bigint not null check (tracked in (0, 1)),
    sell_when_out bigint not null check (sell_when_out in (0, 1)),
    in_stock bigint not null check (in_stock in (0, 1)),
    ships bigint not null check (ships in (0, 1)),
    grams bigint,
    image text,
    archived_at bigint,
    primary key (tenant_id, id),
    foreign key (tenant_id, product_id) references product (tenant_id, id)
);
create index variant_of_product on variant (tenant_id, product_id, position);
create unique index variant_sku on variant (tenant_id, sku);
create index variant_barcode on variant (tenant_id, barcode);

create table product_image (
    tenant_id bigint not null,
    product_id text not null,
    position bigint not null,
    address text not null,
    alt text,
    primary key (tenant_id, product_id, position),
    foreign key (tenant_id, product_id) references product (tenant_id, id)
);

create table product_tag (
    tenant_id bigint not null,
    product_id text not null,
    position bigint not null,
    tag text not null,
    primary key (tenant_id, product_id, position),
    foreign key (tenant_id, product_id) references product (tenant_id, id)
);

-- position is the product's own order of categories; null for a category that only lies above one of its own
create table product_category (
    tenant_id bigint not null,
    category_id text not null,
    product_id text not null,
    position bigint,
    primary key (tenant_id, category_id, product_id),
    foreign key (tenant_id, category_id) references category (tenant_id, id),
    foreign key (tenant_id, product_id) references product (tenant_id, id)
);
create index category_of_product on product_category (tenant_id, product_id);

create table product_word (
    tenant_id bigint not null,
    word text not null,
    product_id text not null,
    primary key (tenant_id, word, product_id),
    foreign key (tenant_id, product_id) references product (tenant_id, id)
);
create index word_of_product on product_word (tenant_id, product_id, word);

-- a file that was uploaded and previewed, until it is imported or the next one comes
create table import_file (
    tenant_id bigint not null,
    id text not null,
    name text not null,
    content bytea not null,
    created_at bigint not null,
    primary key (tenant_id, id)
);
