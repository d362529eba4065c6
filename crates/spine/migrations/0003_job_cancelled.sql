-- a job that the operator gave up stands as done, and when it was given up: its key stays taken
alter table job add column cancelled_at bigint;
