-- Payers and providers name a payment by its reference, and so do people who look for it.
create index payment_by_payer_reference on payment (tenant_id, payer_reference) where payer_reference is not null;
create index payment_by_provider_ref on payment (tenant_id, provider_ref) where provider_ref is not null;
