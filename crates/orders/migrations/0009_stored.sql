-- What of a refund went onto gift cards, or became store credit, at once; the rest goes another way. Minor units.
alter table refund add column on_cards bigint;
