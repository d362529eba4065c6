-- the one link by which an account gets a new password. tenant_id is the business whose owner made it: it works only while the
-- account belongs there alone. Null for a link that went to the account's own e-mail address, or that the operator made
create table reset (
    account_id text not null,
    token_hash bytea not null,
    tenant_id bigint,
    created_at bigint not null,
    expires_at bigint not null,
    primary key (account_id),
    foreign key (account_id) references account (id)
);
create unique index reset_token on reset (token_hash);
