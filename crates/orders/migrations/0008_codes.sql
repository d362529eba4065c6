-- Codes that the visitor typed, a list in JSON.
alter table cart add column codes text;
