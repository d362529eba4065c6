-- A code that many people type: whoever does gets a coupon of their own on the spot. It is compared without its dashes, and no
-- two campaigns that have not ended share one.
alter table campaign add column shared_code text;
create unique index campaign_by_shared_code on campaign (tenant_id, replace(shared_code, '-', '')) where state <> 'ended';
create index campaign_by_any_shared_code on campaign (tenant_id, replace(shared_code, '-', ''));
