-- Who agreed, or did not, in each order of the list: in a large book they may all stand at its end, and going along the order
-- of all customers would read everybody before them.
create index customer_agreed_by_name on customer (tenant_id, agreed, sort_name, id);
create index customer_agreed_by_last_order on customer (tenant_id, agreed, last_order_at, id);
create index customer_agreed_by_debt on customer (tenant_id, agreed, owes, id);
drop index customer_by_consent;
