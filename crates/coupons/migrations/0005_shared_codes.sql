-- A code that many people type: whoever does gets a coupon of their own on the spot.
alter table campaign add column shared_code text;
-- The same without its dashes, as it is compared; no two campaigns that have not ended share one.
alter table campaign add column shared_key text;
create unique index campaign_by_shared_key on campaign (tenant_id, shared_key) where state <> 'ended';
create index campaign_by_any_shared_key on campaign (tenant_id, shared_key);
