-- Whose order it is, in the room of customers; none for who said nothing of themselves, or was forgotten. Orders of before
-- get theirs in pieces, whenever the tenant is visited: `acquainted` says which were asked.
alter table sale_order add column customer_id text;
alter table sale_order add column acquainted bigint;
create index sale_order_by_customer on sale_order (tenant_id, customer_id, number) where customer_id is not null;
create index sale_order_unacquainted on sale_order (tenant_id, number) where acquainted is null;
