-- a shop's list by price goes along this one
create index product_price on product (tenant_id, state, lowest, id);
