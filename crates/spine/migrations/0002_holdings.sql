-- Whose hands hold how much cash is asked for each evening, over all time.
create index posting_in_cash on posting (tenant_id, account, currency, amount) where account >= 'cash:' and account < 'cash;';
create index entry_of_test on entry (tenant_id, book, id) where book = 'test';
