-- Since when the links of an order that were given out before hold no longer: signed ones are kept nowhere.
alter table sale_order add column links_revoked_at bigint;
