-- Whether the book of customers knows by this coupon's campaign and answers whom to find. Coupons of before are told in pieces.
alter table coupon add column marked bigint;
create index coupon_unmarked on coupon (tenant_id, id) where marked is null and customer_id is not null;
create index form_answer_by_field on form_answer (tenant_id, field, coupon_id);
-- The picture above the form, by its name in the catalogue, and what it shows.
alter table coupon_form add column picture text;
alter table coupon_form add column picture_alt text;
-- What came by a form, in the order it came.
create index coupon_by_form on coupon (tenant_id, campaign_id, id) where via in ('form', 'link');
