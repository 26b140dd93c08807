-- From 1 to 2: a sequence number decides which row is current, no longer the moment. Until now each moment was later
-- than all before it: their order is that of the deposits.
alter table lake.deposits add column sequence bigint;
alter table lake.deposits add column newer_moment timestamp;
alter table lake.structures add column sequence bigint;
alter table lake.measures add column sequence bigint;
alter table lake.actions add column sequence bigint;
alter table lake.participation add column sequence bigint;
alter table lake.targets add column sequence bigint;
create temp table places as
select deposit, row_number() over (order by submitted_at, deposit) as sequence from lake.deposits;
update lake.deposits set sequence = places.sequence from places where places.deposit = deposits.deposit;
update lake.structures set sequence = places.sequence from places where places.deposit = structures.deposit;
update lake.measures set sequence = places.sequence from places where places.deposit = measures.deposit;
update lake.actions set sequence = places.sequence from places where places.deposit = actions.deposit;
update lake.participation set sequence = places.sequence from places where places.deposit = participation.deposit;
update lake.targets set sequence = places.sequence from places where places.deposit = targets.deposit;
drop table places;
