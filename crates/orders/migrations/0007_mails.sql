-- What a business writes in its mails instead of Soko's own words, by language.
create table mail_wording (
    tenant_id bigint not null,
    template text not null,
    language text not null,
    subject text not null,
    body text not null,
    changed_at bigint not null,
    primary key (tenant_id, template, language)
);
