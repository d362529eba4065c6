-- Steps of the first-run guide that the owner put aside.
create table guide_skip (
    tenant_id bigint not null,
    step text not null,
    at bigint not null,
    primary key (tenant_id, step)
); -- without rowid
