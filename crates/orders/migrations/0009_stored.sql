-- What of a refund went onto gift cards, or became store credit, at once; the rest goes another way. Minor units.
alter table refund add column on_cards bigint;

-- What gift cards are worth that an order sells, and that a refund takes back: owed until they are used, so no report counts
-- them as sold. Minor units.
alter table sale_order add column gift_cards bigint not null default 0;
alter table refund add column gift_cards bigint not null default 0;

-- As `sale_order_sold` was: what reports add up stands in the index alone.
drop index sale_order_sold;
create index sale_order_sold on sale_order (tenant_id, test, firm_at, location_id, total, net, gift_cards) where firm_at is not null;
