-- At how little left of a variant, at a place, more is to be ordered; in thousandths of its unit.
alter table stock_item add column reorder_at bigint;
create index stock_item_reorder on stock_item (tenant_id, variant_id, location_id, reorder_at) where reorder_at is not null;
