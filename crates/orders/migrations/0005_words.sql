-- The words an order is found by, each by its beginning. Orders of before get theirs in pieces, whenever the tenant is
-- visited (`order_contact.worded` says which have them); until then a search reads all contacts.
create table order_word (
    tenant_id bigint not null,
    word text not null,
    number bigint not null,
    primary key (tenant_id, word, number)
); -- without rowid

alter table order_contact add column worded bigint;
create index order_contact_unworded on order_contact (tenant_id, order_id) where worded is null;
