-- The public form of a campaign, as JSON that `form/model.rs` reads; a campaign without a row has the usual form.
-- `consent_version` is that of the wording it asks to agree to now; 0 where it asks for none.
create table coupon_form (
    tenant_id bigint not null,
    campaign_id text not null,
    form text not null,
    consent_version bigint not null,
    updated_at bigint not null,
    primary key (tenant_id, campaign_id),
    foreign key (tenant_id, campaign_id) references campaign (tenant_id, id)
);

-- Every wording that a campaign ever asked to agree to: what somebody agreed to is told by its version.
create table consent_wording (
    tenant_id bigint not null,
    campaign_id text not null,
    version bigint not null,
    words text not null,
    link text,
    at bigint not null,
    primary key (tenant_id, campaign_id, version),
    foreign key (tenant_id, campaign_id) references campaign (tenant_id, id)
);

-- What was answered for a coupon. The question stands beside it as it was asked: the form may change.
create table form_answer (
    tenant_id bigint not null,
    coupon_id text not null,
    field text not null,
    place bigint not null,
    label text not null,
    value text not null,
    primary key (tenant_id, coupon_id, field),
    foreign key (tenant_id, coupon_id) references coupon (tenant_id, id)
);

-- Whether who got a coupon agreed, to which wording, and when.
create table form_consent (
    tenant_id bigint not null,
    coupon_id text not null,
    campaign_id text not null,
    version bigint not null,
    given bigint not null,
    at bigint not null,
    primary key (tenant_id, coupon_id),
    foreign key (tenant_id, coupon_id) references coupon (tenant_id, id)
);

-- Links that each give one coupon, made together.
create table form_link_batch (
    tenant_id bigint not null,
    id text not null,
    campaign_id text not null,
    links bigint not null,
    used bigint not null,
    made_at bigint not null,
    made_by text not null,
    primary key (tenant_id, id),
    foreign key (tenant_id, campaign_id) references campaign (tenant_id, id)
);

create index form_link_batch_by_campaign on form_link_batch (tenant_id, campaign_id, id);

create table form_link (
    tenant_id bigint not null,
    token text not null,
    batch_id text not null,
    place bigint not null,
    campaign_id text not null,
    used_at bigint,
    coupon_id text,
    primary key (tenant_id, token),
    foreign key (tenant_id, batch_id) references form_link_batch (tenant_id, id)
);

create unique index form_link_by_batch on form_link (tenant_id, batch_id, place);

-- Questions of our own captcha that were answered: none is answered twice. Kept until the question is too old anyway.
create table form_question (
    tenant_id bigint not null,
    question text not null,
    until bigint not null,
    primary key (tenant_id, question)
);

create index form_question_by_end on form_question (tenant_id, until);
