-- What is known of consent: whether the customer agrees now (1), and since when that is said; both 0 where nobody was asked.
alter table customer add column agreed bigint not null default 0;
alter table customer add column agreed_at bigint not null default 0;
create index customer_by_consent on customer (tenant_id, agreed, id);

-- By what customers are chosen beside their words: campaigns and answers, as the rooms below tell them.
create table customer_mark (
    tenant_id bigint not null,
    mark text not null,
    customer_id text not null,
    primary key (tenant_id, mark, customer_id)
); -- without rowid

create index customer_mark_by_customer on customer_mark (tenant_id, customer_id, mark);

-- What customers agreed to, or took back, other than by a form: in a file that was brought in, or told to staff. `words` is
-- empty where nobody wrote down to what.
create table customer_consent (
    tenant_id bigint not null,
    id text not null,
    customer_id text not null,
    given bigint not null,
    words text not null,
    way text not null,
    actor text not null,
    at bigint not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, customer_id) references customer (tenant_id, id)
);

create index customer_consent_by_customer on customer_consent (tenant_id, customer_id, at);

-- The file of customers that was looked at, until it is brought in: one at most.
create table customer_file (
    tenant_id bigint not null,
    id text not null,
    known text not null,
    content bytea not null,
    created_at bigint not null,
    primary key (tenant_id, id)
);
